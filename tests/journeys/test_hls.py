"""A viewer by HLS: how far behind the host they are, and the recording afterwards."""

import asyncio
import statistics
from pathlib import Path

import pytest
from playwright.async_api import Browser

from live.media.recording.library import recordings
from tests.live.media.studio import CONFIG, HLS_JS, SHOW, on_air

pytestmark = pytest.mark.browser

BEHIND_MS = 3000
"""Half of it on a quiet machine; this one runs a camera, a server and a browser at once."""


async def test_a_show_is_seen_seconds_later_and_again_from_its_recording(
    browser: Browser, tmp_path: Path
) -> None:
    page = await browser.new_page()
    try:
        async with on_air(HLS_JS, recordings=tmp_path) as live:
            await page.goto(live.url)
            await page.evaluate(
                "([url, config]) => watch(url, config)", [f"/hls/{SHOW}/index.m3u8", CONFIG]
            )
            await page.wait_for_function("delays.length > 20", timeout=15_000)
            delays: list[float] = await page.evaluate("delays")
            behind: float = await page.evaluate("Date.now() - hls.playingDate.getTime()")
            fatal: list[str] = await page.evaluate("errors.filter((e) => e.endsWith('true'))")
            sound: int = await page.evaluate("video.webkitAudioDecodedByteCount")

            assert 0 < statistics.median(delays) < BEHIND_MS
            # The picture's time is what the cards wait for: it says how old the picture is.
            assert abs(behind - delays[-1]) < 250
            assert fatal == []
            assert sound > 1000

            # The show ends; what was recorded is one file.
            channel = live.channels.watch(SHOW)
            assert channel is not None
            channel.end()
            await page.evaluate("hls.destroy()")
            async with asyncio.timeout(10):
                while (await page.request.get(f"{live.url}/recording.mp4")).status != 200:
                    pass
            [recording] = recordings(tmp_path, SHOW)
            await page.evaluate("video.src = '/recording.mp4'; delays = []")
            await page.wait_for_function("delays.length > 0 && video.duration > 1", timeout=15_000)
            duration: float = await page.evaluate("video.duration")
            seek_to = duration - 0.5
            await page.evaluate(
                "(to) => { video.pause(); video.currentTime = to; shown = delays.length; }", seek_to
            )
            await page.wait_for_function("delays.length > shown && !video.seeking", timeout=15_000)
            written: int = await page.evaluate("written()")

            assert duration == pytest.approx(recording.duration_ms / 1000, abs=0.1)
            wanted = recording.started_at + seek_to * 1000
            assert abs(written - wanted % 2**32) < 250
    finally:
        await page.close()
