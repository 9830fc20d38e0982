"""
Two people tap for the last unit, one in either language, and both lose the network on the way.
"""

import asyncio
import re

import pytest
from playwright.async_api import Locator, Page, expect

from loadtest.invariants import check
from tests.demo import Demo
from tests.journeys.conftest import PATIENCE_MS, Stage
from tests.journeys.test_evening import button
from tests.waiting import until_it_holds

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)

BUY = re.compile("^(Buy|立即购买)")
OUTCOME = re.compile(r"Pay \d|付款 \d|Sold out|已抢光")
WON = re.compile(r"Pay \d|付款 \d")
LOST = re.compile("Sold out|已抢光")
YOURS = re.compile("It's yours|已买到")


async def named(stage: Stage, show: str, who: str, name: str, greeting: str, locale: str) -> Page:
    """Open the show for a viewer who has said hello already."""
    page = await stage.page(who, locale=locale)
    await page.goto(f"/live/{show}")
    await page.get_by_role("textbox").first.fill(greeting)
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog").get_by_role("textbox").fill(name)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("listitem").filter(has_text=greeting)).to_be_visible()
    return page


def card(page: Page) -> Locator:
    return page.get_by_role("article").first


async def test_of_two_who_tap_for_the_last_unit_one_gets_it_and_a_lost_network_changes_nothing(
    stage: Stage, demo: Demo
) -> None:
    async with demo.host() as api:
        show = (await api.create_show("The last of them"))["id"]
        await api.start_show(show)
        [product] = (await api.products(limit=1))["products"]
        variant = product["variants"][0]["id"]
        offer = await api.create_offer(show, {"variant": variant, "quantity": 1})
        await api.open_offer(offer["id"])
        await api.pin_offer(offer["id"])

        ada = await named(stage, show, "ada", "Ada", "Hello!", "en-US")
        bo = await named(stage, show, "bo", "Bo", "大家好", "zh-CN")
        await expect(button(card(ada), BUY)).to_be_enabled()
        await expect(button(card(bo), BUY)).to_be_enabled()

        # In the same moment; each hears at once how it ended.
        await asyncio.gather(*(button(card(page), BUY).tap() for page in (ada, bo)))
        for page in (ada, bo):
            await expect(card(page)).to_contain_text(OUTCOME)
        words = " ".join((await card(ada).inner_text()).split())
        winner, loser = (ada, bo) if WON.search(words) else (bo, ada)
        await expect(card(winner)).to_contain_text(WON)
        await expect(card(loser)).to_contain_text(LOST)

        # The loser is cut off while the winner pays ...
        await loser.context.set_offline(True)
        await button(card(winner), WON).tap()
        await expect(winner).to_have_url(re.compile("/sandbox/pay/"))

        # ... and the winner before they hear of it: the money is there, the page is not.
        async with winner.expect_request(lambda sent: sent.method == "POST") as sent:
            await winner.route("**/live/*", lambda route: route.abort())
            await button(winner, re.compile("^(Pay|支付)")).first.tap()
        await (await sent.value).response()
        await winner.context.set_offline(True)

        async def paid() -> bool:
            [order] = (await api.orders(show=show))["orders"]
            return order["status"] == "paid"

        await until_it_holds(paid)

        # Both come back, and see the same truth.
        await winner.unroute_all()
        for page in (winner, loser):
            await page.context.set_offline(False)
        await winner.goto(f"/live/{show}")
        await expect(card(winner)).to_contain_text(YOURS)
        await expect(card(loser)).to_contain_text(LOST)
        await loser.get_by_role("textbox").first.fill("Still here")
        await loser.keyboard.press("Enter")
        for page in (winner, loser):
            await expect(page.get_by_role("listitem").filter(has_text="Still here")).to_be_visible()

        assert await check(api, show) == []
        books = await api.ledger(offer["id"])
    assert books["adds_up"]
    assert (books["allocated"], books["available"], books["held"], books["sold"]) == (1, 0, 0, 1)
