"""The event feed: what happened in the shop, for other programs, by cursor."""

from typing import Annotated, Final

from msgspec import Meta, Struct

from commerce.errors import InvalidValue
from commerce.store import feed
from commerce.store.pool import acquire
from live.api.bodies import Empty, EventList
from live.api.endpoint import Access, Call, Endpoint


class Position(Struct, frozen=True):
    """Where to go on."""

    after: Annotated[str, Meta(max_length=64)] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 100


async def list_events(call: Call[Empty, Position]) -> EventList:
    """List what happened in your shows behind a cursor, or from the oldest event that is kept."""
    query, who = call.query, call.who
    after = None if query.after is None else cursor(query.after, "query.after")
    host = None if who.role == "admin" else call.host
    async with acquire(call.shop.pool) as connection:
        page = await feed.after(connection, after, host=host, limit=query.limit)
        return EventList(events=await feed.told(connection, page.events), next=str(page.next))


def cursor(text: str, field: str) -> int:
    """
    Return the position that a cursor stands for.

    Raises:
        InvalidValue: it is none of ours.

    """
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise InvalidValue(field, "it is no cursor of this feed")
    return int(text)


ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/events",
        list_events,
        Access.HOST,
        errors=("invalid_value", "events_gone"),
    ),
)
