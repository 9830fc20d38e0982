"""
Telling the gate what became of its holds.

The ledger changes first; an order remembers whether the gate has heard. Whatever it has not heard
is told again, which is harmless, because a hold is turned or given back once only.
"""

from collections import defaultdict
from collections.abc import Sequence

from commerce.announce import Announce
from commerce.ids import OfferId
from commerce.offers.outcomes import Unavailable
from commerce.offers.stock import Freed, Gate
from commerce.store import orders
from commerce.store.orders import Moved
from commerce.store.pool import Pool, acquire


async def tell(pool: Pool, gate: Gate, announce: Announce, moved: Sequence[Moved]) -> bool:
    """
    Tell the gate of orders that were paid or ended, and everyone of the units that came back.

    Return whether the gate heard all of it. Idempotent.
    """
    by_offer: dict[OfferId, list[Moved]] = defaultdict(list)
    for order in moved:
        by_offer[order.offer].append(order)
    told = []
    for offer, of_offer in by_offer.items():
        paid = [order for order in of_offer if order.status == "paid"]
        ended = [order for order in of_offer if order.status != "paid"]
        if paid and not isinstance(
            await gate.settle(offer, [order.hold for order in paid]), Unavailable
        ):
            told += paid
        if ended:
            freed = await gate.release(offer, [order.hold for order in ended])
            if not isinstance(freed, Unavailable):
                told += ended
            if isinstance(freed, Freed) and freed.units:
                announce.stock(freed.show, offer, freed.left, freed.version)
    if told:
        async with acquire(pool) as connection:
            await orders.mark_told(connection, told)
    return len(told) == len(moved)
