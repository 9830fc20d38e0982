"""
From two wins to one parcel, in real browsers: one address, one coupon, one payment, and a host who
sends it.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from loadtest.invariants import check
from tests.demo import Demo
from tests.journeys.conftest import ARTEFACTS, PATIENCE_MS, Stage
from tests.journeys.test_evening import button, sign_in, take_a_name

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)

TARIFF: dict[str, Any] = {
    "currency": "USD",
    "zones": [
        {
            "name": "Europe",
            "places": [{"country": "DE"}, {"country": "FR"}],
            "options": [
                {
                    "id": "standard",
                    "name": "Standard",
                    "price_minor": 490,
                    "days_min": 2,
                    "days_max": 4,
                },
                {"id": "express", "name": "Express", "price_minor": 1250, "days_max": 1},
            ],
        }
    ],
    "taxes": [{"name": "VAT", "country": "DE", "rate_bp": 1900, "included": True}],
}
NONE: dict[str, Any] = {"currency": "USD"}


@asynccontextmanager
async def delivering(demo: Demo) -> AsyncIterator[None]:
    """Let the demo's shop ask for addresses, for as long as the block lasts."""
    async with httpx.AsyncClient(base_url=demo.url, timeout=30) as client:
        email, password = demo.host_credentials()
        credentials = {"email": email, "password": password}
        token = (await client.post("/api/auth/login", json=credentials)).json()["token"]
        client.headers["authorization"] = f"Bearer {token}"

        async def publish(tariff: dict[str, Any]) -> None:
            drafted = (await client.post("/api/tariffs", json=tariff)).raise_for_status().json()
            path = f"/api/tariffs/{drafted['id']}/publish"
            (await client.post(path, json={})).raise_for_status()

        await publish(TARIFF)
        try:
            yield
        finally:
            await publish(NONE)


async def test_two_wins_go_to_one_address_in_one_payment(stage: Stage, demo: Demo) -> None:
    async with demo.host() as api, delivering(demo):
        show = (await api.create_show("An evening with a parcel"))["id"]
        await api.start_show(show)
        products = (await api.products(limit=2))["products"]
        for product in products:
            variant = product["variants"][0]["id"]
            offer = await api.create_offer(show, {"variant": variant, "quantity": 5})
            await api.open_offer(offer["id"])

        # The host gives a coupon and shows it; Ann claims it with one tap.
        host = await stage.page("host", wide=True)
        await sign_in(host, demo)
        await host.goto(f"/console#/shows/{show}")
        await button(host, "Coupons").click()
        given = host.get_by_role("dialog", name="Coupons")
        await given.get_by_label("Code").fill("parcel-10")
        await given.get_by_label("Uses in total").fill("5")
        await given.get_by_label("Off", exact=True).fill("10")
        await button(given, "Create coupon").click()
        coupon = given.get_by_role("article", name="PARCEL-10")
        await expect(coupon).to_contain_text("0 of 5 used")
        await button(coupon, "Show to viewers").click()
        await expect(button(coupon, "Hide")).to_be_visible()
        await host.screenshot(path=ARTEFACTS / "checkout-coupons.png")
        await button(given, "Close").click()
        ann = await stage.page("ann")
        await ann.goto(f"/live/{show}")
        chip = ann.get_by_role("region", name="Coupon")
        await expect(chip).to_contain_text("10% off")
        await button(chip, "Claim").click()
        await expect(button(chip, "Claimed")).to_be_disabled()
        await ann.screenshot(path=ARTEFACTS / "checkout-chip.png")

        # She wins both, and pays once.
        await button(ann, re.compile("^Bag")).click()
        first, second = (
            ann.get_by_role("article").filter(has_text=product["title"]).first
            for product in products
        )
        await button(first, "Buy").click()
        await take_a_name(ann, "Ann")
        await expect(first).to_contain_text(re.compile(r"Pay \d"))
        await button(second, "Buy").click()
        await expect(second).to_contain_text(re.compile(r"Pay \d"))
        await button(second, re.compile(r"^Pay")).click()
        sheet = ann.get_by_role("dialog", name="Checkout")
        await expect(sheet).to_contain_text("2 orders, one payment")

        # A postcode that is none is said where it stands.
        await sheet.get_by_label("Full name").fill("Ann Lee")
        await sheet.get_by_label("Street and number").fill("Allee 1")
        await sheet.get_by_label("Postcode").fill("1011")
        await sheet.get_by_label("City").fill("Berlin")
        await sheet.get_by_label("Country").select_option("DE")
        await ann.screenshot(path=ARTEFACTS / "checkout-address.png")
        await button(sheet, "Deliver here").click()
        await expect(sheet).to_contain_text("one looks like 10115")
        await sheet.get_by_label("Postcode").fill("10115")
        await button(sheet, "Deliver here").click()

        # She sees what it comes to before she pays, and pays that.
        goods = sum(product["variants"][0]["price_minor"] for product in products)
        discount = (goods + 5) // 10
        goods -= discount
        await expect(sheet).to_contain_text(f"Coupon PARCEL-10−${discount / 100:.2f}")
        await expect(sheet).to_contain_text(f"Total${(goods + 490) / 100:.2f}")

        # A code that is none is said in words, and costs nothing but itself; hers is typed again.
        await button(sheet, "Pay without the coupon PARCEL-10").click()
        await sheet.get_by_label("Coupon code").fill("nothing")
        await button(sheet, "Apply").click()
        await expect(sheet).to_contain_text("This shop has no such coupon.")
        await sheet.get_by_label("Coupon code").fill("parcel-10")
        await button(sheet, "Apply").click()
        await expect(sheet).to_contain_text(f"Total${(goods + 490) / 100:.2f}")

        # An address is changed where it is chosen.
        await button(sheet, "Change the address of Ann Lee").click()
        await sheet.get_by_label("Street and number").fill("Allee 1a")
        await button(sheet, "Deliver here").click()
        await expect(sheet).to_contain_text("Allee 1a, 10115 Berlin")
        await sheet.get_by_text("Express").click()
        total = f"${(goods + 1250) / 100:.2f}"
        await expect(sheet).to_contain_text(f"Total{total}")
        await ann.screenshot(path=ARTEFACTS / "checkout-sums.png")
        await button(sheet, re.compile(rf"Pay {re.escape(total)}")).click()
        await expect(ann).to_have_url(re.compile("/sandbox/pay/"))
        await expect(ann.get_by_text(f"{(goods + 1250) / 100:.2f} USD").first).to_be_visible()
        await button(ann, re.compile("^Pay")).first.click()
        await ann.wait_for_url(f"**/live/{show}")

        # The host finds both in one parcel, and sends it; Ann is told.
        await button(host, "Coupons").click()
        await expect(coupon).to_contain_text("1 of 5 used")
        await button(coupon, "End the coupon PARCEL-10").click()
        await button(coupon, "End for good?").click()
        await expect(coupon).to_contain_text("Ended")
        await button(given, "Close").click()
        await expect(chip).to_have_count(0)
        orders = host.get_by_role("region", name="Orders")
        await expect(orders.get_by_text("To pack")).to_have_count(2)
        await button(orders, "To send").click()
        async with host.expect_download() as download:
            await button(orders, "Download the pack list").click()
        table = (await (await download.value).path()).read_text(encoding="utf-8-sig")
        assert [row.count("Allee 1") for row in table.splitlines()] == [0, 1, 1]
        await button(orders, re.compile("Manage the order of Ann")).first.click()
        parcel = host.get_by_role("dialog", name="Ann")
        await expect(parcel).to_contain_text("10115 Berlin")
        await parcel.get_by_label("Carrier").fill("DHL")
        await parcel.get_by_label("Tracking number").fill("00340434292135")
        await host.screenshot(path=ARTEFACTS / "checkout-parcel.png")
        await button(parcel, "Mark as shipped").click()
        await expect(
            ann.get_by_text("Your parcel is on its way. DHL 00340434292135")
        ).to_be_visible()

        # A scratch: some of the money goes back, and the parcel goes on.
        await parcel.get_by_label("Amount").fill("1,50")
        await parcel.get_by_label("The units come back").uncheck()
        await button(parcel, re.compile("^Refund the order")).click()
        await button(parcel, "Refund $1.50?").click()
        await expect(parcel).to_contain_text("Given back-$1.50")
        await host.screenshot(path=ARTEFACTS / "checkout-refund.png")
        await button(parcel, "Close").click()

        await button(ann, re.compile("^Bag")).click()
        await button(ann, "My orders").click()
        await expect(ann.get_by_text("On its way", exact=True)).to_have_count(2)
        await expect(ann.get_by_text("$1.50 refunded")).to_be_visible()

        assert await check(api, show) == []
        (till,) = await api.money(show)
    assert (till["captured_minor"], till["refunded_minor"]) == (goods + 1250, 150)
