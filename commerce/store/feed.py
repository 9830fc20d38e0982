"""
The event feed: what happened, in an order that never changes.

An event is recorded in the transaction that made it true, and gets its position afterwards, by one
process at a time. Invariant: whoever has read up to a position has read everything before it, for
no event is placed before one that was visible.
"""

from collections.abc import Sequence
from typing import Final

import asyncpg
from msgspec import Struct

from commerce.errors import EventsGone
from commerce.feed import EventType, ShopEvent, event_id
from commerce.ids import AccountId, OfferId, OrderId, ShipmentId, ShowId, VariantId
from commerce.store import movements, offers, orders, shipments, shows
from commerce.store.pool import Connection, Pool, fetch_planned, transaction
from commerce.store.queries import load

KEEP_S: Final = 30 * 86_400
"""A program of somebody else's may be away for a month and miss nothing."""

CHUNK: Final = 1_000
"""Events placed in a transaction: some 20 ms."""

LOCK: Final = 0x6665_6564
"""The advisory lock's number: ``feed`` in ASCII."""

_sql = load("feed")


class Recorded(Struct, frozen=True):
    """An event as it was recorded; ``position`` is 0 while it has none."""

    id: int
    type: EventType
    show: ShowId
    subject: str
    at: int
    position: int


class Page(Struct, frozen=True):
    """Some events in order, and the position to go on from."""

    events: list[Recorded]
    next: int


async def place(pool: Pool) -> int:
    """
    Give every event a position, and deliveries; return how many, 0 if another process does.

    Those of rehearsals are taken away instead: nobody outside hears of them.
    """
    placed = 0
    while True:
        async with transaction(pool) as connection:
            if not await connection.fetchval(_sql.take_turn, LOCK):
                return placed
            count: int
            ((count,),) = await fetch_planned(connection, _sql.place, CHUNK)
        placed += count
        if count < CHUNK:
            return placed


async def after(
    connection: Connection, position: int | None, *, host: AccountId | None, limit: int
) -> Page:
    """
    List events behind a position, or from the oldest, of the shows of ``host`` or of all (None).

    Raises:
        EventsGone: some behind the position were deleted; what was missed must be read otherwise.

    """
    ends = await connection.fetchrow(_sql.ends)
    assert ends is not None  # a sequence has a row
    if position is None:
        position = ends["oldest"] - 1
    elif position < ends["oldest"] - 1:
        raise EventsGone(str(ends["oldest"] - 1))
    rows = await connection.fetch(_sql.after, position, ends["newest"], host, limit)
    events = [_recorded(row) for row in rows]
    # Also where nothing was this host's: a cursor that stands still would be purged one day.
    last = events[-1].position if len(events) == limit else ends["newest"]
    return Page(events, max(position, last))


async def of_ids(connection: Connection, ids: Sequence[int]) -> list[Recorded]:
    """Return events by id, in the order of their ids; purged ones are left out."""
    return [_recorded(row) for row in await connection.fetch(_sql.of_ids, ids)]


async def told(connection: Connection, events: Sequence[Recorded]) -> list[ShopEvent]:
    """Show events with what they are about as that looks now, in the order given."""
    subjects = {(each.type.partition(".")[0], each.subject) for each in events}
    stages = {show: await shows.get(connection, show) for show in {each.show for each in events}}
    ordered = await orders.views(
        connection, [OrderId(id) for kind, id in subjects if kind == "order"]
    )
    order_views = {view.id: view for view in ordered}
    sent = await shipments.views(
        connection, [ShipmentId(id) for kind, id in subjects if kind == "shipment"]
    )
    shipment_views = {view.id: view for view in sent}
    offer_views = {
        id: await offers.get(connection, OfferId(id)) for kind, id in subjects if kind == "offer"
    }
    low = {
        id: await movements.low_stock(connection, VariantId(id))
        for kind, id in subjects
        if kind == "stock"
    }
    return [
        ShopEvent(
            id=event_id(each.id),
            type=each.type,
            at=each.at,
            show=stages[each.show],
            order=order_views.get(each.subject),
            offer=offer_views.get(each.subject),
            stock=low.get(each.subject),
            shipment=shipment_views.get(each.subject),
        )
        for each in events
    ]


async def purge(connection: Connection) -> None:
    """Delete events that are older than `KEEP_S`, and what is left of their deliveries."""
    await connection.execute(_sql.purge, KEEP_S)


def _recorded(row: asyncpg.Record) -> Recorded:
    return Recorded(**row)
