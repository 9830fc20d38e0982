"""
The same flash sale twice: on liveshop over its socket, and the usual way over HTTP.

Everybody is connected and presses at once; half of them can have a unit. Both shops use the same
Redis and the same PostgreSQL, one after the other, and whose turn it is not is idle. Nothing may be
oversold, on either side: a sale that was fails the bench.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx

from liveshop_client import Api
from loadtest.bench.buttons import open_buttons
from loadtest.bench.process import cpu_s
from loadtest.bench.report import Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.servers import Server, open_server, peer
from loadtest.bench.shop import Shop, Web
from loadtest.bench.window import US
from loadtest.latency import nearest
from loadtest.spectator import Door, Spectator
from loadtest.swarm import open_swarm

BUYERS: Final = 2_000
ENTER_S: Final = 60.0
ANSWERS_S: Final = 60.0
ASK_S: Final = 0.01
USUAL: Final = "one script call and one INSERT a request"
OURS: Final = "liveshop"


@dataclass(frozen=True, slots=True)
class Sale:
    """How one sale went."""

    attempts_a_second: float
    p50_ms: float
    p99_ms: float
    # From the first press to the last order in PostgreSQL.
    committed_s: float
    cpu_us: float
    broken: tuple[str, ...]


async def usual_way(scale: Scale, shop: Shop) -> list[Figure]:
    """Hold the sales in turn, as often as the scale says."""
    buyers = scale.viewers(BUYERS)
    ours: list[Sale] = []
    usual: list[Sale] = []
    command = (*peer("usual_shop"), *_databases(shop.folder))
    async with shop.serve() as web, open_server(USUAL, command) as other:
        for _ in range(scale.runs):
            ours.append(await _ours(web, buyers))
            usual.append(await _usual(other, buyers))
    broken = tuple(what for each in (*ours, *usual) for what in each.broken)
    size = f"flash sale, {buyers:,} press at once for {buyers // 2:,} units"

    def figure(title: str, unit: str, field: str, *, notes: tuple[str, ...] = ()) -> Figure:
        return Figure(
            title=f"{size}: {title}",
            unit=unit,
            ours=Series(OURS, tuple(getattr(each, field) for each in ours)),
            beside=(Series(USUAL, tuple(getattr(each, field) for each in usual)),),
            full=scale.full,
            notes=notes,
        )

    return [
        Figure(
            title=f"{size}: attempts answered",
            unit="a second",
            ours=Series(OURS, tuple(each.attempts_a_second for each in ours)),
            beside=(Series(USUAL, tuple(each.attempts_a_second for each in usual)),),
            full=scale.full,
            broken=broken,
        ),
        figure("answer, p50", "ms", "p50_ms"),
        figure("answer, p99", "ms", "p99_ms"),
        figure("all orders in PostgreSQL after", "s", "committed_s"),
        figure(
            "CPU of an attempt in the web process",
            "µs",
            "cpu_us",
            notes=("liveshop's orders are written by another process, which is not counted here",),
        ),
    ]


async def _ours(web: Web, buyers: int) -> Sale:
    show = await web.new_show()
    units = buyers // 2
    offer = (await web.new_sale(show, units, limit=1))["id"]
    tokens = await web.shop.guests(buyers, web.url)
    async with (
        web.host() as api,
        open_swarm(Door("127.0.0.1", web.port, room=show)) as swarm,
    ):
        people = [Spectator(token) for token in tokens]
        swarm.admit(people)
        await swarm.until_live(buyers, ENTER_S)
        begin, cpu = time.monotonic(), cpu_s(web.pid)
        for number, person in enumerate(people):
            swarm.reserve(person, f"b{number}", offer)
        await swarm.until(lambda: swarm.answers.total() >= buyers, ANSWERS_S)
        took, used = time.monotonic() - begin, cpu_s(web.pid) - cpu
        await _placed(api, show, units)
        committed = time.monotonic() - begin
        times = [each / 1e6 for kind in swarm.answered.values() for each in kind]
        ledger = await api.ledger(offer)
        broken = [*swarm.broken()]
        if swarm.answers["reserved"] != units or not ledger["adds_up"]:
            broken.append(f"{swarm.answers['reserved']} reserved of {units}; {ledger}")
    return _sale(buyers, took, times, committed, used, broken)


async def _usual(server: Server, buyers: int) -> Sale:
    units = buyers // 2
    url = f"http://127.0.0.1:{server.port}"
    async with (
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=ANSWERS_S) as client,
        open_buttons(server.port, buyers) as crowd,
    ):
        (await client.post(f"/open/{units}")).raise_for_status()
        begin, cpu = time.monotonic(), cpu_s(server.pid)
        await crowd.press([f"buyer-{number}" for number in range(buyers)])
        took, used = time.monotonic() - begin, cpu_s(server.pid) - cpu
        orders = (await client.get("/orders")).json()
        # Its answer comes after the commit.
        broken = [] if orders == crowd.statuses[201] == units else [f"{orders} of {units} ordered"]
        times = [each / 1e6 for each in crowd.took_ns]
    return _sale(buyers, took, times, took, used, broken)


async def _placed(api: Api, show: str, units: int) -> None:
    """Wait until so many orders are in PostgreSQL."""
    async with asyncio.timeout(ANSWERS_S):
        while True:
            if (await api.tally(show))["orders"] >= units:
                return
            await asyncio.sleep(ASK_S)


def _sale(
    buyers: int, took: float, times: list[float], committed: float, used: float, broken: list[str]
) -> Sale:
    return Sale(
        attempts_a_second=buyers / took,
        p50_ms=nearest(times, 0.5),
        p99_ms=nearest(times, 0.99),
        committed_s=committed,
        cpu_us=used / buyers * US,
        broken=tuple(broken),
    )


def _databases(folder: Path) -> tuple[str, str]:
    """Return where the embedded Redis and PostgreSQL listen; the latter's own file says."""
    lines = (folder / "postgres" / "postmaster.pid").read_text().splitlines()
    return str(folder / "redis" / "redis.sock"), lines[4]
