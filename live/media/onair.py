"""
Whether each show's video comes in, kept true in PostgreSQL, from where the rooms hear of it.

What is written is how it is now, not what happened: a change that comes twice or late does no
harm, and after a crash the next process puts right what the last one left behind.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn

import structlog

from commerce.ids import ShowId
from commerce.rounds import OUTAGE
from commerce.store import shows
from commerce.store.pool import Pool, acquire, transaction

LOOK_S: Final = 2.0
"""How soon a show that ended stops its video, and a change is written again after an outage."""

FAREWELL_S: Final = 1.0
"""What the last write gets when the process ends."""

log = structlog.get_logger()


class OnAir:
    """Writes what ``live`` says; `changed` is a hint to do it now."""

    def __init__(
        self,
        pool: Pool,
        live: Callable[[], Awaitable[frozenset[str]]],
        end: Callable[[str], None] = lambda show: None,
    ) -> None:
        self._pool = pool
        self._live = live
        self._end = end
        self._changed = asyncio.Event()

    def changed(self, show: str) -> None:
        """Look soon: a show's video came or went."""
        self._changed.set()

    async def run(self) -> NoReturn:
        """Keep it true until cancelled."""
        while True:
            self._changed.clear()
            try:
                await self.write(await self._live())
            except OUTAGE as error:
                log.warning("on_air_not_written", error=str(error) or repr(error))
                await asyncio.sleep(LOOK_S)
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def write(self, live: frozenset[str]) -> None:
        """Write what differs, and end the video of shows that ended."""
        async with acquire(self._pool) as connection:
            known = await shows.on_air(connection)
        for show in live ^ known.keys():
            async with transaction(self._pool) as connection:
                if await shows.set_on_air(connection, ShowId(show), show in live):
                    log.info("on_air" if show in live else "off_air", show=show)
        for show, state in known.items():
            if state == "ended" and show in live:
                self._end(show)

    async def farewell(self) -> None:
        """Write that nobody is on air: the process that carries the video ends."""
        try:
            async with asyncio.timeout(FAREWELL_S):
                await self.write(frozenset())
        except OUTAGE as error:
            log.warning("on_air_not_written", error=str(error) or repr(error))
