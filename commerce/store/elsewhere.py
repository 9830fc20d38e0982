"""
Refunds that somebody made at the gateway's own pages, as the books learn of them.

Such a refund is one to the gateway, and as many rows here as there are orders whose money it was;
each carries the gateway's name for it. Invariant: they are noted together, once.
"""

from commerce.ids import PaymentId, new_id
from commerce.shares import Left, Refused, Shares
from commerce.store import payments
from commerce.store.pool import Connection
from commerce.store.queries import load

_sql = load("elsewhere")


async def is_noted(connection: Connection, payment: PaymentId, name: str) -> bool:
    """Say whether the refund that the gateway calls ``name`` is in the books."""
    noted: bool = await connection.fetchval(_sql.is_noted, payment, name)
    return noted


async def left(connection: Connection, payment: PaymentId) -> list[Left]:
    """Return what orders have left of a payment's money, the oldest first; they are locked."""
    return [Left(**row) for row in await connection.fetch(_sql.left, payment)]


async def refused(connection: Connection, payment: PaymentId) -> list[Refused]:
    """Return the refunds that are owed and that the gateway refused, the oldest first."""
    return [Refused(**row) for row in await connection.fetch(_sql.refused, payment)]


async def note(
    connection: Connection, name: str, payment: PaymentId, shares: Shares, *, reason: str
) -> bool:
    """Note whose the refund ``name`` was; say whether the payment had so much left."""
    given = shares.orders
    rows = await connection.fetch(
        _sql.note,
        name,
        payment,
        [new_id("rfd") for _ in given],
        [share.order for share in given],
        [share.amount_minor for share in given],
        reason,
    )
    if len(rows) < len(given):
        return False
    await connection.execute(_sql.adopt, name, shares.refused)
    await payments.finish(connection, payment)
    return True
