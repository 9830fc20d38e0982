"""How a show goes, minute by minute, and how it went in all: JSON, and tables to keep."""

from http import HTTPStatus
from typing import Annotated, Final

from msgspec import Meta, Struct

from commerce.ids import ShowId
from commerce.messages import ShowView
from commerce.store import minutes
from commerce.store.pool import Connection, acquire
from commerce.summary import MINUTE_MS, Minute, ShowSummary, minutes_csv, offers_csv
from live.api.bodies import Body, Empty
from live.api.endpoint import Access, Call, Endpoint
from live.api.idempotency import Answer
from live.api.ownership import own_show
from rooms.passes import BOUNDS_S

MINUTES_LISTED: Final = 1_500
"""A day and an hour; some 200 KiB of JSON."""

CSV: Final = "text/csv; charset=utf-8"


class Since(Struct, frozen=True):
    """From which moment on; ``next`` of the list before, or when the last one known began."""

    since: Annotated[int, Meta(ge=0, le=2**52)] = 0


class MinuteList(Body, frozen=True):
    """Minutes in order; ``next`` is the moment to ask for more with, if there may be more."""

    minutes: list[Minute]
    next: int | None = None


async def list_minutes(call: Call[Empty, Since]) -> MinuteList:
    """Tell the minutes of a show in which anything is known to have happened."""
    async with acquire(call.shop.pool) as connection:
        show = await own_show(connection, call.who, call.path("show"))
        found = await _minutes(connection, show, call.query.since)
    more = len(found) == MINUTES_LISTED
    return MinuteList(minutes=found, next=found[-1].at + MINUTE_MS if more else None)


async def summary(call: Call[Empty, Empty]) -> ShowSummary:
    """Sum a show up: who came, what they said, clicked, bought and paid, and of what."""
    async with acquire(call.shop.pool) as connection:
        return await _summary(connection, call)


async def summary_csv(call: Call[Empty, Empty]) -> Answer:
    """Give what came of each offer as a table."""
    async with acquire(call.shop.pool) as connection:
        text = offers_csv((await _summary(connection, call)).offers)
    return Answer(HTTPStatus.OK.value, text.encode(), CSV)


async def minutes_csv_(call: Call[Empty, Since]) -> Answer:
    """Give the minutes of a show as a table."""
    async with acquire(call.shop.pool) as connection:
        summed = await _summary(connection, call)
        found = await _minutes(connection, summed.show, call.query.since)
    return Answer(HTTPStatus.OK.value, minutes_csv(found, summed.currency).encode(), CSV)


async def _minutes(connection: Connection, show: ShowView, since: int) -> list[Minute]:
    return await minutes.of_show(
        connection, ShowId(show.id), since=since, limit=MINUTES_LISTED, bounds_s=BOUNDS_S
    )


async def _summary(
    connection: Connection, call: Call[Empty, Empty] | Call[Empty, Since]
) -> ShowSummary:
    show = await own_show(connection, call.who, call.path("show"))
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return await minutes.summary(connection, show)


_OWN: Final = ("unknown_show", "not_yours")

ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/shows/{show}/minutes",
        list_minutes,
        Access.HOST,
        errors=(*_OWN, "invalid_value"),
    ),
    Endpoint(
        "GET",
        "/api/shows/{show}/minutes.csv",
        minutes_csv_,
        Access.HOST,
        errors=(*_OWN, "invalid_value"),
    ),
    Endpoint("GET", "/api/shows/{show}/summary", summary, Access.HOST, errors=_OWN),
    Endpoint("GET", "/api/shows/{show}/summary.csv", summary_csv, Access.HOST, errors=_OWN),
)
