"""
The fence before the gate: which Redis data this process may trust.

PostgreSQL records an epoch together with the ``run_id`` of the Redis server it was built in. Redis
carries the epoch in a key, and every script compares it. A server that was restarted, replaced or
failed over has another ``run_id``; then its data may be empty or behind, so no command reaches it.

Invariant: a command of the gate is only sent on a connection whose server was found to have the
recorded ``run_id``. A connection cannot outlive its server, so one look when it opens is enough.
"""

import asyncio
from typing import Any, Final

import redis.asyncio as redis
import structlog
from msgspec import Struct
from redis.asyncio.connection import AbstractConnection

log = structlog.get_logger()

_RUN_ID: Final = "run_id:"


class Standing(Struct, frozen=True):
    """An epoch, and the Redis server it holds for."""

    epoch: int
    run_id: str


class Fenced(redis.ConnectionError):
    """The server is not the one the epoch was built in."""


class Fence:
    """The epoch this process trusts, or none; shut until it is opened."""

    def __init__(self) -> None:
        self._standing: Standing | None = None
        self._is_open = asyncio.Event()
        self._is_shut = asyncio.Event()
        self._is_shut.set()

    @property
    def standing(self) -> Standing | None:
        """The epoch in force as far as this process knows; ``None`` while the fence is shut."""
        return self._standing

    def open(self, standing: Standing) -> None:
        """Trust this epoch from now on."""
        if standing != self._standing:
            log.info("gate_opened", epoch=standing.epoch, run_id=standing.run_id)
        self._standing = standing
        self._is_shut.clear()
        self._is_open.set()

    def shut(self, reason: str) -> None:
        """Trust nothing until `open`; idempotent."""
        if self._standing is not None:
            log.warning("gate_fenced", epoch=self._standing.epoch, reason=reason)
        self._standing = None
        self._is_open.clear()
        self._is_shut.set()

    async def wait_shut(self) -> None:
        """Return once the fence is shut; at once if it is."""
        await self._is_shut.wait()

    async def wait_open(self) -> None:
        """Return once the fence is open; at once if it is."""
        await self._is_open.wait()

    async def vouch(self, connection: AbstractConnection) -> None:
        """
        Greet a new connection, and refuse it if its server is not the recorded one.

        Made to be a Redis client's ``redis_connect_func``.

        Raises:
            Fenced: it is another server, or none is trusted; the fence is shut.

        """
        await connection.on_connect()
        await connection.send_command("INFO", "server", check_health=False)
        found = run_id(await connection.read_response())
        if self._standing is None or self._standing.run_id != found:
            self.shut(f"Redis is the server {found} now")
            raise Fenced(f"the gate was not built in the Redis server {found}")


def run_id(info: Any) -> str:
    """Find the server's ``run_id`` in the text of ``INFO server``."""
    text = info.decode() if isinstance(info, bytes) else str(info)
    for line in text.splitlines():
        if line.startswith(_RUN_ID):
            return line.removeprefix(_RUN_ID).strip()
    raise Fenced("the Redis server does not tell its run_id")
