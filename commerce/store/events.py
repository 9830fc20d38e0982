"""
Events for other programs, recorded in the transaction that made them true.

Orders record theirs in the statements of their transitions; this is for everything else.
`commerce.store.feed` gives them their order and reads them.
"""

from commerce.feed import EventType
from commerce.ids import ShowId
from commerce.store.pool import Connection
from commerce.store.queries import load

_sql = load("events")


async def record(connection: Connection, type: EventType, show: ShowId, subject: str) -> None:
    """Record an event; it is seen when the transaction commits."""
    await connection.execute(_sql.record, type, show, subject)
