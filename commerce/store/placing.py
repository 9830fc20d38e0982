"""
Orders written from the order stream, hundreds in a transaction.

Invariant: one order a hold, however often the stream is read, and never more units than the offer
has allocated, whatever the gate said.

Most batches are new from the first hold to the last; then what a new order looks like is known
without reading it again, and that is a fifth of what an order cost (`make bench-commerce`).
"""

from collections.abc import Sequence

import asyncpg
from msgspec import Struct

from commerce.errors import NotFound
from commerce.ids import AccountId, HoldId, OfferId, OrderId, ShowId, new_ids
from commerce.messages import OfferItem, OrderStatus, OrderView
from commerce.offers.schedule import pay_by
from commerce.orders import LIVE
from commerce.store import bundles, orders, queues, waitlist
from commerce.store.pool import Connection, fetch_planned
from commerce.store.queries import load

_sql = load("placing")


class Reservation(Struct, frozen=True):
    """A hold on its way from the gate to the ledger; moments in Unix ms, ``trace`` or nothing."""

    show: ShowId
    offer: OfferId
    hold: HoldId
    buyer: AccountId
    quantity: int
    at: int
    expires_at: int
    trace: str = ""
    waited: bool = False
    """It was the buyer's turn in line."""
    turn: int = 0
    """The turn in the offer's queue that bought it."""


class PlacedBatch(Struct, frozen=True):
    """
    What became of a batch of reservations.

    ``placed`` await payment, whether they were written now or before; ``ended`` came again after
    their order had ended; ``rejected`` found no room, although the gate had said so.
    """

    placed: list[OrderView]
    ended: list[Reservation]
    rejected: list[Reservation]


async def place(connection: Connection, reservations: Sequence[Reservation]) -> PlacedBatch:
    """
    Write an order for each reservation, in the order given. Idempotent by hold.

    Raises:
        NotFound: an offer does not exist; nothing is written.
        asyncpg.IntegrityConstraintViolationError, asyncpg.DataError: a row cannot exist, for
            example because its buyer does not; nothing is written.

    """
    wanted = {reservation.hold: reservation for reservation in reservations}
    async with connection.transaction():
        offers = await _lock(connection, {each.offer for each in wanted.values()})
        items = await bundles.items(connection, offers)
        rows = await fetch_planned(
            connection,
            _sql.place,
            new_ids("ord", len(wanted)),
            list(wanted),
            [reservation.offer for reservation in wanted.values()],
            [reservation.buyer for reservation in wanted.values()],
            [reservation.quantity for reservation in wanted.values()],
            [reservation.expires_at for reservation in wanted.values()],
            [pay_by(reservation.at, reservation.expires_at) for reservation in wanted.values()],
        )
        awaiting: dict[HoldId, OrderView] = {}
        for row in rows:
            new = wanted[row["hold"]]
            awaiting[new.hold] = _view(new, row, offers[new.offer], items.get(new.offer, []))
        others = [hold for hold in wanted if hold not in awaiting]
        known = await _statuses(connection, others) if others else {}
        waits = [id for id, status in known.values() if status == "awaiting_payment"]
        awaiting |= {HoldId(order.hold): order for order in await orders.views(connection, waits)}
        if turns := [hold for hold, reservation in wanted.items() if reservation.waited]:
            await waitlist.leave(connection, turns)
        if spent := [
            (reservation.offer, reservation.buyer, reservation.turn)
            for hold, reservation in wanted.items()
            if reservation.turn and (hold in awaiting or hold in known)
        ]:
            await queues.spend(connection, spent)
        await orders.tell_hosts(connection, (order.show for order in awaiting.values()))
    return PlacedBatch(
        placed=[awaiting[hold] for hold in wanted if hold in awaiting],
        ended=[wanted[hold] for hold, (_id, status) in known.items() if status not in LIVE],
        rejected=[wanted[hold] for hold in others if hold not in known],
    )


async def _lock(connection: Connection, offers: set[OfferId]) -> dict[OfferId, asyncpg.Record]:
    """Lock the offers, and return what an order shows of each."""
    known = {row["id"]: row for row in await connection.fetch(_sql.lock_offers, sorted(offers))}
    for offer in sorted(offers):
        if offer not in known:
            raise NotFound("offer", offer)
    return known


async def _statuses(
    connection: Connection, holds: Sequence[HoldId]
) -> dict[HoldId, tuple[OrderId, OrderStatus]]:
    """Look up the orders of these holds, in the order given; one without an order is left out."""
    rows = {row["hold"]: row for row in await fetch_planned(connection, _sql.of_holds, holds)}
    return {hold: (rows[hold]["id"], rows[hold]["status"]) for hold in holds if hold in rows}


def _view(
    new: Reservation,
    row: asyncpg.Record,
    offer: asyncpg.Record,
    items: list[OfferItem],
) -> OrderView:
    """Show an order as `orders.views` does, when it is as new as can be."""
    return OrderView(
        id=row["id"],
        show=offer["show"],
        offer=new.offer,
        hold=new.hold,
        buyer=new.buyer,
        buyer_name=row["buyer_name"],
        title=offer["title"],
        quantity=new.quantity,
        unit_price_minor=offer["price_minor"],
        total_minor=offer["price_minor"] * new.quantity,
        currency=offer["currency"],
        status="awaiting_payment",
        placed_at=row["placed_at"],
        pay_by=pay_by(new.at, new.expires_at),
        options=offer["options"],
        picture=offer["picture"],
        items=items,
    )
