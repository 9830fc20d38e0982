"""
Whether video delays a purchase: what `reserve` takes while nobody watches, and while many do.

Web process and media process have both cores, as they would in a shop of this size. Publisher and
viewers run only where nobody else would: what they do is not the server's.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from loadtest.bench.conversation import buy
from loadtest.bench.figures.forwarding import FEW, VIEWERS
from loadtest.bench.process import let_roam
from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.shop import Shop
from loadtest.bench.video.actor import open_actor
from loadtest.bench.video.studio import Studio, filming, open_studio
from loadtest.latency import nearest
from loadtest.spectator import Door, Spectator
from loadtest.swarm import Swarm, open_swarm

BUYERS: Final = 200
RATE: Final = 200.0
ENTER_S: Final = 30.0
ANSWER_S: Final = 10.0
WITHOUT: Final = "nobody watches"

NOISE: Final = 1.25
"""What two windows of the same kind differ by on a machine that does something else as well."""


async def purchases(scale: Scale, shop: Shop) -> list[Figure]:
    """Measure windows with and without viewers in turn."""
    viewers = VIEWERS if scale.full else FEW
    calm: list[float] = []
    watched: list[float] = []
    async with open_studio(shop) as studio:
        for pid in (studio.web.pid, studio.pid):
            let_roam(pid)
        offer = (await studio.web.new_sale(studio.show))["id"]
        buyers = [Spectator(token) for token in await shop.guests(BUYERS, studio.web.url)]
        door = Door("127.0.0.1", studio.web.port, room=studio.show)
        async with open_swarm(door) as swarm:
            swarm.admit(buyers)
            await swarm.until_live(BUYERS, ENTER_S)
            for _ in range(scale.runs):
                calm.append(await _window(swarm, buyers, offer, scale.seconds))
                async with _watched(studio, viewers):
                    watched.append(await _window(swarm, buyers, offer, scale.seconds))
            broken = swarm.broken()
    return [
        Figure(
            title=f"{RATE:.0f} reserve/s while {viewers} watch over WHEP, p99 of the answer",
            unit="ms",
            ours=Series("liveshop", tuple(watched)),
            beside=(Series(WITHOUT, tuple(calm)),),
            aim=Aim(NOISE, of=WITHOUT),
            full=scale.full,
            notes=(
                "web process and media process had both cores here; publisher and viewers ran "
                "where nobody else would",
            ),
            broken=tuple(broken),
        )
    ]


@asynccontextmanager
async def _watched(studio: Studio, viewers: int) -> AsyncIterator[None]:
    """Have so many watch for as long as the block lasts."""
    async with (
        filming(studio.publish_url, studio.token) as film,
        open_actor("video.watchers", studio.watch_url, viewers, 0.0) as watchers,
    ):
        await watchers.hear()
        for actor in (film, watchers):
            actor.step_back()
        yield


async def _window(swarm: Swarm, buyers: list[Spectator], offer: str, seconds: float) -> float:
    """Return the p99 of what the answers took, in milliseconds."""
    swarm.answered.clear()
    asked = await buy(swarm, buyers, offer, RATE, seconds)
    kinds = ("reserved", "refused")

    def answers() -> list[int]:
        return [took for kind in kinds for took in swarm.answered.get(kind, [])]

    await swarm.until(lambda: len(answers()) >= asked, ANSWER_S)
    return nearest(answers(), 0.99) / 1e6
