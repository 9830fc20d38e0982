"""
Every way a request can fail, as one table from code to status, and the answer that says so.

Invariant: a code has one status everywhere; a client may rely on both. What nobody expected is a
500 ``internal`` with the request's id, and the trace is in the log, never in the answer.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

import asyncpg
import msgspec
import structlog
from starlette.responses import Response

from commerce.errors import InvalidValue, ShopError, StoreUnavailable
from live.api.bodies import Problem
from live.auth import AuthError, Busy, TooManyTries
from rooms.brokers import BrokerUnavailable

log = structlog.get_logger()

MEDIA_TYPE: Final = "application/problem+json"

STATUS: Final[Mapping[str, HTTPStatus]] = {
    # The request cannot be read.
    "bad_event": HTTPStatus.BAD_REQUEST,
    "malformed_json": HTTPStatus.BAD_REQUEST,
    "idempotency_key_required": HTTPStatus.BAD_REQUEST,
    "malformed_sdp": HTTPStatus.BAD_REQUEST,
    "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "head_too_large": HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "wrong_content_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "too_slow": HTTPStatus.REQUEST_TIMEOUT,
    "invalid_value": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unreadable_picture": HTTPStatus.UNPROCESSABLE_ENTITY,
    "picture_too_large": HTTPStatus.UNPROCESSABLE_ENTITY,
    "starts_in_past": HTTPStatus.UNPROCESSABLE_ENTITY,
    "unacceptable_offer": HTTPStatus.UNPROCESSABLE_ENTITY,
    "ice_restart_unsupported": HTTPStatus.UNPROCESSABLE_ENTITY,
    "idempotency_key_reused": HTTPStatus.UNPROCESSABLE_ENTITY,
    "idempotency_in_flight": HTTPStatus.CONFLICT,
    # Who is asking.
    "unauthorised": HTTPStatus.UNAUTHORIZED,
    "bad_token": HTTPStatus.UNAUTHORIZED,
    "expired_token": HTTPStatus.UNAUTHORIZED,
    "wrong_credentials": HTTPStatus.UNAUTHORIZED,
    "bad_signature": HTTPStatus.UNAUTHORIZED,
    "stale_signature": HTTPStatus.UNAUTHORIZED,
    "forbidden": HTTPStatus.FORBIDDEN,
    "banned": HTTPStatus.FORBIDDEN,
    "not_yours": HTTPStatus.FORBIDDEN,
    "not_permitted": HTTPStatus.FORBIDDEN,
    "beyond_own_permissions": HTTPStatus.FORBIDDEN,
    "may_not_be_moderated": HTTPStatus.FORBIDDEN,
    "too_many_tries": HTTPStatus.TOO_MANY_REQUESTS,
    "rate_limited": HTTPStatus.TOO_MANY_REQUESTS,
    # What is asked for.
    "not_found": HTTPStatus.NOT_FOUND,
    "method_not_allowed": HTTPStatus.METHOD_NOT_ALLOWED,
    "unknown_account": HTTPStatus.NOT_FOUND,
    "unknown_address": HTTPStatus.NOT_FOUND,
    "unknown_coupon": HTTPStatus.NOT_FOUND,
    "unknown_event": HTTPStatus.NOT_FOUND,
    "unknown_gateway": HTTPStatus.NOT_FOUND,
    "not_in_line": HTTPStatus.NOT_FOUND,
    "no_queue": HTTPStatus.NOT_FOUND,
    "not_in_queue": HTTPStatus.NOT_FOUND,
    "unknown_line": HTTPStatus.NOT_FOUND,
    "unknown_offer": HTTPStatus.NOT_FOUND,
    "unknown_order": HTTPStatus.NOT_FOUND,
    "unknown_payment": HTTPStatus.NOT_FOUND,
    "unknown_product": HTTPStatus.NOT_FOUND,
    "unknown_show": HTTPStatus.NOT_FOUND,
    "unknown_session": HTTPStatus.NOT_FOUND,
    "unknown_shipment": HTTPStatus.NOT_FOUND,
    "unknown_tariff": HTTPStatus.NOT_FOUND,
    "unknown_variant": HTTPStatus.NOT_FOUND,
    "unknown_webhook": HTTPStatus.NOT_FOUND,
    "events_gone": HTTPStatus.GONE,
    "invitation_gone": HTTPStatus.GONE,
    "no_video": HTTPStatus.NOT_FOUND,
    "too_far_ahead": HTTPStatus.BAD_REQUEST,
    # The world is not so.
    "email_taken": HTTPStatus.CONFLICT,
    "show_id_taken": HTTPStatus.CONFLICT,
    "product_handle_taken": HTTPStatus.CONFLICT,
    "skus_taken": HTTPStatus.CONFLICT,
    "coupon_code_taken": HTTPStatus.CONFLICT,
    "already_publishing": HTTPStatus.CONFLICT,
    "not_on_air": HTTPStatus.CONFLICT,
    "wrong_state": HTTPStatus.CONFLICT,
    "not_enough_stock": HTTPStatus.CONFLICT,
    "price_not_lower": HTTPStatus.CONFLICT,
    "was_not_asked": HTTPStatus.CONFLICT,
    "pay_window_over": HTTPStatus.CONFLICT,
    "rehearsal": HTTPStatus.CONFLICT,
    "refund_too_large": HTTPStatus.CONFLICT,
    "too_many_webhooks": HTTPStatus.CONFLICT,
    "team_full": HTTPStatus.CONFLICT,
    "too_many_addresses": HTTPStatus.CONFLICT,
    "too_many_reminders": HTTPStatus.CONFLICT,
    "not_planned": HTTPStatus.CONFLICT,
    "address_needed": HTTPStatus.CONFLICT,
    "not_delivered": HTTPStatus.CONFLICT,
    "not_together": HTTPStatus.CONFLICT,
    "quote_changed": HTTPStatus.CONFLICT,
    "amount_mismatch": HTTPStatus.CONFLICT,
    "coupon_not_yet": HTTPStatus.CONFLICT,
    "coupon_over": HTTPStatus.CONFLICT,
    "coupon_other_currency": HTTPStatus.CONFLICT,
    "coupon_not_for_these": HTTPStatus.CONFLICT,
    "coupon_below_minimum": HTTPStatus.CONFLICT,
    "coupon_yours_used": HTTPStatus.CONFLICT,
    "coupon_used_up": HTTPStatus.CONFLICT,
    "gateway_refused": HTTPStatus.CONFLICT,
    "sold_out": HTTPStatus.CONFLICT,
    "limit_reached": HTTPStatus.CONFLICT,
    "waitlist_full": HTTPStatus.CONFLICT,
    "queue_full": HTTPStatus.CONFLICT,
    "not_admitted": HTTPStatus.CONFLICT,
    "turn_over": HTTPStatus.CONFLICT,
    "turn_used": HTTPStatus.CONFLICT,
    "not_drawn": HTTPStatus.CONFLICT,
    "no_waitlist": HTTPStatus.CONFLICT,
    "crowded": HTTPStatus.CONFLICT,
    "not_open": HTTPStatus.CONFLICT,
    "closed": HTTPStatus.CONFLICT,
    # It is us.
    "unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "not_yet": HTTPStatus.SERVICE_UNAVAILABLE,
    "media_full": HTTPStatus.SERVICE_UNAVAILABLE,
    "store_unavailable": HTTPStatus.SERVICE_UNAVAILABLE,
    "gateway_unavailable": HTTPStatus.BAD_GATEWAY,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
}


class ApiError(Exception):
    """A request is refused: a code of :data:`STATUS`, and a sentence."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        path: str | None = None,
        retry_after_ms: int | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.path = path
        self.retry_after_ms = retry_after_ms


def problem(error: Exception, request_id: str | None = None) -> Response:
    """Return the answer for whatever went wrong; log it if nobody expected it."""
    refusal = refusal_of(error)
    status = STATUS[refusal.code]
    if refusal.code == "internal":
        log.error("request_failed", exc_info=error)
    headers = {"Cache-Control": "no-store"}
    if refusal.retry_after_ms is not None:
        headers["Retry-After"] = str(-(-refusal.retry_after_ms // 1000))
    if status is HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(
        msgspec.json.encode(
            Problem(
                type="about:blank",
                title=status.phrase,
                status=status.value,
                code=refusal.code,
                detail=refusal.detail[:1].upper() + refusal.detail[1:],
                path=refusal.path,
                retry_after_ms=refusal.retry_after_ms,
                request_id=request_id,
            )
        ),
        status.value,
        headers,
        MEDIA_TYPE,
    )


def invalid(error: msgspec.ValidationError) -> ApiError:
    """Say where a value is not what it must be: ``Expected `int` >= 1 - at `$.quantity```."""
    detail, at, path = str(error).partition(" - at `")
    return ApiError("invalid_value", detail, path=path.rstrip("`") if at else "$")


def refusal_of(error: Exception) -> ApiError:
    """Return the code and the sentence for whatever went wrong."""
    match error:
        case ApiError():
            return error
        case InvalidValue():
            return ApiError(error.code, error.detail, path=error.field)
        case StoreUnavailable():
            return ApiError(
                error.code, "the shop's books cannot be reached; try again", retry_after_ms=1000
            )
        case ShopError() if error.code in STATUS:
            return ApiError(error.code, str(error))
        case TooManyTries() | Busy():
            return ApiError(
                error.code, str(error), retry_after_ms=round(error.retry_after_s * 1000)
            )
        case AuthError():
            return ApiError(error.code, str(error))
        case asyncpg.DataError() | UnicodeEncodeError():
            # A NUL or half a surrogate pair in a text, or a moment out of range.
            return ApiError("invalid_value", "a value cannot be stored", path="$")
        case BrokerUnavailable():
            return _UNAVAILABLE
        case asyncpg.PostgresConnectionError() | asyncpg.InterfaceError() | OSError():
            return _UNAVAILABLE
        case asyncpg.TooManyConnectionsError() | asyncpg.CannotConnectNowError() | TimeoutError():
            return _UNAVAILABLE
        case asyncpg.DeadlockDetectedError() | asyncpg.SerializationError():
            # PostgreSQL chose this one of two that were in each other's way: nothing was done.
            return _UNAVAILABLE
        case _:
            return ApiError("internal", "something went wrong on the server; it has been noted")


_UNAVAILABLE: Final = ApiError(
    "unavailable", "the shop cannot be reached just now; try again", retry_after_ms=1000
)
