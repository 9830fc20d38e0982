"""
``kill -9`` of both web processes, one after the other, under viewers whose rooms are on a cluster.
"""

import asyncio
import itertools
import os
import signal
from pathlib import Path

from commerce.store.pool import open_pool
from live.seed import seed
from rooms.brokers.redis import open_redis_broker
from tests.demo import free_port
from tests.redis_servers import RedisCluster
from tests.witness import publish
from tests.workers import Viewer, all_see, both_serve, two_workers

VIEWERS = 20


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
