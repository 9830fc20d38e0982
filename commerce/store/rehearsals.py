"""
Rehearsals: a show of its own, made from one that has not started, to practise it with the team.

It has the title, the run of show and the notes of the show that it rehearses, and goes through the
same gate: units are carved out of the same variants while an offer of it is open, and go back when
it closes. Invariant: a show has one rehearsal at a time, and nothing in a rehearsal is paid for.
"""

from collections.abc import Sequence
from typing import Final

from commerce.errors import NotFound, Rehearsed, ShowIdTaken, WrongState
from commerce.ids import OfferId, OrderId, ShowId, new_id, random_characters
from commerce.messages import ShowView
from commerce.slug import slug
from commerce.store import shows
from commerce.store.pool import Connection
from commerce.store.queries import load
from commerce.store.shows import CHANCE_CHARACTERS, SLUG_CHARACTERS

LONGEST_HOLD_S: Final = 86_400
"""An offer holds for a day at most: what a rehearsal that ended before that held has lapsed."""

_sql = load("rehearsals")


async def begin(connection: Connection, show: ShowId) -> ShowView:
    """
    Return the rehearsal of a show, a new one unless there is one that has not ended.

    Raises:
        NotFound: there is no such show.
        WrongState: it has started.
        Rehearsed: it is a rehearsal itself.
        ShowIdTaken: chance gave it an id that another show has; ask again.

    """
    async with connection.transaction():
        row = await connection.fetchrow(_sql.lock, show)
        if row is None:
            raise NotFound("show", show)
        if row["rehearsal"]:
            raise Rehearsed(show, "it has none of its own")
        if row["state"] != "draft":
            raise WrongState("show", show, state=row["state"], wanted="draft")
        open_now = await current(connection, show)
        if open_now is not None:
            return await shows.get(connection, open_now)
        title_slug = slug(row["title"], characters=SLUG_CHARACTERS) or "show"
        id = ShowId(f"{title_slug}-rehearsal-{random_characters(CHANCE_CHARACTERS)}")
        if not await connection.fetchval(_sql.announce, show, id):
            raise ShowIdTaken(id)
        bag = [OfferId(each["id"]) for each in await connection.fetch(_sql.bag, show)]
        copies = [OfferId(new_id("ofr")) for _ in bag]
        await connection.execute(_sql.copy_offers, id, bag, copies)
        await connection.execute(_sql.copy_notes, id, bag, copies, show)
        return await shows.get(connection, id)


async def current(connection: Connection, show: ShowId) -> ShowId | None:
    """Return the rehearsal of a show that has not ended; None: there is none."""
    found: ShowId | None = await connection.fetchval(_sql.current, show)
    return found


async def refuse_payment(connection: Connection, orders: Sequence[OrderId]) -> None:
    """
    Make sure that orders may be paid for.

    Raises:
        Rehearsed: one of them is of a rehearsal.

    """
    show = await connection.fetchval(_sql.first_rehearsed, orders)
    if show is not None:
        detail = "nothing in it is paid for, and what you reserved goes back when it ends"
        raise Rehearsed(show, detail)


async def unpaid(connection: Connection, limit: int) -> list[OrderId]:
    """Return at most ``limit`` orders of rehearsals that ended which still wait for payment."""
    return [row["id"] for row in await connection.fetch(_sql.unpaid, limit, LONGEST_HOLD_S)]
