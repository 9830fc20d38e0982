"""
The rooms of this worker, and everything that runs for them.

Connections report here; rooms are opened when someone comes and closed some time after the last
one left. Three tasks run, however many viewers there are: the one that speaks for them, the one
that counts them, and the wheel that finds out who is gone. A join is a task while it waits.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from secrets import token_hex
from typing import Any, Final

import msgspec
import structlog
from msgspec import Raw, Struct

from rooms.application import Application, Unavailable
from rooms.brokers import Broker, BrokerUnavailable, Crowd, Line
from rooms.codes import GOING_AWAY, IDLE, NOT_ADMITTED, UNAVAILABLE
from rooms.connection import Connection
from rooms.fanout import Room
from rooms.frames import PING, text_frame
from rooms.history import Position
from rooms.messages import Error, Join, Joined, Message, Ok, Pulse
from rooms.session import (
    UNDECODABLE,
    Applaud,
    Close,
    Effect,
    Enter,
    Forward,
    Nothing,
    Phase,
    Post,
    Reply,
)

PULSE_S: Final = 1.0
"""Once a second is as often as a number on screen can be read."""

LINGER_S: Final = 60.0
"""An empty room stays open this long: a page that reloads finds it warm."""

WHEEL_SPOKES: Final = 25
"""Each second one spoke of viewers is pinged, so each viewer every 25 s; NATs forget at 30 s."""

SILENCE_S: Final = 60.0
"""Two pings without an answer."""

GREETING_S: Final = 10.0
"""A client that connects joins at once."""

SPEECH_LIMIT: Final = 10_000
"""Chat lines on their way to the broker: two seconds of what Redis takes."""

CLOSING_BATCH: Final = 500
"""Close frames written between two turns of the loop while draining."""

log = structlog.get_logger()
encode = msgspec.json.Encoder().encode


class Statistics(Struct, frozen=True):
    """What this worker holds, and has done since it began."""

    connections: int
    viewers: int
    rooms: int
    joins: int
    resumes: int
    refused: int
    passes: int


class _Speech(Struct, frozen=True):
    room: str
    line: Line
    speaker: Connection
    reply: Ok


class _Open:
    """A room of this worker, and what the node keeps beside it."""

    __slots__ = ("arriving", "crowd", "empty_since", "likes", "opened", "room", "snapshot")

    def __init__(self, room: Room, opened: asyncio.Future[bool]) -> None:
        self.room = room
        self.opened = opened
        self.arriving = 0
        self.likes = 0
        self.crowd = Crowd(0, 0)
        self.empty_since: float | None = None
        self.snapshot: asyncio.Future[tuple[Position, bytes]] | None = None


class Node:
    """The rooms of this worker; made by :func:`open_node`."""

    def __init__(self, broker: Broker, application: Application, tasks: asyncio.TaskGroup) -> None:
        self.worker = token_hex(4)
        self.joins = self.resumes = self.refused = 0
        self._broker = broker
        self._application = application
        self._tasks = tasks
        self._loop = asyncio.get_running_loop()
        self._open: dict[str, _Open] = {}
        self._spokes: list[set[Connection]] = [set() for _ in range(WHEEL_SPOKES)]
        self._spoke_of: dict[Connection, set[Connection]] = {}
        self._speech: asyncio.Queue[_Speech] = asyncio.Queue(SPEECH_LIMIT)
        self._numbers = count(1)
        self._draining = False

    @property
    def ready(self) -> bool:
        """Whether viewers may be sent here."""
        return self._broker.ready and not self._draining

    def protocol(self, config: Any, server_state: Any, app_state: Any) -> asyncio.Protocol:
        """Make the protocol of one upgraded connection; uvicorn's ``ws=``."""
        name = f"{self.worker}-{next(self._numbers)}"
        return Connection(self, name, self._loop.time, server_state.connections)

    def statistics(self) -> Statistics:
        """Return the numbers for the metrics page."""
        rooms = [state.room for state in self._open.values()]
        return Statistics(
            connections=len(self._spoke_of),
            viewers=sum(len(room.members) for room in rooms),
            rooms=len(rooms),
            joins=self.joins,
            resumes=self.resumes,
            refused=self.refused,
            passes=sum(room.passes for room in rooms),
        )

    async def drain(self, over_s: float) -> None:
        """Send everyone away, to come back elsewhere after a random part of ``over_s``."""
        self._draining = True
        for number, connection in enumerate(list(self._spoke_of), 1):
            error = Error(
                code="going_away",
                detail="the server is restarting; come back in a moment",
                retry_after_ms=round(random.uniform(0, over_s) * 1000),
            )
            connection.send(encode(error))
            connection.leave(GOING_AWAY)
            if number % CLOSING_BATCH == 0:
                await asyncio.sleep(0)

    # -- What connections report ----------------------------------------------------------------

    def connected(self, connection: Connection) -> None:
        """Put a new connection on the wheel."""
        spoke = random.choice(self._spokes)
        spoke.add(connection)
        self._spoke_of[connection] = spoke

    def disconnected(self, connection: Connection) -> None:
        """Forget a connection."""
        spoke = self._spoke_of.pop(connection, None)
        if spoke is not None:
            spoke.discard(connection)
        if connection.home is not None and connection.session.identity is not None:
            connection.home.forget(connection)

    def received(self, connection: Connection, frame: bytes) -> None:
        """Let the session decide what a frame does, and do it."""
        now = connection.heard_at
        try:
            message = self._application.decode(frame)
        except UNDECODABLE as error:
            effect = connection.session.refuse(error, now)
        else:
            effect = connection.session.receive(message, now, time.time_ns() // 1_000_000)
        self._perform(connection, effect)

    def pinged(self, connection: Connection) -> None:
        """Count a ping of the protocol as a frame: it was answered."""
        self._perform(connection, connection.session.overhear(connection.heard_at))

    def _perform(self, connection: Connection, effect: Effect) -> None:
        match effect:
            case Enter(join):
                self._tasks.create_task(self._admit(connection, join))
            case Reply(message):
                connection.send(encode(message))
            case Post(line, reply):
                said = Line(line.sender.id, encode(line), always=bool(line.sender.badges))
                speech = _Speech(connection.room, said, connection, reply)
                try:
                    self._speech.put_nowait(speech)
                except asyncio.QueueFull:
                    connection.send(encode(_unheard(reply)))
            case Applaud(likes):
                if (state := self._open.get(connection.room)) is not None:
                    state.likes += likes
            case Forward(message):
                self._application.handle(connection, message)
            case Close(why):
                connection.leave(why)
            case Nothing():
                pass

    # -- Entering -------------------------------------------------------------------------------

    async def _admit(self, connection: Connection, join: Join) -> None:
        try:
            answer = await self._application.admit(join.room, join.token)
            if isinstance(answer, Error):
                self._refuse(connection, answer)
                return
            state = await self._room(join.room)
            if connection.closing:
                return
            state.arriving += 1
            try:
                connection.home = state.room
                connection.session.identity = answer
                state.room.expect(connection)
                await self._greet(connection, state, join)
            finally:
                state.arriving -= 1
        except (BrokerUnavailable, Unavailable) as why:
            log.warning("join_deferred", room=join.room, error=str(why))
            self._turn_away(connection)
        except Exception:  # One entrance that fails must not end the worker.
            log.exception("join_failed", room=join.room, connection=connection.connection)
            self._turn_away(connection)

    def _turn_away(self, connection: Connection) -> None:
        detail = "the room cannot be opened just now; try again in a moment"
        error = Error(code="unavailable", detail=detail)
        connection.write(text_frame((encode(error),)))
        connection.leave(UNAVAILABLE)

    def _refuse(self, connection: Connection, why: Error) -> None:
        self.refused += 1
        connection.send(encode(why))
        connection.leave(NOT_ADMITTED)

    async def _room(self, name: str) -> _Open:
        state = self._open.get(name)
        if state is None:
            room = Room(name, self._loop.call_soon)
            state = self._open[name] = _Open(room, self._loop.create_future())
            self._tasks.create_task(self._open_room(state))
        if not await asyncio.shield(state.opened):
            raise BrokerUnavailable(f"room {name} could not be opened")
        return state

    async def _open_room(self, state: _Open) -> None:
        try:
            await self._broker.open(state.room.name, state.room)
        except BrokerUnavailable as error:
            log.warning("room_not_opened", room=state.room.name, error=str(error))
            del self._open[state.room.name]
            state.opened.set_result(False)
        else:
            state.opened.set_result(True)

    async def _greet(self, connection: Connection, state: _Open, join: Join) -> None:
        """Bring an expected viewer to where the room is, and let it in without a gap."""
        room, identity = state.room, connection.identity
        you = await self._application.you(room.name, identity)
        since = Position(join.since.epoch, join.since.offset) if join.since else None
        missed = room.history.since(since) if since is not None else None
        snapshot: bytes | None = None
        while since is None or missed is None:
            since, snapshot = await self._snapshot(state)
            missed = room.history.since(since)
        # Nothing waits from here on, so no event can fall between the greeting and the passes.
        if connection.closing:
            return
        joined = Joined(
            room=room.name,
            you=Raw(you),
            epoch=since.epoch,
            offset=since.offset,
            at=time.time_ns() // 1_000_000,
            chat=[Raw(line) for line in room.chat_tail],
            recovered=snapshot is None,
            snapshot=Raw(snapshot) if snapshot is not None else None,
        )
        room.enter(connection, [encode(joined), *missed])
        connection.session.admit(identity)
        self.joins += 1
        self.resumes += snapshot is None
        log.info(
            "joined",
            room=room.name,
            connection=connection.connection,
            user=identity.id,
            resumed=snapshot is None,
        )

    async def _snapshot(self, state: _Open) -> tuple[Position, bytes]:
        """Return the state at a position; one taking serves everyone who waits for it."""
        taking = state.snapshot
        if taking is None or (taking.done() and not self._current(state, taking)):
            taking = state.snapshot = self._loop.create_future()
            self._tasks.create_task(self._take_snapshot(state, taking))
        return await asyncio.shield(taking)

    def _current(self, state: _Open, taken: asyncio.Future[tuple[Position, bytes]]) -> bool:
        return taken.exception() is None and taken.result()[0] == state.room.history.position

    async def _take_snapshot(
        self, state: _Open, taking: asyncio.Future[tuple[Position, bytes]]
    ) -> None:
        # The position is read first: the state may be newer than it says, never older.
        position, crowd = state.room.history.position, state.crowd
        try:
            body = await self._application.snapshot(state.room.name, crowd.viewers, crowd.likes)
        except Exception as error:  # noqa: BLE001 - raised to those who wait for it
            taking.set_exception(error)
        else:
            taking.set_result((position, body))

    # -- What runs ------------------------------------------------------------------------------

    async def speak(self) -> None:
        """Bring chat lines to the broker, in order."""
        while True:
            speech = await self._speech.get()
            try:
                await self._broker.say(speech.room, speech.line)
            except BrokerUnavailable as error:
                log.warning("line_not_delivered", room=speech.room, error=str(error))
                speech.speaker.send(encode(_unheard(speech.reply)))
            else:
                speech.speaker.send(encode(speech.reply))

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

    async def _count(self, state: _Open) -> None:
        room, likes = state.room, state.likes
        crowd = await self._broker.count(room.name, self.worker, len(room.members), likes)
        state.likes -= likes
        if crowd != state.crowd:
            state.crowd = crowd
            room.latest("pulse", encode(Pulse(viewers=crowd.viewers, likes=crowd.likes)))
        if room.members or state.arriving:
            state.empty_since = None
        elif state.empty_since is None:
            state.empty_since = self._loop.time()
        elif self._loop.time() - state.empty_since > LINGER_S:
            del self._open[room.name]
            await self._broker.close(room.name)

    async def turn_wheel(self) -> None:
        """Each second, look after one spoke of connections: ping, or let go."""
        while True:
            for spoke in self._spokes:
                await asyncio.sleep(1)
                now = self._loop.time()
                for connection in list(spoke):
                    self._look_after(connection, now)

    def _look_after(self, connection: Connection, now: float) -> None:
        mute = connection.session.phase is Phase.GREETING
        if connection.closing:
            connection.abort()
        elif now - connection.heard_at > SILENCE_S or (
            mute and now - connection.opened_at > GREETING_S
        ):
            connection.leave(IDLE)
        else:
            connection.write(PING)


def _unheard(reply: Ok) -> Message:
    detail = "the line could not be delivered; send it again"
    return Error(code="unavailable", detail=detail, to=reply.to)


@asynccontextmanager
async def open_node(broker: Broker, application: Application) -> AsyncIterator[Node]:
    """Run the rooms of this worker for as long as the block lasts."""
    async with asyncio.TaskGroup() as tasks:
        node = Node(broker, application, tasks)
        running = [tasks.create_task(run()) for run in (node.speak, node.pulse, node.turn_wheel)]
        try:
            yield node
        finally:
            for task in running:
                task.cancel()
