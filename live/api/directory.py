"""The directory of shows: what is live, what is coming, what there is to see again."""

import asyncio
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta

from commerce.ids import AccountId
from commerce.messages import ShowView
from commerce.store import directory, reminders
from commerce.store.pool import acquire
from commerce.store.reminders import Why
from live.api.bodies import Body, Empty
from live.api.endpoint import Access, Call, Endpoint
from live.media.recording.library import recordings
from rooms.brokers import Broker, BrokerUnavailable

NOBODY: Final = ""
"""To the broker, a worker without a name only looks."""


class ShowCard(Body, frozen=True):
    """A show in the directory; ``reminder`` says why you are told when it starts."""

    show: ShowView
    pictures: Annotated[list[str], Meta(description="Of what it sells; on screen first")]
    viewers: Annotated[int, Meta(description="How many watch a live show")] | None = None
    replay_ms: Annotated[int, Meta(description="How long its recording is")] | None = None
    reminder: Why | None = None


class Directory(Body, frozen=True):
    """Live shows, coming ones (the soonest first), and ended ones (the latest first)."""

    live: list[ShowCard]
    coming: list[ShowCard]
    replays: list[ShowCard]


async def directory_(call: Call[Empty, Empty]) -> Directory:
    """Show the directory: what is live, what is coming, what there is to see again."""
    async with acquire(call.shop.pool) as connection:
        windows = await directory.windows(connection)
        told = (
            await reminders.of_account(connection, AccountId(call.claims.sub))
            if call.claims is not None
            else []
        )
    why = {each.show.id: each.why for each in told}
    live = [each.show.id for each in windows if each.show.state == "live"]
    ended = [each.show.id for each in windows if each.show.state == "ended"]
    viewers = dict(
        zip(
            live,
            await asyncio.gather(*(_viewers(call.shop.broker, show) for show in live)),
            strict=True,
        )
    )
    lengths = await asyncio.to_thread(_lengths, call.shop.config.recordings, ended)
    cards = [
        ShowCard(
            show=each.show,
            pictures=each.pictures,
            viewers=viewers.get(each.show.id),
            replay_ms=lengths.get(each.show.id),
            reminder=why.get(each.show.id),
        )
        for each in windows
    ]
    return Directory(
        live=[card for card in cards if card.show.state == "live"],
        coming=[card for card in cards if card.show.state == "draft"],
        replays=[card for card in cards if card.show.state == "ended"],
    )


async def _viewers(broker: Broker, show: str) -> int | None:
    """Return how many watch on all workers; None while the rooms cannot be asked."""
    try:
        return (await broker.count(show, NOBODY, 0, 0)).viewers
    except BrokerUnavailable:
        return None


def _lengths(folder: Path, shows: list[str]) -> dict[str, int]:
    """Return how long the recordings of shows are, of those that have any."""
    lengths = {show: sum(each.duration_ms for each in recordings(folder, show)) for show in shows}
    return {show: length for show, length in lengths.items() if length}


ENDPOINTS: Final = (Endpoint("GET", "/api/directory", directory_, Access.ANYONE),)
