"""
From a unit that is held to an order that cannot be lost, while five thousand a second are written.

Then the writer without a crowd: the gate's script fills the order stream while the writer stands
still, and what counts is how fast it is empty once the writer goes on. Beside it stands its
transaction alone: nothing is read from the gate, and nobody is told.
"""

import time
from typing import Final

from loadtest.bench.bare import run_bare
from loadtest.bench.conversation import ANSWER_S, buy
from loadtest.bench.figures.delivery import ENTER_S
from loadtest.bench.figures.sale import BUYERS, EVERYONE
from loadtest.bench.gate import account, decide, until_written
from loadtest.bench.process import spread, stopped
from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.shop import Shop
from loadtest.bench.window import uncollected
from loadtest.latency import nearest
from loadtest.spectator import Door, Spectator
from loadtest.swarm import open_swarm

RATE: Final = 5_000.0
DRAINED: Final = 60_000
BATCH: Final = 256
DRAIN_S: Final = 60.0


async def orders(scale: Scale, shop: Shop) -> list[Figure]:
    """Write orders from a crowd, then from the script alone, as often as the scale says."""
    buyers, rate = scale.viewers(BUYERS), RATE * scale.share
    placed: list[float] = []
    written: list[float] = []
    drained: list[float] = []
    alone: list[float] = []
    broken: list[str] = []
    async with shop.serve(**EVERYONE) as web:
        tokens = await shop.guests(buyers, web.url)
        people = [Spectator(token) for token in tokens]
        show = await web.new_show()
        async with open_swarm(Door("127.0.0.1", web.port, room=show)) as swarm:
            swarm.admit(people)
            await swarm.until_live(buyers, ENTER_S)
            for _ in range(scale.runs):
                offer = (await web.new_sale(show))["id"]
                swarm.forget_answers()
                with uncollected():
                    begin = time.monotonic()
                    tried = await buy(swarm, people, offer, rate, scale.seconds)
                    await swarm.until(
                        lambda tried=tried: len(swarm.placed) >= tried,  # type: ignore[misc]
                        ANSWER_S,
                    )
                    written.append(tried / (time.monotonic() - begin))
                placed.append(nearest(swarm.placed, 0.99) / 1e6)
            broken += swarm.broken()
        accounts = [account(token) for token in tokens]
        attempts = round(DRAINED * scale.share)
        for _ in range(scale.runs):
            offer = (await web.new_sale(show))["id"]
            with spread(shop.pids):
                with stopped(shop.worker):
                    held = (await decide(shop, offer, accounts, attempts, BATCH)).held
                begin = time.monotonic()
                await until_written(shop, DRAIN_S)
                drained.append(held / (time.monotonic() - begin))
                offer = (await web.new_sale(show))["id"]
                found = await run_bare(
                    "bare_ledger", shop.database_url, show, offer, attempts, buyers=accounts
                )
                alone.append(attempts / found["seconds"])
    return [
        Figure(
            title=f"reserved to placed, {rate:,.0f} orders/s: p99 at the buyer",
            unit="ms",
            ours=Series("liveshop", tuple(placed)),
            aim=Aim(500.0),
            full=scale.full,
            notes=(f"{min(written):,.0f} to {max(written):,.0f} orders a second were written",),
            broken=tuple(broken),
        ),
        Figure(
            title=f"order writer, {attempts:,} held units become orders",
            unit="orders/s",
            ours=Series("liveshop", tuple(drained)),
            beside=(Series("its transaction alone", tuple(alone)),),
            aim=Aim(20_000.0, at_least=True),
            full=scale.full,
            notes=(
                "the writer stood still while the script took the units; for this figure it has "
                "both cores, together with PostgreSQL and Redis",
            ),
        ),
    ]
