"""The queue before a sale: entered, looked at, and its draw proved; the same as on the socket."""

import math
import time
from typing import Final

from commerce.ids import AccountId, OfferId, ShowId
from commerce.messages import PlaceInQueue
from commerce.offers.outcomes import (
    Admitted,
    Closed,
    InQueue,
    LimitReached,
    NoQueue,
    QueueFull,
    UnknownOffer,
)
from commerce.store import offers, queues
from commerce.store.pool import acquire
from commerce.store.queues import Proof
from live.api.bodies import Empty, QueueRoll, QueueView
from live.api.endpoint import Access, Call, Endpoint
from live.api.problems import ApiError
from live.moderation import store as moderation


async def enter(call: Call[Empty, Empty]) -> PlaceInQueue:
    """Enter the queue of an offer, or hear where you stand; early or late is the same."""
    wanted, buyer = OfferId(call.path("offer")), AccountId(call.who.sub)
    if wait_s := call.shop.tries.reserve(buyer, time.monotonic()):
        retry_after_ms = math.ceil(wait_s * 1000)
        raise ApiError("rate_limited", "slower, please", retry_after_ms=retry_after_ms)
    # On the socket the room asks; whoever is banned is not in it.
    async with acquire(call.shop.pool) as connection:
        if await moderation.is_banned_from(connection, wanted, buyer):
            raise ApiError("banned", "you are banned from this host's shows")
    place = await call.shop.queues.enter(wanted, buyer)
    call.shop.metrics.gate_answers.labels(type(place).__name__).inc()
    match place:
        case InQueue(number):
            return PlaceInQueue(offer=wanted, place=number)
        case Admitted():
            return await _place(call)
        case QueueFull():
            raise ApiError("queue_full", "as many are in the queue as may be")
        case NoQueue(draft):
            if draft:
                raise ApiError("not_open", "the queue opens when the sale is announced")
            raise _no_queue()
        case LimitReached(held):
            raise ApiError("limit_reached", f"you have {held} already, and there is a limit")
        case Closed():
            raise ApiError("closed", "the sale is over")
        case UnknownOffer():
            raise ApiError("unknown_offer", "there is no such offer")


async def place(call: Call[Empty, Empty]) -> PlaceInQueue:
    """Say where you stand in the queue of an offer; while it is your turn, with the admission."""
    return await _place(call)


async def _place(call: Call[Empty, Empty]) -> PlaceInQueue:
    offer, buyer = OfferId(call.path("offer")), AccountId(call.who.sub)
    async with acquire(call.shop.pool) as connection:
        show = ShowId((await offers.get(connection, offer)).show)
        found = await queues.places(connection, call.shop.queues.seal, [(buyer, show)])
    for each in found.get((buyer, show), []):
        if each.offer == offer:
            return each
    raise ApiError("not_in_queue", "you are not in the queue of this offer")


async def queue(call: Call[Empty, Empty]) -> QueueView:
    """Show the queue of an offer, and what proves its draw."""
    found = await _proof(call)
    return QueueView(
        offer=found.offer,
        entrants=found.entrants,
        draws_at=found.draws_at,
        commitment=found.commitment,
        called=found.called,
        drawn_at=found.drawn_at,
        seed=found.seed,
        roll=found.roll,
    )


async def roll(call: Call[Empty, Empty]) -> QueueRoll:
    """Show the tickets in a draw, so that anyone can draw it again."""
    found = await _proof(call)
    if found.drawn_at is None:
        raise ApiError("not_drawn", "the places are drawn when the sale opens")
    async with acquire(call.shop.pool) as connection:
        return QueueRoll(found.offer, await queues.tickets(connection, found.offer))


async def _proof(call: Call[Empty, Empty]) -> Proof:
    offer = OfferId(call.path("offer"))
    async with acquire(call.shop.pool) as connection:
        found = await queues.proof(connection, offer)
        if found is None:
            await offers.get(connection, offer)  # or it does not exist at all
            raise _no_queue()
    return found


def _no_queue() -> ApiError:
    return ApiError("no_queue", "this offer has no queue")


_PATH: Final = "/api/offers/{offer}/queue"

ENDPOINTS: Final = (
    Endpoint(
        "POST",
        _PATH,
        enter,
        Access.SIGNED_IN,
        errors=(
            *("unknown_offer", "no_queue", "not_open", "limit_reached", "queue_full"),
            *("closed", "rate_limited", "banned", "not_in_queue"),
        ),
    ),
    Endpoint("GET", _PATH, queue, Access.ANYONE, errors=("unknown_offer", "no_queue")),
    Endpoint(
        "GET",
        f"{_PATH}/roll",
        roll,
        Access.ANYONE,
        errors=("unknown_offer", "no_queue", "not_drawn"),
    ),
    Endpoint(
        "GET",
        f"{_PATH}/place",
        place,
        Access.SIGNED_IN,
        errors=("unknown_offer", "not_in_queue"),
    ),
)
