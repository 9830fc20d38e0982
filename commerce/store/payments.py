"""
Payments in the ledger: each try to pay for an order, and what became of the money.

Invariant: an order has at most one ``captured`` payment, and has one exactly while it is paid; any
other money that arrives is ``refund_due`` until the gateway has given it back.
"""

from typing import Literal

import asyncpg
from msgspec import Struct

from commerce.ids import OrderId, PaymentId, new_id
from commerce.messages import OrderStatus
from commerce.store.orders import Payable
from commerce.store.pool import Connection
from commerce.store.queries import load

PaymentStatus = Literal["pending", "declined", "captured", "refund_due", "refunded"]

_sql = load("payments")


class Payment(Struct, frozen=True):
    """One try to pay; ``reference`` is the gateway's name for it, once known."""

    id: PaymentId
    order: OrderId
    gateway: str
    reference: str | None
    amount_minor: int
    currency: str
    status: PaymentStatus


class Mismatch(Struct, frozen=True):
    """An order whose state does not fit the number of payments captured for it."""

    id: OrderId
    status: OrderStatus
    captured: int


async def begin(
    connection: Connection, order: OrderId, payable: Payable, *, gateway: str
) -> Payment:
    """Return the payment under way for an order the caller has locked, or begin one."""
    row = await connection.fetchrow(_sql.pending, order, gateway)
    if row is None:
        row = await connection.fetchrow(
            _sql.begin, new_id("pay"), order, gateway, payable.total_minor, payable.currency
        )
    assert row is not None  # an INSERT that returns answers or raises
    return _payment(row)


async def set_reference(connection: Connection, payment: PaymentId, reference: str) -> None:
    """Remember the gateway's name for a payment. Idempotent; the first one stays."""
    await connection.execute(_sql.set_reference, payment, reference)


async def find(connection: Connection, gateway: str, payment: PaymentId) -> Payment | None:
    """Return a payment through this gateway; ``None`` if it is not ours."""
    row = await connection.fetchrow(_sql.find, gateway, payment)
    return None if row is None else _payment(row)


async def lock(connection: Connection, payment: PaymentId) -> PaymentStatus:
    """Hold a payment until the transaction ends; the caller has locked its order."""
    status: PaymentStatus = await connection.fetchval(_sql.lock, payment)
    return status


async def move(
    connection: Connection, payment: PaymentId, *, to: PaymentStatus, was: PaymentStatus
) -> bool:
    """Change a payment's state if it is in ``was``; say whether it was."""
    return await connection.fetchrow(_sql.move, payment, was, to) is not None


async def owe_refund(connection: Connection, order: OrderId) -> bool:
    """Make the captured payment of an order that ended ``refund_due``; say if there was one."""
    return await connection.fetchrow(_sql.owe_refund, order) is not None


async def refunds_due(connection: Connection, *, after: str, limit: int) -> list[Payment]:
    """List payments whose money must go back, oldest first, behind ``after``."""
    return [_payment(row) for row in await connection.fetch(_sql.refunds_due, after, limit)]


async def first_time(connection: Connection, gateway: str, event: str) -> bool:
    """Remember a webhook; say whether it is the first of its id. Undone by a rollback."""
    return await connection.fetchrow(_sql.first_time, gateway, event) is not None


async def purge_events(connection: Connection) -> None:
    """Forget webhooks that are too old to come again."""
    await connection.execute(_sql.purge_events)


async def mismatched(connection: Connection) -> list[Mismatch]:
    """Find orders whose money and state disagree."""
    return [Mismatch(**row) for row in await connection.fetch(_sql.mismatched)]


def _payment(row: asyncpg.Record) -> Payment:
    return Payment(**row)
