"""
The Redis servers that hold rooms, and the way of a script to the one that holds its room.

Invariant: a script runs at most once. A server that says "not here" (``MOVED``, ``ASK``,
``TRYAGAIN``) has not run it, and is believed; after any other failure nobody tries again.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import files
from typing import Any, Final

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.crc import key_slot
from redis.exceptions import AskError, MovedError, TryAgainError

from rooms.brokers import BrokerUnavailable
from rooms.brokers.topology import SILENT, Address, Owners, Topology

CALL_S: Final = 5.0
"""Deadline of one command; a healthy Redis answers in a millisecond."""

REDIRECTED_S: Final = 0.05
"""Pause before a script is sent on once more: the keys of a room that moves follow each other."""

SCRIPTS: Final = {
    name: files(__package__).joinpath("lua", f"{name}.lua").read_text("utf-8")
    for name in ("publish", "past", "say", "lines", "forget", "count", "deliver")
}

log = structlog.get_logger()


class Server:
    """One Redis server: connections that carry scripts, and more for those who listen."""

    def __init__(self, pool: BlockingConnectionPool) -> None:
        self._pool = pool
        self._client = Redis.from_pool(pool)
        self._scripts = {
            name: self._client.register_script(source) for name, source in SCRIPTS.items()
        }

    async def run(self, script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """Run a script."""
        return await self._scripts[script](keys, arguments)

    async def run_asking(self, script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """Run a script on a room that is moving here (Redis Cluster specification, "ASK")."""
        async with self._client.pipeline(transaction=False) as pipeline:
            pipeline.execute_command("ASKING")
            pipeline.eval(SCRIPTS[script], len(keys), *keys, *arguments)
            return (await pipeline.execute())[1]

    def connection(self) -> AbstractConnection:
        """Make a connection that is the caller's own, and is not connected yet."""
        connection: AbstractConnection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        return connection

    async def aclose(self) -> None:
        """Close every connection that carries scripts."""
        await self._client.aclose()


class Servers:
    """
    Every server that holds rooms.

    ``doubt`` is set whenever something suggests that rooms have moved; who clears it surveys.
    """

    def __init__(self, topology: Topology) -> None:
        self.doubt = asyncio.Event()
        self._topology = topology
        self._owners: Owners = []
        self._servers: dict[Address, Server] = {}

    @property
    def addresses(self) -> set[Address]:
        """The servers that hold something."""
        return {owner for owner in self._owners if owner is not None}

    def home(self, channel: str) -> Address | None:
        """Return who holds a room; None where nobody does, as far as is known."""
        return self._owners[key_slot(channel.encode(), len(self._owners))] if self._owners else None

    def at(self, address: Address) -> Server:
        """Return the server at ``address``."""
        if (server := self._servers.get(address)) is None:
            server = self._servers[address] = Server(self._topology.pool(address))
        return server

    async def survey(self) -> None:
        """
        Find out anew who holds what.

        Raises:
            NobodyAnswers: what was known before is kept.

        """
        self._owners = await self._topology.survey(self.addresses)
        for address in self._servers.keys() - self.addresses:
            with suppress(*SILENT):
                await self._servers.pop(address).aclose()

    async def run(self, script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """
        Run a script where the room of its keys is.

        Raises:
            BrokerUnavailable: nothing is known about whether it ran.

        """
        try:
            async with asyncio.timeout(CALL_S):
                return await self._follow(script, keys, arguments)
        except SILENT as error:
            self.doubt.set()
            raise BrokerUnavailable(str(error) or f"no answer in {CALL_S:.0f} s") from error

    async def _follow(self, script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        pause_s = 0.0
        while True:
            home = self.home(keys[0])
            if home is None:
                self.doubt.set()
                raise BrokerUnavailable(f"no Redis server holds {keys[0]}")
            try:
                return await self.at(home).run(script, keys, arguments)
            except MovedError as moved:
                if len(self._owners) == 1:
                    raise BrokerUnavailable(
                        f"{home} is part of a Redis Cluster; its URL begins with redis+cluster://"
                    ) from moved
                log.info("room_moved", slot=moved.slot_id, server=_target(moved, home))
                self._owners[moved.slot_id] = _target(moved, home)
                self.doubt.set()
            except AskError as ask:
                try:
                    importing = self.at(_target(ask, home))
                    return await importing.run_asking(script, keys, arguments)
                except TryAgainError:
                    pass
            except TryAgainError:
                pass
            await asyncio.sleep(pause_s)
            pause_s = REDIRECTED_S

    async def aclose(self) -> None:
        """Close every connection."""
        for server in self._servers.values():
            await server.aclose()


def _target(redirection: AskError, sender: Address) -> Address:
    # No host means the sender's own, at another port (Redis Cluster specification, "MOVED").
    return Address(f"{redirection.host or sender.rpartition(':')[0]}:{redirection.port}")
