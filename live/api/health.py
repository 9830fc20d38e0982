"""How the process is: for load balancers and for Prometheus. No account, no problem documents."""

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from live import readiness
from live.api.bodies import Health, Readiness
from live.metrics_port import answer
from live.shop import Shop
from live.telemetry import exposition


async def healthz(request: Request) -> Response:
    """Say that the process runs and its loop turns."""
    return answer(Health(status="ok"), 200)


async def readyz(request: Request) -> Response:
    """Say whether requests can be served; 503 with the reasons if not."""
    found = await readiness_of(request.app.state.shop)
    return answer(found, 200 if found.ready else 503)


async def metrics(request: Request) -> Response:
    """Return what was counted in this process, in Prometheus' format."""
    shop: Shop = request.app.state.shop
    return exposition(shop.metrics.registry)


async def readiness_of(shop: Shop) -> Readiness:
    """Ask every part; never takes longer than `readiness.CHECK_S`."""
    postgres, redis = await asyncio.gather(
        readiness.postgres(shop.pool), readiness.redis(shop.gate)
    )
    fenced = "fenced: the gate is being rebuilt from PostgreSQL"
    return readiness.readiness(
        {
            "postgres": postgres,
            "redis": redis,
            "rooms": readiness.OK if shop.node.ready else "not subscribed to Redis, or draining",
            "gate": readiness.OK if shop.gate.fence.standing is not None else fenced,
        }
    )


ROUTES: Final = (
    Route("/healthz", healthz),
    Route("/readyz", readyz),
    Route("/metrics", metrics),
)
