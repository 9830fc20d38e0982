"""
What happens in live shows, written down as it happens, for the replay.

The chronicle listens to each live room like a viewer. Invariant: control events are written without
a hole, however often the worker dies, as long as the room's log has them (a thousand events); chat
is written as it is heard, and a worker that comes back finds the last fifty lines. What a moderator
takes away is forgotten here too. One process writes at a time, the one with the advisory lock.
"""

import asyncio
import time
from collections import Counter, deque
from typing import Final, NoReturn

import msgspec
import structlog
from msgspec import Struct

from commerce.ids import ShowId
from commerce.messages import Stock
from commerce.rounds import rounds
from commerce.store import moments, shows
from commerce.store.moments import Lane, Moment
from commerce.store.pool import Connection, open_connection
from rooms.brokers import Broker, BrokerUnavailable, Line, Past

WRITE_S: Final = 1.0
"""Chat is written once a second: one statement, however many talk."""

LOOK_EVERY: Final = 2
"""Rounds between two looks at which shows are live; what was missed is in the room's log."""

TURN_S: Final = 1.0
"""How often a stand-by asks for the lock."""

LOCK: Final = 0x6368_726F_6E
"""The advisory lock's number: ``chron`` in ASCII."""

ROOMS: Final = 100
"""Live shows that are followed at a time."""

LIMITS: Final[dict[Lane, int]] = {"event": 5_000, "chat": 50_000}
"""Of one show: ten times an evening's events; chat for two hours of seven lines a second."""

WAITING: Final = 20_000
"""Moments that wait while PostgreSQL is away, some 6 MiB; beyond, the oldest are lost."""

log = structlog.get_logger()


class _Told(Struct):
    """What an event says of itself, as far as it matters here."""

    type: str
    at: int = 0
    offset: int = 0
    id: str = ""
    sender: str = ""


_told: Final = msgspec.json.Decoder(_Told).decode
_stock: Final = msgspec.json.Decoder(Stock).decode


class Page:
    """One room, as the chronicle hears it; a `rooms.brokers.Listener`."""

    def __init__(self, show: ShowId, told: deque[Moment], written: Counter[Lane]) -> None:
        self.show: Final = show
        self.ended = False
        self.removed: list[str] = []
        self.cleared: list[tuple[str, int]] = []
        self._told = told
        self._written = written
        self._epoch = ""
        self._sold_out: dict[str, bool] = {}

    def reset(self, past: Past) -> None:
        """Take what the room's log has; most of it is known."""
        self._epoch = past.position.epoch
        at = 0
        for event in past.events:
            # One that tells no time is as old as the one before it.
            at = self._happened(event, at or _now_ms())
        for line in past.chat:
            self._said(line)

    def control(self, event: bytes) -> None:
        """Take down an event."""
        self._happened(event, _now_ms())

    def _happened(self, event: bytes, otherwise_at: int) -> int:
        told = _told(event)
        at = told.at or otherwise_at
        match told.type:
            case "chat_removed":
                self.removed.append(told.id)
            case "chat_cleared":
                self.cleared.append((told.sender, at))
            case _:
                self._tell("event", f"{self._epoch}:{told.offset:09}", at, event)
        return at

    def chat(self, line: Line) -> None:
        """Take down a chat line."""
        self._said(line.body)

    def _said(self, line: bytes) -> None:
        told = _told(line)
        self._tell("chat", told.id, told.at or _now_ms(), line)

    def latest(self, key: str, value: bytes) -> None:
        """Take down when an offer sells out, and when units come back."""
        if not key.startswith("stock"):
            return
        stock = _stock(value)
        out = stock.left == 0
        if self._sold_out.get(stock.offer, False) != out:
            self._sold_out[stock.offer] = out
            self._tell("event", f"stock:{stock.offer}:{stock.version:09}", _now_ms(), value)

    def signal(self, topic: str) -> None:
        """What workers tell each other is not for the book."""

    def whisper(self, user: str, message: bytes) -> None:
        """What is said to one person is nobody else's."""

    def _tell(self, lane: Lane, key: str, at: int, body: bytes) -> None:
        self._written[lane] += 1
        if self._written[lane] <= LIMITS[lane]:
            self._told.append(Moment(self.show, lane, key, at, body.decode()))
        elif self._written[lane] == LIMITS[lane] + 1:
            log.warning("chronicle_full", show=self.show, lane=lane)


class Chronicle:
    """The chronicle of this process."""

    def __init__(self, database_url: str, broker: Broker) -> None:
        self._database_url = database_url
        self._broker = broker
        self._told: deque[Moment] = deque(maxlen=WAITING)
        self._pages: dict[ShowId, Page] = {}

    async def run(self) -> NoReturn:
        """Write whenever it is this process's turn, through outages, until cancelled."""
        await rounds("chronicle", self.take_turn, every_s=TURN_S)

    async def take_turn(self) -> None:
        """Write for as long as this process owns the lock; return if another does."""
        async with open_connection(self._database_url) as connection:
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
                return
            try:
                while True:
                    await self.follow(connection)
                    for _ in range(LOOK_EVERY):
                        await asyncio.sleep(WRITE_S)
                        await self.write(connection)
            finally:
                await self._close_all()

    async def follow(self, connection: Connection) -> None:
        """Listen to the shows that are live, and leave those that ended."""
        live = await shows.list_shows(connection, state="live", limit=ROOMS)
        now = {ShowId(show.id) for show in live}
        for show in now - self._pages.keys():
            written = Counter(dict(await moments.count(connection, show)))
            page = self._pages[show] = Page(show, self._told, written)
            try:
                await self._broker.open(show, page)
            except BrokerUnavailable as error:
                log.warning("chronicle_waits", show=show, error=str(error))
                await self._close(show)
        for show in self._pages.keys() - now:
            # Once more: the goodbyes come after the end.
            if self._pages[show].ended:
                await self._close(show)
            else:
                self._pages[show].ended = True

    async def write(self, connection: Connection) -> None:
        """Write what was told since the last time."""
        batch = list(self._told)
        self._told.clear()
        try:
            if batch:
                await moments.write(connection, batch)
        except BaseException:
            # Back to the front, and of too many the oldest are lost.
            self._told.extendleft(reversed(batch[len(self._told) - WAITING :]))
            raise
        for show, page in self._pages.items():
            if removed := list(page.removed):
                await moments.take_away(connection, show, removed)
                del page.removed[: len(removed)]
            if cleared := list(page.cleared):
                for sender, at in cleared:
                    await moments.take_away_said_by(connection, show, sender, until=at)
                del page.cleared[: len(cleared)]

    async def _close(self, show: ShowId) -> None:
        await self._broker.close(show)
        del self._pages[show]

    async def _close_all(self) -> None:
        for show in list(self._pages):
            await self._close(show)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
