"""
A show with something on screen and a crowd that talks at a steady pace, for who looks at its page.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from loadtest.bench.conversation import talk
from loadtest.bench.shop import Shop, Web
from loadtest.spectator import Door, Spectator
from loadtest.swarm import Swarm, open_swarm

SPEAKERS: Final = 400
"""Each speaks every other second at most, as a room allows; nobody else is there."""

ENTER_S: Final = 30.0

EVERY_LINE: Final = {"CHAT_LINES_PER_SECOND": "1000000"}
"""A storm that is sampled is no storm."""


@dataclass(frozen=True, slots=True)
class Talkative:
    """A room full of people who talk when they are told to."""

    web: Web
    show: str
    swarm: Swarm
    speakers: tuple[Spectator, ...]

    @property
    def url(self) -> str:
        """The viewer's page."""
        return f"{self.web.url}/live/{self.show}"

    @asynccontextmanager
    async def talking(self, rate: float, at_most_s: float) -> AsyncIterator[None]:
        """Say ``rate`` lines a second for as long as the block lasts, and no longer than told."""
        async with asyncio.TaskGroup() as tasks:
            saying = tasks.create_task(talk(self.swarm, self.speakers, rate, at_most_s))
            try:
                yield
            finally:
                saying.cancel()


@asynccontextmanager
async def open_talkative(shop: Shop, **settings: str) -> AsyncIterator[Talkative]:
    """Run a web process with one room for as long as the block lasts; its people are there."""
    async with shop.serve(**settings) as web:
        show = await web.new_show()
        offer = await web.new_sale(show)
        async with web.host() as api:
            await api.pin_offer(offer["id"])
        speakers = tuple(Spectator(token) for token in await shop.guests(SPEAKERS, web.url))
        async with open_swarm(Door("127.0.0.1", web.port, room=show)) as swarm:
            swarm.admit(list(speakers))
            await swarm.until_live(SPEAKERS, ENTER_S)
            yield Talkative(web, show, swarm, speakers)
