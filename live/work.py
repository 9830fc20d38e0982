"""
The worker process: everything that is not asked for by someone who waits for an answer.

- the order writer: holds become orders
- the doorman: queues are drawn when their sales open, and people admitted in turn
- the sweeper: unpaid orders lapse, offers close in time, the gate is told what it missed
- rehearsals that ended give back what was reserved in them
- the relay: facts become events in the rooms
- the refunder and the withdrawer: gateways give money back, and end charges that are over
- the sandbox gateway's deliveries
- the reconciliation of the gateways' statements with the ledger, once a day
- coupons get back the uses that nobody will pay for
- the event feed gets its order, and merchants' webhooks their deliveries
- the chronicle: what the rooms hear is kept for the replay
- the minutes: who watches the live shows, for the desk
- who is on air, where another program carries the video
- the purge of old answers, facts and events

Any number of workers may run; the writer, the relay, the chronicle and the minutes are active in
one of them, and the others stand by. Killed at any moment, the next one goes on where it was.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import structlog
from prometheus_client import Gauge

from commerce import rehearsing
from commerce.checkout import Checkout
from commerce.offers.admission import Seal
from commerce.offers.doorman import Doorman
from commerce.offers.epoch import keep_open, open_epochs
from commerce.offers.fence import Fence
from commerce.offers.stock import open_gate
from commerce.offers.sweeper import Sweeper
from commerce.payments.reconcile import Reconciliation
from commerce.payments.refunder import Refunder
from commerce.payments.withdrawer import Withdrawer
from commerce.rounds import rounds
from commerce.store import (
    coupons,
    feed,
    idempotency,
    minutes,
    moments,
    outbox,
    payments,
    reminders,
)
from commerce.store.pool import Pool, is_pooled, open_connection, open_pool, transaction
from commerce.webhooks.deliverer import open_deliverer
from commerce.writer import open_writer
from live import readiness
from live.announcer import open_announcer
from live.api.bodies import Readiness
from live.app import open_gateways, return_url, rooms_url, sandbox_of
from live.chronicle import Chronicle
from live.config import Config, ConfigError, admission_secret
from live.embedded import Services
from live.figures import watch_gate, watch_news, watch_pool
from live.media.backend import backend_of
from live.media.mediamtx import MediaMtx
from live.media.onair import OnAir
from live.metrics_port import open_metrics_port
from live.minutes import Minutes
from live.moderation import store as moderation
from live.relay import Relay
from live.survey import SURVEY_S, Survey
from live.telemetry import Metrics, measured_loop
from live.tracing import open_tracer
from rooms.brokers.redis import open_redis_broker

log = structlog.get_logger()

PURGE_S: Final = 600.0
"""What is purged was kept for a day; ten minutes more do not matter."""

FEED_S: Final = 0.25
"""Merchants' programs hear of an order this much later than its buyer."""

RECONCILE_S: Final = 86_400.0
"""What a webhook should have told is found within a day of its loss."""

RECONCILED_MS: Final = 3 * 86_400_000
"""Each day is looked at thrice, so that a day without a worker is made up for."""


@asynccontextmanager
async def working(config: Config, services: Services) -> AsyncIterator[None]:
    """
    Work for as long as the block lasts.

    Raises:
        StoreUnavailable: PostgreSQL cannot be reached.
        BrokerUnavailable: Redis cannot be reached.
        ConfigError: the secret cannot be read.

    """
    metrics = Metrics("work")
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        pool = await enter(open_pool(services.database_url))
        fence = Fence()
        gate = await enter(open_gate(services.redis_url, fence))
        seen = await enter(open_epochs(services.redis_url))
        broker = await enter(open_redis_broker(rooms_url(config, services)))
        announcer = await enter(open_announcer(broker, metrics))
        tracer = await enter(open_tracer(os.environ, "work"))
        written = metrics.timed(
            "liveshop_order_lag_seconds",
            "From the gate's answer to the commit, of the oldest hold in a batch",
        )
        writer = await enter(
            open_writer(services.redis_url, pool, gate, seen, announcer, written.observe, tracer)
        )
        sandbox = sandbox_of(config, pool)
        gateways = await enter(open_gateways(config, sandbox))
        relay = Relay(services.database_url, gate, broker, announcer, metrics)
        checkout = Checkout(
            pool,
            gate,
            announcer,
            gateways=gateways,
            return_url=lambda order: return_url(config, order),
        )
        reconciliation = Reconciliation(pool, checkout, gateways)
        drift = Gauge(
            "liveshop_payment_drift",
            "Differences between gateways and ledger that the last comparison left for a person",
            registry=metrics.registry,
        )
        deliverer = await enter(open_deliverer(pool, config.webhook_targets))
        works = (
            keep_open(pool, seen, fence),
            writer.run(),
            Sweeper(pool, gate, announcer).run(),
            Doorman(pool, gate, Seal(admission_secret(config)), announcer).run(),
            rounds(
                "rehearsals",
                lambda: rehearsing.clear(pool, gate, announcer),
                every_s=rehearsing.EVERY_S,
            ),
            relay.run(),
            Refunder(pool, gateways).run(),
            Withdrawer(pool, gateways).run(),
            sandbox.run(),
            rounds("coupons", lambda: coupons.return_idle(pool), every_s=coupons.RETURN_EVERY_S),
            rounds("feed", lambda: feed.place(pool), every_s=FEED_S),
            deliverer.run(),
            rounds("reconciliation", lambda: reconcile(reconciliation, drift), every_s=RECONCILE_S),
            Chronicle(services.database_url, broker).run(),
            Minutes(services.database_url, broker).run(),
            rounds("purge", lambda: purge(pool, config), every_s=PURGE_S),
            video_watched(config, pool),
            rounds("survey", Survey(metrics, pool, gate, seen).take, every_s=SURVEY_S),
        )
        watch_pool(metrics, pool)
        watch_gate(metrics, fence)
        watch_news(metrics, announcer)
        metrics.read(
            "liveshop_order_writer_active",
            "1 in the process that writes orders, 0 where it stands by",
            lambda: writer.active,
        )
        metrics.read(
            "liveshop_relay_active",
            "1 in the process that relays facts, 0 where it stands by",
            lambda: relay.active,
        )

        async def ready() -> Readiness:
            postgres, redis = await asyncio.gather(readiness.postgres(pool), readiness.redis(gate))
            return readiness.readiness({"postgres": postgres, "redis": redis})

        await enter(measured_loop(metrics.loop_lag))
        await enter(open_metrics_port(config, metrics.registry, ready))
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(work) for work in works]
            try:
                yield
            finally:
                for task in running:
                    task.cancel()


async def refuse_pooler(services: Services) -> None:
    """
    Make sure that locks and LISTEN, which belong to a session, are PostgreSQL's own.

    Raises:
        ConfigError: a pooler stands between, which may give the session to somebody else.
        StoreUnavailable: PostgreSQL cannot be reached.

    """
    async with open_connection(services.database_url) as connection:
        if await is_pooled(connection):
            raise ConfigError(
                "LIVESHOP_DATABASE_URL leads through a pooler, which is for liveshop serve alone: "
                "work and migrate hold locks and listen; give them PostgreSQL itself"
            )


async def reconcile(reconciliation: Reconciliation, left: Gauge) -> None:
    """Compare the last days with the gateways' statements, and mend what is safe."""
    until = time.time_ns() // 1_000_000
    done = await reconciliation.reconcile(until - RECONCILED_MS, until, mend=True)
    for drift in done.drift:
        log.error("payment_drift", code=drift.code, detail=drift.detail, mended=drift.mended)
    left.set(sum(not drift.mended for drift in done.drift))
    log.info("payments_reconciled", compared=done.compared, drift=len(done.drift))


async def video_watched(config: Config, pool: Pool) -> None:
    """Keep true which shows are on air, where the backend does not write it itself."""
    backend = backend_of(config)
    if isinstance(backend, MediaMtx):
        await OnAir(pool, backend.on_air).run()


async def purge(pool: Pool, config: Config) -> None:
    """Delete answers, facts, webhooks, addresses, devices, moments, reminders: kept long enough."""
    async with transaction(pool) as connection:
        await idempotency.purge(connection)
        await outbox.purge(connection)
        await payments.purge_events(connection)
        await payments.forget_destinations(connection)
        await feed.purge(connection)
        await moments.purge(connection, config.recording_days * 86_400)
        await minutes.purge(connection, config.recording_days * 86_400)
        await moderation.forget_devices(connection)
        await reminders.purge(connection)
