"""
A listener that swears to what every listener is promised, and fails the moment it is broken.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import msgspec

from rooms.brokers import Broker, BrokerUnavailable, Line, Past
from rooms.history import Position
from tests.waiting import PATIENCE_S, until, until_it_holds


class Witness:
    """Checks that offsets have no hole and no double, and that none ever names two events."""

    def __init__(self) -> None:
        self.position = Position("", 0)
        self.resets = 0
        self.heard: list[int] = []
        self.told: dict[Position, bytes] = {}
        self._news = asyncio.Event()

    def reset(self, past: Past) -> None:
        """Begin anew; what was heard before stays true."""
        same = past.position.epoch == self.position.epoch
        assert not same or past.position.offset >= self.position.offset
        assert len(past.events) <= past.position.offset
        first = past.position.offset - len(past.events) + 1
        for offset, event in enumerate(past.events, first):
            self._remember(Position(past.position.epoch, offset), event)
        self.position = past.position
        self.resets += 1
        self._news.set()

    def start_at(self, position: Position) -> None:
        """Begin anew from a snapshot."""
        self.reset(Past(position, [], []))

    def control(self, event: bytes) -> None:
        """Take the next event, which must be the next one."""
        self.position = Position(self.position.epoch, self.position.offset + 1)
        self._remember(self.position, event)
        if (number := msgspec.json.decode(event).get("n")) is not None:
            self.heard.append(number)
        self._news.set()

    def _remember(self, position: Position, event: bytes) -> None:
        assert msgspec.json.decode(event)["offset"] == position.offset
        assert self.told.setdefault(position, event) == event

    def chat(self, line: Line) -> None: ...
    def latest(self, key: str, value: bytes) -> None: ...
    def whisper(self, user: str, message: bytes) -> None: ...
    def signal(self, topic: str) -> None: ...

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until what was heard fulfils ``condition``."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def reaches(self, position: Position) -> None:
        """Wait for an event."""
        await self.until(lambda: position in self.told)


async def publish(broker: Broker, room: str, n: int) -> Position:
    """Publish an event, again and again until it is known to be in the log."""
    position: Position | None = None

    async def is_in_the_log() -> bool:
        nonlocal position
        with suppress(BrokerUnavailable):
            position = await broker.publish(room, b'{"type":"notice","n":%d}' % n)
        return position is not None

    await until_it_holds(is_in_the_log)
    assert position is not None
    return position


async def becomes(broker: Broker, *, ready: bool) -> None:
    """Wait until the broker says so."""
    await until(lambda: broker.ready is ready)
