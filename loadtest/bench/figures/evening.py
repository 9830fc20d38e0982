"""
A big room on an ordinary evening: how long a message takes to thousands of viewers.

The real ``liveshop serve``: a line goes from its speaker's socket through Redis to everyone, while
the host presents. ``websockets.broadcast`` publishes as many lines from inside its own process.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from loadtest.bench.conversation import present, talk
from loadtest.bench.figures.delivery import ENTER_S
from loadtest.bench.publisher import Task
from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.servers import Server, open_server, peer
from loadtest.bench.shop import Shop, Web
from loadtest.bench.window import Window, observe
from loadtest.spectator import Door, Spectator
from loadtest.swarm import Swarm, open_swarm

VIEWERS: Final = 5_000
RATE: Final = 10.0
SPEAKERS: Final = 20
PEER: Final = "websockets.broadcast"


async def evening(scale: Scale, shop: Shop) -> list[Figure]:
    """Measure the real server and the peer in turn, as often as the scale says."""
    viewers = scale.viewers(VIEWERS)
    ours: list[Window] = []
    theirs: list[Window] = []
    async with shop.serve() as web, open_server(PEER, peer("broadcast")) as other:
        show = await web.new_show()
        offer = (await web.new_sale(show))["id"]
        tokens = await shop.guests(SPEAKERS, web.url)
        async with (
            open_swarm(Door("127.0.0.1", web.port, room=show)) as swarm,
            open_swarm(Door("127.0.0.1", other.port)) as crowd,
        ):
            speakers = [Spectator(token) for token in tokens]
            swarm.admit([*speakers, *(Spectator() for _ in range(viewers - SPEAKERS))])
            crowd.admit(Spectator() for _ in range(viewers))
            await swarm.until_live(viewers, ENTER_S)
            await crowd.until_live(viewers, ENTER_S)
            for _ in range(scale.runs):
                ours.append(await _evening(web, swarm, speakers, offer, scale.seconds))
                theirs.append(await _broadcast(other, crowd, scale.seconds))
            await in_step(swarm)
            broken = [*swarm.broken(), *unheard(ours)]
    return [
        Figure(
            title=f"{viewers:,} viewers, {RATE:.0f} messages/s, {name}",
            unit="ms",
            ours=Series("liveshop", tuple(getattr(each.latency, field) for each in ours)),
            beside=(Series(PEER, tuple(getattr(each.latency, field) for each in theirs)),),
            aim=aim,
            full=scale.full,
            notes=notes,
            broken=tuple(broken) if aim is not None and field == "p99_ms" else (),
        )
        for name, field, aim, notes in (
            ("p50", "p50_ms", Aim(25.0), (ours[-1].load, f"{PEER}: {theirs[-1].load}")),
            ("p99", "p99_ms", Aim(55.0), ()),
            ("p99 of the last receiver", "last_p99_ms", None, ()),
        )
    ]


async def in_step(swarm: Swarm) -> None:
    """Wait until everyone has the last control event; who does not get it is found `broken`."""
    try:
        await swarm.until(swarm.in_step, timeout=5.0)
    except TimeoutError:
        return


def unheard(windows: Sequence[Window]) -> list[str]:
    """Return which windows ended before every line had reached everyone."""
    return [
        f"run {number}: not every line reached everyone ({window.lines:,} did)"
        for number, window in enumerate(windows, 1)
        if not window.whole
    ]


async def _evening(
    web: Web, swarm: Swarm, speakers: Sequence[Spectator], offer: str, seconds: float
) -> Window:
    async def go_on() -> int:
        async with web.host() as api, asyncio.TaskGroup() as tasks:
            tasks.create_task(present(api, offer, seconds))
            said = tasks.create_task(talk(swarm, speakers, RATE, seconds))
        return said.result()

    everyone = swarm.live
    return await observe(
        web.pid, swarm, go_on(), lambda said, so_far: so_far.lines >= said * everyone
    )


async def _broadcast(server: Server, crowd: Swarm, seconds: float) -> Window:
    task = Task(round(RATE * seconds), RATE)

    async def publish() -> int:
        await server.publish(task)
        return task.messages

    everyone = crowd.live
    return await observe(
        server.pid, crowd, publish(), lambda said, so_far: so_far.frames >= said * everyone
    )
