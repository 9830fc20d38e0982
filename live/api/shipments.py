"""Shipments: what is to be packed, what has left, and what its buyer is told."""

import time
from http import HTTPStatus
from typing import Annotated, Final

from msgspec import Meta, Struct

from commerce.errors import NotYours
from commerce.ids import AccountId, ShipmentId, ShowId
from commerce.messages import ShipmentView
from commerce.packlist import as_csv
from commerce.shipments import Carrier, Event, PackList, Parcel, Tracking
from commerce.store import shipments, shows
from commerce.store.pool import acquire, transaction
from commerce.store.shipments import PARCELS_LISTED
from live.api.bodies import Body, Empty
from live.api.endpoint import Access, Call, Endpoint, Key
from live.api.idempotency import Answer
from live.team.policy import POLICY
from live.team.standing import may

CSV: Final = "text/csv; charset=utf-8"


class Page(Struct, frozen=True):
    """Which page of a pack list."""

    after: Annotated[str, Meta(max_length=64)] | None = None


class Sending(Body, frozen=True):
    """Who carries the parcel, and under which number."""

    carrier: Carrier
    tracking: Tracking = ""


async def shipment(call: Call[Empty, Empty]) -> Parcel:
    """Show a shipment with its address, to its buyer or its host and to nobody else."""
    id = ShipmentId(call.path("shipment"))
    async with acquire(call.shop.pool) as connection:
        between = await shipments.between(connection, id)
        rule = POLICY["shipments.shipment"]
        if call.who.sub != between.buyer and not await may(
            connection, call.who, rule, AccountId(between.host)
        ):
            raise NotYours("shipment", id)
        (parcel,) = await shipments.parcels(connection, [id])
    return parcel


async def pack_list(call: Call[Empty, Page]) -> PackList:
    """List what a show has to send, oldest first, with addresses: to its host and packers alone."""
    return await _pack_list(call)


async def pack_list_csv(call: Call[Empty, Page]) -> Answer:
    """Give the pack list as a table, one line an order."""
    text = as_csv((await _pack_list(call)).parcels)
    return Answer(HTTPStatus.OK.value, text.encode(), CSV)


async def pack(call: Call[Empty, Empty]) -> ShipmentView:
    """Close a parcel: what its buyer wins from now on goes into another."""
    return await _move(call, "pack")


async def ship(call: Call[Sending, Empty]) -> ShipmentView:
    """Hand a parcel to a carrier; its buyer is told."""
    return await _move(call, "ship", carrier=call.body.carrier, tracking=call.body.tracking)


async def deliver(call: Call[Empty, Empty]) -> ShipmentView:
    """Note that a parcel arrived; its buyer is told."""
    return await _move(call, "deliver")


async def _pack_list(call: Call[Empty, Page]) -> PackList:
    after = ShipmentId(call.query.after) if call.query.after else None
    async with acquire(call.shop.pool) as connection:
        show = await shows.get(connection, ShowId(call.path("show")))
        parcels = await shipments.of_show(
            connection, ShowId(show.id), ("open", "packed"), after=after
        )
    return PackList(
        parcels=parcels,
        made_at=time.time_ns() // 1_000_000,
        next=parcels[-1].shipment.id if len(parcels) == PARCELS_LISTED else None,
    )


async def _move(
    call: Call[Empty, Empty] | Call[Sending, Empty],
    event: Event,
    *,
    carrier: str | None = None,
    tracking: str | None = None,
) -> ShipmentView:
    id = ShipmentId(call.path("shipment"))
    async with transaction(call.shop.pool) as connection:
        return await shipments.move(connection, id, event, carrier=carrier, tracking=tracking)


_ONE: Final = ("unknown_shipment", "not_yours")
_SHOW: Final = ("unknown_show", "not_yours")

ENDPOINTS: Final = (
    Endpoint("GET", "/api/shows/{show}/pack-list", pack_list, Access.HOST, errors=_SHOW),
    Endpoint("GET", "/api/shows/{show}/pack-list.csv", pack_list_csv, Access.HOST, errors=_SHOW),
    Endpoint("GET", "/api/shipments/{shipment}", shipment, Access.SIGNED_IN, errors=_ONE),
    *(
        Endpoint(
            "POST",
            f"/api/shipments/{{shipment}}/{step.__name__}",
            step,
            Access.HOST,
            key=Key.OPTIONAL,
            errors=(*_ONE, "wrong_state"),
        )
        for step in (pack, ship, deliver)
    ),
)
