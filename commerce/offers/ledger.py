"""
Where every unit of an offer is, from the ledger, its movements and the gate together.

A live order is always a hold at the gate, too: a hold comes before its order and goes after it. So
what the gate holds beyond the orders is in flight, and never less than nothing.

Of a first-paid offer nothing is held, and the ledger is ahead: it sells a unit, and the gate hears.
So nothing is in flight, and the two differ by no more than what the gate was not told yet.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct, structs

from commerce.ids import OfferId
from commerce.offers.outcomes import Unavailable
from commerce.offers.stock import Gate, Level
from commerce.store import movements, orders
from commerce.store.movements import Balance
from commerce.store.orders import Counts
from commerce.store.pool import Pool, acquire

READINGS: Final = 5
"""The two stores are read one after the other; while units move, a reading may not fit itself."""


class Ledger(Struct, frozen=True):
    """``allocated = available + held + sold + in_flight`` when it ``adds_up``."""

    offer: OfferId
    allocated: Annotated[int, Meta(description="Units carved out of the variant's stock")]
    available: Annotated[int, Meta(description="Units nobody holds")]
    held: Annotated[int, Meta(description="Units in orders that await payment")]
    sold: Annotated[int, Meta(description="Units in paid orders")]
    in_flight: Annotated[int, Meta(description="Units reserved whose order is being written")]
    adds_up: bool
    movements: Annotated[
        list[Balance], Meta(description="Where the units of each item are by their movements")
    ] = []


async def ledger(pool: Pool, gate: Gate, offer: OfferId) -> Ledger | Unavailable:
    """
    Say where every unit of an offer is now; `Unavailable` while the gate of an open one is.

    Raises:
        NotFound: there is no such offer.

    """
    reading: Ledger | Unavailable = Unavailable(0)
    for _ in range(READINGS):
        # One snapshot: orders and movements change together.
        async with (
            acquire(pool) as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            counts = await orders.counts(connection, offer)
            moved = await movements.balance(connection, offer)
        if counts.state in ("draft", "closed"):
            return _closed(offer, counts, moved)
        levels = await gate.levels([offer])
        if isinstance(levels, Unavailable):
            return levels
        reading = _open(offer, counts, levels.get(offer), moved)
        if reading.adds_up:
            break
    return reading


def _moved_so(counts: Counts, moved: list[Balance]) -> bool:
    """Say whether the counters are what the movements brought, for every item."""
    return all(
        item.offered == (counts.allocated - counts.taken) * item.count
        and item.held == counts.held * item.count
        and item.sold == counts.sold * item.count
        for item in moved
    )


def _closed(offer: OfferId, counts: Counts, moved: list[Balance]) -> Ledger:
    """Nothing is at the gate: before opening, and once every order is written."""
    available = counts.allocated - counts.taken
    return Ledger(
        offer=offer,
        allocated=counts.allocated,
        available=available,
        held=counts.held,
        sold=counts.sold,
        in_flight=0,
        adds_up=(
            available >= 0
            and counts.taken == counts.held + counts.sold
            and _moved_so(counts, moved)
        ),
        movements=moved,
    )


def _open(offer: OfferId, counts: Counts, level: Level | None, moved: list[Balance]) -> Ledger:
    if counts.policy == "first_paid":
        return _racing(offer, counts, level, moved)
    at_gate = level.held + level.sold if level is not None else 0
    in_flight = at_gate - counts.held - counts.sold
    # The gate of a closing offer sells no more; what it had left is still allocated here.
    closing = counts.state == "closing"
    available = counts.allocated - at_gate if closing or level is None else level.available
    return Ledger(
        offer=offer,
        allocated=counts.allocated,
        available=available,
        held=counts.held,
        sold=counts.sold,
        in_flight=in_flight,
        adds_up=(
            level is not None
            and level.adds_up
            and available >= 0
            and in_flight >= 0
            and counts.allocated == available + at_gate
            and _moved_so(counts, moved)
        ),
        movements=moved,
    )


def _racing(offer: OfferId, counts: Counts, level: Level | None, moved: list[Balance]) -> Ledger:
    """Nobody holds a unit of an offer whose first to pay is served."""
    reading = _closed(offer, counts, moved)
    closing = counts.state == "closing"
    return structs.replace(
        reading,
        adds_up=(
            reading.adds_up
            and counts.held == 0
            and level is not None
            and level.adds_up
            and level.held == 0
            and (closing or level.allocated == counts.allocated)
            and (level.sold == counts.sold or counts.untold > 0)
        ),
    )
