"""Coupons: given, listed and ended by their host, and put on screen in a show."""

from http import HTTPStatus
from typing import Annotated, Final

from msgspec import Meta, Struct

from commerce.coupons import CouponView, NewCoupon, checked
from commerce.ids import CouponId, ShowId
from commerce.messages import CouponCard, Id
from commerce.store import coupons
from commerce.store.pool import acquire, transaction
from live.api.bodies import Body, Empty
from live.api.endpoint import Access, Call, Endpoint, Key
from live.api.ownership import own_show


class CouponList(Body, frozen=True):
    """Your coupons, newest first."""

    coupons: list[CouponView]


class CouponFilter(Struct, frozen=True):
    """Which coupons to list: with a show, those that hold in it."""

    show: Annotated[str, Meta(max_length=64)] | None = None


class CouponOnScreen(Body, frozen=True):
    """The coupon to show, in place of any other; without one, none."""

    coupon: Id | None = None


class ShownCoupon(Body, frozen=True):
    """The coupon on screen in a show now."""

    show: str
    coupon: CouponCard | None = None


async def create_coupon(call: Call[NewCoupon, Empty]) -> CouponView:
    """Give a coupon; but for its end it never changes."""
    new = checked(call.body)
    async with transaction(call.shop.pool) as connection:
        return await coupons.create(connection, call.host, new)


async def list_coupons(call: Call[Empty, CouponFilter]) -> CouponList:
    """List your coupons, with how often each is used."""
    show = ShowId(call.query.show) if call.query.show else None
    async with acquire(call.shop.pool) as connection:
        return CouponList(coupons=await coupons.of_host(connection, call.host, show=show))


async def end_coupon(call: Call[Empty, Empty]) -> CouponView:
    """End a coupon for good; who is paying with it already may finish."""
    async with transaction(call.shop.pool) as connection:
        coupon = CouponId(call.path("coupon"))
        return await coupons.end(connection, call.host, coupon)


async def show_coupon(call: Call[CouponOnScreen, Empty]) -> ShownCoupon:
    """Put a coupon on screen in a show, or take it off."""
    async with transaction(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
        show = ShowId(found.id)
        if call.body.coupon is None:
            await coupons.unpin(connection, show)
        else:
            coupon = CouponId(call.body.coupon)
            await coupons.pin(connection, call.host, coupon, show)
        return ShownCoupon(show=show, coupon=await coupons.on_screen(connection, show))


_OWN: Final = ("unknown_coupon", "not_yours")

ENDPOINTS: Final = (
    Endpoint("GET", "/api/coupons", list_coupons, Access.HOST, errors=("invalid_value",)),
    Endpoint(
        "POST",
        "/api/coupons",
        create_coupon,
        Access.HOST,
        status=HTTPStatus.CREATED,
        key=Key.OPTIONAL,
        errors=("coupon_code_taken", "unknown_show", "not_yours"),
    ),
    Endpoint("POST", "/api/coupons/{coupon}/end", end_coupon, Access.HOST, errors=_OWN),
    Endpoint(
        "POST",
        "/api/shows/{show}/coupon",
        show_coupon,
        Access.HOST,
        errors=(*_OWN, "unknown_show", "wrong_state"),
    ),
)
