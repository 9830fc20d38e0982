"""
The composition root of the web process: everything that runs in it, in the order it starts.

::

    PostgreSQL pool
    fence ── gate (Redis) ── epochs: opens the fence whenever an epoch is in force
    broker (the rooms' Redis) ── announcer: whispers and stock ticks
    batcher: attempts on their way to the gate; line: buyers on their way into a line
    queues: buyers on their way into a queue
    dispatch ── node: the rooms of this worker
    checkout ── payment gateways: Stripe, the sandbox
    front: signalling on its way to the media process

Leaving stops them in the opposite order; each is entered here and nowhere else.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from commerce.checkout import Checkout
from commerce.messages import OrderView
from commerce.offers.admission import Seal
from commerce.offers.batcher import open_batcher
from commerce.offers.epoch import keep_open, open_epochs, try_open
from commerce.offers.fence import Fence
from commerce.offers.stock import open_gate
from commerce.payments import Gateway
from commerce.payments.sandbox import Sandbox
from commerce.store.pool import Pool, open_pool
from live.announcer import open_announcer
from live.auth import Passwords, Tokens, Tries
from live.clicks import Clicks
from live.config import Config, admission_secret, signing_secret, webhook_secret
from live.dispatch import open_dispatch
from live.embedded import Services
from live.figures import watch_batcher, watch_gate, watch_news, watch_pool, watch_rooms
from live.line import open_line
from live.media.backend import backend_of
from live.media.front import open_front
from live.queue import open_queues
from live.shop import Shop
from live.showcase import Showcase
from live.team.stagedoor import StageDoor
from live.telemetry import Metrics, measured_loop
from live.tracing import open_tracer
from live.traffic import open_traffic
from rooms.bounds import Bounds
from rooms.brokers.redis import open_redis_broker
from rooms.door import Door
from rooms.node import open_node


@asynccontextmanager
async def running(config: Config, services: Services) -> AsyncIterator[Shop]:
    """
    Run the parts of one web process for as long as the block lasts.

    Raises:
        StoreUnavailable: PostgreSQL cannot be reached.
        BrokerUnavailable: Redis cannot be reached.
        ConfigError: the secret cannot be read.

    """
    metrics = Metrics()
    tokens = Tokens(signing_secret(config), hours=config.token_hours)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        pool = await enter(open_pool(services.database_url))
        stage_door = StageDoor(pool, tokens)
        fence = Fence()
        tracer = await enter(open_tracer(os.environ, "serve"))
        gate = await enter(open_gate(services.redis_url, fence, tracer=tracer))
        seen = await enter(open_epochs(services.redis_url))
        await try_open(pool, seen, fence)
        broker = await enter(open_redis_broker(rooms_url(config, services)))
        announcer = await enter(open_announcer(broker, metrics))
        called = metrics.timed("liveshop_gate_call_seconds", "Calls to the gate, each a batch")
        batcher = await enter(open_batcher(gate, announcer.stock, called.observe))
        line = await enter(open_line(gate, announcer.stock))
        queues = await enter(open_queues(pool, Seal(admission_secret(config))))
        clicks = Clicks()
        dispatch = await enter(
            open_dispatch(
                pool, gate, batcher, line, queues, tokens, stage_door, metrics, clicks, tracer
            )
        )
        node = await enter(open_node(broker, dispatch, door=_door(config), bounds=_bounds(config)))
        traffic = await enter(open_traffic(pool, clicks, node.passes.reached))
        sandbox = sandbox_of(config, pool)
        checkout = Checkout(
            pool,
            gate,
            announcer,
            gateways=await enter(open_gateways(config, sandbox)),
            return_url=lambda order: return_url(config, order),
        )
        front = await enter(open_front(config))
        watch_pool(metrics, pool)
        watch_gate(metrics, fence)
        watch_news(metrics, announcer)
        watch_batcher(metrics, batcher)
        watch_rooms(metrics, node, broker, connections=config.connections)
        await enter(measured_loop(metrics.loop_lag))
        tasks = await enter(asyncio.TaskGroup())
        fence_keeper = tasks.create_task(keep_open(pool, seen, fence))
        stack.callback(fence_keeper.cancel)
        yield Shop(
            config=config,
            pool=pool,
            gate=gate,
            batcher=batcher,
            line=line,
            queues=queues,
            checkout=checkout,
            sandbox=sandbox,
            node=node,
            broker=broker,
            tokens=tokens,
            stage_door=stage_door,
            passwords=Passwords(),
            tries=Tries(),
            metrics=metrics,
            tracer=tracer,
            media=backend_of(config),
            front=front,
            darkroom=asyncio.Semaphore(1),
            traffic=traffic,
            showcase=Showcase(pool, broker, config.recordings, tasks),
        )


@asynccontextmanager
async def open_gateways(config: Config, sandbox: Sandbox) -> AsyncIterator[Mapping[str, Gateway]]:
    """Give the gateways of the settings, in their order, for as long as the block lasts."""
    async with AsyncExitStack() as stack:
        gateways: dict[str, Gateway] = {}
        for name in config.gateways:
            if name == "stripe":
                # Its library takes 140 ms to import, which a shop without it need not wait for.
                from commerce.payments.stripe import open_stripe

                gateways[name] = await stack.enter_async_context(
                    open_stripe(
                        secret_key=config.stripe_secret_key or "",
                        webhook_secret=config.stripe_webhook_secret or "",
                        api_url=config.stripe_api_url,
                        base_url=config.base_url,
                    )
                )
            else:
                gateways[name] = sandbox
        yield gateways


def rooms_url(config: Config, services: Services) -> str:
    """Return which Redis holds the rooms: the gate's, unless they have one of their own."""
    return config.rooms_redis_url or services.redis_url


def _bounds(config: Config) -> Bounds:
    return Bounds(
        lines_a_second=float(config.chat_lines_per_second),
        joins_a_second=float(config.joins_per_second),
        connections=config.connections,
        connections_of_address=config.connections_per_address,
    )


def _door(config: Config) -> Door:
    own = (config.public_url,) if config.public_url is not None else ()
    return Door(_bounds(config), origins=(*own, *config.origins), proxies=config.trusted_proxies)


def sandbox_of(config: Config, pool: Pool) -> Sandbox:
    """
    Return the sandbox gateway as every process of this shop sees it.

    Its page is on this very server. Where nobody said how browsers reach it, its address is a
    path, which is right whatever name they used.
    """
    return Sandbox(
        pool,
        secret=webhook_secret(config),
        public_url=config.public_url or "",
        webhook_url=f"{config.base_url}/api/payments/sandbox/webhook",
    )


def return_url(config: Config, order: OrderView) -> str:
    """Return where a buyer goes after paying: back to the show."""
    return f"{config.public_url or ''}/live/{order.show}"
