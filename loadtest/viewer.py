"""
One seat in the audience: somebody comes, talks, likes, buys, goes, and somebody else comes.

Invariant: whatever the shop answers and however often it goes away, ``run`` goes on until it is
cancelled; what went wrong is counted.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Final

from liveshop_client import Api, LiveshopError, Room, connect
from loadtest import temperament
from loadtest.buyer import Buyer
from loadtest.counts import Counts, code_of, errors_in
from loadtest.phrases import Language, Mood, name
from loadtest.temperament import Temperament
from loadtest.voice import Voice

AWAY_S: Final = (1.0, 8.0)
"""How long a seat stays empty when nobody could get in."""


@dataclass(frozen=True, slots=True)
class Show:
    """Where everybody is, and how many they are."""

    url: str
    id: str
    viewers: int
    counts: Counts


class Viewer:
    """A seat; a new person takes it whenever one has left."""

    def __init__(self, show: Show, chance: Random) -> None:
        self._show = show
        self._chance = chance

    async def run(self) -> None:
        """Watch the show until cancelled."""
        while True:
            if not await self._visit():
                await asyncio.sleep(self._chance.uniform(*AWAY_S))

    async def _visit(self) -> bool:
        """Let one person come and go; return whether they went because they wanted to."""
        errors: list[Exception] = []
        try:
            await self._watch(temperament.draw(self._chance))
        except* (LiveshopError, TimeoutError) as group:
            errors = errors_in(group)
        for error in errors:
            self._show.counts.errors[code_of(error)] += 1
        return not errors

    async def _watch(self, who: Temperament) -> None:
        chance, counts = self._chance, self._show.counts
        language: Language = "zh" if chance.random() < temperament.CHINESE else "en"
        async with Api(self._show.url) as api:
            await api.guest(name(language, chance))
            async with connect(self._show.url, self._show.id, token=api.token) as room:
                voice = Voice(room, language, chance, counts)
                buyer = Buyer(api, room, voice, who, chance, counts)
                counts.enter(room)
                try:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(chance.uniform(*temperament.STAY_S)):
                            await self._evening(room, voice, buyer, who)
                finally:
                    counts.leave(room)

    async def _evening(self, room: Room, voice: Voice, buyer: Buyer, who: Temperament) -> None:
        async with asyncio.TaskGroup() as evening:
            evening.create_task(self._talk(room, voice, who))
            evening.create_task(self._applaud(room, who))
            evening.create_task(buyer.shop())

    async def _talk(self, room: Room, voice: Voice, who: Temperament) -> None:
        chance = self._chance
        if chance.random() < 0.25:
            await asyncio.sleep(chance.uniform(1, 10))
            await voice.say(Mood.ARRIVED)
        while True:
            await asyncio.sleep(temperament.chat_pause_s(who, self._show.viewers, chance))
            about_card = room.state.pinned_offer is not None and chance.random() < 0.65
            await voice.say(Mood.CARD if about_card else Mood.IDLE)

    async def _applaud(self, room: Room, who: Temperament) -> None:
        chance = self._chance
        while True:
            await asyncio.sleep(temperament.pause_s(who.like_s, chance))
            for _ in range(chance.randint(1, 4)):
                hearts = chance.randint(1, 5)
                await room.like(hearts)
                self._show.counts.of["likes"] += hearts
                await asyncio.sleep(chance.uniform(0.2, 0.8))
