"""
Clients of the gate's Redis, made in one way.

They have no deadline of their own, so every call needs one from `asyncio.timeout`. With its
``socket_timeout`` redis-py would send each command through `asyncio.wait_for`, which costs a task a
command, and on Python 3.11 loses a cancellation that arrives together with the result
(python/cpython#86296): a worker that was told to stop would go on.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import redis.asyncio as redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

CONNECT_S: Final = 1.0
"""A Redis that is up accepts within milliseconds."""

CONNECTIONS: Final = 16
"""A few calls in flight keep Redis busy: it answers them one after the other."""

Greet = Callable[[AbstractConnection], Awaitable[None]]
"""Is called with each new connection in place of redis-py's own handshake, and may refuse it."""


@asynccontextmanager
async def open_client(
    url: str, *, decode_responses: bool = True, greet: Greet | None = None
) -> AsyncIterator["redis.Redis"]:
    """Make a client that connects when it is used, and waits for a free connection."""
    pool = redis.BlockingConnectionPool.from_url(
        url,
        decode_responses=decode_responses,
        max_connections=CONNECTIONS,
        timeout=None,
        socket_timeout=None,
        socket_connect_timeout=CONNECT_S,
        # Whoever asks is told at once, and decides; a silent retry would hide a failover.
        retry=Retry(NoBackoff(), 0),
        redis_connect_func=greet,
    )
    async with redis.Redis.from_pool(pool) as client:
        yield client
