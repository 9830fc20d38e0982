"""
The worker process: everything that is not asked for by someone who waits for an answer.

- the order writer: holds become orders
- the sweeper: unpaid orders lapse, offers close in time, the gate is told what it missed
- the relay: facts become events in the rooms
- the refunder, and the sandbox gateway's deliveries
- who is on air, where another program carries the video
- the purge of old answers and facts

Any number of workers may run; the writer and the relay are active in one of them, and the others
stand by. Killed at any moment, the next one goes on where it was.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

from commerce.offers.epoch import keep_open, open_epochs
from commerce.offers.fence import Fence
from commerce.offers.stock import open_gate
from commerce.offers.sweeper import Sweeper
from commerce.payments.refunder import Refunder
from commerce.rounds import rounds
from commerce.store import idempotency, outbox, payments
from commerce.store.pool import Pool, open_pool, transaction
from commerce.writer import open_writer
from live.announcer import open_announcer
from live.app import rooms_url, sandbox_of
from live.config import Config
from live.embedded import Services
from live.media.backend import backend_of
from live.media.mediamtx import MediaMtx
from live.media.onair import OnAir
from live.moderation import store as moderation
from live.relay import Relay
from live.telemetry import Metrics
from rooms.brokers.redis import open_redis_broker

PURGE_S: Final = 600.0
"""What is purged was kept for a day; ten minutes more do not matter."""


@asynccontextmanager
async def working(config: Config, services: Services) -> AsyncIterator[None]:
    """
    Work for as long as the block lasts.

    Raises:
        StoreUnavailable: PostgreSQL cannot be reached.
        BrokerUnavailable: Redis cannot be reached.
        ConfigError: the secret cannot be read.

    """
    metrics = Metrics()
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        pool = await enter(open_pool(services.database_url))
        fence = Fence()
        gate = await enter(open_gate(services.redis_url, fence))
        seen = await enter(open_epochs(services.redis_url))
        broker = await enter(open_redis_broker(rooms_url(config, services)))
        announcer = await enter(open_announcer(broker, metrics))
        writer = await enter(open_writer(services.redis_url, pool, gate, seen, announcer))
        sandbox = sandbox_of(config, pool)
        relay = Relay(services.database_url, gate, broker, announcer, metrics)
        works = (
            keep_open(pool, seen, fence),
            writer.run(),
            Sweeper(pool, gate, announcer).run(),
            relay.run(),
            Refunder(pool, {sandbox.name: sandbox}).run(),
            sandbox.run(),
            rounds("purge", lambda: purge(pool), every_s=PURGE_S),
            video_watched(config, pool),
        )
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(work) for work in works]
            try:
                yield
            finally:
                for task in running:
                    task.cancel()


async def video_watched(config: Config, pool: Pool) -> None:
    """Keep true which shows are on air, where the backend does not write it itself."""
    backend = backend_of(config)
    if isinstance(backend, MediaMtx):
        await OnAir(pool, backend.on_air).run()


async def purge(pool: Pool) -> None:
    """Delete answers, facts, webhooks and devices that were kept long enough."""
    async with transaction(pool) as connection:
        await idempotency.purge(connection)
        await outbox.purge(connection)
        await payments.purge_events(connection)
        await moderation.forget_devices(connection)
