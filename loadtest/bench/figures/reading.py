"""
A room that says two hundred lines a second, as a slow device draws it: frames, and what is kept.

Beside it stands an empty page that hears the same lines over the same socket and lists as many as
plain text: what is missing there to sixty frames is the browser's own.
"""

import asyncio
import time
from typing import Final

from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.shop import Shop
from loadtest.bench.talkative import EVERY_LINE, SPEAKERS, Talkative, open_talkative
from loadtest.bench.visitor import DESK, PHONE, SLOWED, Device, Visitor, open_visitor

RATE: Final = 200.0
SETTLES_S: Final = 2.0
"""The page is up and full of lines."""

PATIENCE_S: Final = 600.0
FLOOR: Final = "an empty page with a list of text"


async def reading(scale: Scale, shop: Shop) -> list[Figure]:
    """Measure both devices, ours and the floor in turn, as often as the scale says."""
    figures = []
    async with (
        open_talkative(shop, **EVERY_LINE) as room,
        open_visitor() as visitor,
        room.talking(RATE, PATIENCE_S),
    ):
        for device in (PHONE, DESK):
            figures += await _read(scale, room, visitor, device)
    return figures


async def _read(scale: Scale, room: Talkative, visitor: Visitor, device: Device) -> list[Figure]:
    frames: list[float] = []
    floor: list[float] = []
    nodes: list[float] = []
    begin, lines = time.monotonic(), room.swarm.lines
    for _ in range(scale.runs):
        async with visitor.visit(room.url, device) as visit:
            await visit.page.wait_for_selector(".chat-line")
            await asyncio.sleep(SETTLES_S)
            frames.append(await visit.frames(scale.seconds))
            nodes.append(await visit.nodes())
        async with visitor.floor(room.web.url, room.show, device) as visit:
            await asyncio.sleep(SETTLES_S)
            floor.append(await visit.frames(scale.seconds))
    heard = (room.swarm.lines - lines) / SPEAKERS / (time.monotonic() - begin)
    where = f"on a {device.name}, {device.width}×{device.height}"
    return [
        Figure(
            title=f"{RATE:.0f} lines/s drawn {where}, {SLOWED} times slower, without a GPU",
            unit="frames/s",
            ours=Series("liveshop", tuple(frames)),
            beside=(Series(FLOOR, tuple(floor)),),
            aim=Aim(50.0, at_least=True),
            full=scale.full,
            notes=(f"{heard:.0f} lines a second were heard, and nothing was on the video",),
            broken=() if heard >= RATE / 2 else ("the crowd said too little to be a storm",),
        ),
        Figure(
            title=f"nodes of the document during it {where}",
            unit="nodes",
            ours=Series("liveshop", tuple(nodes)),
            aim=Aim(1500.0),
            full=scale.full,
        ),
    ]
