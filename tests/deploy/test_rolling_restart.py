"""
Two web processes behind nginx, restarted one after the other while people watch and buy.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from commerce.store.pool import open_pool
from live.embedded import Services
from live.seed import seed
from live.work import working
from rooms.brokers.redis import open_redis_broker
from tests.demo import READY_S, STOP_S, free_port
from tests.deploy.nginx import HOST, in_front
from tests.live.shops import config_for
from tests.shopper import Shopper
from tests.waiting import until
from tests.witness import publish
from tests.workers import Viewer, all_see

VIEWERS = 24
BUYERS = 8
BACK_S = 10.0
"""Within this time of a process' return, answers come as fast as before."""

WINDOW_S = 1.0
NOT_WORSE = 3.0
"""A window of some hundred answers on a busy machine differs that much from the one before."""


class Web:
    """One `liveshop serve` of its own, on a port of its own."""

    def __init__(self, settings: dict[str, str]) -> None:
        self.port = free_port()
        self._settings = {**settings, "LIVESHOP_PORT": str(self.port)}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, and wait until it says that it is ready."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "live.cli", "serve", "--no-work"),
            env={**os.environ, **self._settings},
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(READY_S), httpx.AsyncClient() as client:
            while True:
                try:
                    answer = await client.get(f"http://127.0.0.1:{self.port}/readyz")
                except httpx.TransportError:
                    continue
                if answer.status_code == 200:
                    return

    async def stop(self) -> int:
        """Tell it to stop, as Kubernetes and systemd do; return its exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(STOP_S):
            return await self._process.wait()


@asynccontextmanager
async def two_processes(settings: dict[str, str]) -> AsyncIterator[list[Web]]:
    webs = [Web(settings), Web(settings)]
    await asyncio.gather(*(web.start() for web in webs))
    try:
        yield webs
    finally:
        await asyncio.gather(*(web.stop() for web in webs))


def p99(shoppers: list[Shopper], since: float) -> float | None:
    """Return the 99th percentile of what answers took since then; None of too few."""
    took = sorted(each for shopper in shoppers for at, each in shopper.took if at > since)
    return took[int(len(took) * 0.99)] if len(took) >= 50 else None


async def test_restarting_both_behind_nginx_fails_no_purchase_and_shows_nobody_a_hole(
    database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_pool(database_url, size=1) as pool:
        show = (await seed(pool, tmp_path, "USD")).show
        offers = [str(row[0]) for row in await pool.fetch("SELECT id FROM offers")]
    settings = {
        "LIVESHOP_DATABASE_URL": database_url,
        "LIVESHOP_REDIS_URL": redis_url,
        "LIVESHOP_DATA_DIR": str(tmp_path),
        "LIVESHOP_DRAIN_SECONDS": "1",
    }
    clock = asyncio.get_running_loop().time
    viewers = [Viewer() for _ in range(VIEWERS)]
    tried = asyncio.Event()
    shoppers = [Shopper(tried) for _ in range(BUYERS)]
    over = asyncio.Event()
    codes, back_s = [], []

    async with (
        working(config_for(tmp_path), Services(database_url=database_url, redis_url=redis_url)),
        two_processes(settings) as webs,
        in_front(tmp_path, [web.port for web in webs]) as nginx,
        open_redis_broker(redis_url) as broker,
        asyncio.TaskGroup() as crowd,
    ):
        # Sockets and requests trust the certificate that nginx shows.
        monkeypatch.setenv("SSL_CERT_FILE", str(nginx.certificate))
        watching = [
            crowd.create_task(viewer.watch(f"wss://{HOST}:{nginx.port}/ws", show))
            for viewer in viewers
        ]
        await asyncio.gather(*(viewer.inside() for viewer in viewers))
        shopping = [
            crowd.create_task(
                shopper.shop(
                    *(nginx.url, show, offers, over), httpx.AsyncHTTPTransport(verify=nginx.trust)
                )
            )
            for shopper in shoppers
        ]
        began = clock()
        await until(lambda: p99(shoppers, began) is not None and clock() > began + WINDOW_S)
        usual = p99(shoppers, began) or 0.0
        told = 0
        for web in webs:
            stopping = crowd.create_task(web.stop())
            while not stopping.done():
                told += 1
                await publish(broker, show, told)
                tried.clear()
                await tried.wait()
            codes.append(stopping.result())
            await web.start()
            returned = clock()
            while (now := p99(shoppers, clock() - WINDOW_S)) is None or now > NOT_WORSE * usual:
                assert clock() - returned < BACK_S, f"p99 is {now}, and was {usual}"
                tried.clear()
                await tried.wait()
            back_s.append(clock() - returned)
            told += 1
            await publish(broker, show, told)
        told += 1
        await all_see(viewers, await publish(broker, show, told))
        over.set()
        await asyncio.gather(*shopping)
        for task in watching:
            task.cancel()
        log = nginx.log()

    assert codes == [0, 0]
    assert max(back_s) < BACK_S
    for viewer in viewers:
        # Both were restarted, so everyone moved at least once, and resumed.
        assert viewer.entrances[0] is False
        assert len(viewer.entrances) >= 2
        assert all(viewer.entrances[1:])
        assert viewer.witness.heard == list(range(1, told + 1))
    for shopper in shoppers:
        assert shopper.gaps == 0
        assert shopper.reconnects >= 1
        assert set(shopper.answers) <= {"reserved", "sold_out", "limit_reached", "not_open"}
    assert [entry for entry in log if entry["status"] >= 500] == []
