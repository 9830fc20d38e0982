"""
The gate: who gets the units, decided in Redis, one typed method for each Lua script.

Invariant, kept by every script for each offer: ``allocated = available + held + sold`` and
``available >= 0``. PostgreSQL is told of a hold by the order stream, in the script that made it;
the gate is told what became of it by `settle` and `release`, as often as it takes, because a hold
is turned or given back once only.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any, Final, Literal, cast

import redis.asyncio as redis
import structlog
from msgspec import Struct

from commerce.ids import HoldId, OfferId, ShowId
from commerce.offers import answers as read
from commerce.offers.fence import Fence
from commerce.offers.keys import CLOSED_LIFE_S, Keys
from commerce.offers.link import open_client
from commerce.offers.outcomes import (
    Attempt,
    Held,
    Outcome,
    Unavailable,
    UnknownOffer,
)
from commerce.offers.policy import rivals
from commerce.store.offers import GateTerms
from commerce.tracing import UNTRACED, Tracer

log = structlog.get_logger()

CALL_S: Final = 1.0
"""A call takes a millisecond; after a second the buyer should hear that it may be tried again."""

READ_ALL_S: Final = 10.0
"""Reading every hold of an offer with a million of them takes a few seconds."""

RETRY_AFTER_MS: Final = 500
"""Twice the time in which a fenced process looks for the new epoch."""

_SERVE_THE_LINE: Final = ("release", "wait", "restore_line")

COUNTED: Final = {"h": "held", "s": "sold", "i": "intents"}
"""How a hold begins at the gate, and the counter of its units."""

_ID_BYTES: Final = 16
"""128 bits: nobody finds two attempts of the same name."""


class Level(Struct, frozen=True):
    """One atomic reading of an offer's gate."""

    show: ShowId
    state: Literal["open", "closed"]
    allocated: int
    available: int
    held: int
    sold: int
    version: int
    intents: int = 0
    """Units that buyers of a first-paid offer are about to pay for; nobody holds them."""

    @property
    def adds_up(self) -> bool:
        """Whether every unit is in exactly one place."""
        return self.available >= 0 and self.allocated == self.available + self.held + self.sold


class Sold(Struct, frozen=True):
    """What a batch of attempts came to; ``left`` is from after all of them."""

    outcomes: list[Outcome]
    show: ShowId
    left: int
    version: int
    changed: bool


class Settled(Struct, frozen=True):
    """
    What settling came to: ``units`` sold now, and what is ``left``.

    ``taken``: units of them that nobody had held until they were paid for.
    ``waiting``: intents for which the gate has nothing left before it hears of a refund.
    """

    show: ShowId
    left: int
    version: int
    units: int
    taken: int
    waiting: list[HoldId]


class Freed(Struct, frozen=True):
    """
    What a release came to; ``units`` is 0 when there was nothing (more) to give back.

    ``left`` is from after those in line took what came back.
    """

    show: ShowId
    left: int
    version: int
    units: int


def hold_id(attempt: Attempt, *, waited: bool = False) -> HoldId:
    """
    Name the hold of an attempt: the same attempt always gets the same hold.

    So a buyer who tries again cannot get two holds, even when Redis has lost its answers. A turn in
    line is ``waited`` for, and is another attempt than a `reserve` of the same id.
    """
    text = "\0".join((attempt.offer, attempt.buyer, attempt.id))
    person = b"waitlist" if waited else b""
    digest = hashlib.blake2b(text.encode(), digest_size=_ID_BYTES, person=person)
    return HoldId(f"hld_{digest.hexdigest()}")


def script(name: str) -> str:
    """Return the text of a script, with what it runs behind."""
    scripts = resources.files(__package__) / "lua"
    names = ("line", name) if name in _SERVE_THE_LINE else (name,)
    return "\n".join((scripts / f"{name}.lua").read_text(encoding="utf-8") for name in names)


class Gate:
    """The scripts over one Redis. Every method may be called concurrently."""

    def __init__(
        self,
        client: "redis.Redis",
        fence: Fence,
        keys: Keys | None = None,
        tracer: Tracer = UNTRACED,
    ) -> None:
        self._tracer = tracer
        self.client: Final = client
        self.fence: Final = fence
        self.keys: Final = keys or Keys()
        self._scripts = {
            name: client.register_script(script(name))
            for name in ("reserve", "wait", "unwait", "settle", "release", "close", "load")
        }

    async def reserve(self, offer: OfferId, attempts: Sequence[Attempt]) -> Sold | Unavailable:
        """
        Hold units for each attempt, in order; all of them are for ``offer``.

        After `Unavailable`, or when cancelled, the attempts may have succeeded: sent again, they
        get the answer they missed.
        """
        holds = [hold_id(attempt) for attempt in attempts]
        arguments: list[str | int] = [offer, ""]
        traces = []
        for attempt, hold in zip(attempts, holds, strict=True):
            admission = attempt.admission
            proof = f"{admission.turn} {admission.until}" if admission is not None else ""
            arguments += (attempt.buyer, attempt.quantity, hold, proof)
            if attempt.trace:
                traces.append(attempt.trace)
                arguments[1] = f"{arguments[1]} {hold} {attempt.trace}"
        keys = self.keys
        with self._tracer.together("gate.reserve", traces, batch=len(attempts)):
            reply = await self.call(
                "reserve",
                [
                    keys.terms(offer),
                    keys.buyers(offer),
                    keys.holds(offer),
                    keys.answers(offer),
                    keys.turns(offer),
                ],
                arguments,
                orders=True,
            )
        match reply:
            case ["ok", show, left, version, *answers]:
                outcomes = [
                    read.outcome(answer, hold, int(left), int(version))
                    for answer, hold in zip(answers, holds, strict=True)
                ]
                return Sold(
                    outcomes=outcomes,
                    show=ShowId(show),
                    left=int(left),
                    version=int(version),
                    changed=any(
                        isinstance(outcome, Held) and not outcome.first_paid for outcome in outcomes
                    ),
                )
            case ["unknown_offer"]:
                unknown: list[Outcome] = [UnknownOffer()] * len(attempts)
                return Sold(unknown, show=ShowId(""), left=0, version=0, changed=False)
            case _:
                return self.unavailable(reply)

    async def settle(self, offer: OfferId, holds: Sequence[HoldId]) -> Settled | Unavailable:
        """Turn holds and paid intents into units sold for good. Idempotent."""
        reply = await self.call(
            "settle", [self.keys.terms(offer), self.keys.holds(offer)], [*holds]
        )
        match reply:
            case ["ok", show, left, version, units, taken, *waiting]:
                return Settled(
                    show=ShowId(show),
                    left=int(left),
                    version=int(version),
                    units=int(units),
                    taken=int(taken),
                    waiting=[HoldId(hold) for hold in waiting],
                )
            case _:
                return self.unavailable(reply)

    async def release(
        self, offer: OfferId, holds: Sequence[HoldId]
    ) -> Freed | UnknownOffer | Unavailable:
        """
        Give held or sold units back: to those in line, or to the stock; and to the buyer's limit.

        Idempotent. Who was in line hears of their turn from the order writer.
        """
        reply = await self.call("release", self.keys_of(offer), [offer, *holds], orders=True)
        match reply:
            case ["ok", show, left, version, units]:
                return Freed(
                    show=ShowId(show), left=int(left), version=int(version), units=int(units)
                )
            case ["unknown_offer"]:
                return UnknownOffer()
            case _:
                return self.unavailable(reply)

    async def close(self, offer: OfferId) -> Literal["ok", "already"] | Unavailable:
        """Stop selling, and say so in the order stream behind every reservation. Idempotent."""
        named = [*self.keys_of(offer), self.keys.turns(offer)]
        reply = await self.call("close", named, [offer, CLOSED_LIFE_S], orders=True)
        match reply:
            case ["ok" | "already" as word]:
                return cast(Literal["ok", "already"], word)
            case _:
                return self.unavailable(reply)

    async def load(self, terms: GateTerms) -> Literal["ok", "already", "lost"] | Unavailable:
        """
        Begin to sell an offer that PostgreSQL has opened, or sell it for longer. Idempotent.

        ``lost``: the offer has orders, and the gate has lost its keys; only a new epoch helps
        (`fence_off` asks for one).
        """
        reply = await self.call("load", [self.keys.terms(terms.offer)], load_arguments(terms))
        match reply:
            case ["ok" | "already" | "lost" as word]:
                return cast(Literal["ok", "already", "lost"], word)
            case _:
                return self.unavailable(reply)

    async def levels(self, offers: Sequence[OfferId]) -> dict[OfferId, Level] | Unavailable:
        """
        Read how many units are where, each offer atomically, in one round trip.

        An offer that this epoch does not know is left out.
        """
        standing = self.fence.standing
        if standing is None:
            return Unavailable(RETRY_AFTER_MS)
        fields = [*Level.__struct_fields__, "epoch"]
        try:
            async with (
                asyncio.timeout(CALL_S),
                self.client.pipeline(transaction=False) as pipeline,
            ):
                for offer in offers:
                    pipeline.hmget(self.keys.terms(offer), fields)
                rows = await pipeline.execute()
        except (redis.RedisError, OSError, TimeoutError) as error:
            return self.failed("levels", error)
        return {
            offer: Level(
                show=ShowId(show),
                state=state,
                allocated=int(allocated),
                available=int(available),
                held=int(held),
                sold=int(sold),
                version=int(version),
                intents=int(intents or 0),
            )
            for offer, (
                *(show, state, allocated, available, held, sold, version, intents),
                epoch,
            ) in zip(offers, rows, strict=True)
            if epoch == str(standing.epoch)
        }

    async def holds(self, offer: OfferId) -> dict[HoldId, bool]:
        """
        Read every hold of an offer, and whether it is sold for good. Slow: for reconciling.

        Raises:
            redis.RedisError, TimeoutError: Redis does not answer.

        """
        kept = await cast(Awaitable[dict[str, str]], self.client.hgetall(self.keys.holds(offer)))
        return {HoldId(hold): terms.startswith("s") for hold, terms in kept.items()}

    async def miscounted(self, offer: OfferId) -> str:
        """
        Compare the counters of an offer with the holds that they count, read at once; "" if equal.

        Slow: for reconciling.

        Raises:
            redis.RedisError, TimeoutError: Redis does not answer.

        """
        async with (
            asyncio.timeout(READ_ALL_S),
            self.client.pipeline(transaction=True) as pipeline,
        ):
            pipeline.hmget(self.keys.terms(offer), [*COUNTED.values()])
            pipeline.hvals(self.keys.holds(offer))
            counters, kept = await pipeline.execute()
        units = dict.fromkeys(COUNTED, 0)
        for terms in kept:
            kind, quantity, *_ = terms.split(" ")
            units[kind] += int(quantity)
        return ", ".join(
            f"{name} counts {count or 0} units, its holds are {units[kind]}"
            for (kind, name), count in zip(COUNTED.items(), counters, strict=True)
            if int(count or 0) != units[kind]
        )

    async def on_the_way(self) -> set[HoldId]:
        """
        Read the holds that are in the order stream. Slow: for reconciling.

        Raises:
            redis.RedisError, TimeoutError: Redis does not answer.

        """
        async with asyncio.timeout(READ_ALL_S):
            entries = await cast(
                Awaitable[list[tuple[str, dict[str, str]]]], self.client.xrange(self.keys.orders)
            )
        return {HoldId(fields["hold"]) for _id, fields in entries if "hold" in fields}

    async def fence_off(self, reason: str) -> None:
        """
        Distrust the gate everywhere: every process answers `Unavailable` until it is rebuilt.

        The active order writer notices within a second and rebuilds it from PostgreSQL.

        Raises:
            redis.RedisError, TimeoutError: Redis cannot be told.

        """
        async with asyncio.timeout(CALL_S):
            await self.client.delete(self.keys.epoch)
        self.fence.shut(reason)

    def keys_of(self, offer: OfferId) -> list[str]:
        """Name the keys of an offer, in the order in which most scripts want them."""
        keys = self.keys
        return [
            keys.terms(offer),
            keys.buyers(offer),
            keys.holds(offer),
            keys.answers(offer),
            keys.line(offer),
            keys.waits(offer),
        ]

    async def call(
        self,
        name: str,
        keys: Sequence[str],
        arguments: Sequence[str | int],
        *,
        orders: bool = False,
    ) -> list[Any] | Unavailable:
        """Run a script in the epoch that this process trusts, and return its answer."""
        standing = self.fence.standing
        if standing is None:
            return Unavailable(RETRY_AFTER_MS)
        named = [self.keys.epoch, *keys, *([self.keys.orders] if orders else [])]
        try:
            async with asyncio.timeout(CALL_S):
                reply = await cast(
                    Awaitable[list[Any]],
                    self._scripts[name](keys=named, args=[standing.epoch, *arguments]),
                )
        except (redis.RedisError, OSError, TimeoutError) as error:
            return self.failed(name, error)
        if reply[0] == "unavailable" and self.fence.standing == standing:
            self.fence.shut(f"epoch {standing.epoch} is no longer in force")
        return reply

    def failed(self, name: str, error: Exception) -> Unavailable:
        """Log that Redis did not do what was asked, and return what to say."""
        # A refusal by the server is a fault of ours or of its settings, not an outage.
        level = logging.ERROR if isinstance(error, redis.ResponseError) else logging.WARNING
        log.log(level, "gate_failed", call=name, error=str(error) or repr(error))
        return Unavailable(RETRY_AFTER_MS)

    def unavailable(self, reply: list[Any] | Unavailable) -> Unavailable:
        """Return what to say when a script did nothing."""
        if isinstance(reply, Unavailable):
            return reply
        if reply == ["unavailable"]:
            return Unavailable(RETRY_AFTER_MS)
        raise AssertionError(f"a script of the gate answered {reply!r}")


@asynccontextmanager
async def open_gate(
    url: str, fence: Fence, keys: Keys | None = None, tracer: Tracer = UNTRACED
) -> AsyncIterator[Gate]:
    """Connect to the gate's Redis, lazily: it need not be up yet, and ``fence`` may be shut."""
    async with open_client(url, greet=fence.vouch) as client:
        yield Gate(client, fence, keys, tracer)


def load_arguments(terms: GateTerms) -> list[str | int]:
    """Order the terms as `load.lua` wants them after the epoch."""
    return [
        terms.show,
        terms.allocated,
        terms.taken + terms.intents,
        terms.limit,
        terms.hold_s * 1000,
        terms.opens_at,
        terms.closes_at or 0,
        terms.entry,
        rivals(terms.policy),
    ]
