"""Offers: opened, shown, sold, closed."""

import math
import re
import time
from http import HTTPStatus
from typing import Any, Final, Literal

from commerce.ids import AccountId, OfferId, ShowId
from commerce.messages import OfferView, Reserved
from commerce.offers.ledger import Ledger, ledger as read_ledger
from commerce.offers.outcomes import (
    Attempt,
    Closed,
    Crowded,
    Held,
    KeyReused,
    LimitReached,
    NotAdmitted,
    NotOpen,
    Outcome,
    SoldOut,
    Unavailable,
    UnknownOffer,
)
from commerce.store import offers, shows
from commerce.store.pool import acquire, transaction
from live.api.bodies import Empty, Extension, NewReservation, OpenOffer, Pin
from live.api.endpoint import Access, Call, Endpoint, Key
from live.api.ownership import own_offer
from live.api.problems import ApiError
from live.levels import with_levels
from live.moderation import store as moderation

MAX_RESERVATION_KEY_CHARACTERS: Final = 64
"""As the `id` of a `reserve` on the socket: both name the same attempt."""


async def offer(call: Call[Empty, Empty]) -> OfferView:
    """Show an offer."""
    async with acquire(call.shop.pool) as connection:
        found = await offers.get(connection, OfferId(call.path("offer")))
    (current,) = await with_levels(call.shop.gate, [found])
    return current


async def open_offer(call: Call[OpenOffer, Empty]) -> OfferView:
    """Start selling: at once, after a countdown, or at a moment."""
    async with transaction(call.shop.pool) as connection:
        found = await own_offer(connection, call.who, call.path("offer"))
        opened = await offers.open_(
            connection,
            OfferId(found.id),
            countdown_s=call.body.countdown_s,
            opens_at=call.body.opens_at,
            duration_s=call.body.duration_s,
            by=AccountId(call.who.sub),
        )
        terms = await offers.gate_terms(connection, OfferId(found.id))
    # Should this fail, the relay loads the gate before it tells the room.
    await call.shop.gate.load(terms)
    (current,) = await with_levels(call.shop.gate, [opened])
    return current


async def close_offer(call: Call[Empty, Empty]) -> OfferView:
    """Stop selling; what nobody took goes back to the warehouse."""
    async with transaction(call.shop.pool) as connection:
        found = await own_offer(connection, call.who, call.path("offer"))
        await offers.start_closing(connection, OfferId(found.id))
        closing = await offers.get(connection, OfferId(found.id))
    # Should this fail, the sweeper tells the gate.
    await call.shop.gate.close(OfferId(found.id))
    return closing


async def extend_offer(call: Call[Extension, Empty]) -> OfferView:
    """Sell for longer than was said; everyone's countdown follows."""
    async with transaction(call.shop.pool) as connection:
        found = await own_offer(connection, call.who, call.path("offer"))
        extended = await offers.extend(connection, OfferId(found.id), call.body.by_s)
        terms = await offers.gate_terms(connection, OfferId(found.id))
    # Should this fail, the relay tells the gate before it tells the room.
    await call.shop.gate.load(terms)
    (current,) = await with_levels(call.shop.gate, [extended])
    return current


async def pin_offer(call: Call[Empty, Empty]) -> Pin:
    """Put an offer on screen, in place of any other."""
    async with transaction(call.shop.pool) as connection:
        found = await own_offer(connection, call.who, call.path("offer"))
        await shows.pin(connection, ShowId(found.show), OfferId(found.id))
    return Pin(show=found.show, offer=found.id)


async def unpin_offer(call: Call[Empty, Empty]) -> Pin:
    """Take an offer off the screen, if it is on it."""
    async with transaction(call.shop.pool) as connection:
        found = await own_offer(connection, call.who, call.path("offer"))
        pinned = (await shows.stage(connection, ShowId(found.show))).pinned
        if pinned != found.id:
            return Pin(show=found.show, offer=pinned)
        await shows.unpin(connection, ShowId(found.show))
    return Pin(show=found.show)


async def ledger(call: Call[Empty, Empty]) -> Ledger:
    """Account for every unit of an offer."""
    async with acquire(call.shop.pool) as connection:
        found = await own_offer(connection, call.who, call.path("offer"))
    reading = await read_ledger(call.shop.pool, call.shop.gate, OfferId(found.id))
    if isinstance(reading, Unavailable):
        raise unavailable(reading.retry_after_ms)
    return reading


def _word(outcome: Outcome) -> str:
    """Name an outcome as the socket does: `reserved`, `sold_out`."""
    if isinstance(outcome, NotAdmitted):
        return outcome.why
    name = "Reserved" if isinstance(outcome, Held) else type(outcome).__name__
    return _INNER_CAPITAL.sub("_", name).lower()


_INNER_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


async def attempted(call: Call[Any, Empty]) -> tuple[str, OfferId, AccountId]:
    """
    Return the key, the offer and the buyer of an attempt that may go to the gate.

    Raises:
        ApiError: the key is too long, they are too fast, or banned from the host's shows.

    """
    key, wanted, buyer = call.key, OfferId(call.path("offer")), AccountId(call.who.sub)
    if len(key) > MAX_RESERVATION_KEY_CHARACTERS:
        detail = f"an Idempotency-Key has at most {MAX_RESERVATION_KEY_CHARACTERS} characters here"
        raise ApiError("invalid_value", detail, path="header Idempotency-Key")
    if wait_s := call.shop.tries.reserve(buyer, time.monotonic()):
        retry_after_ms = math.ceil(wait_s * 1000)
        raise ApiError("rate_limited", "slower, please", retry_after_ms=retry_after_ms)
    # On the socket the room asks; whoever is banned is not in it.
    async with acquire(call.shop.pool) as connection:
        if await moderation.is_banned_from(connection, wanted, buyer):
            raise ApiError("banned", "you are banned from this host's shows")
    return key, wanted, buyer


async def reserve(call: Call[NewReservation, Empty]) -> Reserved:
    """
    Try for units; the same gate as the socket's `reserve`, and the key is its `id`.

    A ``traceparent`` (W3C Trace Context) that is sampled has the purchase shown in its trace.
    """
    key, wanted, buyer = await attempted(call)
    admission = None
    if call.body.admission is not None:
        admission = call.shop.queues.read(call.body.admission, wanted, buyer)
        if admission is None:
            raise not_admitted("not_admitted")
    span = call.shop.tracer.begin(
        "reserve", context=call.request.headers.get("traceparent", ""), offer=wanted
    )
    attempt = Attempt(
        offer=wanted,
        buyer=buyer,
        id=key,
        quantity=call.body.quantity,
        trace=span.context,
        admission=admission,
    )
    outcome = await call.shop.batcher.reserve(attempt)
    span.end(type(outcome).__name__)
    call.shop.metrics.gate_answers.labels(_word(outcome)).inc()
    match outcome:
        case Held(hold, expires_at, first_paid=first_paid):
            return Reserved(
                to=key,
                offer=wanted,
                hold=hold,
                quantity=call.body.quantity,
                expires_at=expires_at,
                first_paid=first_paid,
            )
        case SoldOut():
            raise ApiError("sold_out", "every unit is held or sold")
        case Crowded(retry_after_ms):
            detail = "as many as may are paying for what is left; try again in a moment"
            raise ApiError("crowded", detail, retry_after_ms=retry_after_ms)
        case LimitReached(held):
            raise ApiError("limit_reached", f"you have {held} already, and there is a limit")
        case NotOpen(retry_after_ms):
            raise ApiError("not_open", "the sale has not begun", retry_after_ms=retry_after_ms)
        case Closed():
            raise ApiError("closed", "the sale is over")
        case UnknownOffer():
            raise await _not_selling(call, wanted)
        case KeyReused():
            raise key_reused()
        case NotAdmitted(why):
            raise not_admitted(why)
        case Unavailable(retry_after_ms):
            raise unavailable(retry_after_ms)


def unavailable(retry_after_ms: int) -> ApiError:
    """Say that the gate cannot say now."""
    detail = "the gate cannot say now; send the same request again"
    return ApiError("unavailable", detail, retry_after_ms=retry_after_ms)


def key_reused() -> ApiError:
    """Say that an attempt came back as another one."""
    return ApiError("idempotency_key_reused", "this key came with another quantity before")


def not_admitted(why: Literal["not_admitted", "turn_over", "turn_used"]) -> ApiError:
    """Say why an offer with a queue sells nothing now."""
    match why:
        case "not_admitted":
            return ApiError(why, "this offer has a queue; enter it, and buy when it is your turn")
        case "turn_over":
            return ApiError(why, "your turn is over; enter the queue again")
        case "turn_used":
            return ApiError(why, "you bought with this admission already")


async def _not_selling(call: Call[NewReservation, Empty], wanted: OfferId) -> ApiError:
    """Say why the gate does not know an offer; one that does not exist raises `NotFound`."""
    async with acquire(call.shop.pool) as connection:
        found = await offers.get(connection, wanted)
    return not_selling(found)


def not_selling(found: OfferView) -> ApiError:
    """Say why an offer that exists is not in the gate."""
    match found.state:
        case "draft":
            return ApiError("not_open", "the sale has not begun")
        case "closed":
            return ApiError("closed", "the sale is over")
        case "open":
            return ApiError("unavailable", "the sale is about to begin", retry_after_ms=500)


_OWN: Final = ("unknown_offer", "not_yours")

ENDPOINTS: Final = (
    Endpoint("GET", "/api/offers/{offer}", offer, Access.ANYONE, errors=("unknown_offer",)),
    Endpoint(
        "POST",
        "/api/offers/{offer}/open",
        open_offer,
        Access.HOST,
        errors=(*_OWN, "wrong_state", "not_enough_stock", "price_not_lower"),
    ),
    Endpoint(
        "POST", "/api/offers/{offer}/close", close_offer, Access.HOST, errors=(*_OWN, "wrong_state")
    ),
    Endpoint(
        "POST",
        "/api/offers/{offer}/extend",
        extend_offer,
        Access.HOST,
        key=Key.OPTIONAL,
        errors=(*_OWN, "wrong_state"),
    ),
    Endpoint(
        "POST", "/api/offers/{offer}/pin", pin_offer, Access.HOST, errors=(*_OWN, "wrong_state")
    ),
    Endpoint("POST", "/api/offers/{offer}/unpin", unpin_offer, Access.HOST, errors=_OWN),
    Endpoint("GET", "/api/offers/{offer}/ledger", ledger, Access.HOST, errors=_OWN),
    Endpoint(
        "POST",
        "/api/offers/{offer}/reservations",
        reserve,
        Access.SIGNED_IN,
        status=HTTPStatus.CREATED,
        key=Key.REQUIRED,
        errors=(
            "unknown_offer",
            "sold_out",
            "crowded",
            "limit_reached",
            "not_open",
            "closed",
            "rate_limited",
            "banned",
            "not_admitted",
            "turn_over",
            "turn_used",
        ),
    ),
)
