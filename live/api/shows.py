"""Shows: announced, started, ended."""

import time
from http import HTTPStatus
from typing import Annotated, Final

from msgspec import Meta, Struct, UnsetType

from commerce import planning
from commerce.ids import AccountId, ShowId
from commerce.messages import OfferView, ShowState, ShowView, Tally
from commerce.store import offers, orders, payments, rehearsals, shows
from commerce.store.offers import NewOffer
from commerce.store.pool import acquire, transaction
from commerce.store.shows import NewShow, ShowChanges
from live.api.bodies import (
    Empty,
    Ice,
    MoneyList,
    People,
    Rehearsal,
    ShowDetail,
    ShowList,
    Till,
    Video,
    VideoStatus,
)
from live.api.endpoint import Access, Call, Endpoint, Key
from live.api.ownership import own_show
from live.api.problems import ApiError
from live.levels import with_levels
from live.team.permissions import Permission
from live.team.policy import POLICY
from live.team.standing import held_by


class Filter(Struct, frozen=True):
    """Which shows to list."""

    state: ShowState | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


async def list_shows(call: Call[Empty, Filter]) -> ShowList:
    """List shows: the live ones first, then the coming ones, then the latest that ended."""
    async with acquire(call.shop.pool) as connection:
        found = await shows.list_shows(connection, state=call.query.state, limit=call.query.limit)
    return ShowList(shows=found)


async def create_show(call: Call[NewShow, Empty]) -> ShowView:
    """Announce a show."""
    _check_start(call.body.starts_at)
    async with transaction(call.shop.pool) as connection:
        return await shows.create(connection, call.host, call.body)


async def change_show(call: Call[ShowChanges, Empty]) -> ShowView:
    """Change the title of a show that has not started, or the time that it is planned for."""
    _check_start(call.body.starts_at)
    async with transaction(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
        return await shows.change(connection, ShowId(found.id), call.body)


def _check_start(starts_at: int | UnsetType | None) -> None:
    if isinstance(starts_at, int):
        planning.checked(starts_at, time.time_ns() // 1_000_000)


async def show(call: Call[Empty, Empty]) -> ShowDetail:
    """Show a show with its offers, and what is on screen."""
    async with acquire(call.shop.pool) as connection:
        now = await shows.stage(connection, ShowId(call.path("show")))
        found = await offers.views_of_show(connection, ShowId(now.show.id))
        held: tuple[Permission, ...] = ()
        if call.claims is not None:
            held = await held_by(connection, call.claims, AccountId(now.show.host))
        rehearsal = await rehearsals.current(connection, ShowId(now.show.id)) if held else None
    runs = bool(set(held) & set(POLICY["video.publish"].any_of))
    return ShowDetail(
        show=now.show,
        offers=await with_levels(call.shop.gate, found),
        pinned=now.pinned,
        video=video_of(call, now.show, runs=runs),
        rehearsal=rehearsal,
    )


def video_of(call: Call[Empty, Empty], show: ShowView, *, runs: bool) -> Video | None:
    """Return where a show's video is, and for who ``runs`` it where it comes in."""
    media = call.shop.media
    if media is None:
        return None
    urls = media.watch_urls(show.id)
    # A rehearsal is not packaged: players of HLS have no token to show at its door.
    hls = urls.hls if show.rehearses is None else None
    servers = [
        Ice(urls=each.url, username=each.username, credential=each.credential)
        for each in call.shop.config.ice_servers
    ]
    if not runs:
        return Video(whep=urls.whep, hls=hls, ice_servers=servers)
    rehearsal = media.rehearsal_urls(show.id)
    return Video(
        whep=urls.whep,
        hls=hls,
        publish=media.publish_url(show.id),
        rehearse=Rehearsal(publish=rehearsal.publish, whep=rehearsal.whep),
        ice_servers=servers,
    )


async def video(call: Call[Empty, Empty]) -> VideoStatus:
    """Say how the show's video stands: who watches it, and what it costs beside."""
    async with acquire(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
    if call.shop.front is None:
        raise ApiError("not_found", "this shop's video is not carried by liveshop media")
    return await call.shop.front.status(found.id)


async def start_show(call: Call[Empty, Empty]) -> ShowView:
    """Go on air."""
    async with transaction(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
        return await shows.start(connection, ShowId(found.id))


async def end_show(call: Call[Empty, Empty]) -> ShowView:
    """Go off air for good."""
    async with transaction(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
        return await shows.end(connection, ShowId(found.id))


async def create_offer(call: Call[NewOffer, Empty]) -> OfferView:
    """Put a variant, or several in a bundle, into the show's bag, as a draft."""
    async with transaction(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
        return await offers.create(connection, ShowId(found.id), call.body)


async def tally(call: Call[Empty, Empty]) -> Tally:
    """Say what the show has sold so far."""
    async with acquire(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
        return await orders.tally(connection, ShowId(found.id))


async def money(call: Call[Empty, Empty]) -> MoneyList:
    """Say what came in, what went back, and whether that is what the orders say."""
    async with acquire(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
        totals = await payments.totals(connection, ShowId(found.id))
    return MoneyList(
        tills=[
            Till(
                currency=total.currency,
                captured_minor=total.captured_minor,
                kept_minor=total.kept_minor,
                refunded_minor=total.refunded_minor,
                orders_minor=total.due_minor,
                adds_up=total.adds_up,
            )
            for total in totals
        ]
    )


async def people(call: Call[Empty, Empty]) -> People:
    """Say who watches, by name."""
    async with acquire(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
    return People(people=await call.shop.node.people(found.id))


_OWN: Final = ("unknown_show", "not_yours")

ENDPOINTS: Final = (
    Endpoint("GET", "/api/shows", list_shows, Access.ANYONE, errors=("invalid_value",)),
    Endpoint(
        "POST",
        "/api/shows",
        create_show,
        Access.HOST,
        status=HTTPStatus.CREATED,
        key=Key.OPTIONAL,
        errors=("show_id_taken", "starts_in_past"),
    ),
    Endpoint(
        "PATCH",
        "/api/shows/{show}",
        change_show,
        Access.HOST,
        errors=(*_OWN, "wrong_state", "starts_in_past"),
    ),
    Endpoint("GET", "/api/shows/{show}", show, Access.ANYONE, errors=("unknown_show",)),
    Endpoint(
        "GET",
        "/api/shows/{show}/video",
        video,
        Access.HOST,
        errors=(*_OWN, "not_found"),
    ),
    Endpoint(
        "POST", "/api/shows/{show}/start", start_show, Access.HOST, errors=(*_OWN, "wrong_state")
    ),
    Endpoint("POST", "/api/shows/{show}/end", end_show, Access.HOST, errors=(*_OWN, "wrong_state")),
    Endpoint(
        "POST",
        "/api/shows/{show}/offers",
        create_offer,
        Access.HOST,
        status=HTTPStatus.CREATED,
        key=Key.OPTIONAL,
        errors=(*_OWN, "unknown_variant", "wrong_state", "price_not_lower"),
    ),
    Endpoint("GET", "/api/shows/{show}/tally", tally, Access.HOST, errors=_OWN),
    Endpoint("GET", "/api/shows/{show}/money", money, Access.HOST, errors=_OWN),
    Endpoint("GET", "/api/shows/{show}/people", people, Access.HOST, errors=_OWN),
)
