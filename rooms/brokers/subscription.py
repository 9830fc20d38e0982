"""
What one Redis server publishes to this worker: one connection, read strictly in order.

Invariant: anything unusual (a lost or silent connection, a channel that has moved away, an event
that could not be caught up with) ends the connection. A fresh one subscribes to every channel, and
each is caught up with once that is confirmed; until then the subscription is not ``live``.
"""

import asyncio
import math
from collections.abc import Iterable
from typing import Final, Protocol

import structlog
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import RedisError

from rooms.brokers import BrokerUnavailable
from rooms.brokers.servers import CALL_S, Server
from rooms.brokers.topology import SILENT, Address

PROBE_S: Final = 5.0
"""A connection that is silent this long is asked whether it lives."""

ANSWER_S: Final = 2.5
"""And this is how long it may take to say so."""

RETRY_S: Final = 0.25
"""Pause before the next try to listen again."""

# The scripts deliver with SPUBLISH where the same test says that the server has it (7.0).
SHARDED: Final = "return redis.REDIS_VERSION_NUM and 1 or 0"

log = structlog.get_logger()


class Ear(Protocol):
    """Who is told what a subscription brings; it reads on when they return."""

    async def joined(self, at: Address, channel: bytes) -> None:
        """From here on ``channel`` is heard: catch up with what it said before."""

    async def heard(self, at: Address, channel: bytes, data: bytes) -> None:
        """Take what was published on ``channel``."""

    def turned(self) -> None:
        """Notice that a subscription has become live, or is no longer."""

    def lost(self) -> None:
        """Notice that a connection broke: what it heard may be elsewhere by now."""


class Subscription:
    """The channels of one server, however often the connection to it breaks."""

    def __init__(self, address: Address, server: Server, ear: Ear) -> None:
        self.address = address
        self.live = False
        self._server = server
        self._ear = ear
        self._channels: set[bytes] = set()
        self._joined: set[bytes] = set()
        self._awaited: set[bytes] = set()
        self._connection: AbstractConnection | None = None
        self._sharded = False
        self._messages = 0
        self._complained = False

    async def add(self, channel: bytes) -> None:
        """Subscribe to ``channel``; cancel-safe."""
        self._channels.add(channel)
        await self._send([channel], leave=False)

    async def remove(self, channel: bytes) -> None:
        """Subscribe to ``channel`` no more; cancel-safe."""
        self._channels.discard(channel)
        self._joined.discard(channel)
        await self._send([channel], leave=True)
        self._confirm(channel)

    async def renew(self) -> None:
        """Listen anew: something was published that did not arrive."""
        if self._connection is not None:
            await self._connection.disconnect(nowait=True)

    async def run(self) -> None:
        """Listen until cancelled; connect again whenever the connection breaks."""
        while True:
            try:
                await self._listen()
            except* (BrokerUnavailable, *SILENT) as errors:
                self._complain(_first(errors))
            self._ear.turned()
            self._ear.lost()
            await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        connection = self._server.connection()
        try:
            async with asyncio.timeout(CALL_S):
                await connection.connect()  # type: ignore[no-untyped-call]
                await connection.send_command("EVAL", SHARDED, 0)
                self._sharded = await connection.read_response() == 1
            self._joined.clear()
            self._awaited = set(self._channels)
            self._connection = connection
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._probe(connection))
                await self._send(self._awaited, leave=False)
                self._turn()
                await self._read(connection)
        finally:
            self._connection = None
            self.live = False
            await connection.disconnect(nowait=True)

    async def _send(self, channels: Iterable[bytes], *, leave: bool) -> None:
        """Ask for channels, or to be left alone with them; the answer comes to the reader."""
        connection = self._connection
        if connection is None:
            return  # The next connection asks for what is wanted then.
        command = f"{'S' * self._sharded}{'UN' * leave}SUBSCRIBE"
        # One command a channel: those of one command must share a slot.
        asked = [connection.pack_command(command, channel) for channel in channels]
        try:
            await connection.send_packed_command([part for parts in asked for part in parts])
        except (RedisError, OSError) as error:
            # The reader meets the same dead connection, and the next one starts over.
            log.info("subscribing_deferred", server=self.address, error=str(error))

    async def _read(self, connection: AbstractConnection) -> None:
        while True:
            # Straight from the connection: redis-py's PubSub takes 6.9 us a message, this 0.7.
            answer = await connection.read_response(timeout=math.inf)
            self._messages += 1
            match answer:
                case [b"smessage" | b"message", channel, data]:
                    await self._ear.heard(self.address, channel, data)
                case [b"ssubscribe" | b"subscribe", channel, _]:
                    if channel in self._channels:
                        self._joined.add(channel)
                        await self._ear.joined(self.address, channel)
                    self._confirm(channel)
                case [b"sunsubscribe" | b"unsubscribe", channel, _] if channel in self._joined:
                    raise ConnectionError(f"{channel.decode()} has moved away")
                case _:
                    pass  # What was asked for: a channel left, or an answer to the probe.

    async def _probe(self, connection: AbstractConnection) -> None:
        """Ask a silent connection whether it lives: half open, it would be silent for ever."""
        while True:
            messages = self._messages
            await asyncio.sleep(PROBE_S)
            if self._messages == messages:
                await connection.send_command("PING")
                await asyncio.sleep(ANSWER_S)
                if self._messages == messages:
                    raise TimeoutError("the subscription does not answer")

    def _confirm(self, channel: bytes) -> None:
        self._awaited.discard(channel)
        self._turn()

    def _turn(self) -> None:
        live = self._connection is not None and not self._awaited
        if live != self.live:
            self.live = live
            self._ear.turned()
        if live and self._complained:
            self._complained = False
            log.info("subscription_back", server=self.address)

    def _complain(self, error: str) -> None:
        """Say once that the subscription is lost, however often it is tried again."""
        if not self._complained:
            self._complained = True
            log.warning("subscription_lost", server=self.address, error=error)


def _first(errors: BaseExceptionGroup[Exception]) -> str:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else str(error) or repr(error)
