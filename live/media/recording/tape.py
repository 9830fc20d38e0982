"""
One show's fragments on their way to disk.

Invariant: whoever puts a fragment on tape never waits for a disk. Should the disk be slower than
the show, fragments are left out until the next keyframe; what is on tape always plays.
"""

import asyncio
from pathlib import Path
from typing import Final

import structlog
from msgspec import Struct

from live.media.hls.segmenter import Opened, Part
from live.media.recording.reel import Reel, open_reel
from live.media.recording.remux import NotRemuxed, remux

QUEUE: Final = 64
"""Fragments that wait for the disk: 25 seconds, some 8 MiB."""

log = structlog.get_logger()


class _Piece(Struct, frozen=True):
    """A part; ``init`` when a new file begins with it."""

    init: bytes | None
    part: Part


class Tape:
    """A tape of one show, begun by `Recorder.tape`."""

    def __init__(self, folder: Path) -> None:
        self.folder: Final = folder
        self._queue: asyncio.Queue[_Piece | None] = asyncio.Queue(QUEUE + 1)
        self._init: bytes | None = None
        self._skips = False

    def put(self, cut: Opened | Part) -> None:
        """Record what comes next."""
        if isinstance(cut, Opened):
            self._init = cut.init
            return
        full = self._queue.qsize() >= QUEUE
        if full and not self._skips:
            log.warning("fragments_not_recorded", show=self.folder.name)
        self._skips = full or (self._skips and not cut.independent)
        if not self._skips:
            self._queue.put_nowait(_Piece(self._init, cut))
            self._init = None

    def end(self) -> None:
        """Let `run` return once everything is written."""
        self._queue.put_nowait(None)

    async def run(self) -> None:
        """Write, and make a plain MP4 of each file that is complete, until `end`."""
        reel: Reel | None = None
        init = b""
        while (piece := await self._queue.get()) is not None:
            if piece.init is not None:
                init = piece.init
                await self._close(reel)
                reel = None
            data = piece.part.data
            try:
                if reel is not None:
                    await asyncio.to_thread(reel.append, data)
                elif piece.part.independent:
                    at_ms = piece.part.at_ms
                    reel = await asyncio.to_thread(open_reel, self.folder, at_ms, init + data)
            except OSError as error:
                log.error("recording_failed", show=self.folder.name, error=str(error))
                await self._close(reel)
                reel = None
        await self._close(reel)

    async def _close(self, reel: Reel | None) -> None:
        if reel is None:
            return
        reel.close()
        try:
            recording = await asyncio.to_thread(remux, reel.path)
        except (NotRemuxed, OSError) as error:
            log.error("recording_not_finished", file=str(reel.path), error=str(error))
        else:
            log.info("recorded", show=self.folder.name, file=recording.name)
