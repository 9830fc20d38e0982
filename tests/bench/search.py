"""
How long a search takes among 100,000 SKUs: ``python -m tests.bench.search [SKUs]``; with
``--json``, as one list of milliseconds a round, beside those of the page that is not searched for.

The catalogue is made up, with words as frequent as in a shop: a word in half of all products, words
in one of ten, words of a single product, Chinese titles, SKUs that begin alike. Each query of the
mix is asked for the first page and for one that follows, on one connection.
"""

import asyncio
import json
import random
import sys
import tempfile
import time
from itertools import product as combinations
from pathlib import Path
from statistics import quantiles
from typing import Final, NamedTuple

from commerce.catalogue import NewProduct, NewVariant
from commerce.store import products
from commerce.store.migrate import migrate
from commerce.store.pool import Connection, open_connection
from live.embedded import services

SKUS: Final = 100_000
VARIANTS: Final = 2
ROUNDS: Final = 20
CHUNK: Final = 2_000

COLOURS: Final = ("Oat", "Midnight", "Sea Blue", "Moss", "Rust", "Ivory", "Charcoal", "Saffron")
MATERIALS: Final = ("Stoneware", "Linen", "Merino", "Oak", "Brass", "Glass", "Cotton", "Felt")
THINGS: Final = ("Mug", "Teapot", "Bowl", "Scarf", "Apron", "Lamp", "Notebook", "Hat", "Train")
CHINESE: Final = (
    "月光",
    "手工",
    "青瓷",
    "马克杯",
    "茶壶",
    "围巾",
    "台灯",
    "笔记本",
    "木制",
    "玩具",
)
VENDORS: Final = ("Tarn & Thimble", "Nordlicht", "Attic", "唐窑", "Quiet Hours")
KINDS: Final = ("Ceramics & Tea", "Clothes", "Home", "Toys")


class Query(NamedTuple):
    """What someone looks for."""

    text: str | None = None
    status: str | None = None
    kind: str | None = None


MIX: Final = (
    Query(),
    Query("mug"),
    Query("m"),
    Query("stoneware teapot"),
    Query("saffron felt hat"),
    Query("title 31415"),
    Query("tt-"),
    Query("TT-07-0314"),
    Query("tt-03141"),
    Query("tarn thimble"),
    Query("nordlicht lamp"),
    Query("zzz nothing"),
    Query("月光"),
    Query("青瓷茶壶"),
    Query("唐窑 台灯"),
    Query("gift"),
    Query("rare-314"),
    Query(kind="Toys"),
    Query("oak", kind="Home"),
    Query(status="draft"),
    Query("lamp", status="archived"),
)


def catalogue(skus: int) -> list[NewProduct]:
    """Make up products of two variants each, the same at every run."""
    chance = random.Random(7)
    names = list(combinations(COLOURS, MATERIALS, THINGS))
    made = []
    for number in range(skus // VARIANTS):
        colour, material, thing = chance.choice(names)
        chinese = chance.random() < 0.2
        title = "".join(chance.sample(CHINESE, 3)) if chinese else f"{colour} {material} {thing}"
        made.append(
            NewProduct(
                title=f"{title} title {number}",
                handle=f"p-{number}",
                vendor=chance.choices(VENDORS, (50, 20, 15, 10, 5))[0],
                kind=chance.choice(KINDS),
                tags=["gift"] * (chance.random() < 0.3) + [f"rare-{number // 10}"],
                status=chance.choices(("active", "draft", "archived"), (90, 2, 8))[0],
                options=["Size"],
                variants=[
                    NewVariant(
                        sku=f"TT-{number % 20:02d}-{number:05d}-{size}",
                        price_minor=1990,
                        currency="USD",
                        available=1,
                        options=[size],
                    )
                    for size in ("S", "L")
                ],
            )
        )
    return made


async def asked(connection: Connection, query: Query) -> list[float]:
    """Return the milliseconds that the first page took, and the one behind it."""
    took, after = [], None
    for _ in range(2):
        began = time.perf_counter()
        _, after = await products.search(connection, **query._asdict(), after=after, limit=50)
        took.append((time.perf_counter() - began) * 1000)
        if after is None:
            break
    return took


async def measure(skus: int) -> list[dict[Query, list[float]]]:
    """Fill a catalogue, and ask the mix again and again; a round is what each query took."""
    with tempfile.TemporaryDirectory(prefix="liveshop-") as folder, services(Path(folder)) as at:
        await migrate(at.database_url)
        async with open_connection(at.database_url) as connection:
            made = catalogue(skus)
            for place in range(0, len(made), CHUNK):
                await products.import_products(connection, made[place : place + CHUNK])
            await connection.execute("VACUUM ANALYZE products, variants")
            return [{query: await asked(connection, query) for query in MIX} for _ in range(ROUNDS)]


def main() -> None:
    """Print the figures."""
    numbers = [int(argument) for argument in sys.argv[1:] if argument.isdigit()]
    skus = numbers[0] if numbers else SKUS
    rounds = asyncio.run(measure(skus))
    if "--json" in sys.argv:
        everything = MIX[0]
        searched = [
            [ms for query, times in took.items() if query != everything for ms in times]
            for took in rounds
        ]
        sys.stdout.write(
            json.dumps({"searched": searched, "listed": [took[everything] for took in rounds]})
        )
        return
    lines = [(str(tuple(query)), [ms for took in rounds for ms in took[query]]) for query in MIX]
    lines.append((f"all, {skus:,} SKUs", [ms for _name, times in lines for ms in times]))
    for name, times in lines:
        cuts = quantiles(times, n=100)
        sys.stdout.write(f"{name:<40} p50 {cuts[49]:6.1f} ms   p95 {cuts[94]:6.1f} ms\n")


if __name__ == "__main__":
    main()
