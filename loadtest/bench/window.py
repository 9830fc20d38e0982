"""
A measured stretch of time: what a server and the crowd used for it, and what reached the viewers.

The crowd's own share is part of every result, so that its limit is not taken for the server's.
"""

import gc
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from loadtest.bench.process import busy_s, cpu_s
from loadtest.latency import Latency, latency
from loadtest.swarm import Swarm

SETTLE_S: Final = 10.0
"""What is not delivered this long after the last message counts as lost."""

US: Final = 1e6


class Progress(NamedTuple):
    """What has reached the viewers: frames, lines in them, and lines they were told of only."""

    frames: int
    lines: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Window:
    """What happened; ``whole`` is whether all that was awaited arrived."""

    duration_s: float
    deliveries: int
    lines: int
    # Lines that viewers were told they were not shown.
    skipped: int
    server_s: float
    crowd_s: float
    # What everything else used: databases, and whatever disturbs a machine that is not quiet.
    others_s: float
    latency: Latency
    whole: bool

    @property
    def server_us(self) -> float:
        """Microseconds of the server's CPU a delivered frame."""
        return self.server_s / max(self.deliveries, 1) * US

    @property
    def crowd_us(self) -> float:
        """Microseconds of the crowd's CPU a received frame."""
        return self.crowd_s / max(self.deliveries, 1) * US

    @property
    def load(self) -> str:
        """How busy both were, in words."""
        server, crowd, others = (
            used / self.duration_s for used in (self.server_s, self.crowd_s, self.others_s)
        )
        return (
            f"server {server:.0%} of its core, crowd {crowd:.0%} of the other "
            f"({self.crowd_us:.1f} µs a reception), everything else {others:.0%} of a core"
        )


async def observe(
    pid: int, swarm: Swarm, work: Awaitable[int], arrived: Callable[[int, Progress], bool]
) -> Window:
    """
    Do ``work`` and wait until what it said has arrived, at most `SETTLE_S`.

    ``arrived`` is given what ``work`` returned and what has come since it began.
    """
    swarm.forget_frames()
    with uncollected():
        return await _observe(pid, swarm, work, arrived)


async def _observe(
    pid: int, swarm: Swarm, work: Awaitable[int], arrived: Callable[[int, Progress], bool]
) -> Window:
    frames, lines, skipped = swarm.frames, swarm.lines, swarm.skipped

    def progress() -> Progress:
        return Progress(swarm.frames - frames, swarm.lines - lines, swarm.skipped - skipped)

    begin, server, crowd, busy = time.monotonic(), cpu_s(pid), time.process_time(), busy_s()
    said = await work
    whole = True
    try:
        await swarm.until(lambda: arrived(said, progress()), SETTLE_S)
    except TimeoutError:
        whole = False
    so_far = progress()
    duration_s, server_s = time.monotonic() - begin, cpu_s(pid) - server
    crowd_s, busy = time.process_time() - crowd, busy_s() - busy
    return Window(
        duration_s=duration_s,
        deliveries=so_far.frames,
        lines=so_far.lines,
        skipped=so_far.skipped,
        server_s=server_s,
        crowd_s=crowd_s,
        others_s=max(busy - server_s - crowd_s, 0.0),
        latency=latency(swarm.stamped),
        whole=whole,
    )


@contextmanager
def uncollected() -> Iterator[None]:
    """Collect garbage before, not meanwhile: the crowd's pause would be taken for the server's."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
