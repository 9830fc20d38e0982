"""What payment gateways tell us."""

import time
from http import HTTPStatus
from typing import Final

from live.api.bodies import Empty
from live.api.endpoint import ANY_MEDIA_TYPE, Access, Call, Endpoint, File


async def webhook(call: Call[File, Empty]) -> Empty:
    """Take a gateway's event; signed by the gateway, acted on once however often it comes."""
    # The signature is over the bytes as they came, so nothing decodes them before it is checked.
    await call.shop.checkout.webhook(
        call.path("gateway"),
        dict(call.request.headers),
        call.body.data,
        time.time_ns() // 1_000_000,
    )
    return Empty()


ENDPOINTS: Final = (
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
