"""
A viewer whose network lets no video by WebRTC through watches by HLS, and the next day's visitor
sees the show again, with its products where they were shown.
"""

import asyncio
import re

import pytest
from playwright.async_api import Route, expect

from tests.demo import Demo
from tests.journeys.accessible import Tour
from tests.journeys.conftest import PATIENCE_MS, Stage
from tests.journeys.test_evening import add_flash_sale, button, plan_show, sign_in
from tests.journeys.test_video import advances

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)


async def full(route: Route) -> None:
    """Answer as a server with no room for another viewer."""
    await route.fulfill(
        status=503,
        headers={"Retry-After": "60", "Content-Type": "application/problem+json"},
        body='{"code": "media_full", "detail": "There is no room"}',
    )


async def test_who_finds_no_room_watches_by_hls_and_who_comes_late_sees_it_again(
    stage: Stage, demo: Demo
) -> None:
    host = await stage.page("host", wide=True)
    await sign_in(host, demo)
    show = await plan_show(host, "Again, please")
    await add_flash_sale(host, "Cactus Trio", units=2)
    await button(host, "Go live").click()
    panel = host.get_by_role("region", name="Your video")
    await button(panel, "Camera").click()
    await button(panel, "Start video").click()
    await expect(panel.get_by_role("status")).to_have_text("On air")

    ann = await stage.page("ann")
    await ann.route("**/whep/**", full)
    await ann.goto(f"/live/{show}")
    await advances(ann)
    source: str = await ann.evaluate("document.querySelector('video.player').currentSrc")
    assert source.startswith("blob:")
    await button(ann, "Menu").click()
    facts = ann.locator("dl.menu-picture")
    await expect(facts).to_contain_text("Live, buffered")
    # A second and a half on a quiet machine.
    await expect(facts).to_contain_text(re.compile(r"Delay[1-9]\.\d s"))
    await ann.keyboard.press("Escape")

    # The host shows the cactus; the card comes with its picture.
    await button(host, "Pin Cactus Trio").click()
    card = ann.get_by_role("region", name="On screen now")
    await expect(card).to_contain_text("Cactus Trio")
    await ann.get_by_placeholder("Say something…").fill("I want that one")
    await ann.keyboard.press("Enter")
    await ann.get_by_label("Your name").fill("Ann")
    await button(ann, "Continue").click()
    await expect(host.get_by_text("I want that one", exact=True)).to_be_visible()
    await advances(ann)
    await stage.keep_pictures()

    await button(host, "End show").click()
    await button(host, re.compile("End for everyone")).click()
    await expect(ann.get_by_text("That's a wrap")).to_be_visible()

    # The recording is made within seconds of the end.
    async with demo.host() as api:
        async with asyncio.timeout(PATIENCE_MS / 1000):
            while not (await api.replay(show))["parts"]:
                pass
    await button(ann, "Watch it again").click()
    await advances(ann)
    bea = await stage.page("bea")
    await bea.goto(f"/live/{show}")
    timeline = bea.get_by_role("navigation", name="Products in this show")
    await expect(timeline).to_be_visible()
    await advances(bea)
    await button(timeline, re.compile("Cactus Trio")).click()
    # At once: what follows the pin is a few seconds long.
    await advances(bea)
    await expect(bea.get_by_role("region", name="On screen now")).to_contain_text("Closed")
    await expect(bea.get_by_text("I want that one", exact=True).last).to_be_visible()
    assert await bea.get_by_placeholder("Say something…").count() == 0
    tour = Tour(bea, thumbs=True)
    await tour.look("replay")
    assert tour.faults == [], "\n".join(tour.faults)
