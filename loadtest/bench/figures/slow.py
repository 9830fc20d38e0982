"""
One in ten stops reading: what the others notice, and what the server keeps for those who do not.

The rooms alone, with small system buffers on both sides as a bad mobile network has them: on
loopback the kernel would otherwise take megabytes before anyone is slow. Windows with and without
slow viewers take turns.
"""

from typing import Final

from loadtest.bench.figures.delivery import ENTER_S
from loadtest.bench.figures.evening import in_step
from loadtest.bench.process import rss_bytes
from loadtest.bench.publisher import Task
from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.servers import BARE_ROOM, Server, bare_rooms, open_server
from loadtest.bench.window import Window, observe
from loadtest.spectator import Door, Spectator
from loadtest.swarm import Swarm, open_swarm

VIEWERS: Final = 1_000
SLOW_SHARE: Final = 0.1
RATE: Final = 100.0
MESSAGE_BYTES: Final = 1_000
CONTROL_EVERY: Final = 10
SYSTEM_BUFFER_BYTES: Final = 16 * 1024
"""Its two sides and the 64 KiB of the transport hold a second of 100 KB/s."""

WITHOUT: Final = "everyone reads"
MOST_KIB: Final = 64 + 256
"""The transport's buffer and what a slow viewer may be owed (``rooms``)."""

NOISE: Final = 1.25
"""What two windows of the same kind differ by on a machine that does something else as well."""


async def slow(scale: Scale) -> list[Figure]:
    """Measure windows with and without slow viewers in turn."""
    few = round(VIEWERS * SLOW_SHARE)
    usual: list[Window] = []
    disturbed: list[Window] = []
    kept: list[float] = []
    task = Task(round(RATE * scale.seconds), RATE, CONTROL_EVERY, MESSAGE_BYTES)
    command = bare_rooms(send_buffer=SYSTEM_BUFFER_BYTES)
    async with open_server("liveshop rooms", command) as server:
        door = Door("127.0.0.1", server.port, room=BARE_ROOM)
        async with open_swarm(door) as swarm:
            lazy = [Spectator(receive_buffer=SYSTEM_BUFFER_BYTES) for _ in range(few)]
            swarm.admit([*lazy, *(Spectator() for _ in range(VIEWERS - few))])
            await swarm.until_live(VIEWERS, ENTER_S)
            for spectator in lazy:
                spectator.counted = False
            for _ in range(scale.runs):
                usual.append(await _window(server, swarm, task, VIEWERS))
                before = rss_bytes(server.pid)
                swarm.stop_reading(lazy)
                disturbed.append(await _window(server, swarm, task, VIEWERS - few))
                kept.append(max(rss_bytes(server.pid) - before, 0) / few / 1024)
                swarm.read_again(lazy)
                await in_step(swarm)
            sent_away = dict(swarm.closes)
            skipped = sum(spectator.skipped for spectator in lazy)
            broken = swarm.broken()
            if not skipped:
                broken.append("nobody fell behind, so nothing was measured")
    return [
        Figure(
            title=f"{SLOW_SHARE:.0%} of {VIEWERS:,} viewers stop reading: p99 of the others",
            unit="ms",
            ours=Series("liveshop", tuple(window.latency.p99_ms for window in disturbed)),
            beside=(Series(WITHOUT, tuple(window.latency.p99_ms for window in usual)),),
            aim=Aim(NOISE, of=WITHOUT),
            notes=(
                f"{skipped:,} lines were skipped for the slow, who were told; "
                f"sent away: {sent_away or 'nobody'}",
                disturbed[-1].load,
            ),
            broken=tuple(broken),
        ),
        Figure(
            title="memory kept for a viewer who stopped reading",
            unit="KiB",
            ours=Series("liveshop", tuple(kept)),
            aim=Aim(float(MOST_KIB)),
        ),
    ]


async def _window(server: Server, swarm: Swarm, task: Task, readers: int) -> Window:
    async def publish() -> int:
        await server.publish(task)
        return task.messages

    said = task.messages - task.events
    return await observe(
        server.pid, swarm, publish(), lambda _, so_far: so_far.lines >= said * readers
    )
