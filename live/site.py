"""
The web application: every route there is, around the parts of one process.
"""

from typing import Final

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from live.api import (
    accounts,
    addresses,
    checkout,
    coupons,
    desk,
    directory,
    events,
    follows,
    health,
    media,
    minutes,
    moderation,
    offers,
    orders,
    payments,
    pictures,
    products,
    queue,
    refund_requests,
    rehearsals,
    reminders,
    replay,
    shipments,
    shows,
    stock,
    tariffs,
    team,
    waitlist,
    webhooks,
)
from live.api.openapi import document
from live.middleware import REQUEST_ID, Observed, failed, refused
from live.pages import pictures as picture_files, recordings, sandbox, site
from live.shop import Shop
from live.version import VERSION

ENDPOINTS: Final = (
    *accounts.ENDPOINTS,
    *shows.ENDPOINTS,
    *directory.ENDPOINTS,
    *reminders.ENDPOINTS,
    *rehearsals.ENDPOINTS,
    *desk.ENDPOINTS,
    *minutes.ENDPOINTS,
    *replay.ENDPOINTS,
    *moderation.ENDPOINTS,
    *follows.ENDPOINTS,
    *products.ENDPOINTS,
    *pictures.ENDPOINTS,
    *stock.ENDPOINTS,
    *offers.ENDPOINTS,
    *queue.ENDPOINTS,
    *waitlist.ENDPOINTS,
    *orders.ENDPOINTS,
    *refund_requests.ENDPOINTS,
    *payments.ENDPOINTS,
    *addresses.ENDPOINTS,
    *tariffs.ENDPOINTS,
    *checkout.ENDPOINTS,
    *coupons.ENDPOINTS,
    *shipments.ENDPOINTS,
    *events.ENDPOINTS,
    *webhooks.ENDPOINTS,
    *team.ENDPOINTS,
    *media.ENDPOINTS,
)
"""Every endpoint under ``/api``."""

MEDIA: Final = ("Location", "Link", "Accept-Patch")
"""What a page needs to read of WHIP and WHEP."""


async def openapi(request: Request) -> Response:
    """Return the OpenAPI document."""
    return Response(_OPENAPI, media_type="application/json")


_OPENAPI: Final = msgspec.json.encode(document(ENDPOINTS, VERSION))


def web(shop: Shop) -> Starlette:
    """Return the ASGI application over ``shop``."""
    middleware = [Middleware(Observed, metrics=shop.metrics)]
    if shop.config.origins:
        middleware.append(
            Middleware(
                CORSMiddleware,
                allow_origins=shop.config.origins,
                allow_methods=["GET", "POST", "PATCH", "DELETE"],
                allow_headers=[
                    "Authorization",
                    "Content-Type",
                    "Idempotency-Key",
                    "If-Match",
                    "Liveshop-Shop",
                ],
                expose_headers=["Idempotent-Replayed", "Retry-After", *MEDIA, REQUEST_ID],
            )
        )
    application = Starlette(
        routes=[
            Route("/api/openapi.json", openapi),
            *(Route(each.path, each, methods=[each.method]) for each in ENDPOINTS),
            *health.ROUTES,
            *recordings.ROUTES,
            *picture_files.ROUTES,
            *(shop.front.routes if shop.front is not None else ()),
            *sandbox.ROUTES,
            *site.routes(),
        ],
        middleware=middleware,
        exception_handlers={HTTPException: refused, Exception: failed},
    )
    application.state.shop = shop
    return application
