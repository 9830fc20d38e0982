"""
Facts for the rooms, recorded in the transaction that made them true.

A fact says what changed, not how it looks now: whoever relays it reads the current state. So facts
may be relayed more than once and in any order, and the room still ends up right.
"""

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct

from commerce.ids import ShowId
from commerce.store.pool import Connection
from commerce.store.queries import load

Topic = Literal[
    "show",
    "offer",
    "pin",
    "coupon",
    "order",
    "stock_low",
    "shipment",
    "rules",
    "chat_mode",
    "comment",
    "line",
    "lines",
    "said",
]
"""
What the subject's id names: an offer for ``offer``; a variant for ``stock_low``; a shipment for
``shipment``; a chat line for
``line``, the account of its sender for ``lines``, an entry of the moderation log for ``said``; a
show for all others.
"""

CHANNEL: Final = "outbox"
"""PostgreSQL notifies it whenever a transaction that recorded a fact commits."""

KEEP_S: Final = 86_400
"""Relayed facts stay for a day, to be looked at when something seems wrong."""

_sql = load("outbox")


class Fact(Struct, frozen=True):
    """Something that became true in a show."""

    id: int
    topic: Topic
    show: ShowId
    subject: str


async def record(connection: Connection, topic: Topic, show: ShowId, subject: str) -> None:
    """Record a fact; it is seen, and `CHANNEL` notified, when the transaction commits."""
    await connection.execute(_sql.record, topic, show, subject)


async def waiting(connection: Connection, limit: int) -> list[Fact]:
    """Return facts that were not relayed yet, oldest first."""
    return [Fact(**row) for row in await connection.fetch(_sql.waiting, limit)]


async def mark_relayed(connection: Connection, ids: Sequence[int]) -> None:
    """Remember that these were relayed; idempotent."""
    await connection.execute(_sql.mark_relayed, ids)


async def purge(connection: Connection) -> int:
    """Delete what was relayed more than `KEEP_S` ago, and return how many that were."""
    return len(await connection.fetch(_sql.purge, KEEP_S))
