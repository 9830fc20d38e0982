"""
The HLS of one show: its shelf, whoever feeds it now, and those who wait for what comes next.

A publisher that came back continues the same playlist behind a discontinuity. Invariant: whoever
waits is woken by every part, and by the end.
"""

import asyncio
from typing import Final, Literal

import structlog
from msgspec import Struct

from live.media.hls.intake import Intake
from live.media.hls.packager import Unsupported
from live.media.hls.playlist import Wanted, When, playlist
from live.media.hls.segmenter import TARGET_DURATION_S, Opened, Part
from live.media.hls.shelf import Shelf
from live.media.recording.tape import Tape
from live.media.tap import Source

WAIT_S: Final = 3.0 * TARGET_DURATION_S
"""Three target durations; who waited so long hears 503 (RFC 8216bis, 6.2.5.2)."""

Refusal = Literal["not_yet", "no_video", "too_far_ahead"]
"""Why there is no playlist: nothing came for `WAIT_S`; nothing will; or it asks for too much."""

log = structlog.get_logger()


class Status(Struct, frozen=True):
    """How a show is packaged, for the stage's status."""

    transcoding: bool
    """Its VP8 is encoded anew, at the cost of a quarter of a core for 720p30."""
    recording: bool
    refused: str | None
    """Why nothing is packaged."""


class Channel:
    """
    The HLS of one show.

    Args:
        first: the number of its first segment; see `Shelf`.
        tape: where everything is recorded, or None.

    """

    def __init__(self, show: str, first: int, now_s: float, tape: Tape | None) -> None:
        self.show: Final = show
        self.shelf: Final = Shelf(first)
        self.wanted_s = self.fed_s = now_s
        self.refused: str | None = None
        self._tape = tape
        self._intake: Intake | None = None
        self._source: Source | None = None
        self._playlist: bytes | None = None
        self._news: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def status(self) -> Status:
        """How the show is packaged now."""
        return Status(
            transcoding=self._intake is not None and self._intake.transcodes,
            recording=self._tape is not None,
            refused=self.refused,
        )

    @property
    def recording(self) -> bool:
        """Whether it is packaged even if nobody watches."""
        return self._tape is not None

    def feed(self, source: Source) -> None:
        """Take what ``source`` sends from now on, in place of any other; idempotent."""
        if source is self._source:
            return
        self._stop()
        self._source = source
        try:
            intake = Intake(self.show, source, self._put)
        except Unsupported as why:
            log.warning("not_packaged", show=self.show, why=str(why))
            self.refused = str(why)
            self._wake()
            return
        self.refused, self._intake = None, intake
        if intake.transcodes:
            log.warning("vp8_transcoded", show=self.show, cost="a quarter of a core for 720p30")
        source.attach(intake)
        source.request_keyframe()

    def end(self) -> None:
        """End the video; idempotent."""
        if self.shelf.ended:
            return
        self._stop()
        self.shelf.end()
        if self._tape is not None:
            self._tape.end()
        self._playlist = None
        self._wake()

    async def reload(self, wanted: Wanted | None) -> bytes | Refusal:
        """Return the playlist, as soon as it has what is wanted."""
        try:
            async with asyncio.timeout(WAIT_S):
                while (when := self._when(wanted)) is When.LATER:
                    await asyncio.shield(self._news)
        except TimeoutError:
            return "not_yet"
        if not self.shelf.listed:
            return "no_video"
        if when is When.NEVER:
            return "too_far_ahead"
        if self._playlist is None:
            # Rendered once for everyone who waited for the same part.
            self._playlist = playlist(self.shelf).encode()
        return self._playlist

    async def part(self, segment: int, index: int) -> bytes | None:
        """Return a part; the very next one is waited for, as the hint invites to (4.4.5.3)."""
        try:
            async with asyncio.timeout(WAIT_S):
                while (segment, index) == self.shelf.next and not self.shelf.ended:
                    await asyncio.shield(self._news)
        except TimeoutError:
            return None
        return self.shelf.part(segment, index)

    def _when(self, wanted: Wanted | None) -> When:
        if not self.shelf.listed:
            return When.NOW if self.refused or self.shelf.ended else When.LATER
        return When.NOW if wanted is None else wanted.when(self.shelf)

    def _put(self, cut: Opened | Part) -> None:
        self.shelf.put(cut)
        if self._tape is not None:
            self._tape.put(cut)
        if isinstance(cut, Part):
            self._playlist = None
            self._wake()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.get_running_loop().create_future()
        news.set_result(None)

    def _stop(self) -> None:
        intake, self._intake = self._intake, None
        if intake is not None:
            intake.close()
