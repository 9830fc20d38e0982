"""
Races for units that nobody holds: of a first-paid offer's orders, those that are paid first win.

Invariant: a unit is won in the transaction that notes its money, with the offer locked before the
order. Captures of one offer come one after the other, and each counts what the one before it left.
An order that wants more than is left cannot win any more, and ends ``sold_out``; so no order waits
for what cannot come.
"""

from collections.abc import Iterable

import asyncpg
import msgspec

from commerce.ids import OrderId
from commerce.store import orders
from commerce.store.orders import Moved
from commerce.store.pool import Connection
from commerce.store.queries import load

_sql = load("races")


async def lock(connection: Connection, racing: Iterable[OrderId]) -> None:
    """Have others wait who pay for these offers; before any order is locked. None race: no lock."""
    await connection.execute(_sql.lock, list(racing))


async def lose(connection: Connection, order: OrderId) -> Moved | None:
    """
    End an order that wants more than its offer has left; `None` if it is not, or does not race.

    The caller holds its `lock`. Idempotent.
    """
    for moved in await _lost(connection, [order]):
        return moved
    return None


async def lose_beaten(connection: Connection, limit: int) -> list[Moved]:
    """End at most ``limit`` orders that cannot win any more, each once."""
    async with connection.transaction():
        beaten = [row["id"] for row in await connection.fetch(_sql.beaten, limit)]
        if not beaten:
            return []
        await lock(connection, beaten)
        return await _lost(connection, beaten)


async def _lost(connection: Connection, racing: list[OrderId]) -> list[Moved]:
    rows: list[asyncpg.Record] = await connection.fetch(_sql.lose, racing)
    lost = [msgspec.convert(dict(row), Moved) for row in rows]
    await orders.tell_hosts(connection, (order.show for order in lost))
    return lost
