"""
Shipments in the ledger: what was paid and must reach its buyer.

Invariant: a paid order that was priced for delivery travels in exactly one shipment, unless it was
refunded before it left. Every transition is one conditional update from the state that
`commerce.shipments` names, in one transaction with its event and the fact for the rooms.
"""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from commerce.addresses import Address
from commerce.errors import NotFound, WrongState
from commerce.ids import AccountId, OrderId, ShipmentId, ShowId, new_id
from commerce.messages import ShipmentState, ShipmentView
from commerce.shipments import HERE, Event, Packed, Parcel, moves
from commerce.store import outbox
from commerce.store.addresses import digest
from commerce.store.orders import Parties
from commerce.store.payments import Destination
from commerce.store.pool import Connection
from commerce.store.queries import load

PARCELS_LISTED: Final = 500
"""On one page of a pack list: two hours of work for one pair of hands."""

_sql = load("shipments")


class Between(Struct, frozen=True):
    """Whose a shipment is."""

    host: AccountId
    buyer: AccountId
    state: ShipmentState


async def board(
    connection: Connection, destination: Destination, first: Parties, orders: Sequence[OrderId]
) -> ShipmentId:
    """
    Put paid orders into the shipment that goes there, or into a new one. Idempotent.

    Args:
        first: one of the orders, which says whose they all are; they are locked.

    """
    fresh = ShipmentId(new_id("shp"))
    id: ShipmentId = await connection.fetchval(
        _sql.board,
        fresh,
        first.host,
        first.buyer,
        first.show,
        msgspec.json.encode(destination.address).decode(),
        digest(destination.address),
        destination.option,
        destination.option_name,
    )
    await connection.execute(_sql.put_in, id, list(orders))
    if id == fresh:
        await connection.execute(_sql.record, id, "opened")
    await _tell(connection, id)
    return id


async def take_out(connection: Connection, order: OrderId) -> None:
    """Take a refunded order out of its shipment, unless that has left. The order is locked."""
    shipment = await connection.fetchval(_sql.lock_of_order, order, list(HERE))
    if shipment is None:
        return
    await _tell(connection, shipment)
    if await connection.fetchval(_sql.take_out, order, shipment):
        await _move(connection, shipment, "empty")


async def move(
    connection: Connection,
    shipment: ShipmentId,
    event: Event,
    *,
    carrier: str | None = None,
    tracking: str | None = None,
) -> ShipmentView:
    """
    Let something happen to a shipment, and tell the rooms of its orders.

    Raises:
        NotFound: there is no such shipment.
        WrongState: it cannot happen to it now.

    """
    found = await between(connection, shipment)
    if not await _move(connection, shipment, event, carrier=carrier, tracking=tracking):
        raise WrongState(
            "shipment", shipment, state=found.state, wanted=" or ".join(sorted(moves(event)))
        )
    await _tell(connection, shipment)
    (view,) = await views(connection, [shipment])
    return view


async def between(connection: Connection, shipment: ShipmentId) -> Between:
    """
    Say whose a shipment is.

    Raises:
        NotFound: there is no such shipment.

    """
    row = await connection.fetchrow(_sql.parties, shipment)
    if row is None:
        raise NotFound("shipment", shipment)
    return Between(**row)


async def views(connection: Connection, shipments: Sequence[ShipmentId]) -> list[ShipmentView]:
    """Show shipments without their addresses, in the order given; unknown ones are left out."""
    rows = await connection.fetch(_sql.views, list(shipments)) if shipments else []
    return [msgspec.convert(dict(row), ShipmentView) for row in rows]


async def parcels(connection: Connection, shipments: Sequence[ShipmentId]) -> list[Parcel]:
    """Show shipments with address and contents; for the eyes of their buyer and host alone."""
    ids = list(shipments)
    addresses = {
        row["id"]: msgspec.json.decode(row["address"], type=Address)
        for row in await connection.fetch(_sql.addresses, ids)
    }
    contents: dict[str, list[Packed]] = {id: [] for id in ids}
    for row in await connection.fetch(_sql.contents, ids):
        contents[row["shipment"]].append(msgspec.convert(dict(row), Packed))
    return [
        Parcel(view, addresses[view.id], contents[view.id]) for view in await views(connection, ids)
    ]


async def of_show(
    connection: Connection,
    show: ShowId,
    states: Sequence[ShipmentState],
    *,
    after: ShipmentId | None = None,
    limit: int = PARCELS_LISTED,
) -> list[Parcel]:
    """List what a show has to send, oldest first; for the eyes of its host alone."""
    rows = await connection.fetch(_sql.to_pack, show, list(states), after, limit)
    return await parcels(connection, [row["id"] for row in rows])


async def _move(
    connection: Connection,
    shipment: ShipmentId,
    event: Event,
    *,
    carrier: str | None = None,
    tracking: str | None = None,
) -> bool:
    possible = moves(event)
    moved = await connection.fetchval(
        _sql.move, shipment, list(possible), list(possible.values()), carrier, tracking or None
    )
    return moved is not None


async def _tell(connection: Connection, shipment: ShipmentId) -> None:
    """Tell the rooms of its orders: there the buyer waits for it, and the host's orders show it."""
    for row in await connection.fetch(_sql.shows, shipment):
        await outbox.record(connection, "shipment", row["show"], shipment)
