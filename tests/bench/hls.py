"""
How far behind the camera a viewer by low-latency HLS is, and what packaging a show costs.

``python -m tests.bench.hls [SECONDS]`` films the clock, packages it, plays it with hls.js in
Chromium, and reads the time off the screen. Camera, server and browser share this machine.
"""

import asyncio
import json
import statistics
import sys
import time
from pathlib import Path

from playwright.async_api import async_playwright

from live.media.hls.packager import Packager
from tests.journeys import chromium
from tests.live.media.footage import H264_TRACK, OPUS_TRACK, pictures, sound, together, tone, video
from tests.live.media.studio import SHOW, on_air

ROOT = Path(__file__).parents[2]
HLS_JS = ROOT / "clients" / "node_modules" / "hls.js" / "dist" / "hls.light.min.js"
CONFIG = {
    "lowLatencyMode": True,
    "liveSyncOnStallIncrease": 0,
    "maxLiveSyncPlaybackRate": 1.1,
    "enableWorker": False,
}
"""As in clients/viewer/src/player/hls.ts."""


def packaging_share(seconds: int = 20) -> float:
    """Return the share of a core that packaging 720p30 at 2.6 Mbit/s and its sound takes."""
    units = tuple(
        payloads for _key, payloads in pictures(seconds * 30, width=1280, height=720, kbit_s=2600)
    )
    packets = together(video(units), sound(tone(seconds * 50)))
    packager = Packager((H264_TRACK, OPUS_TRACK), lambda *_: None)
    began = time.process_time()
    for each in packets:
        packager.packet(each.kind, each.packet, each.at_ms)
    return (time.process_time() - began) / seconds


async def delays(seconds: float) -> tuple[list[float], list[str]]:
    """Return how old each picture was when it was shown, in ms, and what hls.js complained of."""
    async with on_air(HLS_JS) as live, async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium.executable(),
            args=[*chromium.FLAGS, "--autoplay-policy=no-user-gesture-required"],
        )
        page = await browser.new_page()
        await page.goto(live.url)
        index = f"/hls/{SHOW}/index.m3u8"
        await page.evaluate("([url, config]) => watch(url, config)", [index, CONFIG])
        await page.wait_for_function("delays.length > 0", timeout=15_000)
        await asyncio.sleep(seconds)
        found: list[float] = await page.evaluate("delays")
        errors: list[str] = await page.evaluate("errors")
        await browser.close()
        return found, errors


def main() -> None:
    """Measure, and print what was measured."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    share = packaging_share()
    found, errors = asyncio.run(delays(seconds))
    # The first pictures are shown while the player finds its place.
    settled = sorted(found[len(found) // 5 :])
    figures = {
        "packager_percent_of_a_core": round(100 * share, 2),
        "pictures": len(found),
        "glass_to_glass_p50_ms": round(statistics.median(settled)),
        "glass_to_glass_p95_ms": round(settled[int(0.95 * len(settled))]),
        "errors": errors,
    }
    sys.stdout.write(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
