"""
From glass to glass: how old a picture is on the viewer's screen, browser to browser.

Two Chromiums, a camera that films the clock, and everything in between on one machine: encoder,
server, decoder and both pages. The browsers have every core; the server keeps to its own.
"""

import asyncio
from contextlib import AbstractAsyncContextManager
from typing import Final

from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.shop import Shop
from loadtest.bench.video.screens import HLS_JS, Screen, open_browsers
from loadtest.bench.video.studio import open_studio
from loadtest.latency import nearest

WHEP_SETTLES_S: Final = 3.0
HLS_SETTLES_S: Final = 6.0
"""Players find their place in the first seconds; viewers stay for longer."""

PICTURES_LEAST: Final = 5.0
"""A second, or the machine is too slow for what is measured."""


async def glass(scale: Scale, shop: Shop) -> list[Figure]:
    """Measure a new viewer each run, over WHEP and over HLS."""
    first: list[float] = []
    ages: dict[str, list[list[float]]] = {"WHEP": [], "HLS": []}
    async with open_studio(shop) as studio, open_browsers() as browsers:
        origin = studio.web.url
        async with browsers.publishing(origin, studio.publish_url, studio.token):
            for _ in range(scale.runs):
                screen = browsers.whep(origin, studio.watch_url)
                found = await _watched(screen, WHEP_SETTLES_S, scale.seconds)
                first.append(found[0])
                ages["WHEP"].append(found[1])
                if HLS_JS.exists():
                    screen = browsers.hls(origin, studio.playlist)
                    ages["HLS"].append((await _watched(screen, HLS_SETTLES_S, scale.seconds))[1])
    figures = [
        Figure(
            title="first picture on the screen after the viewer's offer, Chromium",
            unit="ms",
            ours=Series("liveshop", tuple(first)),
            aim=Aim(500.0),
            full=scale.full,
        )
    ]
    for way, share, limit in (
        ("WHEP", 0.5, 150.0),
        ("WHEP", 0.95, 300.0),
        ("HLS", 0.5, 2000.0),
        ("HLS", 0.95, None),
    ):
        if not ages[way]:
            continue
        rate = min(len(each) for each in ages[way]) / scale.seconds
        figures.append(
            Figure(
                title=f"glass to glass over {way}, Chromium to Chromium, p{share * 100:.0f}",
                unit="ms",
                ours=Series("liveshop", tuple(nearest(each, share) for each in ages[way])),
                aim=None if limit is None else Aim(limit),
                full=scale.full,
                notes=(f"{rate:.1f} pictures a second were read off the screen",),
                broken=() if rate >= PICTURES_LEAST else ("too few pictures were shown",),
            )
        )
    return figures


async def _watched(
    opening: AbstractAsyncContextManager[Screen], settles_s: float, seconds: float
) -> tuple[float, list[float]]:
    """Return when the first picture came, and how old those of a window were."""
    async with opening as screen:
        first_ms = await screen.first_ms()
        await asyncio.sleep(settles_s)
        await screen.forget()
        await asyncio.sleep(seconds)
        return first_ms, await screen.delays_ms()
