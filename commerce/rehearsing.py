"""
What is left of a rehearsal when it is over: orders that nobody will pay are cancelled.

Its offers close like those of any show; this gives back what their buyers hold, by the way in which
a buyer cancels. An order that the gate gave out just before the end is written a moment later, so
the ledger is looked at again and again, and a process that dies leaves nothing that the next look,
of any process, does not find.
"""

from typing import Final

from commerce.announce import Announce
from commerce.errors import WrongState
from commerce.offers.stock import Gate
from commerce.offers.telling import tell
from commerce.store import orders, rehearsals
from commerce.store.pool import Pool, acquire

EVERY_S: Final = 0.5
"""As the sweeper: a held unit is back in the warehouse within this time."""

CHUNK: Final = 100
"""Orders cancelled in a look, one a transaction: a team has no more of them."""


async def clear(pool: Pool, gate: Gate, announce: Announce) -> int:
    """Cancel open orders of rehearsals that ended, and return how many. Idempotent."""
    async with acquire(pool) as connection:
        unpaid = await rehearsals.unpaid(connection, CHUNK)
    cancelled = []
    for order in unpaid:
        async with acquire(pool) as connection:
            try:
                cancelled.append(await orders.cancel(connection, order))
            except WrongState:
                continue  # it lapsed, or its buyer was faster
    if cancelled:
        # Should this fail, the sweeper tells gate and buyers.
        await tell(pool, gate, announce, cancelled)
    return len(cancelled)
