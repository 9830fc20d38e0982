"""
Who wants to be told when a show starts: because they asked, or because they follow its host.

Invariant: an account asks for at most `REMINDERS_KEPT` shows that have not ended, and what it asked
for is forgotten after the show.
"""

from typing import Final, Literal

import asyncpg
from msgspec import Struct

from commerce.errors import Rehearsed, TooManyReminders, WrongState
from commerce.ids import AccountId, ShowId
from commerce.messages import ShowView
from commerce.store import shows
from commerce.store.pool import Connection
from commerce.store.queries import load

REMINDERS_KEPT: Final = 50
"""A show every day for seven weeks; a page lists them all."""

LISTED: Final = 100
"""With the shows of hosts that an account follows, the soonest first."""

Why = Literal["asked", "follows"]

_sql = load("reminders")


class Reminder(Struct, frozen=True):
    """A show that someone is told of when it starts, and why."""

    show: ShowView
    why: Why


async def remind(connection: Connection, account: AccountId, show: ShowId) -> None:
    """
    Tell an account when a show starts; idempotent. Needs a transaction.

    Raises:
        NotFound: there is no such show.
        Rehearsed: nobody is reminded of a rehearsal.
        WrongState: it has started already.
        TooManyReminders: the account waits for as many shows as it may.

    """
    found = await shows.get(connection, show)
    if found.rehearses is not None:
        raise Rehearsed(show, "nobody is reminded of it")
    if found.state != "draft":
        raise WrongState("show", show, state=found.state, wanted="draft")
    await connection.execute(_sql.lock_account, account)
    if await connection.fetchval(_sql.full, account, show, REMINDERS_KEPT):
        raise TooManyReminders(REMINDERS_KEPT)
    await connection.execute(_sql.remind, account, show)


async def forget(connection: Connection, account: AccountId, show: ShowId) -> None:
    """Tell an account no longer; idempotent. Whoever follows the host is still told."""
    await connection.execute(_sql.forget, account, show)


async def of_account(connection: Connection, account: AccountId) -> list[Reminder]:
    """Return the coming and the live shows that an account is told of, live ones first."""
    return [_reminder(row) for row in await connection.fetch(_sql.of_account, account, LISTED)]


async def purge(connection: Connection) -> int:
    """Forget what was asked for of shows that have ended, and return how many those were."""
    return len(await connection.fetch(_sql.purge))


def _reminder(row: asyncpg.Record) -> Reminder:
    values = dict(row)
    why: Why = values.pop("why")
    return Reminder(ShowView(**values), why)
