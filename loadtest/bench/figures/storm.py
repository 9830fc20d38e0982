"""
A room that talks faster than anyone reads: two hundred lines a second to two thousand viewers.

Every line is to arrive, and every control event; then again while people try to buy. No peer stands
beside it: without putting lines together, 400,000 sends a second are three times what a core can.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from loadtest.bench.conversation import buy, present, talk
from loadtest.bench.figures.delivery import ENTER_S
from loadtest.bench.figures.evening import in_step, unheard
from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.shop import Shop, Web
from loadtest.bench.window import Window, observe
from loadtest.latency import nearest
from loadtest.spectator import Door, Spectator
from loadtest.swarm import Swarm, open_swarm

VIEWERS: Final = 2_000
RATE: Final = 200.0
SPEAKERS: Final = 400
"""Each speaks every other second, as a room allows."""

RESERVES: Final = 200.0


async def storm(scale: Scale, shop: Shop) -> list[Figure]:
    """Measure the storm, and the storm with a sale in it, as often as the scale says."""
    viewers = max(scale.viewers(VIEWERS), SPEAKERS)
    talking: list[Window] = []
    buying: list[Window] = []
    answers: list[float] = []
    held: list[float] = []
    async with shop.serve() as web:
        show = await web.new_show()
        offer = (await web.new_sale(show))["id"]
        tokens = await shop.guests(SPEAKERS, web.url)
        async with open_swarm(Door("127.0.0.1", web.port, room=show)) as swarm:
            speakers = [Spectator(token) for token in tokens]
            swarm.admit([*speakers, *(Spectator() for _ in range(viewers - SPEAKERS))])
            await swarm.until_live(viewers, ENTER_S)
            for _ in range(scale.runs):
                talking.append(await _storm(web, swarm, speakers, offer, scale.seconds, 0))
                swarm.answered.clear()
                before = swarm.answers["reserved"]
                buying.append(await _storm(web, swarm, speakers, offer, scale.seconds, RESERVES))
                asked = [*swarm.answered.get("reserved", []), *swarm.answered.get("refused", [])]
                answers.append(nearest(asked, 0.99) / 1e6)
                held.append((swarm.answers["reserved"] - before) / scale.seconds)
            await in_step(swarm)
            broken = [*swarm.broken(), *unheard([*talking, *buying])]
            reasons = ", ".join(f"{n} {why}" for why, n in swarm.reasons.items())
    size = f"{viewers:,} viewers × {RATE:.0f} lines/s"
    return [
        Figure(
            title=f"chat storm, {size}, p99",
            unit="ms",
            ours=_p99(talking),
            aim=Aim(100.0),
            full=scale.full,
            notes=(_frames(talking[-1]), talking[-1].load),
            broken=tuple(broken),
        ),
        Figure(
            title=f"{size} and {RESERVES:.0f} reserve/s, p99 of a line",
            unit="ms",
            ours=_p99(buying),
            full=scale.full,
            notes=(_frames(buying[-1]), buying[-1].load),
        ),
        Figure(
            title=f"{size} and {RESERVES:.0f} reserve/s, p99 of the answer",
            unit="ms",
            ours=Series("liveshop", tuple(answers)),
            aim=Aim(50.0),
            full=scale.full,
            notes=(
                f"{min(held):.0f} to {max(held):.0f} a second were reserved"
                + (f"; {reasons}" if reasons else ""),
            ),
        ),
    ]


def _p99(windows: Sequence[Window]) -> Series:
    return Series("liveshop", tuple(window.latency.p99_ms for window in windows))


def _frames(window: Window) -> str:
    lines = window.lines / max(window.deliveries, 1)
    return f"{lines:.1f} lines a frame, {window.server_us:.1f} µs of the server's CPU a frame"


async def _storm(
    web: Web,
    swarm: Swarm,
    speakers: Sequence[Spectator],
    offer: str,
    seconds: float,
    reserves: float,
) -> Window:
    async def rage() -> int:
        async with web.host() as api, asyncio.TaskGroup() as tasks:
            tasks.create_task(present(api, offer, seconds))
            said = tasks.create_task(talk(swarm, speakers, RATE, seconds))
            if reserves:
                tasks.create_task(buy(swarm, speakers, offer, reserves, seconds))
        return said.result()

    everyone = swarm.live
    return await observe(
        web.pid, swarm, rage(), lambda said, frames, lines: lines >= said * everyone
    )
