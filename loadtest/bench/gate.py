"""
The gate alone: its script over the shop's own Redis, from a process that does nothing else.
"""

import asyncio
import base64
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import redis

from loadtest.bench.process import SERVER_CORE, on_core
from loadtest.bench.servers import ServerGone
from loadtest.bench.shop import Shop

BARE_GATE: Final = Path(__file__).parents[2] / "tests" / "bench" / "bare_gate.py"
"""Run by its path, because load does not import the server."""

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
    with on_core(SERVER_CORE):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(BARE_GATE),
            str(shop.redis_socket),
            offer,
            str(attempts),
            str(batch),
            stdin=PIPE,
            stdout=PIPE,
        )
    out, _ = await process.communicate("\n".join(buyers).encode())
    if process.returncode:
        raise ServerGone("the gate's script could not be run")
    return Decided(**json.loads(out))


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
