"""The line before a sold-out offer: joined, looked at, left; the same lines as on the socket."""

from http import HTTPStatus
from typing import Final

from commerce.ids import AccountId, OfferId
from commerce.messages import Unwaited
from commerce.offers.outcomes import (
    Attempt,
    Closed,
    InLine,
    KeyReused,
    LimitReached,
    LineFull,
    NoLine,
    NotAdmitted,
    NotOpen,
    Turn,
    Unavailable,
    UnknownOffer,
)
from commerce.store import offers
from commerce.store.pool import acquire
from live.api.bodies import Empty, NewPlace, PlaceTaken
from live.api.endpoint import Access, Call, Endpoint, Key
from live.api.offers import (
    attempted,
    key_reused,
    not_admitted,
    not_selling,
    unavailable,
)
from live.api.problems import ApiError


async def wait(call: Call[NewPlace, Empty]) -> PlaceTaken:
    """Wait for what comes back of a sold-out offer; it is your turn if something did meanwhile."""
    key, wanted, buyer = await attempted(call)
    attempt = Attempt(offer=wanted, buyer=buyer, id=key, quantity=call.body.quantity)
    place = await call.shop.line.join(attempt)
    call.shop.metrics.gate_answers.labels(type(place).__name__).inc()
    match place:
        case InLine(number, quantity):
            return PlaceTaken(offer=wanted, place=number, quantity=quantity)
        case Turn(held, quantity):
            return PlaceTaken(
                offer=wanted,
                place=0,
                quantity=quantity,
                hold=held.hold,
                expires_at=held.expires_at,
            )
        case LineFull():
            raise ApiError("waitlist_full", "as many are waiting as could ever get something")
        case NoLine():
            detail = "this offer has no line: whoever pays first gets it"
            raise ApiError("no_waitlist", detail)
        case LimitReached(held):
            raise ApiError("limit_reached", f"you have {held} already, and there is a limit")
        case NotOpen(retry_after_ms):
            raise ApiError("not_open", "the sale has not begun", retry_after_ms=retry_after_ms)
        case Closed():
            raise ApiError("closed", "the sale is over")
        case UnknownOffer():
            async with acquire(call.shop.pool) as connection:
                found = await offers.get(connection, wanted)
            raise not_selling(found)
        case NotAdmitted(why):
            raise not_admitted(why)
        case KeyReused():
            raise key_reused()
        case Unavailable(retry_after_ms):
            raise unavailable(retry_after_ms)


async def place(call: Call[Empty, Empty]) -> PlaceTaken:
    """Say where you stand in the line of an offer."""
    offer = OfferId(call.path("offer"))
    found = await call.shop.line.place(offer, AccountId(call.who.sub))
    if isinstance(found, Unavailable):
        raise unavailable(found.retry_after_ms)
    if found is None:
        raise ApiError("not_in_line", "you are not in the line of this offer")
    return PlaceTaken(offer=offer, place=found.place, quantity=found.quantity)


async def unwait(call: Call[Empty, Empty]) -> Unwaited:
    """Wait no more; leaving twice is leaving once."""
    offer = OfferId(call.path("offer"))
    left = await call.shop.line.leave(offer, AccountId(call.who.sub))
    if isinstance(left, Unavailable):
        raise unavailable(left.retry_after_ms)
    return Unwaited(offer=offer, reason="left")


_PATH: Final = "/api/offers/{offer}/waitlist"

ENDPOINTS: Final = (
    Endpoint(
        "POST",
        _PATH,
        wait,
        Access.SIGNED_IN,
        status=HTTPStatus.CREATED,
        key=Key.REQUIRED,
        errors=(
            *("unknown_offer", "limit_reached", "waitlist_full", "no_waitlist"),
            *("not_open", "closed", "rate_limited", "banned", "not_admitted"),
        ),
    ),
    Endpoint("GET", _PATH, place, Access.SIGNED_IN, errors=("not_in_line",)),
    Endpoint("DELETE", _PATH, unwait, Access.SIGNED_IN),
)
