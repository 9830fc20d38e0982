"""
The gate's epochs: how a process learns of the one in force, and how a new one is made.

An epoch is in force while the latest row in PostgreSQL, the ``run_id`` of the Redis server and the
epoch key in it agree. A Redis that was restarted, replaced or emptied breaks that, and then:

1. the key is deleted, if it is there: from now on no script of any process does anything;
2. what is left of the order stream is written to PostgreSQL: nobody adds to it any more;
3. offers that were closing are closed, because nothing in flight is left of them;
4. the next epoch is recorded, with the server's ``run_id``;
5. every open offer is rebuilt from its live orders, the turns that bought from its queue, and its
   line, which gets what is left;
6. the key is set, and every process opens its fence when it sees the three agree.

Invariant: between 1 and 6 the gate changes by 5 alone, so a change of the ledger that happens
meanwhile is either in what 5 reads or is told to the gate after 6. Killed between any two steps,
the whole is done again under the next number.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, Literal, NoReturn, cast

import redis.asyncio as redis
import structlog

from commerce.announce import Announce
from commerce.ids import AccountId, OfferId
from commerce.offers.fence import Fence, Standing
from commerce.offers.keys import Keys
from commerce.offers.link import open_client
from commerce.offers.policy import rivals
from commerce.offers.stock import script
from commerce.rounds import OUTAGE
from commerce.store import epochs, offers, orders, queues, waitlist
from commerce.store.offers import GateTerms
from commerce.store.orders import LiveHold
from commerce.store.pool import Connection, Pool, acquire
from commerce.store.waitlist import InLine

log = structlog.get_logger()

LOOK_AGAIN_S: Final = 0.25
"""How soon a fenced process looks again: a rebuild takes about as long."""

ANSWER_S: Final = 5.0
"""A chunk of 5,000 holds is restored in some 50 ms; beyond this Redis is stuck."""


class Superseded(redis.RedisError):
    """Someone else makes a new epoch at the same time; look again."""


class Epochs:
    """The epochs of one gate, seen over a Redis connection that trusts any server."""

    def __init__(self, client: "redis.Redis", keys: Keys) -> None:
        self.client: Final = client
        self._keys = keys
        self._restore = client.register_script(script("restore"))
        self._turns = client.register_script(script("restore_turns"))
        self._restore_line = client.register_script(script("restore_line"))

    async def in_force(self, connection: Connection) -> Standing | None:
        """Return the epoch in force; ``None`` if there is none now."""
        recorded = await epochs.latest(connection)
        async with (
            asyncio.timeout(ANSWER_S),
            self.client.pipeline(transaction=False) as pipeline,
        ):
            pipeline.info("server")
            pipeline.get(self._keys.epoch)
            info, key = await pipeline.execute()
        if recorded and recorded == Standing(epoch=int(key or 0), run_id=info["run_id"]):
            return recorded
        return None

    async def renew(
        self,
        connection: Connection,
        *,
        drain: Callable[[], Awaitable[None]],
        announce: Announce,
    ) -> Standing:
        """
        Make a new epoch from what PostgreSQL knows, and return it in force.

        The caller is the only order writer; ``drain`` writes all of the stream to PostgreSQL.

        Raises:
            Superseded: someone else made one meanwhile.

        """
        async with asyncio.timeout(ANSWER_S):
            await self.client.delete(self._keys.epoch)
        await drain()
        for offer in await orders.offers_in(connection, "closing"):
            await offers.finish_closing(connection, offer)
        async with asyncio.timeout(ANSWER_S):
            server = await self.client.info("server")
        standing = await epochs.begin(connection, server["run_id"])
        rebuilt = []
        for terms in await offers.open_offers(connection):
            left, version = await self._rebuild(connection, standing, terms)
            rebuilt.append((terms, left, version))
        async with asyncio.timeout(ANSWER_S):
            is_set = await self.client.set(self._keys.epoch, standing.epoch, nx=True)
        if not is_set:
            raise Superseded("another epoch was set while this one was made")
        log.info("gate_rebuilt", epoch=standing.epoch, offers=len(rebuilt))
        for terms, left, version in rebuilt:
            announce.stock(terms.show, terms.offer, left, version)
        return standing

    async def _rebuild(
        self, connection: Connection, standing: Standing, terms: GateTerms
    ) -> tuple[int, int]:
        """Restore one offer, a chunk of holds at a time; return units left and the version."""
        await self._restore_chunk(standing, terms, [])
        async for holds in orders.live_holds(connection, terms.offer):
            await self._restore_chunk(standing, terms, holds)
        if terms.entry == "queue":
            async for turns in queues.spent(connection, terms.offer):
                await self._restore_turns(standing, terms.offer, turns)
        async for waiters in waitlist.line(connection, terms.offer):
            await self._restore_waiters(standing, terms.offer, waiters, "more")
        return await self._restore_waiters(standing, terms.offer, [], "last")

    async def _restore_chunk(
        self, standing: Standing, terms: GateTerms, holds: list[LiveHold]
    ) -> tuple[int, int]:
        keys, offer = self._keys, terms.offer
        arguments: list[str | int] = [
            standing.epoch,
            terms.show,
            terms.allocated,
            terms.limit,
            terms.hold_s * 1000,
            terms.opens_at,
            terms.closes_at or 0,
            terms.entry,
            rivals(terms.policy),
        ]
        for hold in holds:
            arguments += (
                hold.hold,
                hold.kind,
                hold.quantity,
                hold.expires_at,
                hold.buyer,
            )
        named = [
            keys.epoch,
            keys.terms(offer),
            keys.buyers(offer),
            keys.holds(offer),
            keys.line(offer),
            keys.waits(offer),
            keys.turns(offer),
        ]
        return await self._rebuilt(self._restore(keys=named, args=arguments))

    async def _restore_turns(
        self, standing: Standing, offer: OfferId, turns: list[tuple[AccountId, int]]
    ) -> None:
        named = [self._keys.epoch, self._keys.terms(offer), self._keys.turns(offer)]
        arguments: list[str | int] = [standing.epoch]
        for buyer, turn in turns:
            arguments += (buyer, turn)
        await self._rebuilt(self._turns(keys=named, args=arguments))

    async def _restore_waiters(
        self,
        standing: Standing,
        offer: OfferId,
        waiters: list[InLine],
        which: Literal["more", "last"],
    ) -> tuple[int, int]:
        keys = self._keys
        named = [
            keys.epoch,
            keys.terms(offer),
            keys.buyers(offer),
            keys.holds(offer),
            keys.answers(offer),
            keys.line(offer),
            keys.waits(offer),
            keys.orders,
        ]
        arguments: list[str | int] = [standing.epoch, offer, which]
        for waiter in waiters:
            arguments += (waiter.buyer, waiter.quantity, waiter.hold, waiter.since_us)
        return await self._rebuilt(self._restore_line(keys=named, args=arguments))

    async def _rebuilt(self, call: object) -> tuple[int, int]:
        """Return what a call of a script left, and the version."""
        async with asyncio.timeout(ANSWER_S):
            reply = await cast(Awaitable[list[Any]], call)
        match reply:
            case ["ok", left, version]:
                return int(left), int(version)
            case _:
                raise Superseded(f"the gate cannot be rebuilt in this epoch: {reply[0]}")


@asynccontextmanager
async def open_epochs(url: str, keys: Keys | None = None) -> AsyncIterator[Epochs]:
    """Connect to the gate's Redis, whatever server that is."""
    async with open_client(url) as client:
        yield Epochs(client, keys or Keys())


async def keep_open(pool: Pool, seen: Epochs, fence: Fence) -> NoReturn:
    """Whenever ``fence`` is shut, open it as soon as an epoch is in force; until cancelled."""
    while True:
        await fence.wait_shut()
        if not await try_open(pool, seen, fence):
            await asyncio.sleep(LOOK_AGAIN_S)


async def try_open(pool: Pool, seen: Epochs, fence: Fence) -> bool:
    """Open ``fence`` if an epoch is in force now; say whether it is."""
    try:
        async with acquire(pool) as connection:
            standing = await seen.in_force(connection)
    except OUTAGE as error:
        log.warning("epoch_unknown", error=str(error) or repr(error))
        return False
    if standing is not None:
        fence.open(standing)
    return standing is not None
