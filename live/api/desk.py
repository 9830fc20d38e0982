"""
The host's desk: the order of the show, and the notes beside it.

Both are for whoever helps to run the show, the moderators of this one show included.
"""

from typing import Annotated, Final

from msgspec import Meta

from commerce.ids import OfferId, ShowId
from commerce.notes import NewNote, Note, WrittenNote
from commerce.store import bag, notes
from commerce.store.pool import acquire, transaction
from live.api.bodies import Body, Empty
from live.api.endpoint import Access, Call, Endpoint
from live.api.ownership import own_show


class BagMove(Body, frozen=True):
    """Where an offer goes in the bag: before another one, or to the end."""

    offer: Annotated[str, Meta(min_length=1, max_length=64)]
    before: Annotated[str, Meta(min_length=1, max_length=64)] | None = None


class BagOrder(Body, frozen=True):
    """A show's offers in the order of its bag."""

    offers: list[str]


class NoteList(Body, frozen=True):
    """The notes of a show; what was never written is missing."""

    notes: list[Note]


async def move_offer(call: Call[BagMove, Empty]) -> BagOrder:
    """Move an offer to another place in its show's bag."""
    before = call.body.before
    async with transaction(call.shop.pool) as connection:
        show = await own_show(connection, call.who, call.path("show"))
        order = await bag.move(
            connection,
            ShowId(show.id),
            OfferId(call.body.offer),
            None if before is None else OfferId(before),
        )
    return BagOrder(offers=[*order])


async def list_notes(call: Call[Empty, Empty]) -> NoteList:
    """Read what is noted for the show and its offers."""
    async with acquire(call.shop.pool) as connection:
        show = await own_show(connection, call.who, call.path("show"))
        return NoteList(notes=await notes.of_show(connection, ShowId(show.id)))


async def write_note(call: Call[NewNote, Empty]) -> WrittenNote:
    """Write a note over the revision that was read, or get the newer one."""
    async with transaction(call.shop.pool) as connection:
        show = await own_show(connection, call.who, call.path("show"))
        return await notes.write(connection, ShowId(show.id), call.body)


_OWN: Final = ("unknown_show", "not_yours")

ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/shows/{show}/order",
        move_offer,
        Access.HOST,
        errors=(*_OWN, "unknown_offer", "wrong_state"),
    ),
    Endpoint("GET", "/api/shows/{show}/notes", list_notes, Access.HOST, errors=_OWN),
    Endpoint(
        "PUT",
        "/api/shows/{show}/notes",
        write_note,
        Access.HOST,
        errors=(*_OWN, "unknown_offer"),
    ),
)
