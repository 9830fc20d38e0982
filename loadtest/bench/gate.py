"""
The gate alone: its script over the shop's own Redis, from a process that does nothing else.
"""

import asyncio
import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import redis

from loadtest.bench.bare import run_bare
from loadtest.bench.shop import Shop

_ORDERS: Final = "{shop}:orders"
"""The stream of units that are held and whose orders are not written yet."""

_ASK_S: Final = 0.005


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of attempts at the gate."""

    seconds: float
    answers: int
    held: int

    @property
    def a_second(self) -> float:
        """Attempts that were decided a second."""
        return self.answers / self.seconds


async def decide(
    shop: Shop, offer: str, buyers: Sequence[str], attempts: int, batch: int
) -> Decided:
    """
    Let ``buyers`` (accounts) make ``attempts`` at the gate, ``batch`` a call.

    Raises:
        ServerGone: the process failed; its own words are on standard error.

    """
    found = await run_bare("bare_gate", shop.redis_socket, offer, attempts, batch, buyers=buyers)
    return Decided(**found)


async def until_written(shop: Shop, timeout: float) -> None:
    """
    Wait until every held unit is an order.

    Raises:
        TimeoutError: the order writer is not that fast.

    """
    with redis.Redis(unix_socket_path=str(shop.redis_socket)) as client:
        async with asyncio.timeout(timeout):
            while client.xlen(_ORDERS):  # noqa: ASYNC110 - Redis does not call back
                await asyncio.sleep(_ASK_S)


def account(token: str) -> str:
    """Return whose token it is; its payload is the second part (RFC 7519 section 3)."""
    payload = token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"])
