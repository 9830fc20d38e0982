"""
Somebody's voice in a room: the words, and whether they were heard.

Invariant: saying something never fails; a line that the room did not take is counted.
"""

import asyncio
from random import Random
from typing import Final

from liveshop_client import LiveshopError, Room
from liveshop_client.messages import ChatLine, OfferView
from loadtest.counts import Counts, code_of
from loadtest.money import price
from loadtest.phrases import Card, Language, Mood, answer, line

RECENT: Final = 12
"""Lines on a screen: nobody likes to say what stands there already."""

ANSWERS: Final = 0.2
"""How likely somebody answers a line instead of saying something new."""

ANSWERING: Final = (Mood.IDLE, Mood.CARD, Mood.HOSTING)
"""What goes on all evening; a countdown waits for no conversation."""

SECOND_THOUGHTS: Final = 4
"""Whoever still has nothing new says it all the same."""


class Voice:
    """Lets one person speak, in their language."""

    def __init__(self, room: Room, language: Language, chance: Random, counts: Counts) -> None:
        self._room = room
        self._language = language
        self._chance = chance
        self._counts = counts

    async def say(self, mood: Mood, offer: OfferView | None = None) -> None:
        """Say something, about ``offer`` or else about what is on screen."""
        about = offer or self._room.state.pinned_offer
        card = card_of(about) if about else None
        words, answered = self._words(mood, card), None
        if mood in ANSWERING and self._chance.random() < ANSWERS:
            answered = self._line_of_another()
        if answered is not None:
            words = answer(self._language, self._chance, answered["from"]["name"])
        try:
            await self._room.say(words, reply_to=answered["id"] if answered else None)
        except (LiveshopError, TimeoutError) as error:
            self._counts.errors[code_of(error)] += 1
        else:
            self._counts.of["chat"] += 1

    def _line_of_another(self) -> ChatLine | None:
        """Return one of the last lines that somebody else said."""
        you = self._room.state.you
        mine = you["id"] if you is not None else ""
        heard = list(self._room.state.chat.values())[-RECENT:]
        others = [each for each in heard if each["from"]["id"] != mine]
        return self._chance.choice(others) if others else None

    def _words(self, mood: Mood, card: Card | None) -> str:
        heard = [each["text"] for each in self._room.state.chat.values()][-RECENT:]
        words = line(mood, self._language, self._chance, card)
        for _ in range(SECOND_THOUGHTS):
            if words not in heard:
                break
            words = line(mood, self._language, self._chance, card)
        return words

    async def exclaim(self, mood: Mood, offer: OfferView, *, likely: float) -> None:
        """Perhaps say something about what just happened, once the hands are free."""
        if self._chance.random() < likely:
            await asyncio.sleep(self._chance.uniform(0.5, 4))
            await self.say(mood, offer)


def card_of(offer: OfferView) -> Card:
    """Return an offer as people talk about it."""
    options = offer.get("options", [])
    return Card(
        title=offer["title"],
        price=price(offer["price_minor"], offer["currency"]),
        left=offer["left"],
        option=options[0] if options else "",
    )
