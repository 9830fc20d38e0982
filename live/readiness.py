"""
Whether the servers that a process depends on answer: for load balancers and probes.
"""

import asyncio
from typing import Final

import asyncpg
from redis.exceptions import RedisError

from commerce.errors import ShopError
from commerce.offers.fence import Fenced
from commerce.offers.stock import Gate
from commerce.store.pool import Pool, acquire
from live.api.bodies import Readiness

CHECK_S: Final = 2.0
"""A load balancer asks every few seconds; a part that needs longer is not ready."""

OK: Final = "ok"


async def postgres(pool: Pool) -> str:
    """Return ``ok``, or what is the matter; never takes longer than `CHECK_S`."""
    try:
        async with asyncio.timeout(CHECK_S), acquire(pool) as connection:
            await connection.execute("SELECT 1")
    except (ShopError, asyncpg.PostgresError, OSError) as error:
        return f"does not answer: {error!r}"
    return OK


async def redis(gate: Gate) -> str:
    """Return ``ok``, or what is the matter; never takes longer than `CHECK_S`."""
    try:
        async with asyncio.timeout(CHECK_S):
            await gate.client.ping()
    except Fenced:
        # It answers; that it is another server than before is the gate's matter.
        return OK
    except (RedisError, OSError) as error:
        return f"does not answer: {error!r}"
    return OK


def readiness(checks: dict[str, str]) -> Readiness:
    """Return all checks, and whether all are well."""
    return Readiness(ready=all(state == OK for state in checks.values()), checks=checks)
