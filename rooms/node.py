"""
This worker's part of every room: the facade that the program around it sees.

Connections report here, and what their sessions decide is done here. Four tasks run, however many
viewers there are: the one that counts them, the wheel that finds out who is gone, the watch over
the broker, and the rulebook. A join is a task while it waits, and so are the lines of a room on
their way.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from secrets import token_hex
from typing import Any, Final

import structlog
from msgspec import Struct

from rooms.application import Application, Unavailable
from rooms.bounds import Bounds
from rooms.brokers import RESUMED, Broker, BrokerUnavailable, Line
from rooms.codes import GOING_AWAY, IDLE, Disconnect
from rooms.connection import Connection
from rooms.door import RESTARTING, Asking, Door, Guest, Turned
from rooms.entrance import Entrance
from rooms.frames import PING
from rooms.hub import Hub, encode
from rooms.messages import Error, Say, Sender
from rooms.passes import Passes
from rooms.presence import merged
from rooms.rulebook import RULES, Rulebook
from rooms.session import (
    UNDECODABLE,
    Allowances,
    Applaud,
    Close,
    Effect,
    Enter,
    Forward,
    Nothing,
    Phase,
    Post,
    Reconsider,
    Reply,
)
from rooms.speech import Speech, Speeches
from rooms.wheel import Wheel

PING_EVERY_S: Final = 25
"""NATs forget a silent connection after 30 s. The first one comes earlier, at random."""

SILENCE_S: Final = 60.0
"""Two pings without an answer."""

GREETING_S: Final = 10
"""A client that connects joins at once."""

CLOSING_S: Final = 5
"""What the peer gets to answer a close frame."""

DRAIN_TICK_S: Final = 0.05
"""Between two batches of a drain: the others hear what happens meanwhile."""

DRAIN_BATCH: Final = 50
"""Those sent away at once at least: a thousand a second may come back to any other worker."""

COME_BACK_S: Final = 1.0
"""Who is sent away comes back after a random part of it, on top of when its batch was closed."""

DEAF_S: Final = 15.0
"""A worker that hears nothing for so long sends its viewers to one that may."""

log = structlog.get_logger()


class Statistics(Struct, frozen=True):
    """What this worker holds, and has done since it began; ``behind``: their sockets are full."""

    connections: int
    viewers: int
    behind: int
    rooms: int
    joins: int
    resumes: int
    refused: int
    deferred: int
    passes: int


class Node:
    """The rooms of this worker; made by :func:`open_node`."""

    def __init__(
        self,
        broker: Broker,
        application: Application,
        tasks: asyncio.TaskGroup,
        *,
        door: Door,
        bounds: Bounds,
    ) -> None:
        self.worker = token_hex(4)
        self._broker = broker
        self._application = application
        self._loop = asyncio.get_running_loop()
        self._door = door
        self._tasks = tasks
        self.rulebook = Rulebook(application.rules, self._turn_out_banned)
        self._hub = Hub(
            broker,
            bounds,
            tasks,
            self.worker,
            self.rulebook,
            self._signalled,
            application.notice,
        )
        self._entrance = Entrance(self._hub, application, bounds, tasks)
        self._wheel: Wheel[Connection] = Wheel()
        self.allowances = Allowances()
        self._speeches = Speeches(broker, tasks)
        self._numbers = count(1)
        self._draining = False

    @property
    def ready(self) -> bool:
        """Whether viewers may be sent here."""
        return self._broker.ready and not self._draining

    def protocol(self, config: Any, server_state: Any, app_state: Any) -> Connection:
        """Make the protocol of one upgraded connection; uvicorn's ``ws=``."""
        name = f"{self.worker}-{next(self._numbers)}"
        return Connection(self, name, self._loop.time, server_state.connections)

    def statistics(self) -> Statistics:
        """Return the numbers for the metrics page."""
        rooms, entrance = self._hub.rooms(), self._entrance
        return Statistics(
            connections=len(self._wheel),
            viewers=sum(len(room.members) for room in rooms),
            behind=sum(each.backlog is not None for room in rooms for each in room.members),
            rooms=len(rooms),
            joins=entrance.joins,
            resumes=entrance.resumes,
            refused=entrance.refused,
            deferred=entrance.deferred,
            passes=sum(room.passes for room in rooms),
        )

    @property
    def passes(self) -> Passes:
        """What the passes of this worker came to."""
        return self._hub.passes

    async def people(self, room: str) -> list[Sender]:
        """
        Return who is in ``room`` on any worker: those with a name, some of them in a big room.

        Raises:
            BrokerUnavailable: not now.

        """
        return merged(await self._broker.people(room))

    async def drain(self, over_s: float) -> None:
        """
        Take nobody in any more, and send everyone away, over ``over_s`` seconds if they are many.

        Whoever has to wait for their batch hears what happens until then. Chat lines that were
        taken are delivered first. Idempotent.
        """
        self._draining = True
        await self._send_away(over_s)
        try:
            async with asyncio.timeout(CLOSING_S):
                await self._speeches.all_brought()
                await self._hub.say_goodbye()
        except (TimeoutError, BrokerUnavailable) as error:
            log.warning("drained_unheard", error=str(error))

    async def _send_away(self, over_s: float) -> None:
        """Close every connection in batches, each told to come back after a random while."""
        everyone = self._wheel.things()
        random.shuffle(everyone)
        batches = max(1, round(over_s / DRAIN_TICK_S))
        size = max(DRAIN_BATCH, -(-len(everyone) // batches))
        for first in range(0, len(everyone), size):
            for connection in everyone[first : first + size]:
                error = Error(
                    code="going_away",
                    detail="the server is restarting; come back in a moment",
                    retry_after_ms=round(random.uniform(0, COME_BACK_S) * 1000),
                )
                connection.send(encode(error))
                self._end(connection, GOING_AWAY)
            await asyncio.sleep(DRAIN_TICK_S)

    # -- What connections report ----------------------------------------------------------------

    def knocked(self, connection: Connection, asking: Asking) -> Guest | Turned:
        """Judge a request for a socket."""
        if self._draining:
            return RESTARTING
        return self._door.knock(asking, len(self._wheel), connection.heard_at)

    def connected(self, connection: Connection) -> None:
        """Put a new connection on the wheel."""
        self._door.entered(connection.guest)
        self._wheel.put(connection, GREETING_S)

    def disconnected(self, connection: Connection) -> None:
        """Forget a connection."""
        if connection in self._wheel:
            self._wheel.take_out(connection)
            self._door.left(connection.guest)
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
                self._entrance.knock(connection, join)
            case Reply(message):
                connection.send(encode(message))
            case Reconsider(message):
                self._tasks.create_task(self._reconsider(connection, message))
            case Post(line, reply, outdated):
                if outdated:
                    self._tasks.create_task(self._learn(connection))
                said = Line(line.sender.id, encode(line), always=bool(line.sender.badges))
                self._speeches.post(connection.room, Speech(said, connection, reply))
            case Applaud(likes):
                if (state := self._hub.find(connection.room)) is not None:
                    state.likes += likes
            case Forward(message):
                self._application.handle(connection, message)
            case Close(why):
                self._end(connection, why)
            case Nothing():
                pass

    def _end(self, connection: Connection, why: Disconnect) -> None:
        """Close a connection; a peer that does not answer is dropped in some seconds."""
        connection.leave(why)
        if connection in self._wheel:
            self._wheel.put(connection, CLOSING_S)

    # -- Moderation -----------------------------------------------------------------------------

    def _signalled(self, room: str, topic: str) -> None:
        if topic in (RULES, RESUMED):
            self.rulebook.doubt(room)

    def _turn_out_banned(self, room: str) -> None:
        """Close the connections that the new rules of a room ban, those still coming in, too."""
        if (state := self._hub.find(room)) is None:
            return
        rules = state.floor.rules
        for members in list(state.room.by_user.values()):
            for member in list(members):
                if isinstance(member, Connection) and rules.bans(member.identity):
                    self._entrance.turn_out(member)
                    self._wheel.put(member, CLOSING_S)

    async def _learn(self, connection: Connection) -> None:
        """Learn a viewer's circles; where nobody can say, what is known stays."""
        try:
            circles = await self._application.circles(connection.room, connection.identity)
        except Unavailable as why:
            log.warning("circles_not_learnt", room=connection.room, error=str(why))
        except Exception:  # One viewer's circles must not end the worker.
            log.exception("circles_not_learnt", room=connection.room)
        else:
            connection.session.learn(circles)

    async def _reconsider(self, connection: Connection, message: Say) -> None:
        await self._learn(connection)
        at = time.time_ns() // 1_000_000
        self._perform(connection, connection.session.reconsider(message, self._loop.time(), at))

    # -- What runs ------------------------------------------------------------------------------

    async def pulse(self) -> None:
        """Count each room's viewers, once a second."""
        await self._hub.pulse()

    async def turn_wheel(self) -> None:
        """Each second, look after those whose turn it is: ping, or let go."""
        while True:
            await asyncio.sleep(1)
            for connection in self._wheel.turn():
                self._look_after(connection, self._loop.time())

    def _look_after(self, connection: Connection, now: float) -> None:
        if connection.closing:
            self._wheel.put(connection, CLOSING_S)
            connection.abort()
            return
        self._wheel.put(connection, PING_EVERY_S)
        if connection.session.phase is Phase.GREETING or now - connection.heard_at > SILENCE_S:
            self._end(connection, IDLE)
        elif now - connection.opened_at < PING_EVERY_S:
            # From now on it has a second of its own: those who came together ping apart.
            self._wheel.put(connection, random.randint(1, PING_EVERY_S - GREETING_S))
        else:
            connection.write(PING)

    async def watch_broker(self) -> None:
        """Send the viewers of a worker that hears nothing to one that may."""
        while True:
            await asyncio.sleep(1)
            deaf_since = self._broker.deaf_since
            deaf_s = 0.0 if deaf_since is None else self._loop.time() - deaf_since
            if deaf_s > DEAF_S and len(self._wheel):
                log.warning("viewers_sent_away", viewers=len(self._wheel), deaf_s=deaf_s)
                await self._send_away(COME_BACK_S)


@asynccontextmanager
async def open_node(
    broker: Broker,
    application: Application,
    *,
    door: Door | None = None,
    bounds: Bounds | None = None,
) -> AsyncIterator[Node]:
    """Run the rooms of this worker for as long as the block lasts."""
    bounds = bounds or Bounds()
    async with asyncio.TaskGroup() as tasks:
        node = Node(broker, application, tasks, door=door or Door(bounds), bounds=bounds)
        runs = (node.pulse, node.turn_wheel, node.watch_broker, node.rulebook.run)
        running = [tasks.create_task(run()) for run in runs]
        try:
            yield node
        finally:
            for task in running:
                task.cancel()
