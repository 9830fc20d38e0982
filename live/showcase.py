"""
What the directory shows to everybody, read once for all who ask meanwhile.

Thousands open the shop's first page when a show is announced; a reading is a query, a call to the
broker a live show, and a look at the folder of recordings.
"""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from commerce.store.directory import Window, windows
from commerce.store.pool import Pool, acquire
from live.media.recording.library import recordings
from live.together import Together
from rooms.brokers import Broker, BrokerUnavailable

NOBODY: Final = ""
"""To the broker, a worker without a name only looks."""


class Display(Struct, frozen=True):
    """The shows of a shop; how many watch the live ones, and how long the ended ones are, in ms."""

    windows: list[Window]
    viewers: Mapping[str, int | None]
    lengths: Mapping[str, int]


class Showcase:
    """Reads what is on display. Cancel-safe; raises `StoreUnavailable` without PostgreSQL."""

    def __init__(self, pool: Pool, broker: Broker, folder: Path, tasks: asyncio.TaskGroup) -> None:
        self._pool = pool
        self._broker = broker
        self._folder = folder
        self._looking: Together[None, Display] = Together(self._look, tasks)

    async def look(self) -> Display:
        """Return what is on display now."""
        return await self._looking.ask(None)

    async def _look(self, questions: Sequence[None]) -> Mapping[None, Display]:
        async with acquire(self._pool) as connection:
            shown = await windows(connection)
        live = [each.show.id for each in shown if each.show.state == "live"]
        ended = [each.show.id for each in shown if each.show.state == "ended"]
        watching = await asyncio.gather(*(self._viewers(show) for show in live))
        lengths = await asyncio.to_thread(self._lengths, ended)
        display = Display(shown, dict(zip(live, watching, strict=True)), lengths)
        return dict.fromkeys(questions, display)

    async def _viewers(self, show: str) -> int | None:
        """Return how many watch on all workers; None while the rooms cannot be asked."""
        try:
            return (await self._broker.count(show, NOBODY, 0, 0)).viewers
        except BrokerUnavailable:
            return None

    def _lengths(self, shows: Sequence[str]) -> dict[str, int]:
        """Return how long the recordings of shows are, of those that have any."""
        lengths = {
            show: sum(each.duration_ms for each in recordings(self._folder, show)) for show in shows
        }
        return {show: length for show, length in lengths.items() if length}
