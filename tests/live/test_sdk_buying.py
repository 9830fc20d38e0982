"""What the Python SDK can do at the till, called against a real server over a real port."""

from pathlib import Path

import httpx
import pytest

from live.embedded import Services
from liveshop_client import Api, ApiError
from tests.live.server import open_live
from tests.waiting import until_it_holds


async def test_a_program_wins_units_quotes_them_with_a_coupon_and_pays(
    services: Services, tmp_path: Path
) -> None:
    async with open_live(services, tmp_path) as live:
        url = f"http://127.0.0.1:{live.port}"
        seller, viewer = await live.member("host"), await live.guest()
        offer = await live.selling(seller, limit_per_buyer=2)
        show = offer["show"]
        async with (
            Api(url, seller.token) as host,
            Api(url, viewer.token) as buyer,
            httpx.AsyncClient(base_url=url) as browser,
        ):
            terms = {"code": "tea-10", "quota": 2, "percent_bp": 1000, "show": show}
            coupon = await host.create_coupon(terms, key="once")
            again = await host.create_coupon(terms, key="once")
            await host.show_coupon(show, coupon["id"])
            shown = (await buyer.show(show))["show"]["id"]

            hold = (await buyer.reserve(offer["id"], 2))["hold"]

            async def placed() -> bool:
                return [each["hold"] for each in (await buyer.orders())["orders"]] == [hold]

            await until_it_holds(placed)
            [order] = (await buyer.orders())["orders"]
            plain = await buyer.quote([order["id"]])
            quote = await buyer.quote([order["id"]], coupon="TEA-10")
            with pytest.raises(ApiError) as unknown:
                await buyer.quote([order["id"]], coupon="NOPE")
            with pytest.raises(ApiError) as changed:
                await buyer.checkout({**quote, "total_minor": quote["total_minor"] - 1})
            begun = await buyer.checkout(quote, gateway="sandbox")
            await browser.post(begun["redirect_url"], data={"decision": "succeed"})

            async def paid() -> bool:
                return (await buyer.order(order["id"]))["status"] == "paid"

            await until_it_holds(paid)
            [listed] = await host.coupons(show=show)
            ended = await host.end_coupon(coupon["id"])
            await host.show_coupon(show, None)

    assert again == coupon
    assert shown == show
    assert (coupon["code"], coupon["used"]) == ("TEA-10", 0)
    assert (plain["goods_minor"], plain["total_minor"]) == (9600, 9600)
    assert (quote["discount_minor"], quote["total_minor"]) == (960, 8640)
    assert (unknown.value.status, unknown.value.code) == (404, "unknown_coupon")
    assert changed.value.code in ("quote_changed", "amount_mismatch")
    assert (listed["used"], listed["given_minor"]) == (1, 960)
    assert "ended_at" in ended
