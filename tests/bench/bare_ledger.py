"""
The order writer's transaction and nothing else: how many orders a second the ledger takes.

``python tests/bench/bare_ledger.py URL SHOW OFFER ORDERS < BUYERS`` reads an account a line and
prints the seconds it took. Nothing is read from the gate, nobody is told, and the next batch begins
when the one before is committed. It lives among the tests because load may not import the server.
"""

import json
import sys
import time
from collections.abc import Sequence
from itertools import cycle, islice
from typing import Final
from uuid import uuid4

import asyncpg
import uvloop

from commerce.ids import AccountId, HoldId, OfferId, ShowId
from commerce.store.placing import Reservation, place
from commerce.store.pool import Connection
from commerce.writer import BATCH

HOLD_MS: Final = 300_000


async def write(
    connection: Connection, show: ShowId, offer: OfferId, buyers: Sequence[AccountId], orders: int
) -> list[float]:
    """Write the orders in the writer's batches, and return the seconds that each of them took."""
    at = time.time_ns() // 1_000_000
    reservations = [
        Reservation(
            show=show,
            offer=offer,
            # As random as those of the gate, which are hashes.
            hold=HoldId(f"hld_{uuid4().hex}"),
            buyer=buyer,
            quantity=1,
            at=at,
            expires_at=at + HOLD_MS,
        )
        for buyer in islice(cycle(buyers), orders)
    ]
    took = []
    for first in range(0, orders, BATCH):
        batch = reservations[first : first + BATCH]
        began = time.perf_counter()
        written = await place(connection, batch)
        took.append(time.perf_counter() - began)
        assert len(written.placed) == len(batch)
    return took


async def main(url: str, show: ShowId, offer: OfferId, orders: int) -> None:
    """Write the orders, and print how long it took."""
    buyers = [AccountId(line) for line in sys.stdin.read().split()]
    connection = await asyncpg.connect(url)
    took = await write(connection, show, offer, buyers, orders)
    await connection.close()
    sys.stdout.write(json.dumps({"seconds": sum(took)}))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], ShowId(sys.argv[2]), OfferId(sys.argv[3]), int(sys.argv[4])))
