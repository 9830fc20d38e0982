"""
A host goes on air with the browser's camera, and a viewer watches in another browser.
"""

import asyncio
import re
from contextlib import suppress
from pathlib import Path

import av
import pytest
from playwright.async_api import Locator, Page, TimeoutError as NotYet, expect

from tests.demo import Demo
from tests.journeys.conftest import PATIENCE_MS, Stage
from tests.journeys.test_evening import button, sign_in
from tests.live.media.footage import frames as frames_of

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)

TRIES = 3


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


async def comes_back_to_whep(page: Page) -> None:
    """Let the longest wait pass; again, where a busy machine showed no picture by the deadline."""
    async with asyncio.timeout(TRIES * PATIENCE_MS / 1000):
        while True:
            await page.evaluate("later += 301_000")
            with suppress(NotYet):
                await page.wait_for_function(
                    "() => document.querySelector('video.player').srcObject !== null",
                    timeout=PATIENCE_MS,
                )
                return


async def on_air(demo: Demo) -> bool:
    """Return whether the room says that video comes in."""
    async with demo.host() as api:
        return bool((await api.show("demo"))["show"].get("on_air"))


async def looks(page: Page) -> Locator:
    """Open the menu, and return what it says of the picture."""
    await button(page, "Menu").click()
    return page.locator("dl.menu-picture")


async def test_a_host_rehearses_unseen_and_then_shows_a_file(
    stage: Stage, demo: Demo, tmp_path: Path
) -> None:
    film = tmp_path / "teapot.mp4"
    await asyncio.to_thread(write_film, film)
    host, ann = await stage.page("host", wide=True), await stage.page("ann")
    await sign_in(host, demo)
    await host.get_by_role("link", name="Slow things").first.click()
    panel = host.get_by_role("region", name="Your video")
    await button(panel, "Camera").click()
    await ann.goto("/live/demo")
    await expect(ann.locator("video.player-none")).to_have_count(1)

    await button(panel, "Rehearse").click()
    await expect(panel.get_by_role("status")).to_have_text("Rehearsing")
    await expect(panel.get_by_label("Your video as viewers would see it")).to_be_visible()
    await host.wait_for_function(
        "() => document.querySelector('video.broadcast-picture').videoWidth > 0"
    )
    await expect(panel.locator(".broadcast-health")).to_contain_text("Mbit/s")
    # The fake microphone beeps once a second.
    await host.wait_for_function("() => document.querySelector('meter').value > 0.2")
    assert not await on_air(demo)
    await expect(ann.locator("video.player-none")).to_have_count(1)
    await stage.keep_pictures()
    await button(panel, "Stop rehearsing").click()
    await expect(panel.get_by_role("status")).to_have_text("Off air")

    await panel.locator("input[type=file]").set_input_files(film)
    await button(panel, "Start video").click()
    await expect(panel.get_by_role("status")).to_have_text("On air")
    await advances(ann)
    facts = await looks(ann)
    await expect(facts).to_contain_text("PictureLive")
    await expect(facts).to_contain_text("Size320 × 240")
    await expect(facts).to_contain_text("Bitrate")
    await expect(facts).to_contain_text(re.compile(r"Delay\d+\.\d"))
    await ann.keyboard.press("Escape")
    await button(panel, "Stop video").click()
    await expect(panel.get_by_role("status")).to_have_text("Off air")


def write_film(path: Path) -> None:
    """Write two seconds of a picture that moves, without sound."""
    with av.open(path, "w") as file:
        stream = file.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for frame in frames_of(60):
            file.mux(stream.encode(frame))
        file.mux(stream.encode())


async def test_a_viewer_without_udp_watches_by_hls_until_there_is_room_again(
    stage: Stage, demo: Demo
) -> None:
    host, ann = await stage.page("host", wide=True), await stage.page("ann")
    await sign_in(host, demo)
    await host.get_by_role("link", name="Slow things").first.click()
    panel = host.get_by_role("region", name="Your video")
    await button(panel, "Camera").click()
    await button(panel, "Start video").click()
    await expect(panel.get_by_role("status")).to_have_text("On air")

    # The page's own clock is what its patience goes by.
    await ann.add_init_script(
        "const now = Date.now; window.later = 0; Date.now = () => now() + window.later;"
    )
    await ann.route("**/whep/**", lambda route: route.abort())
    await ann.goto("/live/demo")
    await ann.wait_for_selector("video.player")
    await ann.evaluate("later += 5000")
    await advances(ann)
    assert await ann.evaluate("document.querySelector('video.player').srcObject") is None
    await expect(await looks(ann)).to_contain_text("Live, buffered")
    await ann.keyboard.press("Escape")

    await ann.unroute("**/whep/**")
    await comes_back_to_whep(ann)
    await advances(ann)
    await button(panel, "Stop video").click()
    await expect(panel.get_by_role("status")).to_have_text("Off air")


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
    await button(ann, "Menu").click()
    if await ann.evaluate("document.pictureInPictureEnabled"):
        await button(ann, "Picture in picture").click()
        await ann.wait_for_function(
            "document.pictureInPictureElement?.className.includes('player')"
        )
        await ann.evaluate("document.exitPictureInPicture()")
    else:
        await expect(button(ann, "Picture in picture")).to_have_count(0)
        await ann.keyboard.press("Escape")
    await stage.keep_pictures()

    demo.kill("media")
    await expect(panel.get_by_role("status")).to_have_text("Reconnecting…")
    await expect(panel.get_by_role("status")).to_have_text("On air")
    await advances(ann)

    await button(panel, "Stop video").click()
    await expect(panel.get_by_role("status")).to_have_text("Off air")
    await expect(ann.locator("video.player-none")).to_have_count(1)
    async with asyncio.timeout(PATIENCE_MS / 1000):
        while await on_air(demo):
            pass
