"""
The same fan-out on liveshop's rooms and on what others are built with.

All servers run at once on one core and take turns: whose turn it is not is idle. Each publishes the
same lines at the same pace from inside its own process, one message a frame.
"""

from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import Final

from loadtest.bench.peers import nchan, node
from loadtest.bench.peers.node import (
    SOCKET_IO,
    SOCKET_IO_HELLO,
    SOCKET_IO_PATH,
    WS,
    NoNode,
    installed,
    open_node,
)
from loadtest.bench.publisher import Task
from loadtest.bench.report import Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.servers import BARE_ROOM, Publisher, bare_rooms, open_server, peer
from loadtest.bench.window import Window, observe
from loadtest.spectator import Door, Spectator
from loadtest.swarm import Swarm, open_swarm

VIEWERS: Final = 1_000
RATE: Final = 20.0
"""20,000 deliveries a second: every peer can, so what differs is the cost and not who drowns."""

WARM_UP: Final = 10
ENTER_S: Final = 30.0
ROOMS: Final = "liveshop rooms"
FLOOR: Final = "bare socket.send loop"
PYTHON: Final = (
    (FLOOR, "floor"),
    ("websockets.broadcast", "broadcast"),
    ("Starlette on uvicorn", "asgi"),
)


Watched = AbstractAsyncContextManager[tuple[Publisher, Swarm]]
"""A server that runs, with its viewers."""


async def fanout(scale: Scale) -> list[Figure]:
    """Measure every server in turn, as often as the scale says."""
    viewers = scale.viewers(VIEWERS)
    windows: defaultdict[str, list[Window]] = defaultdict(list)
    task = Task(round(RATE * scale.seconds), RATE)
    broken: list[str] = []
    async with AsyncExitStack() as stack:
        crowds = [await stack.enter_async_context(each) for each in await _peers(viewers)]
        for server, swarm in crowds:
            await _window(server, swarm, Task(WARM_UP, RATE), viewers)
        for run in range(scale.runs):
            first = run % len(crowds)
            for server, swarm in (*crowds[first:], *crowds[:first]):
                window = await _window(server, swarm, task, viewers)
                windows[server.name].append(window)
                if not window.whole:
                    missing = task.messages * viewers - window.deliveries
                    broken.append(f"{server.name}: {missing} frames did not arrive")
    return _figures(viewers, windows, tuple(broken))


def left_out() -> tuple[str, ...]:
    """Say which peers this machine does not have."""
    missing = () if node.ready() else (f"{WS} and {SOCKET_IO}, which npm could not install",)
    if nchan.installed():
        return missing
    return (*missing, "nginx + nchan, which apt-get install nginx libnginx-mod-nchan brings")


def _figures(
    viewers: int, windows: defaultdict[str, list[Window]], broken: tuple[str, ...]
) -> list[Figure]:
    size = f"fan-out, {viewers:,} viewers × {RATE:.0f} lines/s"
    load = windows[ROOMS][-1].load
    figures: list[Figure] = []
    for title, unit, field in (
        ("CPU of a delivery", "µs", "server_us"),
        ("p50", "ms", "latency.p50_ms"),
        ("p99", "ms", "latency.p99_ms"),
    ):
        series = {
            name: Series(name, tuple(_value(each, field) for each in of))
            for name, of in windows.items()
        }
        ours = series.pop(ROOMS)
        figures.append(
            Figure(
                title=f"{size}: {title}",
                unit=unit,
                ours=ours,
                beside=tuple(series.values()),
                notes=(f"{ROOMS} on a memory broker: {load}",) if not figures else (),
                broken=broken if not figures else (),
            )
        )
    return figures


def _value(window: Window, field: str) -> float:
    name, _, part = field.partition(".")
    value = getattr(window, name)
    return float(getattr(value, part) if part else value)


@asynccontextmanager
async def _watched(
    server: AbstractAsyncContextManager[Publisher],
    viewers: int,
    *,
    room: str | None = None,
    path: str = "/ws",
    hello: str | None = None,
) -> AsyncIterator[tuple[Publisher, Swarm]]:
    async with server as running:
        door = Door("127.0.0.1", running.port, path, room=room, hello=hello)
        async with open_swarm(door) as swarm:
            swarm.admit(Spectator() for _ in range(viewers))
            await swarm.until_live(viewers, ENTER_S)
            yield running, swarm


async def _peers(viewers: int) -> list[Watched]:
    peers: list[Watched] = [_watched(open_server(ROOMS, bare_rooms()), viewers, room=BARE_ROOM)]
    peers += [_watched(open_server(name, peer(module)), viewers) for name, module in PYTHON]
    with suppress(NoNode):
        folder = await installed()
        peers.append(_watched(open_node(WS, folder), viewers))
        socket_io = open_node(SOCKET_IO, folder)
        peers.append(_watched(socket_io, viewers, path=SOCKET_IO_PATH, hello=SOCKET_IO_HELLO))
    if nchan.installed():
        peers.append(_watched(nchan.open_nchan(), viewers))
    return peers


async def _window(server: Publisher, swarm: Swarm, task: Task, viewers: int) -> Window:
    async def publish() -> int:
        await server.publish(task)
        return task.messages

    return await observe(
        server.pid, swarm, publish(), lambda said, so_far: so_far.frames >= said * viewers
    )
