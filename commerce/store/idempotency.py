"""
Answers that were given before: a request that is sent twice is done once.

A key belongs to an account and to one request, known by its fingerprint. ``begin`` lets exactly
one of several equal requests do the work; the others hear that it is under way, and afterwards
what came of it.
"""

from typing import Final

from msgspec import Struct

from commerce.errors import IdempotencyInFlight, IdempotencyMismatch
from commerce.ids import AccountId
from commerce.store.pool import Connection
from commerce.store.queries import load

ABANDONED_S: Final = 60
"""No request is worked on this long: its process died, and the next one may try."""

KEEP_S: Final = 86_400
"""A day: longer than any client goes on trying."""

_sql = load("idempotency")


class Fresh(Struct, frozen=True):
    """Nobody asked before: do the work, then `finish` or `forget`."""


class Replay(Struct, frozen=True):
    """The work is done; this was the answer."""

    status: int
    body: bytes


async def begin(
    connection: Connection, account: AccountId, key: str, fingerprint: str
) -> Fresh | Replay:
    """
    Claim a key for a request, or return the answer that the request was given before.

    The claim has to be committed before the work begins, or equal requests wait for each other.

    Raises:
        IdempotencyMismatch: the key was used for another request.
        IdempotencyInFlight: the first request is still being worked on.

    """
    if await connection.fetchval(_sql.claim, account, key, fingerprint, ABANDONED_S):
        return Fresh()
    row = await connection.fetchrow(_sql.find, account, key)
    if row is None:
        # Forgotten between the two statements; whoever asks again finds the key free.
        raise IdempotencyInFlight(key)
    if row["fingerprint"] != fingerprint:
        raise IdempotencyMismatch(key)
    if row["status"] is None:
        raise IdempotencyInFlight(key)
    return Replay(row["status"], row["body"])


async def finish(
    connection: Connection, account: AccountId, key: str, status: int, body: bytes
) -> None:
    """Keep the answer; the first one stays."""
    await connection.execute(_sql.finish, account, key, status, body)


async def forget(connection: Connection, account: AccountId, key: str) -> None:
    """Let the request be tried again, because it failed by our fault; answers stay."""
    await connection.execute(_sql.forget, account, key)


async def purge(connection: Connection) -> int:
    """Delete the keys that are older than `KEEP_S`, and return how many that were."""
    return len(await connection.fetch(_sql.purge, KEEP_S))
