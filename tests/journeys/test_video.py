"""
A host goes on air with the browser's camera, and a viewer watches in another browser.
"""

import asyncio

import pytest
from playwright.async_api import Page, expect

from tests.demo import Demo
from tests.journeys.conftest import PATIENCE_MS, Stage
from tests.journeys.test_evening import button, sign_in

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)


async def frames(page: Page) -> int:
    """Return how many pictures of the host this page has shown."""
    shown: int = await page.evaluate(
        "document.querySelector('video.player').getVideoPlaybackQuality().totalVideoFrames"
    )
    return shown


async def advances(page: Page) -> None:
    """Wait until the picture moves."""
    await page.wait_for_function(
        """before => {
            const video = document.querySelector('video.player');
            return video.getVideoPlaybackQuality().totalVideoFrames > before + 10
                && !video.classList.contains('player-none');
        }""",
        arg=await frames(page),
    )


async def test_a_host_goes_on_air_and_a_viewer_watches_also_after_the_server_died(
    stage: Stage, demo: Demo
) -> None:
    host = await stage.page("host", wide=True)
    await sign_in(host, demo)
    await host.get_by_role("link", name="Slow things").first.click()
    panel = host.get_by_role("region", name="Your video")
    await button(panel, "Camera").click()
    await expect(panel.get_by_label("Preview of your video")).to_be_visible()
    await button(panel, "Start video").click()
    await expect(panel.get_by_role("status")).to_have_text("On air")

    ann = await stage.page("ann")
    await ann.goto("/live/demo")
    await advances(ann)
    await button(ann, "Tap to hear").click()
    await expect(button(ann, "Tap to hear")).to_have_count(0)
    assert not await ann.evaluate("document.querySelector('video.player').muted")
    await stage.keep_pictures()

    demo.kill("media")
    await expect(panel.get_by_role("status")).to_have_text("Reconnecting…")
    await expect(panel.get_by_role("status")).to_have_text("On air")
    await advances(ann)

    await button(panel, "Stop video").click()
    await expect(panel.get_by_role("status")).to_have_text("Off air")
    await expect(ann.locator("video.player-none")).to_have_count(1)
    async with asyncio.timeout(PATIENCE_MS / 1000), demo.host() as api:
        while (await api.show("demo"))["show"].get("on_air"):
            pass
