"""Checkout: what several wins cost together, sent to an address; and one payment for them."""

from typing import Annotated, Final, get_args
from urllib.parse import urljoin

from msgspec import Meta

from commerce.addresses import Address, checked
from commerce.errors import CouponReason, InvalidValue
from commerce.ids import AccountId, AddressId, OrderId
from commerce.messages import Id, Minor
from commerce.quoting import ORDERS_AT_ONCE, Quote, make_quote
from commerce.store import addresses
from commerce.store.pool import Connection, acquire
from live.api.bodies import Body, Empty, PaymentStarted
from live.api.endpoint import Access, Call, Endpoint


class NewQuote(Body, frozen=True):
    """
    Which orders, to where, and how; without an option, by the cheapest.

    The address is one of your book, as ``address``, or typed in, as ``to``; where nothing is
    delivered, neither.
    """

    orders: Annotated[list[Id], Meta(min_length=1, max_length=ORDERS_AT_ONCE)]
    address: Id | None = None
    to: Address | None = None
    option: Annotated[str, Meta(max_length=32)] | None = None
    coupon: (
        Annotated[str, Meta(max_length=64, description="The code of one of the shop's coupons")]
        | None
    ) = None


class Purchase(NewQuote, frozen=True, kw_only=True):
    """The same, and what the buyer agreed to: a quote, and its sum."""

    quote: Id
    amount_minor: Minor
    gateway: Annotated[str, Meta(max_length=40)] | None = None


async def quote(call: Call[NewQuote, Empty]) -> Quote:
    """Say what orders cost together, and which ways there are to send them."""
    buyer = AccountId(call.who.sub)
    async with acquire(call.shop.pool) as connection:
        made = await make_quote(
            connection,
            buyer,
            [OrderId(order) for order in call.body.orders],
            address=await _address(connection, buyer, call.body),
            option=call.body.option,
            coupon=call.body.coupon,
        )
    return made.quote


async def buy(call: Call[Purchase, Empty]) -> PaymentStarted:
    """Begin to pay for orders in one payment, or go on; send the buyer to `redirect_url`."""
    body, buyer = call.body, AccountId(call.who.sub)
    async with acquire(call.shop.pool) as connection:
        address = await _address(connection, buyer, body)
    started = await call.shop.checkout.pay_quoted(
        [OrderId(order) for order in body.orders],
        buyer,
        quote=body.quote,
        amount_minor=body.amount_minor,
        address=address,
        option=body.option,
        coupon=body.coupon,
        through=body.gateway,
    )
    # The sandbox's page is on this server, however the buyer's browser reaches it.
    return PaymentStarted(
        redirect_url=urljoin(str(call.request.base_url), started.redirect_url),
        reference=started.reference,
    )


async def _address(connection: Connection, buyer: AccountId, wanted: NewQuote) -> Address | None:
    if wanted.to is not None and wanted.address is not None:
        raise InvalidValue("$", "give either an address of your book or one in full")
    if wanted.to is not None:
        return checked(wanted.to, "$.to")
    if wanted.address is None:
        return None
    return (await addresses.get(connection, buyer, AddressId(wanted.address))).address


_ERRORS: Final = (
    "unknown_order",
    "not_yours",
    "wrong_state",
    "pay_window_over",
    "sold_out",
    "not_together",
    "address_needed",
    "not_delivered",
    "unknown_address",
    "unknown_coupon",
    *get_args(CouponReason),
)

ENDPOINTS: Final = (
    Endpoint("POST", "/api/checkout/quote", quote, Access.SIGNED_IN, errors=_ERRORS),
    Endpoint(
        "POST",
        "/api/checkout",
        buy,
        Access.SIGNED_IN,
        errors=(
            *_ERRORS,
            "quote_changed",
            "amount_mismatch",
            "rehearsal",
            "unknown_gateway",
            "gateway_unavailable",
            "gateway_refused",
        ),
    ),
)
