"""
What happened in the shop, as other programs hear of it.

An event says what happened and when; what it is about looks as it does when the event is told. So
an event that is told twice, late or behind a newer one does no harm, and its ``id`` is the same
each time.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from commerce.messages import (
    LowStock,
    Milliseconds,
    OfferView,
    OrderView,
    ShipmentView,
    ShowView,
)

EventType = Literal[
    "order.placed",
    "order.paid",
    "order.lapsed",
    "order.cancelled",
    "order.refund_requested",
    "order.refunded",
    "shipment.opened",
    "shipment.packed",
    "shipment.shipped",
    "shipment.delivered",
    "shipment.cancelled",
    "offer.opened",
    "offer.closed",
    "show.started",
    "show.ended",
    "stock.low",
]


class ShopEvent(Struct, frozen=True, omit_defaults=True):
    """Something that happened in a show."""

    id: str
    type: EventType
    at: Annotated[Milliseconds, Meta(description="When it happened")]
    show: ShowView
    order: Annotated[OrderView | None, Meta(description="As it is now, not as it was")] = None
    offer: Annotated[OfferView | None, Meta(description="As it is now, not as it was")] = None
    stock: Annotated[LowStock | None, Meta(description="As it is now, not as it was")] = None
    shipment: Annotated[
        ShipmentView | None,
        Meta(description="As it is now; its address is for its host alone: ask for the shipment"),
    ] = None


def event_id(number: int) -> str:
    """Return the name of an event."""
    return f"evt_{number}"


def event_number(id: str) -> int | None:
    """Return what `event_id` was given; None if that is no name of an event."""
    digits = id.removeprefix("evt_")
    if digits == id or not (digits.isascii() and digits.isdecimal() and len(digits) <= 18):
        return None
    return int(digits)
