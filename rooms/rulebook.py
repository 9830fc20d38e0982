"""
The rules of every room of this worker, kept as the program has them.

Rules are read when a room opens, again when someone says that they changed, and every now and then
whatever anyone says. While they cannot be read, the ones before hold. Invariant: a room that lets
anyone in has rules, and they are at most ``AGAIN_S`` behind while the program answers.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, NoReturn

import structlog

from rooms.application import Unavailable
from rooms.moderation import Floor, Rules

RULES: Final = "rules"
"""The topic of the signal that a room's rules have changed."""

AGAIN_S: Final = 15.0
"""A word that they changed may be lost; one small query a room in this time costs nothing."""

RETRY_S: Final = 1.0
"""Pause before the next try while the program does not answer."""

log = structlog.get_logger()


class Rulebook:
    """
    Keeps floors current.

    Args:
        read: returns a room's rules, or raises `Unavailable`.
        changed: hears of a room that its floor has other rules now.

    """

    def __init__(
        self, read: Callable[[str], Awaitable[Rules]], changed: Callable[[str], None]
    ) -> None:
        self._read = read
        self._changed = changed
        self._floors: dict[str, Floor] = {}
        self._opening: set[str] = set()
        # When each room's rules are read again at the latest, on the loop's clock.
        self._due: dict[str, float] = {}
        self._work = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def open(self, room: str) -> Floor:
        """
        Read a room's rules and keep them current from now on.

        Raises:
            Unavailable: they cannot be read now.

        """
        floor = self._floors[room] = Floor()
        # Set before they are read, so that whoever doubts them meanwhile is heard.
        self._due[room] = self._loop.time() + AGAIN_S
        self._opening.add(room)
        try:
            floor.rules = await self._read(room)
        except BaseException:
            self.close(room)
            raise
        finally:
            self._opening.discard(room)
            self._work.set()
        return floor

    def close(self, room: str) -> None:
        """Forget a room; idempotent."""
        self._floors.pop(room, None)
        self._due.pop(room, None)

    def rules(self, room: str) -> Rules | None:
        """Return the rules by which this worker judges; None for a room that is not open."""
        floor = self._floors.get(room)
        return None if floor is None else floor.rules

    def doubt(self, room: str) -> None:
        """Read a room's rules again, soon: they may have changed."""
        if room in self._floors:
            self._due[room] = self._loop.time()
            self._work.set()

    async def run(self) -> NoReturn:
        """Read again what is due, until cancelled."""
        while True:
            self._work.clear()
            now = self._loop.time()
            for room, at in list(self._due.items()):
                if at <= now and room not in self._opening:
                    await self._read_again(room)
            due = min(self._due.values(), default=now + AGAIN_S)
            try:
                async with asyncio.timeout(max(due - self._loop.time(), 0)):
                    await self._work.wait()
            except TimeoutError:
                continue

    async def _read_again(self, room: str) -> None:
        if (floor := self._floors.get(room)) is None:
            return
        self._due[room] = self._loop.time() + AGAIN_S
        try:
            rules = await self._read(room)
        except Exception as error:  # One room whose rules cannot be read must not end them all.
            expected = isinstance(error, Unavailable)
            log.warning("rules_not_read", room=room, error=str(error), exc_info=not expected)
            if self._floors.get(room) is floor:
                self._due[room] = self._loop.time() + RETRY_S
        else:
            if self._floors.get(room) is floor and rules != floor.rules:
                floor.rules = rules
                self._changed(room)
