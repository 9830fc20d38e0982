"""
Who watches the live shows, read every few seconds and written down for each minute.

The readings of a minute are added up in PostgreSQL, so a worker that begins again, or another one
that takes its place, goes on with the same minute; what nobody read is missing, not made up. One
process reads at a time, the one with the advisory lock.
"""

import asyncio
import time
from typing import Final, NoReturn

import structlog

from commerce.rounds import rounds
from commerce.store import minutes, shows
from commerce.store.pool import Connection, open_connection
from rooms.brokers import Broker, BrokerUnavailable

READ_S: Final = 5.0
"""Twelve readings a minute: who comes and goes within seconds is seen."""

TURN_S: Final = 1.0
"""How often a stand-by asks for the lock."""

LOCK: Final = 0x6D69_6E75_7465
"""The advisory lock's number: ``minute`` in ASCII."""

SHOWS: Final = 100
"""Live shows that are read at a time."""

NOBODY: Final = ""
"""To the broker, a worker without a name only looks."""

log = structlog.get_logger()


class Minutes:
    """The readings of this process."""

    def __init__(self, database_url: str, broker: Broker) -> None:
        self._database_url = database_url
        self._broker = broker

    async def run(self) -> NoReturn:
        """Read whenever it is this process's turn, through outages, until cancelled."""
        await rounds("minutes", self.take_turn, every_s=TURN_S)

    async def take_turn(self) -> None:
        """Read for as long as this process owns the lock; return if another does."""
        async with open_connection(self._database_url) as connection:
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
                return
            while True:
                await self.read(connection, time.time_ns() // 1_000_000)
                await asyncio.sleep(READ_S)

    async def read(self, connection: Connection, now: int) -> None:
        """Read every live show once, at ``now`` in Unix milliseconds."""
        for show in await shows.on_stage(connection, limit=SHOWS):
            try:
                crowd = await self._broker.count(show, NOBODY, 0, 0)
            except BrokerUnavailable as error:
                log.warning("viewers_not_read", show=show, error=str(error))
                continue
            await minutes.note_viewers(
                connection, show, viewers=crowd.viewers, likes=crowd.likes, now=now
            )
