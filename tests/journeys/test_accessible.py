"""
Every screen of the two pages, for people who see little, press keys or have big thumbs.
"""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import expect

from liveshop_client import Api
from tests.demo import Demo
from tests.journeys.accessible import Tour
from tests.journeys.conftest import PATIENCE_MS, Stage
from tests.journeys.test_checkout import delivering
from tests.journeys.test_evening import button, sign_in, take_a_name

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)


async def a_busy_show(host: Api, title: str) -> tuple[str, list[dict[str, Any]]]:
    """Start a show with something of every kind in it; the first is on screen."""
    show = (await host.create_show(title))["id"]
    await host.start_show(show)
    offers: list[dict[str, Any]] = []
    for product in (await host.products(limit=7))["products"]:
        what = {"variant": product["variants"][0]["id"], "quantity": 2, "limit_per_buyer": 2}
        if not offers:
            what |= {"kind": "flash"}
        offers.append(dict(await host.create_offer(show, what)))
    await host.open_offer(offers[0]["id"], duration_s=3600)
    for offer in offers[1:4]:
        await host.open_offer(offer["id"])
    await host.close_offer(offers[3]["id"])
    await host.pin_offer(offers[0]["id"])
    return show, offers


async def test_everything_a_viewer_sees_can_be_read_reached_and_tapped(
    stage: Stage, demo: Demo
) -> None:
    async with demo.host() as host, delivering(demo):
        show, offers = await a_busy_show(host, "For everybody")
        evening = int((datetime.now(UTC) + timedelta(days=3)).timestamp() * 1000)
        later = (await host.create_show("Kettles for everybody", starts_at=evening))["id"]
        page = await stage.page("ann")
        tour = Tour(page, thumbs=True)

        await page.goto("/")
        await expect(page.get_by_role("link", name=re.compile("For everybody"))).to_be_visible()
        await tour.look("directory")
        await button(page, "Remind me: Kettles for everybody").click()
        await expect(page.get_by_role("dialog", name="What shall we call you?")).to_be_visible()
        await tour.look("name")
        await take_a_name(page, "Ann")
        await expect(button(page, "Reminder set: Kettles for everybody")).to_be_visible()
        await tour.look("a reminder in the directory")
        await page.goto(f"/live/{later}")
        # Nobody counts hours that far.
        await expect(page.get_by_text("3 days", exact=True)).to_be_visible()
        await expect(button(page, "Reminder set: Kettles for everybody")).to_be_visible()
        await tour.look("a show to come")

        await page.goto(f"/live/{show}")
        card = page.get_by_role("region", name="On screen now")
        await expect(card).to_contain_text("Ends in")
        await tour.look("room")
        await page.get_by_placeholder("Say something…").fill("Hello everybody")
        await page.keyboard.press("Enter")
        await expect(page.get_by_text("Hello everybody", exact=True).first).to_be_visible()

        await button(page, "Emoji").click()
        await button(page, "More emoji").click()
        await expect(page.get_by_role("heading", name="Faces")).to_be_visible()
        await tour.look("emojis")
        await button(page, "Emoji").click()

        await button(page, "Menu").click()
        await tour.dialog("Menu")
        await button(page, "Menu").click()
        await button(page, "Large and simple").click()
        await expect(page.locator("main.comfort-room")).to_be_visible()
        await tour.look("large and simple")
        for opens, sheet in (
            (re.compile("^Bag"), re.compile("^Bag")),
            ("Chat", "Chat"),
            ("My orders", "My orders"),
            ("Menu", "Menu"),
        ):
            await button(page, opens).click()
            await tour.dialog(sheet)
        await button(page, "Ordinary view").click()
        await button(page, "Share").click()
        await expect(page.get_by_role("img", name="QR code of the link")).to_be_visible()
        await tour.dialog("Share")

        await button(card, "Buy").click()
        await expect(card).to_contain_text(re.compile(r"Pay \d"))
        await tour.look("an order to pay")
        await button(page, re.compile("^Bag")).click()
        await tour.look("bag")
        await button(page, "My orders").click()
        await tour.dialog("My orders")

        await button(card, re.compile(r"^Pay")).click()
        till = page.get_by_role("dialog", name="Checkout")
        await expect(till.get_by_label("Full name")).to_be_visible()
        await tour.look("address")
        await till.get_by_label("Full name").fill("Ann Lee")
        await till.get_by_label("Street and number").fill("Allee 1")
        await till.get_by_label("Postcode").fill("10115")
        await till.get_by_label("City").fill("Berlin")
        await till.get_by_label("Country").select_option("DE")
        await button(till, "Deliver here").click()
        await expect(till.get_by_text("Total")).to_be_visible()
        await tour.look("Checkout")
        await button(till, re.compile("^Pay [$]")).click()
        await page.wait_for_url("**/sandbox/pay/**")
        await tour.look("sandbox")
        await button(page, re.compile("^Pay")).first.click()
        await page.wait_for_url(f"**/live/{show}")

        # The money is asked back, in the ordinary view and in the plain one.
        await button(page, "Menu").click()
        await button(page, "My orders").click()
        orders = page.get_by_role("dialog", name="My orders")
        await button(orders, re.compile("^Ask for the money back")).click()
        await expect(orders.get_by_role("textbox")).to_be_focused()
        await tour.look("a request to write")
        await orders.get_by_role("textbox").fill("It has a crack.")
        await button(orders, "Send").click()
        await expect(orders).to_contain_text("You asked for the money back.")
        await tour.dialog("My orders")
        await button(page, "Menu").click()
        await button(page, "Large and simple").click()
        await button(page, "My orders").click()
        await expect(orders).to_contain_text("You asked for the money back.")
        await tour.dialog("My orders")
        await button(page, "Ordinary view").click()

        # What is gone has a line of people who wait.
        await host.reserve(offers[1]["id"], 2)
        await host.pin_offer(offers[1]["id"])
        await expect(card).to_contain_text("Join waitlist")
        await tour.look("sold out")

        await host.end_show(show)
        await expect(page.get_by_text("That's a wrap")).to_be_visible()
        await tour.look("the end")
    assert tour.faults == [], "\n".join(tour.faults)


async def test_everything_a_host_sees_can_be_read(stage: Stage, demo: Demo) -> None:
    async with demo.host() as host:
        show, offers = await a_busy_show(host, "For every host")
        async with Api(demo.url) as ben:
            await ben.guest("Ben")
            await ben.reserve(offers[0]["id"])
            # The order follows the reservation.
            async with asyncio.timeout(PATIENCE_MS / 1000):
                while not (orders := (await ben.orders())["orders"]):
                    pass
            payment = await ben.pay(orders[0]["id"])
        buyer = await stage.page("ben")
        await buyer.goto(payment["redirect_url"])
        await button(buyer, re.compile("^Pay")).first.click()
        await buyer.wait_for_url(lambda url: "/sandbox/pay/" not in url)
        page = await stage.page("host", wide=True)
        tour = Tour(page, thumbs=False)

        await page.goto("/console")
        await expect(page.get_by_label("Email")).to_be_visible()
        await tour.look("sign-in")
        await sign_in(page, demo)
        await tour.look("shows")
        await button(page, "New show").click()
        await tour.dialog("New show")
        product = offers[1]["product"]
        for place, heading in (
            ("products", "Products"),
            ("products/new", "New product"),
            (f"products/{product}", offers[1]["title"]),
            ("tariffs", "Delivery and taxes"),
            ("team", "Team"),
            ("team/audit", "Who did what"),
        ):
            await page.goto(f"/console#/{place}")
            await expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
            await tour.look(place)
        await page.goto(f"/console#/products/{product}")
        await button(page, re.compile(offers[1]["sku"])).click()
        await expect(page.get_by_role("dialog")).to_contain_text(offers[1]["sku"])
        await tour.dialog(re.compile("."))

        await page.goto(f"/console#/shows/{show}")
        await expect(page.get_by_role("region", name="Orders")).to_contain_text("Ben")
        await tour.look("desk")
        for opens, sheet in (
            ("Coupons", "Coupons"),
            ("Keys", "Keys"),
            ("Moderation", "Moderation"),
            ("Add offer", "Add an offer"),
            (re.compile("^Manage the order of Ben"), "Ben"),
        ):
            await button(page, opens).first.click()
            await tour.dialog(sheet)

        await page.set_viewport_size({"width": 390, "height": 844})
        parts = page.get_by_role("navigation", name="Parts of the desk")
        for part in await parts.get_by_role("button").all():
            await part.click()
            await tour.look(f"desk, {await part.inner_text()}")
        await page.set_viewport_size({"width": 1440, "height": 900})

        await host.end_show(show)
        await page.goto(f"/console#/shows/{show}/summary")
        await expect(page.get_by_role("heading", name="For every host")).to_be_visible()
        await tour.look("summary")
    assert tour.faults == [], "\n".join(tour.faults)
