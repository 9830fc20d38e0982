"""
What can happen to a shipment: the state machine, as a table.

::

            pack            ship             deliver
    open ─────────▶ packed ───────▶ shipped ─────────▶ delivered
     │ └─────────── ship ─────────────▲
     └── empty ──▶ cancelled ◀── empty ── packed

A shipment is open while it takes more orders of its buyer for its address. Each transition is one
conditional update from a state that the table names. Nobody cancels a shipment: it is cancelled
when the last order in it was refunded (``empty``).
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from commerce.addresses import Address
from commerce.messages import Milliseconds, ShipmentState, ShipmentView

Event = Literal["pack", "ship", "deliver", "empty"]

TRANSITIONS: Final[dict[tuple[ShipmentState, Event], ShipmentState]] = {
    ("open", "pack"): "packed",
    ("open", "ship"): "shipped",
    ("packed", "ship"): "shipped",
    ("shipped", "deliver"): "delivered",
    ("open", "empty"): "cancelled",
    ("packed", "empty"): "cancelled",
}

HERE: Final[frozenset[ShipmentState]] = frozenset({"open", "packed"})
"""The states in which an order can still be taken out."""

Carrier = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S")]
Tracking = Annotated[str, Meta(max_length=80)]


class Packed(Struct, frozen=True, omit_defaults=True):
    """What to put into a parcel for one order."""

    order: str
    show: str
    sku: str
    title: str
    quantity: int
    grams: Annotated[int, Meta(description="All units together")]
    options: list[str] = []


class Parcel(Struct, frozen=True):
    """A shipment for the eyes of its buyer and its host: with the address, and what goes in."""

    shipment: ShipmentView
    address: Address
    lines: list[Packed]


class PackList(Struct, frozen=True, omit_defaults=True):
    """What is to be packed and sent, oldest first; ``next`` asks for the page after, as `after`."""

    parcels: list[Parcel]
    made_at: Milliseconds
    next: str | None = None


def moves(event: Event) -> dict[ShipmentState, ShipmentState]:
    """Return the states in which ``event`` may happen, and what each becomes."""
    return {was: to for (was, possible), to in TRANSITIONS.items() if possible == event}
