"""
The order in which a show's offers are shown and numbered.

It changes by moves, never by whole lists: each is made in the order as it is by then, so two people
who sort at once lose no offer and no move. Invariant: positions are 1, 2, 3... after a move.
"""

from collections.abc import Sequence

from commerce.errors import NotFound
from commerce.ids import OfferId, ShowId
from commerce.store import outbox
from commerce.store.offers import lock_show
from commerce.store.pool import Connection
from commerce.store.queries import load

_sql = load("bag")


def moved(bag: Sequence[OfferId], offer: OfferId, before: OfferId | None) -> list[OfferId]:
    """Return the bag with the offer directly before another one, or at the end."""
    others = [each for each in bag if each != offer]
    place = len(others) if before is None else others.index(before)
    return [*others[:place], offer, *others[place:]]


async def move(
    connection: Connection, show: ShowId, offer: OfferId, before: OfferId | None
) -> list[OfferId]:
    """
    Move an offer before another one of its show, or to the end; return the new order. Idempotent.

    Raises:
        NotFound: the show does not exist, or has no such offers.
        WrongState: the show ended.

    """
    async with connection.transaction():
        await lock_show(connection, show)
        bag = [OfferId(row["id"]) for row in await connection.fetch(_sql.lock, show)]
        for wanted in (offer, before):
            if wanted is not None and wanted not in bag:
                raise NotFound("offer", wanted)
        order = bag if before == offer else moved(bag, offer, before)
        for row in await connection.fetch(_sql.place, show, order):
            await outbox.record(connection, "offer", show, row["id"])
    return order
