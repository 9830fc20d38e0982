"""
The line before a sold-out offer: who gets what comes back, and in which order.

Places are kept beside the stock, and units that come back are handed on in the very script that
releases them, as holds like any other. Invariant: while anyone is in line, nothing is available, so
whoever tries afresh finds the offer sold out and cannot overtake.

A turn is for as many units as there are, at most as many as were waited for: units never lie idle
because the first in line wants more of them than came back.
"""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Final, cast

import redis.asyncio as redis
from msgspec import Struct

from commerce.ids import AccountId, HoldId, OfferId, ShowId
from commerce.offers import answers as read
from commerce.offers.outcomes import Attempt, InLine, Place, Unavailable, UnknownOffer
from commerce.offers.stock import CALL_S, READ_ALL_S, RETRY_AFTER_MS, Gate, hold_id

MOST: Final = 10_000
"""Buyers in the line of an offer; more would wait for what never comes back."""


class Lined(Struct, frozen=True):
    """What became of a batch of buyers who want to wait; ``left`` is from after all of them."""

    places: list[Place]
    show: ShowId
    left: int
    version: int


class Waitlist:
    """The lines of one gate. Every method may be called concurrently."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    async def join(self, offer: OfferId, attempts: Sequence[Attempt]) -> Lined | Unavailable:
        """
        Give each buyer a place in line, in order, for what comes back of ``offer``. Idempotent.

        One place a buyer; who has one hears it again, and whose turn has come, of that.
        """
        holds = [hold_id(attempt, waited=True) for attempt in attempts]
        arguments: list[str | int] = [offer, MOST]
        for attempt, hold in zip(attempts, holds, strict=True):
            arguments += (attempt.buyer, attempt.quantity, hold)
        reply = await self._gate.call("wait", self._gate.keys_of(offer), arguments, orders=True)
        match reply:
            case ["ok", show, left, version, *answers]:
                places = [
                    read.place(answer, hold, int(left), int(version))
                    for answer, hold in zip(answers, holds, strict=True)
                ]
                return Lined(places, show=ShowId(show), left=int(left), version=int(version))
            case ["unknown_offer"]:
                unknown: list[Place] = [UnknownOffer()] * len(attempts)
                return Lined(unknown, show=ShowId(""), left=0, version=0)
            case _:
                return self._gate.unavailable(reply)

    async def leave(self, offer: OfferId, buyer: AccountId) -> bool | Unavailable:
        """Leave the line; say whether there was a place to leave. Idempotent."""
        keys = self._gate.keys
        reply = await self._gate.call(
            "unwait",
            [keys.terms(offer), keys.line(offer), keys.waits(offer)],
            [offer, buyer],
            orders=True,
        )
        match reply:
            case ["ok" | "already" as word]:
                return bool(word == "ok")
            case _:
                return self._gate.unavailable(reply)

    async def place(self, offer: OfferId, buyer: AccountId) -> InLine | Unavailable | None:
        """Read a buyer's place in line; None without one."""
        if self._gate.fence.standing is None:
            return Unavailable(RETRY_AFTER_MS)
        try:
            async with (
                asyncio.timeout(CALL_S),
                self._gate.client.pipeline(transaction=True) as pipeline,
            ):
                pipeline.zrank(self._gate.keys.line(offer), buyer)
                pipeline.hget(self._gate.keys.waits(offer), buyer)
                rank, waits = await pipeline.execute()
        except (redis.RedisError, OSError, TimeoutError) as error:
            return self._gate.failed("place", error)
        if waits is None:
            return None
        return InLine(place=rank + 1, quantity=int(waits.split(" ")[0]))

    async def holds(self, offer: OfferId) -> set[HoldId]:
        """
        Read what the turns of those in line will be called. Slow: for reconciling.

        Raises:
            redis.RedisError, TimeoutError: Redis does not answer.

        """
        async with asyncio.timeout(READ_ALL_S):
            kept = await cast(
                Awaitable[list[str]], self._gate.client.hvals(self._gate.keys.waits(offer))
            )
        return {HoldId(waits.split(" ")[1]) for waits in kept}
