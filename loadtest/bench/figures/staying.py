"""
Who stays for a whole evening: what the page holds on to after half an hour of two hundred lines a
second, beside what it held on to at the beginning.

The heap is weighed after its garbage was collected, so what grows is held by somebody.
"""

import asyncio
from typing import Final

from loadtest.bench.figures.reading import RATE
from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.shop import Shop
from loadtest.bench.talkative import EVERY_LINE, open_talkative
from loadtest.bench.visitor import PHONE, open_visitor

MINUTES: Final = 30.0
WEIGHINGS: Final = 10
"""The first of them after a tenth of the time: caches have filled by then."""

MB: Final = 1024 * 1024


async def staying(scale: Scale, shop: Shop, minutes: float) -> list[Figure]:
    """Measure one visitor, once: ``minutes`` of them are long enough."""
    weights: list[float] = []
    seconds = minutes * 60
    async with (
        open_talkative(shop, **EVERY_LINE) as room,
        open_visitor() as visitor,
        room.talking(RATE, 2 * seconds + 60),
        visitor.visit(room.url, PHONE) as visit,
    ):
        await visit.page.wait_for_selector(".chat-line")
        for _ in range(WEIGHINGS):
            await asyncio.sleep(seconds / WEIGHINGS)
            weights.append(await visit.heap_bytes() / MB)
    course = " ".join(f"{weight:.2f}" for weight in weights)
    return [
        Figure(
            title=f"growth of the heap over {minutes:g} minutes of {RATE:.0f} lines/s",
            unit="MB",
            ours=Series("liveshop", (weights[-1] - weights[0],)),
            aim=Aim(1.0),
            full=scale.full and minutes >= MINUTES,
            notes=(f"held after each tenth, in MB: {course}",),
        )
    ]
