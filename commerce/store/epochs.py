"""
The gate's epochs in the ledger: the latest one says which Redis server may be trusted.

An epoch is begun before the gate is rebuilt in it, and the numbers only grow.
"""

from commerce.offers.fence import Standing
from commerce.store.pool import Connection
from commerce.store.queries import load

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
