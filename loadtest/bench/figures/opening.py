"""
How soon a show is there for who opens its page on a slow phone: painted, and talking.

The server, the crowd and the browser share the machine; the way between them costs nothing here.
"""

from collections.abc import Callable
from typing import Final

from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.shop import Shop
from loadtest.bench.talkative import SPEAKERS, open_talkative
from loadtest.bench.visitor import PHONE, SETTLES_S, SLOWED, Opened, gzipped_bytes, open_visitor

RATE: Final = 20.0
"""More than a room shows by default."""

WARM_S: Final = 3.0
PATIENCE_S: Final = 120.0
KB: Final = 1024


async def opening(scale: Scale, shop: Shop) -> list[Figure]:
    """Measure a new visitor each run, and one before them who is not counted."""
    found: list[Opened] = []
    async with open_talkative(shop) as room, open_visitor() as visitor:
        async with room.talking(RATE, PATIENCE_S):
            for _ in range(1 + scale.runs):
                async with visitor.visit(room.url, PHONE) as visit:
                    found.append(await visit.opened())
        weights = [await gzipped_bytes(each.scripts) / KB for each in found[1:]]

    def figure(title: str, unit: str, of: Callable[[Opened], float], aim: float | None) -> Figure:
        return Figure(
            title=title,
            unit=unit,
            ours=Series("liveshop", tuple(of(each) for each in found[1:])),
            aim=None if aim is None else Aim(aim),
            full=scale.full,
        )

    slow = f"a phone {SLOWED} times slower than this machine"
    return [
        figure(f"first contentful paint, {slow}", "ms", lambda each: each.first_ms, 1000.0),
        figure(
            f"first chat line drawn, {SPEAKERS} in the room, {RATE:.0f} lines/s",
            "ms",
            lambda each: each.line_ms,
            1500.0,
        ),
        figure("largest contentful paint", "ms", lambda each: each.largest_ms, 2500.0),
        figure(
            f"total blocking time in the first {SETTLES_S:.0f} s",
            "ms",
            lambda each: each.blocked_ms,
            200.0,
        ),
        figure(
            f"layout shift in the first {SETTLES_S:.0f} s, without the chat's own lines",
            "score",
            lambda each: each.shift,
            0.1,
        ),
        Figure(
            title="JavaScript before the first chat line, gzipped",
            unit="KB",
            ours=Series("liveshop", tuple(weights)),
            aim=Aim(60.0),
            notes=(f"{len(found[-1].scripts)} files",),
        ),
    ]
