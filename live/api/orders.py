"""Orders: listed, paid, cancelled, refunded."""

from typing import Annotated, Final
from urllib.parse import urljoin

from msgspec import Meta, Struct

from commerce.errors import NotYours
from commerce.ids import AccountId, OrderId, ShowId
from commerce.messages import OrderView
from commerce.store import orders, shows
from commerce.store.pool import acquire
from live.api.bodies import Empty, NewPayment, NewRefund, OrderList, PaymentStarted
from live.api.endpoint import KEY_HEADER, Access, Call, Endpoint, Key
from live.team.policy import POLICY
from live.team.standing import may


class Filter(Struct, frozen=True):
    """Which orders to list."""

    show: Annotated[str, Meta(max_length=64)] | None = None
    after: Annotated[str, Meta(max_length=64)] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


async def list_orders(call: Call[Empty, Filter]) -> OrderList:
    """List your orders; with `show`, its host gets everyone's, and the tally if they may see it."""
    query, who = call.query, call.who
    show = ShowId(query.show) if query.show else None
    after = OrderId(query.after) if query.after else None
    tally = None
    if show:
        await call.shop.stage_door.admit("show", show, who)
    async with acquire(call.shop.pool) as connection:
        host = (await shows.get(connection, show)).host if show else None
        if (
            show
            and host
            and await may(connection, who, POLICY["orders.list_orders"], AccountId(host))
        ):
            found = await orders.of_show(connection, show, after=after, limit=query.limit)
            if await may(connection, who, POLICY["shows.tally"], AccountId(host)):
                tally = await orders.tally(connection, show)
        else:
            found = await orders.of_buyer(
                connection, AccountId(who.sub), show=show, after=after, limit=query.limit
            )
    following = found[-1].id if len(found) == query.limit else None
    return OrderList(orders=found, next=following, tally=tally)


async def order(call: Call[Empty, Empty]) -> OrderView:
    """Show an order, to its buyer or to its show's host."""
    wanted, who = OrderId(call.path("order")), call.who
    async with acquire(call.shop.pool) as connection:
        parties = await orders.parties(connection, wanted)
        rule = POLICY["orders.order"]
        if who.sub != parties.buyer and not await may(
            connection, who, rule, AccountId(parties.host)
        ):
            raise NotYours("order", wanted)
        return await orders.get(connection, wanted)


async def pay(call: Call[NewPayment, Empty]) -> PaymentStarted:
    """Begin to pay, or go on; send the buyer to `redirect_url`."""
    started = await call.shop.checkout.pay(
        OrderId(call.path("order")),
        AccountId(call.who.sub),
        amount_minor=call.body.amount_minor,
        through=call.body.gateway,
    )
    # The sandbox's page is on this server, however the buyer's browser reaches it.
    return PaymentStarted(
        redirect_url=urljoin(str(call.request.base_url), started.redirect_url),
        reference=started.reference,
    )


async def cancel(call: Call[Empty, Empty]) -> OrderView:
    """Give the units back, instead of paying."""
    return await call.shop.checkout.cancel(OrderId(call.path("order")), AccountId(call.who.sub))


async def refund(call: Call[NewRefund, Empty]) -> OrderView:
    """Give a buyer money back, all or some of it, and take the units or leave them."""
    body, who = call.body, call.who
    key = call.request.headers.get(KEY_HEADER)
    return await call.shop.checkout.refund(
        OrderId(call.path("order")),
        call.host,
        amount_minor=body.amount_minor,
        return_units=body.return_units,
        reason=body.reason,
        # Kept with the refund itself: the answer may be lost together with the process.
        key=f"{who.sub} {key}" if key else None,
        any_host=who.role == "admin",
    )


_ONE: Final = ("unknown_order", "not_yours")

ENDPOINTS: Final = (
    Endpoint(
        "GET",
        "/api/orders",
        list_orders,
        Access.SIGNED_IN,
        errors=("unknown_show", "invalid_value"),
    ),
    Endpoint("GET", "/api/orders/{order}", order, Access.SIGNED_IN, errors=_ONE),
    Endpoint(
        "POST",
        "/api/orders/{order}/pay",
        pay,
        Access.SIGNED_IN,
        errors=(
            *_ONE,
            "wrong_state",
            "pay_window_over",
            "sold_out",
            "address_needed",
            "amount_mismatch",
            "rehearsal",
            "unknown_gateway",
            "gateway_unavailable",
            "gateway_refused",
        ),
    ),
    Endpoint(
        "POST",
        "/api/orders/{order}/cancel",
        cancel,
        Access.SIGNED_IN,
        errors=(*_ONE, "wrong_state"),
    ),
    Endpoint(
        "POST",
        "/api/orders/{order}/refund",
        refund,
        Access.HOST,
        key=Key.OPTIONAL,
        errors=(*_ONE, "wrong_state", "refund_too_large", "unknown_payment"),
    ),
)
