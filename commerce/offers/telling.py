"""
Telling the gate what became of its holds, and then the buyers.

The ledger changes first; an order remembers whether gate and buyer have heard. Whoever has not is
told again, which is harmless: a hold is turned or given back once only, and a buyer who hears the
same news twice merges it by the order's id.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import assert_never

from commerce.announce import Announce
from commerce.ids import HoldId, OfferId, OrderId
from commerce.messages import Released
from commerce.offers.outcomes import Unavailable
from commerce.offers.stock import Freed, Gate
from commerce.store import orders, payments
from commerce.store.orders import Moved
from commerce.store.pool import Connection, Pool, acquire


async def tell(pool: Pool, gate: Gate, announce: Announce, moved: Sequence[Moved]) -> bool:
    """
    Tell gate and buyers of orders that were paid or ended, and everyone of units that came back.

    Return whether all of it was heard. Idempotent.
    """
    by_offer: dict[OfferId, list[Moved]] = defaultdict(list)
    for order in moved:
        by_offer[order.offer].append(order)
    told: list[Moved] = []
    for offer, of_offer in by_offer.items():
        paid = [order for order in of_offer if order.status == "paid"]
        ended = [order for order in of_offer if order.status != "paid"]
        # Those first who give units back: what was paid for since may need them.
        if ended:
            freed = await gate.release(offer, [order.hold for order in ended])
            if not isinstance(freed, Unavailable):
                told += ended
            if isinstance(freed, Freed) and freed.units:
                announce.stock(freed.show, offer, freed.left, freed.version)
        if paid:
            settled = await gate.settle(offer, [order.hold for order in paid])
            if not isinstance(settled, Unavailable):
                told += [order for order in paid if order.hold not in settled.waiting]
                if settled.taken:
                    announce.stock(settled.show, offer, settled.left, settled.version)
    if told:
        mark = announce.mark()
        async with acquire(pool) as connection:
            await _tell_buyers(connection, announce, told)
        # Without a connection in hand: a broker that stalls must not starve the pool.
        if not await announce.delivered(mark):
            return False
        async with acquire(pool) as connection:
            await orders.mark_told(connection, told)
    return len(told) == len(moved)


def sold_out(hold: HoldId, offer: OfferId, order: OrderId, *, money_back: bool) -> Released:
    """Return what a buyer hears whose order others were faster than."""
    return Released(hold=hold, offer=offer, reason="sold_out", order=order, money_back=money_back)


async def _tell_buyers(connection: Connection, announce: Announce, moved: Sequence[Moved]) -> None:
    paid = [order.id for order in moved if order.status == "paid"]
    for view in await orders.views(connection, paid):
        if view.refunded_minor:
            announce.refunded(view)
        else:
            announce.paid(view)
    in_vain = await payments.came_for(
        connection, [order.id for order in moved if order.status == "sold_out"]
    )
    for order in moved:
        match order.status:
            case "sold_out":
                lost = sold_out(order.hold, order.offer, order.id, money_back=order.id in in_vain)
                announce.released(lost, order.show, order.buyer)
            case "lapsed" | "cancelled" | "refunded":
                released = Released(
                    hold=order.hold, offer=order.offer, reason=order.status, order=order.id
                )
                announce.released(released, order.show, order.buyer)
            case "paid" | "awaiting_payment":
                pass
            case _:
                assert_never(order.status)
