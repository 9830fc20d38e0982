"""
What happened in a show and when, word for word as its room was told; kept for the replay.

What it says is nobody's business here. Invariant: a moment is written once, however often told.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from commerce.ids import ShowId
from commerce.store.pool import Connection
from commerce.store.queries import load

Lane = Literal["event", "chat"]

_sql = load("moments")


class Moment(Struct, frozen=True):
    """Something that was told; ``at`` is Unix milliseconds on the server's clock."""

    show: ShowId
    lane: Lane
    key: str
    at: int
    body: str


async def write(connection: Connection, moments: Sequence[Moment]) -> None:
    """Write moments; idempotent. Those of shows that do not exist are left out."""
    await connection.execute(
        _sql.write,
        [each.show for each in moments],
        [each.lane for each in moments],
        [each.key for each in moments],
        [each.at for each in moments],
        [each.body for each in moments],
    )


async def take_away(connection: Connection, show: ShowId, keys: Sequence[str]) -> None:
    """Forget chat lines; idempotent."""
    await connection.execute(_sql.take_away, show, keys)


async def take_away_said_by(
    connection: Connection, show: ShowId, sender: str, *, until: int
) -> None:
    """Forget what someone said until then; idempotent. Their lines' keys begin with their id."""
    await connection.execute(_sql.take_away_said_by, show, f"{sender}.", until)


async def count(connection: Connection, show: ShowId) -> Mapping[Lane, int]:
    """Return how many moments each lane of a show has."""
    return {row["lane"]: row["count"] for row in await connection.fetch(_sql.count, show)}


async def of_lane(
    connection: Connection, show: ShowId, lane: Lane, *, after: tuple[int, str], limit: int
) -> list[Moment]:
    """Return moments in order, from behind the one at ``after`` with that key."""
    rows = await connection.fetch(_sql.of_lane, show, lane, *after, limit)
    return [Moment(show, lane, row["key"], row["at"], row["body"]) for row in rows]


async def purge(connection: Connection, keep_s: float) -> None:
    """Delete what happened more than ``keep_s`` ago."""
    await connection.execute(_sql.purge, keep_s)
