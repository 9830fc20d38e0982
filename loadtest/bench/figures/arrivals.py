"""
Everybody comes at once, stays, loses the network and comes back.

Each run begins with a web process that has served nobody, so that its memory before and after says
what a viewer costs. The peer only shakes hands: no show, no token, no snapshot.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from loadtest.bench.figures.evening import in_step
from loadtest.bench.process import cpu_s, rss_bytes
from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.servers import open_server, peer
from loadtest.bench.shop import Shop, Web
from loadtest.bench.window import US
from loadtest.spectator import Door, Spectator
from loadtest.swarm import Swarm, open_swarm

VIEWERS: Final = 10_000
ENTER_S: Final = 60.0
REST_S: Final = 2.0
"""After a storm: long enough for what was asked for to be done, short of the first pings' round."""

RETURN_S: Final = 10.0
"""Over this time people come back, evenly, as clients that wait a random while do."""

ARRIVE_S: Final = 0.02
PEER: Final = "websockets (handshake only)"

EVERYONE: Final = {"JOINS_PER_SECOND": "1000000", "CONNECTIONS": "1000000"}
"""What is measured is how fast a door can be, not how fast it is set."""

KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Run:
    """One run with our server."""

    joins_a_second: float
    kib_a_viewer: float
    # From the moment that everybody was cut off to the last one being live again.
    return_s: float
    commands_a_viewer: float
    recovered: int
    notes: tuple[str, ...]
    broken: tuple[str, ...]


async def arrivals(scale: Scale, shop: Shop) -> list[Figure]:
    """Measure fresh servers in turn, as often as the scale says."""
    viewers = scale.viewers(VIEWERS)
    over_s = scale.spread_s(RETURN_S)
    runs: list[Run] = []
    peers: list[tuple[float, float]] = []
    for _ in range(scale.runs):
        async with shop.serve(**EVERYONE) as web:
            runs.append(await _run(web, viewers, over_s))
        peers.append(await _handshakes(viewers))
    broken = tuple(what for run in runs for what in run.broken)
    return [
        Figure(
            title=f"join storm, {viewers:,} viewers with snapshot",
            unit="joins/s",
            ours=Series("liveshop", tuple(run.joins_a_second for run in runs)),
            beside=(Series(PEER, tuple(rate for rate, _ in peers)),),
            aim=Aim(4_000.0, at_least=True),
            full=scale.full,
            notes=runs[-1].notes,
            broken=broken,
        ),
        Figure(
            title=f"memory a viewer at rest, {viewers:,} viewers",
            unit="KiB",
            ours=Series("liveshop", tuple(run.kib_a_viewer for run in runs)),
            beside=(Series(PEER, tuple(size for _, size in peers)),),
            aim=Aim(12.0),
            full=scale.full,
            notes=("resident memory of the web process, the kernel's for its sockets not counted",),
        ),
        Figure(
            title=f"{viewers:,} viewers come back within {over_s:.0f} s: all live again",
            unit="s",
            ours=Series("liveshop", tuple(run.return_s for run in runs)),
            aim=Aim(15.0),
            full=scale.full,
            notes=(f"{min(run.recovered for run in runs):,} resumed without a snapshot",),
        ),
        Figure(
            title="Redis commands for each who came back",
            unit="commands",
            ours=Series("liveshop", tuple(run.commands_a_viewer for run in runs)),
            aim=Aim(0.1),
            full=scale.full,
            notes=("every command of these seconds, those of the order writer and pulse as well",),
        ),
    ]


async def _run(web: Web, viewers: int, over_s: float) -> Run:
    show = await web.new_show()
    offer = (await web.new_sale(show))["id"]
    before = rss_bytes(web.pid)
    async with open_swarm(Door("127.0.0.1", web.port, room=show)) as swarm:
        begin, crowd, server = time.monotonic(), time.process_time(), cpu_s(web.pid)
        swarm.admit(Spectator() for _ in range(viewers))
        await swarm.until_live(viewers, ENTER_S)
        took = time.monotonic() - begin
        busy = (time.process_time() - crowd) / took
        server_us = (cpu_s(web.pid) - server) / viewers * US
        await asyncio.sleep(REST_S)
        size = (rss_bytes(web.pid) - before) / viewers / KIB
        at_first = swarm.recoveries
        swarm.hang_up(swarm.spectators)
        begin, commands = time.monotonic(), _total(web)
        async with web.host() as api:
            # Something to have missed.
            await api.pin_offer(offer)
            await _come_back(swarm, swarm.spectators, over_s)
            await swarm.until_live(viewers, ENTER_S)
            returned = time.monotonic() - begin
            commands = _total(web) - commands
            await api.unpin_offer(offer)
        await in_step(swarm)
        return Run(
            joins_a_second=viewers / took,
            kib_a_viewer=size,
            return_s=returned,
            commands_a_viewer=commands / viewers,
            recovered=swarm.recoveries - at_first,
            notes=(
                f"{server_us:.0f} µs of the server's CPU a join, "
                f"server {server_us * viewers / took / US:.0%} of its core, "
                f"crowd {busy:.0%} of the other",
            ),
            broken=tuple(swarm.broken()),
        )


async def _come_back(swarm: Swarm, spectators: Sequence[Spectator], over_s: float) -> None:
    begin, done = time.monotonic(), 0
    while done < len(spectators):
        share = min((time.monotonic() - begin) / over_s, 1.0)
        due = round(share * len(spectators))
        swarm.admit(spectators[done:due])
        done = due
        await asyncio.sleep(ARRIVE_S)


async def _handshakes(viewers: int) -> tuple[float, float]:
    """Return the handshakes a second of the peer, and its KiB a viewer."""
    async with open_server(PEER, peer("broadcast")) as server:
        before = rss_bytes(server.pid)
        async with open_swarm(Door("127.0.0.1", server.port)) as swarm:
            begin = time.monotonic()
            swarm.admit(Spectator() for _ in range(viewers))
            await swarm.until_live(viewers, ENTER_S)
            took = time.monotonic() - begin
            await asyncio.sleep(REST_S)
            return viewers / took, (rss_bytes(server.pid) - before) / viewers / KIB


def _total(web: Web) -> int:
    return sum(web.shop.redis_commands().values())
