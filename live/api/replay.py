"""
Replays: a show that was recorded, with its cards and its chat at the moments they happened.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Annotated, Final, TypeVar

import msgspec
import structlog
from msgspec import Meta, Struct

from commerce.ids import ShowId
from commerce.store import moments, shows
from commerce.store.moments import Moment as Told
from commerce.store.pool import acquire
from live.api.bodies import Empty, Event, Moment, Replay, ReplayChat, ReplayPart
from live.api.endpoint import Access, Call, Endpoint
from live.media.recording.library import recordings
from rooms.messages import ChatLine

EVENTS: Final = 6_000
"""All of a show's: the chronicle writes no more than five thousand, and a thousand twice."""

PAGE: Final = 500
"""Chat lines at a time, some 100 KiB."""

log = structlog.get_logger()
T = TypeVar("T")


class After(Struct, frozen=True):
    """From where on; as ``next`` of the page before."""

    after: Annotated[str, Meta(max_length=200, pattern=r"^\d{1,15}:")] = "0:"


async def replay(call: Call[Empty, Empty]) -> Replay:
    """Show what there is to see again of a show."""
    show = ShowId(call.path("show"))
    async with acquire(call.shop.pool) as connection:
        found = await shows.get(connection, show)
        told = await moments.of_lane(connection, show, "event", after=(0, ""), limit=EVENTS)
    made = await asyncio.to_thread(recordings, call.shop.config.recordings, show)
    parts = [
        ReplayPart(
            url=f"/replay/{show}/{each.file}",
            started_at=each.started_at,
            duration_ms=each.duration_ms,
        )
        for each in made
    ]
    return Replay(
        show=found,
        parts=parts,
        moments=_read(told, _moment),
        chat=f"/api/shows/{show}/replay/chat",
    )


async def replay_chat(call: Call[Empty, After]) -> ReplayChat:
    """List a show's chat lines in order."""
    show = ShowId(call.path("show"))
    at, _, key = call.query.after.partition(":")
    async with acquire(call.shop.pool) as connection:
        await shows.get(connection, show)
        told = await moments.of_lane(connection, show, "chat", after=(int(at), key), limit=PAGE)
    following = f"{told[-1].at}:{told[-1].key}" if len(told) == PAGE else None
    return ReplayChat(lines=_read(told, _line), next=following)


_event: Final = msgspec.json.Decoder(Event).decode
_chat_line: Final = msgspec.json.Decoder(ChatLine).decode


def _moment(told: Told) -> Moment:
    return Moment(at=told.at, event=_event(told.body))


def _line(told: Told) -> ChatLine:
    return _chat_line(told.body)


def _read(told: Sequence[Told], read: Callable[[Told], T]) -> list[T]:
    """Return what can be read: another release may have told what this one does not know."""
    found = []
    unreadable = 0
    for each in told:
        try:
            found.append(read(each))
        except msgspec.ValidationError:
            unreadable += 1
    if unreadable:
        log.debug("moments_not_understood", count=unreadable)
    return found


ENDPOINTS: Final = (
    Endpoint("GET", "/api/shows/{show}/replay", replay, Access.ANYONE, errors=("unknown_show",)),
    Endpoint(
        "GET",
        "/api/shows/{show}/replay/chat",
        replay_chat,
        Access.ANYONE,
        errors=("unknown_show", "invalid_value"),
    ),
)
