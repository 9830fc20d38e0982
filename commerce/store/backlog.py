"""
What waits in the ledger for a program to act on it: for those who watch the shop run.
"""

from typing import Final

from msgspec import Struct

from commerce.store.pool import Connection
from commerce.store.queries import load

_sql: Final = load("backlog")


class Backlog(Struct, frozen=True):
    """
    One reading.

    ``orders_untold``: they ended or were paid, and the gate has not heard; ``deliveries``: of
    webhooks, due by now. Ages are those of the oldest, 0 where nothing waits.
    """

    orders_awaiting: int
    orders_untold: int
    facts: int
    facts_age_s: float
    refunds: int
    refunds_age_s: float
    deliveries: int
    shows_on_air: int


async def look(connection: Connection) -> Backlog:
    """Read what waits now."""
    row = await connection.fetchrow(_sql.look)
    assert row is not None  # a SELECT of scalars answers or raises
    return Backlog(**row)
