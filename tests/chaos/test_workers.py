"""
``kill -9`` of both web processes, one after the other, under viewers whose rooms are on a cluster.
"""

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psutil
import websockets

from commerce.store.pool import open_pool
from live.seed import seed
from rooms.brokers.redis import open_redis_broker
from rooms.history import Position
from tests.demo import READY_S, STOP_S, free_port
from tests.redis_servers import RedisCluster
from tests.waiting import PATIENCE_S
from tests.witness import Witness, publish

VIEWERS = 20


class Viewer:
    """Watches a room through the bare protocol, and comes back to where it was."""

    def __init__(self) -> None:
        self.witness = Witness()
        self.entrances: list[bool] = []

    async def watch(self, url: str, room: str) -> None:
        """Stay, however often the connection breaks."""
        while True:
            try:
                async with websockets.connect(url, close_timeout=1) as connection:
                    await connection.send(msgspec.json.encode(self._join(room)).decode())
                    async for frame in connection:
                        for message in msgspec.json.decode(frame):
                            self._take(message)
            except (OSError, websockets.WebSocketException):
                pass
            await asyncio.sleep(0.1)

    async def inside(self) -> None:
        """Wait for the first entrance."""
        await self.witness.until(lambda: self.entrances)

    def _join(self, room: str) -> dict[str, Any]:
        position = self.witness.position
        since = {"since": msgspec.to_builtins(position)} if position.epoch else {}
        return {"type": "join", "room": room, **since}

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "joined":
            position = Position(message["epoch"], message["offset"])
            recovered = message.get("recovered", False)
            self.entrances.append(recovered)
            if recovered:
                assert position == self.witness.position
            else:
                self.witness.start_at(position)
        elif "offset" in message:
            assert message["offset"] == self.witness.position.offset + 1
            self.witness.control(msgspec.json.encode(message))


@asynccontextmanager
async def two_workers(settings: dict[str, str]) -> AsyncIterator[psutil.Process]:
    """Run ``liveshop serve`` with two web processes; give the process that keeps them running."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "live.cli", "serve", "--workers", "2"),
        env={**os.environ, **settings},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(STOP_S):
            await process.communicate()


async def both_serve(supervisor: psutil.Process, url: str) -> list[int]:
    """Wait until the rooms of two workers are open, and return their process ids."""
    async with asyncio.timeout(READY_S), httpx.AsyncClient() as client:
        while True:
            try:
                checks = (await client.get(f"{url}/readyz")).json()["checks"]
            except httpx.TransportError:
                continue
            workers = [child.pid for child in supervisor.children() if "serve" in child.cmdline()]
            if checks["rooms"] == "ok" and len(workers) == 2:
                return workers


async def test_viewers_of_killed_workers_miss_no_event(
    database_url: str, redis_url: str, redis_cluster: RedisCluster, tmp_path: Path
) -> None:
    redis_cluster.empty()
    async with open_pool(database_url, size=1) as pool:
        show = (await seed(pool, tmp_path, "USD")).show
    port = free_port()
    settings = {
        "LIVESHOP_DATABASE_URL": database_url,
        "LIVESHOP_REDIS_URL": redis_url,
        "LIVESHOP_ROOMS_REDIS_URL": redis_cluster.url,
        "LIVESHOP_DATA_DIR": str(tmp_path),
        "LIVESHOP_PORT": str(port),
    }
    viewers = [Viewer() for _ in range(VIEWERS)]
    numbers = itertools.count(1)

    async with (
        two_workers(settings) as supervisor,
        open_redis_broker(redis_cluster.url) as broker,
        asyncio.TaskGroup() as crowd,
    ):
        victims = await both_serve(supervisor, f"http://127.0.0.1:{port}")
        watching = [
            crowd.create_task(viewer.watch(f"ws://127.0.0.1:{port}/ws", show)) for viewer in viewers
        ]
        await asyncio.gather(*(viewer.inside() for viewer in viewers))
        for victim in victims:
            await all_see(viewers, await publish(broker, show, next(numbers)))
            os.kill(victim, signal.SIGKILL)
            positions = [await publish(broker, show, next(numbers)) for _ in range(20)]
            await all_see(viewers, positions[-1])
        for task in watching:
            task.cancel()

    published = next(numbers) - 1
    assert published == 42
    for viewer in viewers:
        # Both first workers are dead, so everyone was cut at least once.
        assert len(viewer.entrances) >= 2
        assert viewer.entrances == [False] + [True] * (len(viewer.entrances) - 1)
        assert viewer.witness.heard == list(range(1, published + 1))


async def all_see(viewers: list[Viewer], position: Position) -> None:
    async with asyncio.timeout(PATIENCE_S):
        for viewer in viewers:
            await viewer.witness.reaches(position)
