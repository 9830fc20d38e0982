"""
The shows that are packaged in this process, and when each begins and ends.

A show is packaged from the first request for its playlist on, or from its publisher's first packet
if it is recorded; no longer than `IDLE_S` after the last request. A publisher who is gone may come
back for `GONE_S`; then the playlist ends.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, NoReturn

import structlog

from live.media.hls.channel import Channel, Status
from live.media.recording.recorder import Recorder
from live.media.tap import Source

IDLE_S: Final = 30.0
"""A player asks several times a second; one that lost its network is back sooner."""

GONE_S: Final = 30.0
"""A host whose network changed is back by then (ICE takes up to 30 s to notice)."""

KEPT_S: Final = 60.0
"""An ended playlist is there for those who are behind, and for those who ask again."""

ROUND_S: Final = 1.0

log = structlog.get_logger()


class Channels:
    """The channels of this process; made by `open_channels`."""

    def __init__(
        self, source_of: Callable[[str], Source | None], recorder: Recorder | None
    ) -> None:
        self._source_of = source_of
        self._recorder = recorder
        self._channels: dict[str, Channel] = {}

    def changed(self, show: str) -> None:
        """Look who publishes to a show: they may have come or gone."""
        source = self._source_of(show)
        if source is None:
            return
        channel = self._channels.get(show)
        if channel is not None and channel.shelf.ended:
            del self._channels[show]
            channel = None
        if channel is None and self._recorder is not None:
            channel = self._open(show)
        if channel is not None:
            channel.feed(source)

    def watch(self, show: str) -> Channel | None:
        """Return a show's channel for a request, begun if need be; None if nobody publishes."""
        channel = self._channels.get(show)
        if channel is None:
            source = self._source_of(show)
            if source is None:
                return None
            channel = self._open(show)
            channel.feed(source)
        channel.wanted_s = time.monotonic()
        return channel

    def count(self, *, transcoding: bool) -> int:
        """Return how many shows are packaged with, or without, encoding their pictures anew."""
        packaged = [each.status for each in self._channels.values() if not each.shelf.ended]
        return sum(status.transcoding == transcoding for status in packaged)

    def end(self, show: str) -> None:
        """End a show's video now: the show is over. Idempotent."""
        if (channel := self._channels.get(show)) is not None:
            channel.end()

    def status(self, show: str) -> Status | None:
        """Say how a show is packaged; None if it is not."""
        channel = self._channels.get(show)
        return channel.status if channel else None

    def look_after(self, now_s: float) -> None:
        """End what nobody feeds, and forget what nobody asks for."""
        for show, channel in list(self._channels.items()):
            if self._source_of(show) is not None:
                channel.fed_s = now_s
            gone_s, idle_s = now_s - channel.fed_s, now_s - channel.wanted_s
            if not channel.shelf.ended and gone_s > GONE_S:
                channel.end()
                log.info("hls_ended", show=show)
            idle = idle_s > IDLE_S and not channel.recording
            if (channel.shelf.ended and gone_s > GONE_S + KEPT_S) or idle:
                channel.end()
                del self._channels[show]
                log.info("hls_stopped", show=show)

    async def keep(self) -> NoReturn:
        """Look after the channels until cancelled."""
        while True:
            await asyncio.sleep(ROUND_S)
            self.look_after(time.monotonic())

    def close(self) -> None:
        """End everything."""
        for channel in self._channels.values():
            channel.end()
        self._channels.clear()

    def _open(self, show: str) -> Channel:
        tape = self._recorder.tape(show) if self._recorder is not None else None
        log.info("hls_started", show=show, recording=tape is not None)
        channel = Channel(show, int(time.time()), time.monotonic(), tape)
        self._channels[show] = channel
        return channel


@asynccontextmanager
async def open_channels(
    source_of: Callable[[str], Source | None], recorder: Recorder | None
) -> AsyncIterator[Channels]:
    """
    Package for as long as the block lasts.

    ``source_of`` says who publishes to a show; with a ``recorder``, everything is recorded.
    """
    channels = Channels(source_of, recorder)
    async with asyncio.TaskGroup() as tasks:
        keeper = tasks.create_task(channels.keep())
        try:
            yield channels
        finally:
            keeper.cancel()
            channels.close()
