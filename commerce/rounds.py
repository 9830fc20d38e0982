"""
Work that is done in rounds, again and again, for as long as the process lives.

A round may fail while PostgreSQL or Redis is away: that is logged, and the next round finds what is
left to do. Anything else is a broken promise and ends the process.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Final, NoReturn

import asyncpg
import redis
import structlog

from commerce.errors import StoreUnavailable

log = structlog.get_logger()

OUTAGE: Final = (
    StoreUnavailable,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a server that dies between two packets leaves asyncpg so
    redis.RedisError,
    OSError,  # includes TimeoutError
)
"""What is raised while PostgreSQL or Redis is away, or refuses this once, as in a deadlock."""


async def rounds(name: str, step: Callable[[], Awaitable[object]], *, every_s: float) -> NoReturn:
    """Do ``step``, rest for ``every_s``, and so on until cancelled."""
    while True:
        try:
            await step()
        except* OUTAGE as group:
            for error in leaves(group):
                log.warning("round_failed", work=name, error=str(error) or repr(error))
        await asyncio.sleep(every_s)


def leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    """Return the exceptions of a group and of the groups in it."""
    for error in group.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from leaves(error)
        else:
            yield error
