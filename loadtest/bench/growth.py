"""
How throughput and latency grow: ``python -m loadtest.bench.growth``; see `loadtest.bench.suite`.

The real ``liveshop serve``: lines go from their speakers through Redis to everyone. Bounded by
20,000 open files a process, so one swarm holds 15,000 viewers. Web processes have every core but
the crowd's; where that is a single one they share it, and the page says so.
"""

import asyncio
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from loadtest.bench import plots
from loadtest.bench.conversation import talk
from loadtest.bench.process import CORES, CROWD_CORE, family
from loadtest.bench.report import Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.shop import Shop, Web
from loadtest.bench.suite import Suite, main
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

ALONG_VIEWERS: Final = "viewers"
ALONG_WORKERS: Final = "web processes"

MEASURES: Final = (
    ("lines delivered", "a second", "lines_a_second"),
    ("p50 of a line", "ms", "p50_ms"),
    ("p99 of a line", "ms", "p99_ms"),
)

EVERYONE: Final = {
    "JOINS_PER_SECOND": "1000000",
    "CONNECTIONS": "18000",
    "CHAT_LINES_PER_SECOND": "1000000",
}
"""How much it can carry is asked, not how much it is set to."""

_SERVING: Final = re.compile(r'"event": ?"serving"')


@dataclass(frozen=True, slots=True)
class Point:
    """What one run of one size came to."""

    # Lines that reached their viewers, a second, all viewers together.
    lines_a_second: float
    p50_ms: float
    p99_ms: float
    server_share: float
    crowd_share: float
    broken: tuple[str, ...]


async def by_viewers(scale: Scale, shop: Shop) -> list[Figure]:
    """Measure one web process with more and more viewers."""
    figures: list[Figure] = []
    for size in sorted({scale.viewers(number) for number in VIEWERS}):
        points = [await measured(scale, shop, size, rate=EVENING) for _ in range(scale.runs)]
        figures += point_figures(scale, f"{ALONG_VIEWERS} {size:,}", points)
    return figures


async def by_workers(scale: Scale, shop: Shop) -> list[Figure]:
    """Measure the same room, full of talk, on more and more web processes."""
    viewers = max(scale.viewers(OF_WORKERS), _speakers(STORM))
    figures: list[Figure] = []
    for workers in WORKERS:
        points = [
            await measured(scale, shop, viewers, rate=STORM, workers=workers)
            for _ in range(scale.runs)
        ]
        figures += point_figures(scale, f"{ALONG_WORKERS} {workers}", points)
    return figures


def draw(figures: Sequence[Figure], folder: Path) -> None:
    """Draw throughput and latency along the viewers, and along the web processes."""
    panels: list[plots.Panel] = []
    for along in (ALONG_VIEWERS, ALONG_WORKERS):
        throughput, *times = (_line(figures, along, measure) for measure, _, _ in MEASURES)
        if throughput.x:
            panels.append(plots.Panel("lines delivered a second", along, [throughput]))
            panels.append(plots.Panel("a line, milliseconds", along, times))
    if panels:
        plots.curves(panels, folder / "growth.svg")


def shared_cores(names: Sequence[str]) -> tuple[str, ...]:
    """Say on how many cores the web processes were."""
    cores = len(_server_cores())
    wanted = max(WORKERS)
    if "workers" not in names or cores >= wanted:
        return ()
    return (f"a core for each of {wanted} web processes: they shared {cores}",)


def point_figures(scale: Scale, size: str, points: Sequence[Point]) -> list[Figure]:
    """Return the figures of one size, of a run each."""
    load = (
        f"servers {points[-1].server_share:.0%} of a core, "
        f"crowd {points[-1].crowd_share:.0%} of its own"
    )
    figures = [
        Figure(
            title=f"{size}: {measure}",
            unit=unit,
            ours=Series("liveshop", tuple(getattr(each, field) for each in points)),
            full=scale.full,
        )
        for measure, unit, field in MEASURES
    ]
    broken = tuple(what for point in points for what in point.broken)
    return [replace(figures[0], notes=(load,), broken=broken), *figures[1:]]


def _line(figures: Sequence[Figure], along: str, measure: str) -> plots.Line:
    """Return the medians of a measure along the sizes, which stand in the titles."""
    chosen = [
        each
        for each in figures
        if each.title.startswith(f"{along} ") and each.title.endswith(f": {measure}")
    ]
    sizes = [each.title.partition(":")[0].rpartition(" ")[2] for each in chosen]
    return plots.Line(
        measure,
        [float(size.replace(",", "")) for size in sizes],
        [each.ours.median for each in chosen],
    )


async def measured(
    scale: Scale, shop: Shop, viewers: int, *, rate: float, workers: int = 1
) -> Point:
    """Let a room of so many talk on a fresh server, and return how that went."""
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


GROWTH: Final = Suite(
    name="growth",
    title="How it grows",
    with_shop={"viewers": by_viewers, "workers": by_workers},
    left_out=shared_cores,
    draw=draw,
)

if __name__ == "__main__":
    sys.exit(main(GROWTH))
