"""
What can happen to an order: the state machine, as a table.

::

                                    ┌─ refund ─┐           ┌─ refund ─┐
                     pay            ▼          │  return   ▼          │
    awaiting_payment ──────────────▶ paid ───────────────▶ refunded
        │    │
        │    └── cancel ──▶ cancelled
        ├─────── lapse ───▶ lapsed
        └─────── lose ────▶ sold_out

An order is born when a hold is written to PostgreSQL. The state says where its units are: while it
awaits payment or is paid, they count in the offer's ``taken``; each of the other ends gives them
back, exactly once, because every transition is one conditional update from a state that the table
names. An order of a first-paid offer has none while it awaits payment: paying takes them, and only
such an order can ``lose``, when others have paid for what was left. Money is an amount beside the
state: ``refund`` gives some of it back, ``return`` any of it, with the units.
"""

from typing import Final, Literal

from commerce.messages import OrderStatus

Event = Literal["pay", "lapse", "cancel", "lose", "refund", "return"]

TRANSITIONS: Final[dict[tuple[OrderStatus, Event], OrderStatus]] = {
    ("awaiting_payment", "pay"): "paid",
    ("awaiting_payment", "lapse"): "lapsed",
    ("awaiting_payment", "cancel"): "cancelled",
    ("awaiting_payment", "lose"): "sold_out",
    ("paid", "refund"): "paid",
    ("paid", "return"): "refunded",
    ("refunded", "refund"): "refunded",
}

LIVE: Final[frozenset[OrderStatus]] = frozenset({"awaiting_payment", "paid"})
"""The states in which the units are the buyer's, or may become theirs."""


def can(status: OrderStatus, event: Event) -> bool:
    """Whether ``event`` may happen to an order in this state."""
    return (status, event) in TRANSITIONS


def moves(event: Event) -> dict[OrderStatus, OrderStatus]:
    """Return the states in which ``event`` may happen, and what each becomes."""
    return {was: to for (was, possible), to in TRANSITIONS.items() if possible == event}
