"""
What a web process counts and the ledger keeps: clicks, and how long messages took.

It is brought there every few seconds by adding, so any number of processes do. A process that is
killed loses what it counted since; one that stops writes it first.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import structlog

from commerce.rounds import OUTAGE, leaves, rounds
from commerce.store import minutes
from commerce.store.pool import Pool, acquire
from live.clicks import Clicks
from rooms.passes import Durations

WRITE_S: Final = 2.0
"""The desk's charts are read this often; two statements, however many click."""

log = structlog.get_logger()


class Traffic:
    """Brings what one process counted to the ledger."""

    def __init__(self, pool: Pool, clicks: Clicks, reached: Durations) -> None:
        self._pool = pool
        self._clicks = clicks
        self._reached = reached
        self._written = list(reached.counts)

    async def write(self) -> None:
        """
        Write what was counted since the last time; what fails is written with the next.

        Not cancel-safe in one respect: a write that was cut off may have been done, and counts
        twice then.
        """
        counts = list(self._reached.counts)
        took = [now - before for now, before in zip(counts, self._written, strict=True)]
        clicked = self._clicks.take()
        try:
            if clicked or any(took):
                async with acquire(self._pool) as connection, connection.transaction():
                    if clicked:
                        await minutes.note_clicks(connection, clicked)
                    if any(took):
                        await minutes.note_deliveries(connection, took, now_ms())
        except BaseException:
            self._clicks.give_back(clicked)
            raise
        self._written = counts


@asynccontextmanager
async def open_traffic(pool: Pool, clicks: Clicks, reached: Durations) -> AsyncIterator[Traffic]:
    """Write for as long as the block lasts, and once more when it ends."""
    traffic = Traffic(pool, clicks, reached)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(rounds("traffic", traffic.write, every_s=WRITE_S))
        try:
            yield traffic
        finally:
            running.cancel()
    try:
        await traffic.write()
    except* OUTAGE as group:
        for error in leaves(group):
            log.warning("traffic_lost", error=str(error) or repr(error))


def now_ms() -> int:
    """Return the server's clock, as the wire has it."""
    return time.time_ns() // 1_000_000
