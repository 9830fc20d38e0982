"""Payment gateways: which there are, and what they tell us."""

import time
from http import HTTPStatus
from typing import Final

from live.api.bodies import Empty, GatewayList
from live.api.endpoint import ANY_MEDIA_TYPE, Access, Call, Endpoint, File
from live.api.idempotency import Answer


async def gateways(call: Call[Empty, Empty]) -> GatewayList:
    """List who takes money, the one first that buyers get who do not choose."""
    return GatewayList(gateways=list(call.shop.checkout.offered))


async def webhook(call: Call[File, Empty]) -> Answer:
    """Take a gateway's event; signed by the gateway, acted on once however often it comes."""
    # The signature is over the bytes as they came, so nothing decodes them before it is checked.
    heard = await call.shop.checkout.webhook(
        call.path("gateway"),
        dict(call.request.headers),
        call.body.data,
        time.time_ns() // 1_000_000,
    )
    return Answer(HTTPStatus.OK.value, heard.body, heard.media_type)


ENDPOINTS: Final = (
    Endpoint("GET", "/api/payments/gateways", gateways, Access.ANYONE),
    Endpoint(
        "POST",
        "/api/payments/{gateway}/webhook",
        webhook,
        Access.ANYONE,
        status=HTTPStatus.OK,
        media_type=ANY_MEDIA_TYPE,
        errors=(
            "unknown_gateway",
            "unknown_payment",
            "bad_signature",
            "stale_signature",
            "bad_event",
        ),
    ),
)
