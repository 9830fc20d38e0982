"""
A room that talks faster than anyone reads: two hundred lines a second to two thousand viewers.

Every line is to arrive, and every control event; then again while people try to buy; then as rooms
are set up to begin with, where a sample of the lines is shown. No peer stands beside it: without
putting lines together, 400,000 sends a second are three times what a core can.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
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

EVERY_LINE: Final = {"CHAT_LINES_PER_SECOND": "1000000"}
"""A storm that is sampled is no storm."""


async def storm(scale: Scale, shop: Shop) -> list[Figure]:
    """Measure the three storms in turn, as often as the scale says."""
    viewers = max(scale.viewers(VIEWERS), SPEAKERS)
    talking: list[Window] = []
    buying: list[Window] = []
    sampled: list[Window] = []
    answers: list[float] = []
    held: list[float] = []
    async with (
        shop.serve(**EVERY_LINE) as web,
        shop.serve() as usual,
        _room(web, viewers, await shop.guests(SPEAKERS, web.url)) as room,
        # Others than those who buy: what a buyer says is always shown.
        _room(
            usual, viewers, (await shop.guests(2 * SPEAKERS, usual.url))[SPEAKERS:]
        ) as sampled_room,
    ):
        for _ in range(scale.runs):
            talking.append(await _storm(room, scale.seconds))
            before = room.swarm.answers["reserved"]
            room.swarm.answered.clear()
            buying.append(await _storm(room, scale.seconds, reserves=RESERVES))
            answered = room.swarm.answered
            asked = [*answered.get("reserved", []), *answered.get("refused", [])]
            answers.append(nearest(asked, 0.99) / 1e6)
            held.append((room.swarm.answers["reserved"] - before) / scale.seconds)
            sampled.append(await _storm(sampled_room, scale.seconds))
        await in_step(room.swarm)
        await in_step(sampled_room.swarm)
        broken = (*room.swarm.broken(), *sampled_room.swarm.broken())
        unanswered = ", ".join(f"{n} {why}" for why, n in room.swarm.reasons.items())
    size = f"{viewers:,} viewers × {RATE:.0f} lines/s"
    shown = sampled[-1].lines / viewers / scale.seconds
    return [
        Figure(
            title=f"chat storm, {size}, p99",
            unit="ms",
            ours=_p99(talking),
            aim=Aim(100.0),
            full=scale.full,
            notes=(_frames(talking[-1]), talking[-1].load),
            broken=(*broken, *unheard([*talking, *buying, *sampled])),
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
                + (f"; {unanswered}" if unanswered else ""),
            ),
        ),
        Figure(
            title=f"chat storm, {size}, sampled as by default, p99",
            unit="ms",
            ours=_p99(sampled),
            full=scale.full,
            notes=(
                f"{shown:.1f} lines a second were shown, the others counted; "
                + _frames(sampled[-1]),
                sampled[-1].load,
            ),
        ),
    ]


@dataclass(frozen=True, slots=True)
class Room:
    """A room full of people, some of whom speak, with something for sale."""

    web: Web
    swarm: Swarm
    speakers: Sequence[Spectator]
    offer: str


@asynccontextmanager
async def _room(web: Web, viewers: int, tokens: Sequence[str]) -> AsyncIterator[Room]:
    show = await web.new_show()
    offer = (await web.new_sale(show))["id"]
    speakers = [Spectator(token) for token in tokens]
    async with open_swarm(Door("127.0.0.1", web.port, room=show)) as swarm:
        swarm.admit([*speakers, *(Spectator() for _ in range(viewers - SPEAKERS))])
        await swarm.until_live(viewers, ENTER_S)
        yield Room(web, swarm, speakers, offer)


def _p99(windows: Sequence[Window]) -> Series:
    return Series("liveshop", tuple(window.latency.p99_ms for window in windows))


def _frames(window: Window) -> str:
    lines = window.lines / max(window.deliveries, 1)
    return f"{lines:.1f} lines a frame, {window.server_us:.1f} µs of the server's CPU a frame"


async def _storm(room: Room, seconds: float, *, reserves: float = 0.0) -> Window:
    swarm = room.swarm

    async def rage() -> int:
        async with room.web.host() as api, asyncio.TaskGroup() as tasks:
            tasks.create_task(present(api, room.offer, seconds))
            said = tasks.create_task(talk(swarm, room.speakers, RATE, seconds))
            if reserves:
                tasks.create_task(buy(swarm, room.speakers, room.offer, reserves, seconds))
        return said.result()

    everyone = swarm.live
    return await observe(
        room.web.pid,
        swarm,
        rage(),
        lambda said, so_far: so_far.lines + so_far.skipped >= said * everyone,
    )
