"""Hosts' notes in the ledger. Invariant: a revision is written over once, by whoever read it."""

from commerce.errors import NotFound
from commerce.ids import OfferId, ShowId
from commerce.notes import NewNote, Note, WrittenNote
from commerce.store.pool import Connection
from commerce.store.queries import load

_sql = load("notes")


async def of_show(connection: Connection, show: ShowId) -> list[Note]:
    """Return every note of a show; what was never written is missing."""
    return [Note(**row) for row in await connection.fetch(_sql.of_show, show)]


async def write(connection: Connection, show: ShowId, new: NewNote) -> WrittenNote:
    """
    Write a note over the revision that was read, or return the newer one that is there.

    Raises:
        NotFound: the show has no such offer.

    """
    if new.offer and not await connection.fetchval(_sql.has_offer, show, new.offer):
        raise NotFound("offer", OfferId(new.offer))
    if new.revision == 0:
        row = await connection.fetchrow(_sql.write, show, new.offer, new.text)
    else:
        row = await connection.fetchrow(_sql.write_again, show, new.offer, new.text, new.revision)
    if row is not None:
        return WrittenNote(Note(**row))
    theirs = await connection.fetchrow(_sql.get, show, new.offer)
    return WrittenNote(Note(**theirs) if theirs else Note(offer=new.offer), kept=False)
