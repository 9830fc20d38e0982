"""
A broker over Redis: a stream a room for the log, pub/sub for delivery, scripts for atomicity.

One connection listens for this worker, and one task reads it strictly in order. Invariant: between
two resets a listener gets offsets without a hole; what a lost subscription missed is read from the
stream before anything newer is delivered.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from secrets import token_hex
from typing import Any, Final

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from rooms.brokers import (
    KEPT_CHAT_LINES,
    SMALL_ROOM,
    BrokerUnavailable,
    Crowd,
    Line,
    Listener,
    Past,
)
from rooms.history import KEPT_EVENTS, Position

CALL_S: Final = 5.0
"""Deadline of one command; a healthy Redis answers in a millisecond."""

CONNECTIONS: Final = 17
"""One listens; sixteen carry commands, far more than one event loop keeps busy."""

PROBE_S: Final = 5.0
"""A subscription that is silent this long is asked whether it lives; half of it is the answer's."""

RETRY_S: Final = 0.25
"""Pause before the next try to listen again."""

LOG_LIFE_S: Final = 7 * 24 * 3600
"""A room's log outlives its last event by a week."""

SILENT_WORKER_S: Final = 5
"""A worker counts its viewers every second; after this it is taken for dead."""

EVERYONE: Final = 2**31
"""More viewers than any room has: then a room of every size says who is there."""

PROBE_CHANNEL: Final = "rooms:probe"

log = structlog.get_logger()


def _channel(room: str) -> str:
    return f"room:{{{room}}}"


class _Room:
    """What this worker knows of one room's log."""

    __slots__ = ("heard", "listener", "name", "opened")

    def __init__(self, name: str, listener: Listener) -> None:
        self.name = name
        self.listener = listener
        self.heard: Position | None = None
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class RedisBroker:
    """The log of every room, in Redis; made by :func:`open_redis_broker`."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._rooms: dict[bytes, _Room] = {}
        self._pubsub: PubSub | None = None
        self._publish = self._script("publish")
        self._past = self._script("past")
        self._say = self._script("say")
        self._count = self._script("count")
        self._ready = False

    @property
    def ready(self) -> bool:
        """Whether the subscription lives and every open room has caught up."""
        return self._ready

    async def publish(self, room: str, event: bytes) -> Position:
        """Append and deliver ``event``."""
        epoch, offset = await self._call(
            self._publish,
            [f"{_channel(room)}:head", f"{_channel(room)}:log"],
            [event, token_hex(8), KEPT_EVENTS, LOG_LIFE_S, _channel(room)],
        )
        return Position(epoch.decode(), offset)

    async def say(self, room: str, line: Line) -> None:
        """Deliver a chat line and keep it among the last."""
        keys = [f"{_channel(room)}:chat"]
        head = f"s {line.speaker} {line.always:d}"
        await self._call(
            self._say, keys, [line.body, KEPT_CHAT_LINES, LOG_LIFE_S, _channel(room), head]
        )

    async def set(self, room: str, key: str, value: bytes) -> None:
        """Deliver the latest value of ``key``."""
        await self._deliver(room, b"l %b\n%b" % (key.encode(), value))

    async def whisper(self, room: str, user: str, message: bytes) -> None:
        """Deliver a message to one user, on whichever worker they are."""
        await self._deliver(room, b"w %b\n%b" % (user.encode(), message))

    async def signal(self, room: str, topic: str) -> None:
        """Tell every worker that what ``topic`` names has changed."""
        await self._deliver(room, b"n %b\n" % topic.encode())

    async def count(
        self, room: str, worker: str, viewers: int, likes: int, people: bytes = b"[]"
    ) -> Crowd:
        """Add up viewers and likes over all workers."""
        return await self._crowd(room, SMALL_ROOM, [worker, viewers, likes, people])

    async def people(self, room: str) -> list[bytes]:
        """Return what each worker said last of who is there."""
        return (await self._crowd(room, EVERYONE, ["", 0, 0, ""])).people

    async def _crowd(self, room: str, small: int, mine: list[str | int | bytes]) -> Crowd:
        keys = [f"{_channel(room)}:crowd"]
        arguments = [*mine, SILENT_WORKER_S, LOG_LIFE_S, small]
        return Crowd(*await self._call(self._count, keys, arguments))

    async def open(self, room: str, listener: Listener) -> None:
        """Begin to deliver to ``listener``; cancel-safe, and a later ``close`` undoes it."""
        state = self._rooms[_channel(room).encode()] = _Room(room, listener)
        if self._pubsub is not None:
            try:
                await self._pubsub.subscribe(_channel(room))
            except (RedisError, OSError):
                # The reader meets the same dead connection and subscribes to every room anew.
                log.info("subscribing_deferred", room=room)
        try:
            async with asyncio.timeout(CALL_S):
                await asyncio.shield(state.opened)
        except TimeoutError:
            raise BrokerUnavailable(f"room {room} could not be opened in {CALL_S:.0f} s") from None

    async def close(self, room: str) -> None:
        """Stop delivering what happens in ``room``."""
        self._rooms.pop(_channel(room).encode(), None)
        if self._pubsub is not None:
            try:
                await self._pubsub.unsubscribe(_channel(room))
            except (RedisError, OSError):
                log.info("unsubscribing_unneeded", room=room)

    async def listen(self) -> None:
        """Read the subscription until cancelled; reconnect whenever it breaks."""
        while True:
            try:
                async with self._client.pubsub() as pubsub:
                    await pubsub.subscribe(PROBE_CHANNEL)
                    # From here on `open` subscribes by itself; twice does no harm, never does.
                    self._pubsub = pubsub
                    if self._rooms:
                        await pubsub.subscribe(*map(bytes.decode, self._rooms))
                    await self._read(pubsub)
            except (BrokerUnavailable, RedisError, OSError, TimeoutError) as error:
                self._ready = False
                self._pubsub = None
                log.warning("subscription_lost", error=str(error))
                await asyncio.sleep(RETRY_S)

    async def _read(self, pubsub: PubSub) -> None:
        unconfirmed = {*self._rooms, PROBE_CHANNEL.encode()}
        asked = False
        while True:
            message = await pubsub.get_message(timeout=PROBE_S / 2 if asked else PROBE_S)
            if message is None:
                if asked:
                    raise TimeoutError("the subscription does not answer")
                await pubsub.ping()
                asked = True
                continue
            asked = False
            channel = message["channel"]
            if message["type"] == "message":
                if (room := self._rooms.get(channel)) is not None:
                    await self._take(room, message["data"])
            elif message["type"] == "subscribe":
                if (room := self._rooms.get(channel)) is not None:
                    await self._catch_up(room)
                unconfirmed.discard(channel)
                self._ready = not unconfirmed

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
        channel = _channel(room.name)
        epoch, offset, events, chat = await self._call(
            self._past,
            [f"{channel}:head", f"{channel}:log", f"{channel}:chat"],
            [token_hex(8), KEPT_EVENTS, LOG_LIFE_S],
        )
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

    async def _deliver(self, room: str, data: bytes) -> None:
        try:
            async with asyncio.timeout(CALL_S):
                await self._client.publish(_channel(room), data)
        except (RedisError, OSError, TimeoutError) as error:
            raise BrokerUnavailable(str(error)) from error

    async def _call(self, script: AsyncScript, keys: list[str], arguments: list[Any]) -> Any:
        try:
            async with asyncio.timeout(CALL_S):
                return await script(keys=keys, args=arguments)
        except (RedisError, OSError, TimeoutError) as error:
            raise BrokerUnavailable(str(error)) from error

    def _script(self, name: str) -> AsyncScript:
        source = files(__package__).joinpath("lua", f"{name}.lua").read_text("utf-8")
        return self._client.register_script(source)


@asynccontextmanager
async def open_redis_broker(url: str) -> AsyncIterator[RedisBroker]:
    """Connect to the Redis at ``url`` and listen for as long as the block lasts."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=CALL_S,
        # One try a command: the caller knows better than the driver whether to try again.
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    client = Redis.from_pool(pool)
    broker = RedisBroker(client)
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(broker.listen())
        try:
            yield broker
        finally:
            listening.cancel()
            await client.aclose()
