"""
How far behind the order stream is: what the gate has sold and PostgreSQL does not have yet.
"""

import asyncio
from typing import Final, cast

import redis.asyncio as redis
from msgspec import Struct

from commerce.offers.keys import Keys

ANSWER_S: Final = 5.0
"""Three reads of a millisecond; beyond this Redis is stuck."""


class StreamLevel(Struct, frozen=True):
    """One reading; ``age_s`` is the head's, on Redis' clock, which also wrote its id."""

    entries: int
    age_s: float
    parked: int


async def look(client: "redis.Redis", keys: Keys) -> StreamLevel:
    """
    Read how much waits, and since when.

    Raises:
        redis.RedisError, TimeoutError: Redis does not answer.

    """
    async with asyncio.timeout(ANSWER_S), client.pipeline(transaction=True) as pipeline:
        pipeline.xlen(keys.orders)
        pipeline.xrange(keys.orders, count=1)
        pipeline.xlen(keys.parked)
        pipeline.time()
        entries, head, parked, (seconds, microseconds) = cast(
            "tuple[int, list[tuple[str, object]], int, tuple[int, int]]", await pipeline.execute()
        )
    age_s = 0.0
    if head:
        written_ms = int(str(head[0][0]).partition("-")[0])
        age_s = max(0.0, seconds + microseconds / 1e6 - written_ms / 1e3)
    return StreamLevel(entries, age_s, parked)
