"""
Buyers on their way into a queue: those who come together are written down together.

A sale that is announced sends thousands of them within a second, and each batch is one transaction.
Invariant: an admission is only said to be good when it is the asker's own.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from commerce.ids import AccountId, OfferId
from commerce.offers.admission import Admission, Seal
from commerce.offers.outcomes import QueuePlace
from commerce.store import queues
from commerce.store.pool import Pool, acquire
from live.together import Together

Coming = tuple[OfferId, AccountId]


class Queues:
    """The way into the queues of one shop; made by `open_queues`."""

    def __init__(self, pool: Pool, seal: Seal, tasks: asyncio.TaskGroup) -> None:
        self.seal = seal
        self._pool = pool
        self._entering = Together(self._enter, tasks)

    async def enter(self, offer: OfferId, buyer: AccountId) -> QueuePlace:
        """
        Enter a queue, or hear where one stands. Idempotent; see `queues.enter`.

        Raises:
            StoreUnavailable: PostgreSQL does not answer.

        """
        return await self._entering.ask((offer, buyer))

    def token(self, admission: Admission, offer: OfferId, buyer: AccountId) -> str:
        """Return what a buyer brings to be let in."""
        return self.seal.sign(admission, offer, buyer)

    def read(self, token: str, offer: OfferId, buyer: AccountId) -> Admission | None:
        """Return the admission that a buyer brings; None if it is not theirs."""
        return self.seal.read(token, offer, buyer)

    async def _enter(self, coming: Sequence[Coming]) -> Mapping[Coming, QueuePlace]:
        by_offer: dict[OfferId, list[AccountId]] = defaultdict(list)
        for offer, buyer in coming:
            by_offer[offer].append(buyer)
        places: dict[Coming, QueuePlace] = {}
        for offer, buyers in by_offer.items():
            async with acquire(self._pool) as connection:
                entered = await queues.enter(connection, offer, buyers)
            places.update({(offer, buyer): place for buyer, place in entered.items()})
        return places


@asynccontextmanager
async def open_queues(pool: Pool, seal: Seal) -> AsyncIterator[Queues]:
    """Take buyers into queues for as long as the block lasts."""
    async with asyncio.TaskGroup() as tasks:
        yield Queues(pool, seal, tasks)
