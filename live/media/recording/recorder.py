"""
The tapes of this process, and the upkeep of what was recorded.

Made whole at the start: reels that a killed process left are mended first. Old recordings go.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NoReturn

import structlog

from live.media.recording.library import purge
from live.media.recording.remux import mend
from live.media.recording.tape import Tape

PURGE_S: Final = 3600.0
"""Recordings are kept for days; an hour more does not matter."""

log = structlog.get_logger()


class Recorder:
    """Begins tapes; made by `open_recorder`."""

    def __init__(self, folder: Path, tasks: asyncio.TaskGroup) -> None:
        self._folder = folder
        self._tasks = tasks

    def tape(self, show: str) -> Tape:
        """Begin a tape for ``show``; it runs until its `Tape.end`."""
        tape = Tape(self._folder / show)
        self._tasks.create_task(tape.run())
        return tape


@asynccontextmanager
async def open_recorder(folder: Path, *, days: int) -> AsyncIterator[Recorder]:
    """Record for as long as the block lasts; leaving it waits for the tapes, which were ended."""
    async with asyncio.TaskGroup() as tasks:
        upkeep = tasks.create_task(_keep(folder, days))
        try:
            yield Recorder(folder, tasks)
        finally:
            upkeep.cancel()


async def _keep(folder: Path, days: int) -> NoReturn:
    for recording in await asyncio.to_thread(mend, folder):
        log.info("recording_mended", file=str(recording))
    while True:
        gone = await asyncio.to_thread(purge, folder, days)
        if gone:
            log.info("recordings_deleted", count=gone)
        await asyncio.sleep(PURGE_S)
