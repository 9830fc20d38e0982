"""
How throughput and latency grow: with the viewers of one web process, and with web processes.

The real ``liveshop serve``: lines go from their speakers through Redis to everyone. Bounded by
20,000 open files a process, so one swarm holds 15,000 viewers. Web processes have every core but
the crowd's; where that is a single one they share it, and the page says so.
"""

import asyncio
import os
import re
from dataclasses import dataclass
from typing import Final

from loadtest.bench.conversation import talk
from loadtest.bench.process import CORES, CROWD_CORE, family
from loadtest.bench.scale import Scale
from loadtest.bench.shop import Shop, Web
from loadtest.bench.window import Window, observe
from loadtest.spectator import Door, Spectator
from loadtest.swarm import Swarm, open_swarm

VIEWERS: Final = (1_000, 2_500, 5_000, 10_000, 15_000)
WORKERS: Final = (1, 2, 4)
OF_WORKERS: Final = 2_000

EVENING: Final = 10.0
STORM: Final = 200.0
"""Lines a second: one that a web process carries with ease, and one that fills its core."""
ENTER_S: Final = 90.0
START_S: Final = 30.0
ASK_S: Final = 0.05

EVERYONE: Final = {
    "JOINS_PER_SECOND": "1000000",
    "CONNECTIONS": "18000",
    "CHAT_LINES_PER_SECOND": "1000000",
}
"""How much it can carry is asked, not how much it is set to."""

_SERVING: Final = re.compile(r'"event": ?"serving"')


@dataclass(frozen=True, slots=True)
class Point:
    """What one size came to; medians are made of several."""

    size: int
    # Lines that reached their viewers, a second, all viewers together.
    lines_a_second: float
    p50_ms: float
    p99_ms: float
    server_share: float
    crowd_share: float
    broken: tuple[str, ...]


async def by_viewers(scale: Scale, shop: Shop) -> list[list[Point]]:
    """Measure one web process with more and more viewers; a list a run."""
    sizes = sorted({scale.viewers(number) for number in VIEWERS})
    return [
        [await _measured(scale, shop, size, size, rate=EVENING) for size in sizes]
        for _ in range(scale.runs)
    ]


async def by_workers(scale: Scale, shop: Shop) -> list[list[Point]]:
    """Measure the same room on more and more web processes; a list a run."""
    viewers = max(scale.viewers(OF_WORKERS), _speakers(STORM))
    return [
        [
            await _measured(scale, shop, workers, viewers, rate=STORM, workers=workers)
            for workers in WORKERS
        ]
        for _ in range(scale.runs)
    ]


def cores_for_servers() -> int:
    """Return on how many cores the web processes run."""
    return len(_server_cores())


async def _measured(
    scale: Scale, shop: Shop, size: int, viewers: int, *, rate: float, workers: int = 1
) -> Point:
    before = _serving(shop)
    async with shop.serve(**EVERYONE, WORKERS=str(workers)) as web:
        await _all_serve(shop, before + workers)
        _spread(web)
        show = await web.new_show()
        tokens = await shop.guests(_speakers(rate), web.url)
        async with open_swarm(Door("127.0.0.1", web.port, room=show)) as swarm:
            speakers = [Spectator(token) for token in tokens]
            swarm.admit([*speakers, *(Spectator() for _ in range(viewers - len(speakers)))])
            await swarm.until_live(viewers, ENTER_S)
            window = await _evening(web, swarm, speakers, rate, scale.seconds)
            broken = [*swarm.broken()]
    if not window.whole:
        broken.append(f"{viewers:,} viewers, {workers} workers: not every line arrived")
    return Point(
        size=size,
        lines_a_second=window.lines / window.duration_s,
        p50_ms=window.latency.p50_ms,
        p99_ms=window.latency.p99_ms,
        server_share=window.server_s / window.duration_s,
        crowd_share=window.crowd_s / window.duration_s,
        broken=tuple(broken),
    )


async def _evening(
    web: Web, swarm: Swarm, speakers: list[Spectator], rate: float, seconds: float
) -> Window:
    everyone = swarm.live
    return await observe(
        web.pid,
        swarm,
        talk(swarm, speakers, rate, seconds),
        lambda said, so_far: so_far.lines + so_far.skipped >= said * everyone,
    )


async def _all_serve(shop: Shop, number: int) -> None:
    """Wait until so many web processes serve: the first would get everybody otherwise."""
    async with asyncio.timeout(START_S):
        while True:
            if _serving(shop) >= number:
                return
            await asyncio.sleep(ASK_S)


def _serving(shop: Shop) -> int:
    """Return how many web processes have begun to serve in this shop so far."""
    log = shop.folder / "serve.log"
    return len(_SERVING.findall(log.read_text())) if log.exists() else 0


def _spread(web: Web) -> None:
    """Let the web processes use every core but the crowd's."""
    for pid in family(web.pid):
        os.sched_setaffinity(pid, _server_cores())


def _server_cores() -> set[int]:
    return (CORES - {CROWD_CORE}) or CORES


def _speakers(rate: float) -> int:
    """Return how many speak: each every other second, as a room allows."""
    return round(2 * rate)
