"""Large and simple: someone who sees little buys with two taps, and finds it so again."""

import re

import pytest
from playwright.async_api import expect

from tests.demo import Demo
from tests.journeys.conftest import PATIENCE_MS, Stage
from tests.journeys.test_evening import button, take_a_name

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)

BUTTON_PX = 60


async def test_large_and_simple_sells_with_two_taps_and_is_kept(stage: Stage, demo: Demo) -> None:
    async with demo.host() as host:
        show = (await host.create_show("Plain things"))["id"]
        await host.start_show(show)
        [product] = (await host.products(limit=1))["products"]
        new = {"variant": product["variants"][0]["id"], "quantity": 2}
        offer = (await host.create_offer(show, new))["id"]
        await host.pin_offer(offer)
        await host.open_offer(offer)

    ann = await stage.page("ann")
    await ann.goto(f"/live/{show}")
    await button(ann, "Menu").click()
    await button(ann, "Large and simple").click()
    card = ann.get_by_role("region", name="On screen now")
    buy = button(card, "Buy")
    box = await buy.bounding_box()
    assert box is not None
    # As wide as the card and high enough, and in sight without scrolling.
    assert (box["height"] >= BUTTON_PX, box["width"] > 250) == (True, True)
    assert box["y"] + box["height"] <= 844
    assert await ann.locator("canvas").count() == 0
    await stage.keep_pictures()

    await buy.click()
    await take_a_name(ann, "Ann")
    await button(card, re.compile("^Pay")).click()
    await expect(ann).to_have_url(re.compile("/sandbox/pay/"))

    await ann.goto(f"/live/{show}")
    await expect(ann.locator("main.comfort-room")).to_be_visible()
    await button(ann, "Chat").click()
    await expect(ann.get_by_role("dialog", name="Chat")).to_be_visible()
    await ann.keyboard.press("Escape")
    await button(ann, "Ordinary view").click()
    await expect(ann.locator("main.live")).to_be_visible()
