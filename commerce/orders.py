"""
What can happen to an order: the state machine, as a table.

::

                     pay                      refund
    awaiting_payment ──────────────▶ paid ─────────────▶ refunded
        │    │
        │    └── cancel ──▶ cancelled
        └─────── lapse ───▶ lapsed

An order is born when a hold is written to PostgreSQL. While it awaits payment or is paid, its units
count in the offer's ``taken``; each of the other ends gives them back, exactly once, because every
transition is one conditional update from the state that the table names.
"""

from typing import Final, Literal

from commerce.messages import OrderStatus

Event = Literal["pay", "lapse", "cancel", "refund"]

TRANSITIONS: Final[dict[tuple[OrderStatus, Event], OrderStatus]] = {
    ("awaiting_payment", "pay"): "paid",
    ("awaiting_payment", "lapse"): "lapsed",
    ("awaiting_payment", "cancel"): "cancelled",
    ("paid", "refund"): "refunded",
}

LIVE: Final[frozenset[OrderStatus]] = frozenset({"awaiting_payment", "paid"})
"""The states in which the units are the buyer's."""


def can(status: OrderStatus, event: Event) -> bool:
    """Whether ``event`` may happen to an order in this state."""
    return (status, event) in TRANSITIONS


def before(event: Event) -> OrderStatus:
    """Name the one state in which ``event`` may happen."""
    return next(status for status, possible in TRANSITIONS if possible == event)


def after(event: Event) -> OrderStatus:
    """Name the state that ``event`` leads to."""
    return TRANSITIONS[before(event), event]
