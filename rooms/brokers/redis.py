"""
A broker over Redis: a stream a room for the log, pub/sub for delivery, scripts for atomicity.

It speaks to one server, to a master under sentinels and to a Redis Cluster alike: each server that
holds rooms has one connection that listens, and one task reads it strictly in order. Invariant:
between two resets a listener gets offsets without a hole; what a lost subscription missed is read
from the stream before anything newer is delivered.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Any, Final

import structlog
from msgspec import Struct

from rooms.brokers import (
    KEPT_CHAT_LINES,
    KNOWN_CHAT_LINES,
    NOBODY_ENTERED,
    RESUMED,
    SMALL_ROOM,
    BrokerUnavailable,
    Crowd,
    Line,
    Listener,
    Past,
    Whisper,
)
from rooms.brokers.servers import CALL_S, Servers
from rooms.brokers.subscription import Subscription
from rooms.brokers.topology import Address, NobodyAnswers, read_topology
from rooms.history import KEPT_EVENTS, Position
from rooms.removal import Removal
from rooms.turnstile import Came, Entered

SURVEY_S: Final = 5.0
"""Where the rooms are is asked this often, even while nothing seems wrong."""

SURVEY_AGAIN_S: Final = 0.25
"""And at most this often while something does: a failover takes seconds."""

BEHIND_S: Final = 1.0
"""An event that the log has and nobody delivered after this long is lost on its way."""

LOG_LIFE_S: Final = 7 * 24 * 3600
"""A room's log outlives its last event by a week."""

SILENT_WORKER_S: Final = 5
"""A worker counts its viewers every second; after this it is taken for dead."""

EVERYONE: Final = 2**31
"""More viewers than any room has: then a room of every size says who is there."""

log = structlog.get_logger()


def _channel(room: str) -> str:
    """Return the channel of a room, which all its keys begin with: its hash slot is theirs."""
    return f"room:{{{room}}}"


class _Lag(Struct, frozen=True):
    """Since when the log has been ahead of what was heard last."""

    heard: Position
    since: float


class _Room:
    """What this worker knows of one room's log, and on which server it listens for it."""

    __slots__ = ("channel", "heard", "home", "lag", "listener", "name", "opened")

    def __init__(self, name: str, listener: Listener) -> None:
        self.name = name
        self.channel = _channel(name)
        self.listener = listener
        self.home: Address | None = None
        self.heard: Position | None = None
        self.lag: _Lag | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class RedisBroker:
    """The log of every room, in Redis; made by :func:`open_redis_broker`."""

    def __init__(self, servers: Servers, tasks: asyncio.TaskGroup) -> None:
        self._servers = servers
        self._tasks = tasks
        self._loop = asyncio.get_running_loop()
        self._rooms: dict[bytes, _Room] = {}
        self._listening: dict[Address, tuple[Subscription, asyncio.Task[None]]] = {}
        self._deaf_since: float | None = self._loop.time()
        self._lost_sight = False

    @property
    def ready(self) -> bool:
        """Whether every server's subscription lives and every open room has caught up."""
        return self._deaf_since is None

    @property
    def deaf_since(self) -> float | None:
        """When it stopped being ready, on the loop's clock."""
        return self._deaf_since

    async def publish(self, room: str, event: bytes) -> Position:
        """Append and deliver ``event``."""
        arguments = [event, token_hex(8), KEPT_EVENTS, LOG_LIFE_S, _channel(room)]
        epoch, offset = await self._run("publish", room, ["head", "log"], arguments)
        return Position(epoch.decode(), offset)

    async def say(self, room: str, *lines: Line) -> None:
        """Deliver chat lines and keep them among the last."""
        said = [
            argument
            for line in lines
            for argument in (f"s {line.speaker} {line.always:d}", line.body)
        ]
        arguments = [KNOWN_CHAT_LINES, LOG_LIFE_S, _channel(room), *said]
        await self._run("say", room, ["chat"], arguments)

    async def lines(self, room: str) -> list[bytes]:
        """Return the chat lines that are known still."""
        lines: list[bytes] = await self._run("lines", room, ["chat"], [KNOWN_CHAT_LINES])
        return lines

    async def forget(self, room: str, removal: Removal) -> None:
        """Keep the lines that ``removal`` takes no longer."""
        await self._run("forget", room, ["chat"], [removal.line, removal.sender])

    async def set(self, room: str, key: str, value: bytes) -> None:
        """Deliver the latest value of ``key``."""
        await self._deliver(room, b"l %b\n%b" % (key.encode(), value))

    async def whisper(self, room: str, *whispers: Whisper) -> None:
        """Deliver messages to one user each, on whichever worker they are."""
        said = [b"w %b\n%b" % (whisper.user.encode(), whisper.body) for whisper in whispers]
        await self._deliver(room, *said)

    async def signal(self, room: str, topic: str) -> None:
        """Tell every worker that what ``topic`` names has changed."""
        await self._deliver(room, b"n %b\n" % topic.encode())

    async def count(
        self,
        room: str,
        worker: str,
        viewers: int,
        likes: int,
        people: bytes = b"[]",
        entered: Entered = NOBODY_ENTERED,
    ) -> Crowd:
        """Add up viewers, likes and who came in on all workers; notice a log that is ahead."""
        mine: list[str | int | bytes] = [worker, viewers, likes, people]
        mine += [entered.count, entered.newest]
        return await self._crowd(room, SMALL_ROOM, mine)

    async def people(self, room: str) -> list[bytes]:
        """Return what each worker said last of who is there."""
        return (await self._crowd(room, EVERYONE, ["", 0, 0, "", 0, ""])).people

    async def _crowd(self, room: str, small: int, mine: list[str | int | bytes]) -> Crowd:
        arguments = [*mine, SILENT_WORKER_S, LOG_LIFE_S, small]
        viewers, likes, people, epoch, offset, came, named, newest = await self._run(
            "count", room, ["crowd", "head", "came"], arguments
        )
        if (state := self._rooms.get(_channel(room).encode())) is not None and epoch:
            await self._compare(state, Position(epoch.decode(), int(offset)))
        return Crowd(viewers, likes, people, Came(came, int(named), newest.decode()))

    async def open(self, room: str, listener: Listener) -> None:
        """Begin to deliver to ``listener``; cancel-safe, and a later ``close`` undoes it."""
        state = self._rooms[_channel(room).encode()] = _Room(room, listener)
        try:
            async with asyncio.timeout(CALL_S):
                await self._place(state)
                await asyncio.shield(state.opened)
        except TimeoutError:
            raise BrokerUnavailable(f"room {room} could not be opened in {CALL_S:.0f} s") from None

    async def close(self, room: str) -> None:
        """Stop delivering what happens in ``room``."""
        state = self._rooms.pop(_channel(room).encode(), None)
        if state is not None and state.home in self._listening:
            await self._listening[state.home][0].remove(state.channel.encode())
        self.turned()

    # -- Where rooms are ------------------------------------------------------------------------

    async def survey(self) -> None:
        """Find out which servers hold rooms, and listen to each; what fails is tried later."""
        self._servers.doubt.clear()
        try:
            await self._servers.survey()
        except NobodyAnswers as error:
            if not self._lost_sight:
                log.warning("servers_unknown", error=str(error))
            self._lost_sight = True
        else:
            self._lost_sight = False
        for address in self._listening.keys() - self._servers.addresses:
            _, task = self._listening.pop(address)
            task.cancel()
        for address in self._servers.addresses - self._listening.keys():
            subscription = Subscription(address, self._servers.at(address), self)
            task = self._tasks.create_task(subscription.run())
            self._listening[address] = subscription, task
        for room in list(self._rooms.values()):
            await self._place(room)
        self.turned()

    async def follow(self) -> None:
        """Survey again and again until cancelled: soon where there is doubt, and now and then."""
        while True:
            await asyncio.sleep(SURVEY_AGAIN_S)
            try:
                async with asyncio.timeout(SURVEY_S):
                    await self._servers.doubt.wait()
            except TimeoutError:
                pass
            await self.survey()

    def stop(self) -> None:
        """Listen no more."""
        for _, task in self._listening.values():
            task.cancel()

    async def _place(self, room: _Room) -> None:
        """Listen for ``room`` on the server that holds it, and nowhere else."""
        channel, home = room.channel.encode(), self._servers.home(room.channel)
        if home == room.home or self._rooms.get(channel) is not room:
            return
        before, room.home = room.home, home
        if before in self._listening:
            await self._listening[before][0].remove(channel)
        if home in self._listening:
            await self._listening[home][0].add(channel)

    def turned(self) -> None:
        """Notice that a subscription has become live, or is no longer."""
        listening = [subscription.live for subscription, _ in self._listening.values()]
        if listening and all(listening) and all(room.home for room in self._rooms.values()):
            self._deaf_since = None
        elif self._deaf_since is None:
            self._deaf_since = self._loop.time()

    def lost(self) -> None:
        """Ask anew where the rooms are: a connection to some of them broke."""
        self._servers.doubt.set()

    # -- What is heard --------------------------------------------------------------------------

    async def joined(self, at: Address, channel: bytes) -> None:
        """Catch up with a room that is heard from now on."""
        if (room := self._rooms.get(channel)) is not None and room.home == at:
            resumed = room.heard is not None
            await self._catch_up(room)
            if resumed:
                room.listener.signal(RESUMED)

    async def heard(self, at: Address, channel: bytes, data: bytes) -> None:
        """Hand on what was published in a room; what comes from where it was before is old."""
        if (room := self._rooms.get(channel)) is not None and room.home == at:
            await self._take(room, data)

    async def _take(self, room: _Room, data: bytes) -> None:
        head, _, body = data.partition(b"\n")
        lane, *words = head.split(b" ")
        if room.heard is None:
            return  # Not opened yet: the past that opens it holds this already.
        match lane:
            case b"c":
                position = Position(words[0].decode(), int(words[1]))
                if position.epoch != room.heard.epoch or position.offset > room.heard.offset + 1:
                    await self._catch_up(room)
                elif position.offset == room.heard.offset + 1:
                    room.heard = position
                    room.listener.control(body)
            case b"s":
                room.listener.chat(Line(words[0].decode(), body, always=words[1] == b"1"))
            case b"l":
                room.listener.latest(words[0].decode(), body)
            case b"w":
                room.listener.whisper(words[0].decode(), body)
            case b"n":
                room.listener.signal(words[0].decode())
            case _:
                log.warning("unknown_lane", room=room.name, lane=lane)

    async def _catch_up(self, room: _Room) -> None:
        """Read what the subscription did not bring; reset the listener where that is too much."""
        home = room.home
        epoch, offset, events, chat = await self._run(
            "past",
            room.name,
            ["head", "log", "chat"],
            [token_hex(8), KEPT_EVENTS, LOG_LIFE_S, KEPT_CHAT_LINES],
        )
        if room.home != home or self._rooms.get(room.channel.encode()) is not room:
            return  # Whoever listens for it now catches up by itself.
        top = Position(epoch.decode(), offset)
        heard, room.heard = room.heard, top
        missed = -1 if heard is None else top.offset - heard.offset
        if heard is not None and heard.epoch == top.epoch and 0 <= missed <= len(events):
            for event in events[len(events) - missed :]:
                room.listener.control(event)
        else:
            room.listener.reset(Past(top, events, chat))
        if not room.opened.done():
            room.opened.set_result(None)

    async def _compare(self, room: _Room, top: Position) -> None:
        """
        Listen anew where the log has been ahead for a while, and nothing came.

        Pub/sub promises nothing; inside a Redis Cluster a message can be lost without a word.
        """
        heard, lag, now = room.heard, room.lag, self._loop.time()
        if heard is None or (heard.epoch == top.epoch and heard.offset >= top.offset):
            room.lag = None
        elif lag is None or lag.heard != heard:
            room.lag = _Lag(heard, now)
        elif now - lag.since >= BEHIND_S and room.home in self._listening:
            log.warning("subscription_behind", room=room.name, heard=heard, log=top)
            room.lag = None
            await self._listening[room.home][0].renew()

    async def _deliver(self, room: str, *messages: bytes) -> None:
        await self._run("deliver", room, ["head"], [_channel(room), *messages])

    async def _run(self, script: str, room: str, keys: list[str], arguments: list[Any]) -> Any:
        # The channel is no key: while a slot moves, a key that does not exist is looked for
        # elsewhere (Redis Cluster specification, "TRYAGAIN").
        channel = _channel(room)
        return await self._servers.run(script, [f"{channel}:{key}" for key in keys], arguments)


@asynccontextmanager
async def open_redis_broker(url: str) -> AsyncIterator[RedisBroker]:
    """
    Connect to the Redis at ``url`` and listen for as long as the block lasts.

    Raises:
        ValueError: the URL is none of those that :func:`read_topology` describes.

    """
    servers = Servers(read_topology(url))
    async with asyncio.TaskGroup() as tasks:
        broker = RedisBroker(servers, tasks)
        await broker.survey()
        following = tasks.create_task(broker.follow())
        try:
            yield broker
        finally:
            following.cancel()
            broker.stop()
            await servers.aclose()
