"""
A rolling restart of two web processes (SIGHUP) while people watch and buy.
"""

import asyncio
import os
import re
import signal
from pathlib import Path

import httpx

from commerce.store.pool import open_pool
from live.embedded import Services
from live.seed import seed
from live.work import working
from rooms.brokers.redis import open_redis_broker
from tests.demo import free_port
from tests.deploy.evening import free_ports
from tests.live.shops import config_for
from tests.shopper import Shopper
from tests.waiting import until
from tests.witness import publish
from tests.workers import Viewer, all_see, both_serve, serving, two_workers

VIEWERS = 30
BUYERS = 8


async def processes_behind(*ports: int) -> list[str]:
    """Return when the process behind each metrics port was started, which tells them apart."""
    async with httpx.AsyncClient() as client:
        return [
            re.findall(
                r"^process_start_time_seconds (\S+)$",
                (await client.get(f"http://127.0.0.1:{port}/metrics")).text,
                re.MULTILINE,
            )[0]
            for port in ports
        ]


async def test_a_rolling_restart_loses_no_purchase_and_shows_nobody_a_hole(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    async with open_pool(database_url, size=1) as pool:
        show = (await seed(pool, tmp_path, "USD")).show
        offers = [str(row[0]) for row in await pool.fetch("SELECT id FROM offers")]
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    settings = {
        "LIVESHOP_DATABASE_URL": database_url,
        "LIVESHOP_REDIS_URL": redis_url,
        "LIVESHOP_DATA_DIR": str(tmp_path),
        "LIVESHOP_PORT": str(port),
        "LIVESHOP_DRAIN_SECONDS": "1",
        "LIVESHOP_METRICS_PORT": str(metrics_port := free_ports(2)),
    }
    viewers = [Viewer() for _ in range(VIEWERS)]
    tried = asyncio.Event()
    shoppers = [Shopper(tried) for _ in range(BUYERS)]
    over = asyncio.Event()

    async with (
        working(config_for(tmp_path), Services(database_url=database_url, redis_url=redis_url)),
        two_workers(settings) as supervisor,
        open_redis_broker(redis_url) as broker,
        asyncio.TaskGroup() as crowd,
    ):
        before = await both_serve(supervisor, url)
        asked_before = await processes_behind(metrics_port, metrics_port + 1)
        watching = [
            crowd.create_task(viewer.watch(f"ws://127.0.0.1:{port}/ws", show)) for viewer in viewers
        ]
        await asyncio.gather(*(viewer.inside() for viewer in viewers))
        shopping = [
            crowd.create_task(shopper.shop(url, show, offers, over)) for shopper in shoppers
        ]
        await until(lambda: all(shopper.answers for shopper in shoppers))

        def renewed() -> bool:
            now = serving(supervisor)
            return len(now) == 2 and now.isdisjoint(before)

        os.kill(supervisor.pid, signal.SIGHUP)
        told = 0
        while not renewed():
            tried.clear()
            await tried.wait()
            told += 1
            await publish(broker, show, told)
        told += 1
        await all_see(viewers, await publish(broker, show, told))
        asked_after = await processes_behind(metrics_port, metrics_port + 1)
        over.set()
        await asyncio.gather(*shopping)
        for task in watching:
            task.cancel()

    # Each worker has a port of its own for its figures, and its successor has the same.
    # They were renewed one after the other, so when they began tells them apart.
    assert len(set(asked_after)) == 2
    assert set(asked_before).isdisjoint(asked_after)
    for viewer in viewers:
        # Both workers were replaced, so everyone moved at least once, and resumed.
        assert viewer.entrances[0] is False
        assert len(viewer.entrances) >= 2
        assert all(viewer.entrances[1:])
        assert viewer.witness.heard == list(range(1, told + 1))
    for shopper in shoppers:
        assert shopper.gaps == 0
        assert shopper.reconnects >= 1
        assert set(shopper.answers) <= {"reserved", "sold_out", "limit_reached", "not_open"}
