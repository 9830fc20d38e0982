"""
The gate's epochs in the ledger, and whose turn it is to write orders and to begin one.

The latest epoch says which Redis server may be trusted. An epoch is begun before the gate is
rebuilt in it, and the numbers only grow. The turn is an advisory lock: it belongs to a connection,
and ends with it.
"""

from typing import Final

from commerce.offers.fence import Standing
from commerce.store.pool import Connection
from commerce.store.queries import load

_LOCK: Final = 0x6F72_6465_7273
"""The advisory lock's number: ``orders`` in ASCII."""

_sql = load("epochs")


async def latest(connection: Connection) -> Standing | None:
    """Return the epoch in force; ``None`` before the gate was built for the first time."""
    row = await connection.fetchrow(_sql.latest)
    return Standing(**row) if row is not None else None


async def begin(connection: Connection, run_id: str) -> Standing:
    """
    Begin the next epoch, in this Redis server.

    Raises:
        asyncpg.UniqueViolationError: someone else began one at the same time.

    """
    row = await connection.fetchrow(_sql.begin, run_id)
    assert row is not None  # an INSERT that returns answers or raises
    return Standing(**row)


async def take_turn(connection: Connection) -> bool:
    """Become the one who writes orders, or say that someone else is."""
    taken: bool = await connection.fetchval(_sql.take_turn, _LOCK)
    return taken


async def end_turn(connection: Connection) -> None:
    """Let someone else write orders."""
    await connection.execute(_sql.end_turn, _LOCK)
