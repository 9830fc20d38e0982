"""How the process is: for load balancers and for Prometheus. No account, no problem documents."""

import asyncio
from typing import Final

import asyncpg
import msgspec
import structlog
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commerce.errors import ShopError
from commerce.offers.fence import Fenced
from commerce.store.pool import acquire
from live.api.bodies import Health, Readiness
from live.shop import Shop
from live.telemetry import exposition

CHECK_S: Final = 2.0
"""A load balancer asks every few seconds; a part that needs longer is not ready."""

OK: Final = "ok"

log = structlog.get_logger()


async def healthz(request: Request) -> Response:
    """Say that the process runs and its loop turns."""
    return _json(Health(status="ok"), 200)


async def readyz(request: Request) -> Response:
    """Say whether requests can be served; 503 with the reasons if not."""
    readiness = await readiness_of(request.app.state.shop)
    return _json(readiness, 200 if readiness.ready else 503)


async def metrics(request: Request) -> Response:
    """Return what was counted in this process, in Prometheus' format."""
    shop: Shop = request.app.state.shop
    return exposition(shop.metrics.registry)


async def readiness_of(shop: Shop) -> Readiness:
    """Ask every part; never takes longer than `CHECK_S`."""
    postgres, redis = await asyncio.gather(_postgres(shop), _redis(shop))
    fenced = "fenced: the gate is being rebuilt from PostgreSQL"
    checks = {
        "postgres": postgres,
        "redis": redis,
        "rooms": OK if shop.node.ready else "not subscribed to Redis, or draining",
        "gate": OK if shop.gate.fence.standing is not None else fenced,
    }
    return Readiness(ready=all(state == OK for state in checks.values()), checks=checks)


async def _postgres(shop: Shop) -> str:
    try:
        async with asyncio.timeout(CHECK_S), acquire(shop.pool) as connection:
            await connection.execute("SELECT 1")
    except (ShopError, asyncpg.PostgresError, OSError) as error:
        return f"does not answer: {error!r}"
    return OK


async def _redis(shop: Shop) -> str:
    try:
        async with asyncio.timeout(CHECK_S):
            await shop.gate.client.ping()
    except Fenced:
        # It answers; that it is another server than before is the gate's matter.
        return OK
    except (RedisError, OSError) as error:
        return f"does not answer: {error!r}"
    return OK


def _json(body: Health | Readiness, status: int) -> Response:
    return Response(
        msgspec.json.encode(body), status, {"Cache-Control": "no-store"}, "application/json"
    )


ROUTES: Final = (
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/metrics", metrics),
)
