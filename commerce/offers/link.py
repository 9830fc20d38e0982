"""
Clients of the gate's Redis, made in one way: one server, or the master that sentinels name.

A promoted replica may lack the newest holds. It is another server, so its ``run_id`` keeps every
process fenced until the gate is rebuilt on it.

They have no deadline of their own, so every call needs one from `asyncio.timeout`. With its
``socket_timeout`` redis-py would send each command through `asyncio.wait_for`, which costs a task a
command, and on Python 3.11 loses a cancellation that arrives together with the result
(python/cpython#86296): a worker that was told to stop would go on.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import redis.asyncio as redis
from redis.asyncio.connection import AbstractConnection, SSLConnection, parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import (
    Sentinel,
    SentinelManagedConnection,
    SentinelManagedSSLConnection,
)
from redis.backoff import NoBackoff

CONNECT_S: Final = 1.0
"""A Redis that is up accepts within milliseconds."""

CONNECTIONS: Final = 16
"""A few calls in flight keep Redis busy: it answers them one after the other."""

SENTINEL_PORT: Final = 26379

Greet = Callable[[AbstractConnection], Awaitable[None]]
"""Is called with each new connection in place of redis-py's own handshake, and may refuse it."""


class _Master:
    """Where redis-py's sentinel connections ask for the way, each time one is made."""

    is_master: Final = True
    check_connection: Final = False

    def __init__(self, sentinels: Sentinel, service: str) -> None:
        self._sentinels = sentinels
        self._service = service

    async def get_master_address(self) -> tuple[str, int]:
        host, port = await self._sentinels.discover_master(self._service)
        return str(host), int(port)


@asynccontextmanager
async def open_client(
    url: str, *, decode_responses: bool = True, greet: Greet | None = None
) -> AsyncIterator["redis.Redis"]:
    """Make a client that connects when it is used, and waits for a free connection."""
    async with _whereabouts(url) as where:
        pool = redis.BlockingConnectionPool(
            **{
                **where,
                "decode_responses": decode_responses,
                "max_connections": CONNECTIONS,
                "timeout": None,
                "socket_timeout": None,
                "socket_connect_timeout": CONNECT_S,
                # Whoever asks is told at once, and decides; a silent retry would hide a failover.
                "retry": Retry(NoBackoff(), 0),
                "redis_connect_func": greet,
            }
        )
        async with redis.Redis.from_pool(pool) as client:
            yield client


@asynccontextmanager
async def _whereabouts(url: str) -> AsyncIterator[dict[str, Any]]:
    """
    Say how to connect: ``redis://``, ``rediss://``, ``unix://``, or with ``+sentinel``.

    The last is ``redis+sentinel://[user:password@]host:port,host:port/service[/db]``, with
    ``?sentinel_username=`` and ``?sentinel_password=`` where the sentinels want their own.
    """
    parts = urlsplit(url)
    scheme, _, sentinel = parts.scheme.partition("+")
    if not sentinel:
        yield dict(parse_url(url))
        return
    user, at, hosts = parts.netloc.rpartition("@")
    service, _, db = unquote(parts.path.strip("/")).partition("/")
    options: dict[str, Any] = dict(parse_url(f"{scheme}://{user}{at}master/{db}?{parts.query}"))
    theirs = {name: options.pop(f"sentinel_{name}", None) for name in ("username", "password")}
    del options["host"]
    secure = options.pop("connection_class", None) is SSLConnection
    asked = [urlsplit(f"//{host}") for host in hosts.split(",")]
    async with Sentinel(  # type: ignore[no-untyped-call]
        [(host.hostname, host.port or SENTINEL_PORT) for host in asked],
        sentinel_kwargs={
            **{name: value for name, value in options.items() if name.startswith("ssl_")},
            **theirs,
            "ssl": secure,
            "socket_timeout": CONNECT_S,
            "socket_connect_timeout": CONNECT_S,
            "retry": Retry(NoBackoff(), 0),
        },
    ) as sentinels:
        kind = SentinelManagedSSLConnection if secure else SentinelManagedConnection
        yield {
            **options,
            "connection_class": kind,
            "connection_pool": _Master(sentinels, service),
        }
