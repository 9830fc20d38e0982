"""
A flash sale: five thousand people after a thousand units, as fast as the gate answers.

First everybody taps in the same moment, then they go on trying for as long as the scale says: at a
steady pace, and after that as fast as they are answered. The floor is the gate's script alone, 64
attempts a call, on the same Redis and the same kind of offer.
"""

import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.bench.conversation import ANSWER_S, buy, rush
from loadtest.bench.figures.delivery import ENTER_S
from loadtest.bench.gate import account, decide, until_written
from loadtest.bench.process import cpu_s
from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.shop import Shop, Web
from loadtest.bench.window import US, uncollected
from loadtest.invariants import check
from loadtest.latency import nearest
from loadtest.spectator import Door, Spectator
from loadtest.swarm import Swarm, open_swarm

BUYERS: Final = 5_000
UNITS: Final = 1_000
RATE: Final = 22_000.0
"""A tenth more than what is to be answered."""

RUSH_RATE: Final = 1_000_000.0
"""As fast as the crowd can speak."""

BATCH: Final = 64
FLOOR: Final = "the script alone"
IN_FLIGHT: Final = 1_024
"""Attempts under way when everyone tries as fast as they are answered."""

EVERYONE: Final = {"CONNECTIONS_PER_ADDRESS": "1000000"}


async def sale(scale: Scale, shop: Shop) -> list[Figure]:
    """Hold as many sales as the scale says, the script alone between them."""
    buyers, units = scale.viewers(BUYERS), round(UNITS * scale.viewers(BUYERS) / BUYERS)
    rate = RATE * scale.share
    runs: list[Run] = []
    floor: list[float] = []
    async with shop.serve(**EVERYONE) as web:
        tokens = await shop.guests(buyers, web.url)
        people = [Spectator(token) for token in tokens]
        show = await web.new_show()
        async with open_swarm(Door("127.0.0.1", web.port, room=show)) as swarm:
            swarm.admit(people)
            await swarm.until_live(buyers, ENTER_S)
            for _ in range(scale.runs):
                offer = (await web.new_sale(show, units, limit=1))["id"]
                runs.append(await _run(web, swarm, people, offer, rate, scale.seconds))
                floor.append(await _script(web, shop, show, tokens, rate * scale.seconds, units))
            broken = list(swarm.broken())
        async with web.host() as api:
            broken += await check(api, show)
    broken += [
        f"{run.reserved:,} units were sold of {units:,}" for run in runs if run.reserved != units
    ]
    broken += [f"{run.silent:,} attempts were not answered" for run in runs if run.silent]
    size = f"{buyers:,} buyers after {units:,} units"
    busy = tuple(run.load for run in runs[-1:])
    return [
        Figure(
            title=f"reserve, {size}: answered",
            unit="attempts/s",
            ours=Series("liveshop", tuple(run.answered_a_second for run in runs)),
            beside=(Series(FLOOR, tuple(floor)),),
            aim=Aim(20_000.0, at_least=True),
            full=scale.full,
            notes=(f"{rate:,.0f} attempts a second were made", *busy),
            broken=tuple(broken),
        ),
        Figure(
            title=f"reserve, {size}: as fast as they are answered",
            unit="attempts/s",
            ours=Series("liveshop", tuple(run.fastest_a_second for run in runs)),
            beside=(Series(FLOOR, tuple(floor)),),
            aim=Aim(0.25, at_least=True, of=FLOOR),
            full=scale.full,
            notes=(
                f"{round(IN_FLIGHT):,} attempts under way all the time",
                *(run.fastest_load for run in runs[-1:]),
            ),
        ),
        Figure(
            title=f"reserve, {size}: p99 of the answer",
            unit="ms",
            ours=Series("liveshop", tuple(run.p99_ms for run in runs)),
            aim=Aim(100.0),
            full=scale.full,
        ),
        Figure(
            title=f"{buyers:,} buyers tap at once: all answered after",
            unit="ms",
            ours=Series("liveshop", tuple(run.rush_ms for run in runs)),
            full=scale.full,
            notes=("from the first tap to the last answer, with the time the crowd takes to tap",),
        ),
    ]


@dataclass(frozen=True, slots=True)
class Run:
    """One sale."""

    rush_ms: float
    answered_a_second: float
    p99_ms: float
    reserved: int
    silent: int
    load: str
    fastest_a_second: float
    fastest_load: str


async def _run(
    web: Web, swarm: Swarm, people: Sequence[Spectator], offer: str, rate: float, seconds: float
) -> Run:
    swarm.forget_answers()
    with uncollected():
        begin = time.monotonic()
        await buy(swarm, people, offer, RUSH_RATE, len(people) / RUSH_RATE)
        await _all_answered(swarm)
        rush_s = time.monotonic() - begin
        reserved = swarm.answers["reserved"]
        swarm.answered.clear()
        paced = await _timed(web, swarm, buy(swarm, people, offer, rate, seconds))
        answered = [ns for of in swarm.answered.values() for ns in of]
        reserved += len(swarm.answered.get("reserved", ()))
        swarm.answered.clear()
        fastest = await _timed(web, swarm, rush(swarm, people, offer, IN_FLIGHT, seconds))
        reserved += len(swarm.answered.get("reserved", ()))
    return Run(
        rush_ms=rush_s * 1e3,
        answered_a_second=len(answered) / paced.took_s,
        p99_ms=nearest(answered, 0.99) / 1e6,
        reserved=reserved,
        silent=swarm.unanswered + paced.tried - len(answered),
        load=paced.load,
        fastest_a_second=fastest.tried / fastest.took_s,
        fastest_load=fastest.load,
    )


@dataclass(frozen=True, slots=True)
class Timed:
    """How many attempts were made and answered, in what time, and who was how busy with them."""

    tried: int
    took_s: float
    load: str


async def _timed(web: Web, swarm: Swarm, trying: Awaitable[int]) -> Timed:
    begin, server, crowd = time.monotonic(), cpu_s(web.pid), time.process_time()
    tried = await trying
    await _all_answered(swarm)
    took_s = time.monotonic() - begin
    server_s, crowd_s = cpu_s(web.pid) - server, time.process_time() - crowd
    return Timed(
        tried=tried,
        took_s=took_s,
        load=(
            f"{server_s / tried * US:.0f} µs of the server's CPU an attempt, "
            f"server {server_s / took_s:.0%} of its core, crowd {crowd_s / took_s:.0%} of the other"
        ),
    )


async def _all_answered(swarm: Swarm) -> None:
    await swarm.until(lambda: not swarm.unanswered, ANSWER_S)


async def _script(
    web: Web, shop: Shop, show: str, tokens: Sequence[str], attempts: float, units: int
) -> float:
    offer = (await web.new_sale(show, units, limit=1))["id"]
    buyers = [account(token) for token in tokens]
    decided = await decide(shop, offer, buyers, round(attempts), BATCH)
    await until_written(shop, ANSWER_S)
    return decided.a_second
