"""
Movements of stock: what moved from where to where, and why.

Units are outside the shop, in the warehouse, in an open offer, held by an order that awaits
payment, or sold. Every counter is a sum of movements, which are only ever added to.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from commerce.messages import Milliseconds

Place = Literal["outside", "warehouse", "offer", "held", "sold"]

Count = Literal["received", "returned", "counted", "damaged", "lost"]
"""Why a person corrects the number of units in the warehouse."""

Why = Literal[
    "carried_over",
    "imported",
    "received",
    "returned",
    "counted",
    "damaged",
    "lost",
    "opened",
    "closed",
    "placed",
    "paid",
    "lapsed",
    "cancelled",
    "refunded",
]
"""``carried_over``: from before movements were kept. ``opened`` and ``closed`` are offers."""

MAX_CHANGE: Final = 10_000_000
"""As many units as an import may bring."""


class Adjustment(Struct, frozen=True, forbid_unknown_fields=True):
    """A correction of what is in the warehouse, by a person who has to say why."""

    change: Annotated[
        int,
        Meta(ge=-MAX_CHANGE, le=MAX_CHANGE, description="Units more, or less when negative"),
    ]
    why: Count
    note: Annotated[str, Meta(max_length=500)] = ""


class Movement(Struct, frozen=True, omit_defaults=True):
    """Units of a variant that went from one place to another."""

    id: int
    variant: str
    sku: str
    quantity: Annotated[int, Meta(ge=1)]
    origin: Place
    destination: Place
    why: Why
    at: Milliseconds
    offer: str | None = None
    order: str | None = None
    account: Annotated[str | None, Meta(description="Who did it; absent: the shop itself")] = None
    note: str = ""
