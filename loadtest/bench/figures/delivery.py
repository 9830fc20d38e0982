"""
What a delivery costs: one message a frame, one thousand viewers, beside the floor and the peers.

All servers run at once on the same core and take turns, so that they see the same machine; those
whose turn it is not are idle.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final

from loadtest.bench.peers import nchan
from loadtest.bench.publisher import Task
from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.servers import BARE_ROOM, Publisher, bare_rooms, open_server, peer
from loadtest.bench.window import Window, observe
from loadtest.spectator import Door, Spectator
from loadtest.swarm import Swarm, open_swarm

VIEWERS: Final = 1_000
RATE: Final = 20.0
"""20,000 deliveries a second keep a core a fifth busy: nothing queues, a frame is one message."""

CONTROL_EVERY: Final = 10
WARM_UP: Final = 10
ENTER_S: Final = 30.0

ROOMS: Final = "liveshop rooms"
FLOOR: Final = "bare socket.send loop"
PEERS: Final = (
    (FLOOR, peer("floor")),
    ("websockets.broadcast", peer("broadcast")),
    ("Starlette on uvicorn", peer("asgi")),
)


async def delivery(scale: Scale) -> list[Figure]:
    """Measure every server in turn, as often as the scale says."""
    windows: defaultdict[str, list[Window]] = defaultdict(list)
    broken: list[str] = []
    task = Task(round(RATE * scale.seconds), RATE, CONTROL_EVERY)
    async with AsyncExitStack() as stack:
        crowds = [await stack.enter_async_context(each) for each in _crowds()]
        for server, swarm in crowds:
            await _window(server, swarm, Task(WARM_UP, RATE, CONTROL_EVERY))
        for run in range(scale.runs):
            first = run % len(crowds)
            for server, swarm in (*crowds[first:], *crowds[:first]):
                window = await _window(server, swarm, task)
                windows[server.name].append(window)
                if window.deliveries != task.messages * VIEWERS:
                    missing = task.messages * VIEWERS - window.deliveries
                    broken.append(f"{server.name}: {missing} frames did not arrive")
        for server, swarm in crowds:
            broken += [f"{server.name}: {what}" for what in swarm.broken()]
    series = {
        name: Series(name, tuple(window.server_us for window in of)) for name, of in windows.items()
    }
    ours = series.pop(ROOMS)
    return [
        Figure(
            title=f"CPU of a delivery, {VIEWERS:,} viewers, {task.size} bytes",
            unit="µs",
            ours=ours,
            beside=tuple(series.values()),
            aim=Aim(1.15, of=FLOOR),
            notes=(f"{ROOMS} on a memory broker: {windows[ROOMS][-1].load}",),
            broken=tuple(broken),
        )
    ]


def left_out() -> tuple[str, ...]:
    """Say which peers this machine does not have."""
    if nchan.installed():
        return ()
    return ("nginx + nchan, which apt-get install nginx libnginx-mod-nchan brings",)


@asynccontextmanager
async def _watched(
    server: AbstractAsyncContextManager[Publisher], room: str | None
) -> AsyncIterator[tuple[Publisher, Swarm]]:
    """Run a server with its viewers."""
    async with server as running:
        door = Door("127.0.0.1", running.port, room=room)
        async with open_swarm(door) as swarm:
            swarm.admit(Spectator() for _ in range(VIEWERS))
            await swarm.until_live(VIEWERS, ENTER_S)
            yield running, swarm


def _crowds() -> Sequence[AbstractAsyncContextManager[tuple[Publisher, Swarm]]]:
    crowds = [_watched(open_server(ROOMS, bare_rooms()), BARE_ROOM)]
    crowds += [_watched(open_server(name, command), None) for name, command in PEERS]
    if nchan.installed():
        crowds.append(_watched(nchan.open_nchan(), None))
    return crowds


async def _window(server: Publisher, swarm: Swarm, task: Task) -> Window:
    async def publish() -> int:
        await server.publish(task)
        return task.messages

    return await observe(
        server.pid, swarm, publish(), lambda said, so_far: so_far.frames >= said * VIEWERS
    )
