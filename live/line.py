"""
Buyers on their way into a line: those who come together go to the gate together.

An offer that sold out sends a thousand of them within a second. Invariant: who is first here is
first in line.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from commerce.ids import AccountId, OfferId
from commerce.offers.batcher import OnStock
from commerce.offers.outcomes import Attempt, InLine, Place, Turn, Unavailable
from commerce.offers.stock import Gate
from commerce.offers.waitlist import Waitlist
from live.together import Together


class Line:
    """The way into the lines of one gate; made by `open_line`."""

    def __init__(self, gate: Gate, on_stock: OnStock, tasks: asyncio.TaskGroup) -> None:
        self._waitlist = Waitlist(gate)
        self._on_stock = on_stock
        self._joining = Together(self._join, tasks)

    async def join(self, attempt: Attempt) -> Place:
        """Wait for what comes back, or hear of one's turn. Idempotent; see `Waitlist.join`."""
        return await self._joining.ask(attempt)

    async def leave(self, offer: OfferId, buyer: AccountId) -> bool | Unavailable:
        """Wait no more; say whether there was a place to leave. Idempotent."""
        return await self._waitlist.leave(offer, buyer)

    async def place(self, offer: OfferId, buyer: AccountId) -> InLine | Unavailable | None:
        """Say where a buyer stands; None if nowhere."""
        return await self._waitlist.place(offer, buyer)

    async def _join(self, attempts: Sequence[Attempt]) -> Mapping[Attempt, Place]:
        by_offer: dict[OfferId, list[Attempt]] = defaultdict(list)
        for attempt in attempts:
            by_offer[attempt.offer].append(attempt)
        places: dict[Attempt, Place] = {}
        for offer, coming in by_offer.items():
            lined = await self._waitlist.join(offer, coming)
            if isinstance(lined, Unavailable):
                places.update(dict.fromkeys(coming, lined))
                continue
            places.update(zip(coming, lined.places, strict=True))
            if any(isinstance(place, Turn) for place in lined.places):
                self._on_stock(lined.show, offer, lined.left, lined.version)
        return places


@asynccontextmanager
async def open_line(gate: Gate, on_stock: OnStock) -> AsyncIterator[Line]:
    """Take buyers to the gate for as long as the block lasts."""
    async with asyncio.TaskGroup() as tasks:
        yield Line(gate, on_stock, tasks)
