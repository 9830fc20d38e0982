"""
What a buyer asks of the gate, and everything the gate can answer.

The answers are values, not exceptions: all of them are expected on a good day.
"""

from typing import Literal

from msgspec import Struct

from commerce.ids import AccountId, HoldId, OfferId
from commerce.offers.admission import Admission


class Attempt(Struct, frozen=True):
    """
    A buyer's try for ``quantity`` units of an offer.

    ``id`` is the buyer's idempotency key: the same buyer, offer and id are the same attempt.
    ``fresh``: its sender says that it was never sent before, so it cannot have been held.
    ``trace`` names the trace it is part of, see `commerce.tracing`. An offer with a queue wants the
    buyer's ``admission``, whose signature was checked.
    """

    offer: OfferId
    buyer: AccountId
    id: str
    quantity: int = 1
    fresh: bool = False
    trace: str = ""
    admission: Admission | None = None


class Held(Struct, frozen=True):
    """
    The units are held until ``expires_at``, and their order is on its way to PostgreSQL.

    ``first_paid``: none are; until then it may be paid for, and is served if any are left.
    """

    hold: HoldId
    expires_at: int
    left: int
    version: int
    first_paid: bool = False


class SoldOut(Struct, frozen=True):
    """Fewer units are left than the buyer wants."""


class Crowded(Struct, frozen=True):
    """As many as may are about to pay for what is left; a place among them may come free."""

    retry_after_ms: int


class LimitReached(Struct, frozen=True):
    """The buyer holds or bought ``held`` units; the quantity would exceed the limit."""

    held: int


class NotOpen(Struct, frozen=True):
    """The sale has not begun."""

    retry_after_ms: int


class Closed(Struct, frozen=True):
    """The sale is over."""


class UnknownOffer(Struct, frozen=True):
    """The gate has never heard of the offer, or forgot it a day after it closed."""


class KeyReused(Struct, frozen=True):
    """The same id came with another quantity before; nothing was done."""


class NotAdmitted(Struct, frozen=True):
    """The offer has a queue, and the attempt no admission, one that is over, or one that bought."""

    why: Literal["not_admitted", "turn_over", "turn_used"]


class Unavailable(Struct, frozen=True):
    """The gate cannot say now; the same attempt may be sent again, and never counts twice."""

    retry_after_ms: int


class InLine(Struct, frozen=True):
    """The buyer waits for ``quantity`` units at most; ``place`` is 1 for whose turn is next."""

    place: int
    quantity: int


class Turn(Struct, frozen=True):
    """It is the buyer's turn: ``quantity`` units, which may be fewer than they waited for."""

    held: Held
    quantity: int


class LineFull(Struct, frozen=True):
    """As many wait as may."""


class NoLine(Struct, frozen=True):
    """The offer has no line: nothing is held, so nothing comes back that was not paid for."""


class InQueue(Struct, frozen=True):
    """The buyer entered the queue; ``place`` is 0 until it is drawn, when the sale opens."""

    place: int


class Admitted(Struct, frozen=True):
    """It is the buyer's turn to buy."""

    admission: Admission


class QueueFull(Struct, frozen=True):
    """As many entered as may."""


class NoQueue(Struct, frozen=True):
    """The offer has no queue to enter; a ``draft`` has none yet."""

    draft: bool


Outcome = (
    Held
    | SoldOut
    | Crowded
    | LimitReached
    | NotOpen
    | Closed
    | UnknownOffer
    | KeyReused
    | NotAdmitted
    | Unavailable
)
"""What the gate answers to an attempt."""

Place = (
    InLine
    | Turn
    | LimitReached
    | NotOpen
    | Closed
    | LineFull
    | NoLine
    | UnknownOffer
    | NotAdmitted
    | KeyReused
    | Unavailable
)
"""What it answers to who wants to wait."""

QueuePlace = InQueue | Admitted | LimitReached | Closed | QueueFull | NoQueue | UnknownOffer
"""What the ledger answers to who enters a queue."""
