"""
The rooms of this worker: opened when someone comes, closed some time after the last one left.

Invariant: a room is found here from the moment it begins to open until the broker stops delivering
to it; whoever waits for it to open waits for the same opening.
"""

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec
import structlog

from rooms.application import Unavailable
from rooms.bounds import Bounds
from rooms.brokers import Broker, BrokerUnavailable, Crowd
from rooms.fanout import Room
from rooms.frames import Shared
from rooms.history import Position
from rooms.messages import People, Pulse
from rooms.moderation import Floor
from rooms.passes import Passes
from rooms.presence import merged, roll_call
from rooms.rulebook import Rulebook
from rooms.turns import turns_of
from rooms.turnstile import Turnstile

PULSE_S: Final = 1.0
"""Once a second is as often as a number on screen can be read."""

LINGER_S: Final = 60.0
"""An empty room stays open this long: a page that reloads finds it warm."""

Taken = asyncio.Future[tuple[Position, Shared]]
"""A snapshot that is being taken, or was: the state at a position."""

log = structlog.get_logger()
encode = msgspec.json.Encoder().encode


class OpenRoom:
    """A room of this worker, and what the worker keeps beside it."""

    __slots__ = (
        "arriving",
        "crowd",
        "empty_since",
        "floor",
        "likes",
        "opened",
        "people",
        "room",
        "snapshot",
        "turnstile",
    )

    def __init__(self, room: Room, opened: asyncio.Future[bool]) -> None:
        self.room = room
        self.opened = opened
        self.floor = Floor()
        self.arriving = 0
        self.likes = 0
        self.crowd = Crowd(0, 0)
        self.people = b"[]"
        self.turnstile = Turnstile()
        self.empty_since: float | None = None
        self.snapshot: Taken | None = None


class Hub:
    """The rooms of one worker, and the count of who is in them."""

    def __init__(
        self,
        broker: Broker,
        bounds: Bounds,
        tasks: asyncio.TaskGroup,
        worker: str,
        rulebook: Rulebook,
        signalled: Callable[[str, str], object],
        noticed: Callable[[str, str, bytes], object],
    ) -> None:
        self._broker = broker
        self._bounds = bounds
        self._tasks = tasks
        self._worker = worker
        self._rulebook = rulebook
        self._signalled = signalled
        self._noticed = noticed
        self._loop = asyncio.get_running_loop()
        self._turns = turns_of(self._loop)
        self._open: dict[str, OpenRoom] = {}

    def find(self, name: str) -> OpenRoom | None:
        """Return the room, if this worker has it."""
        return self._open.get(name)

    @property
    def passes(self) -> Passes:
        """What the passes of all rooms came to."""
        return self._turns.passes

    def rooms(self) -> list[Room]:
        """Return every room of this worker."""
        return [state.room for state in self._open.values()]

    async def open(self, name: str) -> OpenRoom:
        """
        Return the room, open.

        Raises:
            BrokerUnavailable: it could not be opened, or nobody can say by which rules.
            Unavailable: this worker has too many rooms already.

        """
        state = self._open.get(name)
        if state is None:
            if len(self._open) >= self._bounds.rooms:
                raise Unavailable(f"this worker has {len(self._open)} rooms open")
            room = Room(
                name,
                self._turns,
                lines_a_second=self._bounds.lines_a_second,
                signalled=lambda topic: self._signalled(name, topic),
                noticed=lambda key, value: self._noticed(name, key, value),
            )
            state = self._open[name] = OpenRoom(room, self._loop.create_future())
            self._tasks.create_task(self._open_room(state))
        # Of ten thousand who come, one waits: a shield costs the others a future and a turn.
        opened = (
            state.opened.result() if state.opened.done() else await asyncio.shield(state.opened)
        )
        if not opened:
            raise BrokerUnavailable(f"room {name} could not be opened")
        return state

    async def _open_room(self, state: OpenRoom) -> None:
        name = state.room.name
        try:
            await self._broker.open(name, state.room)
            state.floor = await self._rulebook.open(name)
        except Exception as error:  # A room that cannot be opened must not end the worker.
            expected = isinstance(error, BrokerUnavailable | Unavailable)
            log.warning("room_not_opened", room=name, error=str(error), exc_info=not expected)
            del self._open[name]
            await self._broker.close(name)
            state.opened.set_result(False)
        else:
            state.opened.set_result(True)

    async def pulse(self) -> None:
        """Once a second: count each room's viewers on all workers, and close what is empty."""
        while True:
            await asyncio.sleep(PULSE_S)
            for state in list(self._open.values()):
                if state.opened.done():
                    try:
                        await self._count(state)
                    except BrokerUnavailable as error:
                        log.warning("not_counted", room=state.room.name, error=str(error))

    async def say_goodbye(self) -> None:
        """Take this worker's viewers out of every count: it ends."""
        for name in self._open:
            await self._broker.count(name, self._worker, 0, 0)

    async def _count(self, state: OpenRoom) -> None:
        room, likes, entered = state.room, state.likes, state.turnstile.entered
        crowd = await self._broker.count(
            room.name,
            self._worker,
            len(room.members),
            likes,
            roll_call(member.identity for member in room.members),
            entered,
        )
        state.likes -= likes
        state.turnstile.brought(entered)
        before, state.crowd = state.crowd, crowd
        if (crowd.viewers, crowd.likes) != (before.viewers, before.likes):
            pulse = Pulse(viewers=crowd.viewers, likes=crowd.likes)
            room.latest("pulse", encode(pulse), hurry=False)
        if (people := encode(People(people=merged(crowd.people)))) != state.people:
            state.people = people
            room.latest("people", people, hurry=False)
        if (news := state.turnstile.news(crowd.came, self._loop.time())) is not None:
            room.latest("arrivals", encode(news), hurry=False, kept=False)
        await self._close_if_empty(state)

    async def _close_if_empty(self, state: OpenRoom) -> None:
        if state.room.members or state.arriving:
            state.empty_since = None
        elif state.empty_since is None:
            state.empty_since = self._loop.time()
        elif self._loop.time() - state.empty_since > LINGER_S:
            del self._open[state.room.name]
            self._rulebook.close(state.room.name)
            await self._broker.close(state.room.name)
