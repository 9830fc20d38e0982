"""
The order writer's transaction and nothing else: how many orders a second the ledger takes.

``python tests/bench/bare_ledger.py URL SHOW OFFER ORDERS < BUYERS`` reads an account a line and
prints the seconds it took. Nothing is read from the gate, nobody is told, and the next batch begins
when the one before is committed. It lives among the tests because load may not import the server.
"""

import json
import sys
import time
from itertools import cycle, islice
from uuid import uuid4

import asyncpg
import uvloop

from commerce.ids import AccountId, HoldId, OfferId, ShowId
from commerce.store.placing import Reservation, place
from commerce.writer import BATCH

HOLD_MS = 300_000


async def main(url: str, show: ShowId, offer: OfferId, orders: int) -> None:
    """Write the orders, one batch after the other."""
    at = time.time_ns() // 1_000_000
    buyers = [AccountId(line) for line in sys.stdin.read().split()]
    reservations = [
        Reservation(
            show=show,
            offer=offer,
            hold=HoldId(f"hld_{uuid4().hex}"),
            buyer=buyer,
            quantity=1,
            at=at,
            expires_at=at + HOLD_MS,
        )
        for buyer in islice(cycle(buyers), orders)
    ]
    connection = await asyncpg.connect(url)
    began = time.monotonic()
    for first in range(0, orders, BATCH):
        batch = reservations[first : first + BATCH]
        written = await place(connection, batch)
        assert len(written.placed) == len(batch)
    took_s = time.monotonic() - began
    await connection.close()
    sys.stdout.write(json.dumps({"seconds": took_s}))


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], ShowId(sys.argv[2]), OfferId(sys.argv[3]), int(sys.argv[4])))
