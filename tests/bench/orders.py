"""
How many orders a second reach PostgreSQL: `placing.place` in the order writer's batches, alone.

One connection, as the writer has. Beside the wall clock, which depends on whatever else the machine
does, stands what an order costs of a processor, here and in PostgreSQL's process. Run it before and
after a change of what an order writes: ``python -m tests.bench.orders 20``.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Final

import psutil
from msgspec import Struct

from commerce.catalogue import NewProduct, NewVariant
from commerce.ids import AccountId, OfferId, ShowId, VariantId
from commerce.store import accounts, offers, products, shows
from commerce.store.migrate import migrate
from commerce.store.pool import Connection, open_connection
from commerce.writer import BATCH
from live.embedded import services
from tests.bench.bare_ledger import write

BATCHES: Final = 20
"""Twenty thousand orders: a second, if the writer is as fast as it should be."""

BUYERS: Final = 500
UNITS: Final = 1_000_000
NOW: Final = 1_760_000_000_000


async def stage(connection: Connection) -> tuple[ShowId, OfferId, list[AccountId]]:
    """Prepare an offer of a million units, and those who want them."""
    host = await accounts.register(
        connection, kind="host", name="Ada", email="ada@shop.example", password_hash="hash"
    )
    show = await shows.create(connection, host.id, shows.NewShow(title="Tonight", id="tonight"))
    await shows.start(connection, ShowId(show.id))
    product = await products.create(
        connection,
        NewProduct(
            title="Mug",
            variants=[NewVariant(sku="MUG", price_minor=1990, currency="USD", available=UNITS)],
        ),
    )
    new = offers.NewOffer(variant=VariantId(product.variants[0].id), quantity=UNITS)
    offer = OfferId((await offers.create(connection, ShowId(show.id), new)).id)
    await offers.open_(connection, offer, now=NOW)
    buyers = [(await accounts.create_guest(connection, f"Bo {n}")).id for n in range(BUYERS)]
    return ShowId(show.id), offer, buyers


class Measured(Struct, frozen=True):
    """The seconds that each batch took, and those of a processor that all of them did."""

    took: list[float]
    ours_s: float
    postgres_s: float


async def measure(batches: int) -> Measured:
    """Write the batches, one after the other."""
    with tempfile.TemporaryDirectory(prefix="liveshop-") as folder, services(Path(folder)) as at:
        await migrate(at.database_url)
        async with open_connection(at.database_url) as connection:
            show, offer, buyers = await stage(connection)
            backend = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()"))
            ours, theirs = time.process_time(), sum(backend.cpu_times()[:2])
            took = await write(connection, show, offer, buyers, BATCH * batches)
            return Measured(
                took=took,
                ours_s=time.process_time() - ours,
                postgres_s=sum(backend.cpu_times()[:2]) - theirs,
            )


def main() -> None:
    """Print the figures."""
    batches = int(sys.argv[1]) if len(sys.argv) > 1 else BATCHES
    measured = asyncio.run(measure(batches))
    typical = median(measured.took)
    microseconds = 1e6 / (BATCH * batches)
    sys.stdout.write(
        f"{batches} batches of {BATCH}: {BATCH / typical:,.0f} orders/s at the median batch "
        f"({typical * 1000:.1f} ms), {BATCH * batches / sum(measured.took):,.0f} over all; "
        f"{measured.ours_s * microseconds:.1f} us of a processor an order here, "
        f"{measured.postgres_s * microseconds:.1f} us in PostgreSQL\n"
    )


if __name__ == "__main__":
    main()
