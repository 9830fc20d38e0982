"""
What a buyer owes for some orders, sent to an address: a quote, and whether it still holds.

A quote is not kept: its ``id`` is a fingerprint of all that it was made of, so the same question
has the same id until an order, the tariff or the parcel that it joins changes. Who pays names the
quote and its sum; both are made again over locked orders, and nothing is charged unless they agree.
"""

import hashlib
from collections.abc import Sequence
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from commerce.addresses import Address
from commerce.coupons import Discount, Goods, Refusal, discount
from commerce.errors import (
    AddressNeeded,
    AmountMismatch,
    InvalidValue,
    NotDelivered,
    NotFound,
    NotTogether,
    NotYours,
    PaidByOthers,
    PayWindowOver,
    QuoteChanged,
    WrongState,
)
from commerce.ids import AccountId, CouponId, OrderId, ShipmentId
from commerce.messages import Currency, Milliseconds, Minor
from commerce.money import Money
from commerce.pricing import NOTHING_ABOARD, Line, PricedLine, price, shipping
from commerce.store import coupons, quotes, tariffs
from commerce.store.payments import Destination
from commerce.store.pool import Connection
from commerce.store.quotes import Open, Wanted
from commerce.store.tariffs import InForce
from commerce.tariffs import ShippingOption

ORDERS_AT_ONCE: Final = 50
"""More than anyone wins in a pay window; a payment locks them all."""


class OptionPrice(Struct, frozen=True, omit_defaults=True):
    """A way to send these orders, and what it costs."""

    id: str
    name: str
    price_minor: Minor
    days_min: int | None = None
    days_max: int | None = None


class Quote(Struct, frozen=True, omit_defaults=True):
    """What some orders cost together; without a tariff, their goods and nothing else."""

    id: Annotated[str, Meta(description="Names this very price; send it along to pay")]
    lines: list[PricedLine]
    goods_minor: Minor
    shipping_minor: Minor
    tax_minor: Annotated[Minor, Meta(description="On top of the prices")]
    tax_included_minor: Annotated[Minor, Meta(description="Already in the prices")]
    total_minor: Minor
    currency: Currency
    pay_by: Annotated[Milliseconds, Meta(description="Of the order whose time is over first")]
    option: str | None = None
    options: list[OptionPrice] = []
    address: Annotated[Address | None, Meta(description="As it stands on the parcel")] = None
    joins: Annotated[str | None, Meta(description="The open shipment it travels in")] = None
    discount_minor: Annotated[Minor, Meta(description="Off the goods, by the coupon")] = 0
    coupon: Annotated[str | None, Meta(description="The code of the coupon that it is with")] = None


class _Off(Struct, frozen=True):
    """A coupon, and what it takes off each order; that may be none."""

    id: CouponId | None = None
    code: str | None = None
    shares: dict[OrderId, int] = {}

    def of(self, order: OrderId) -> int:
        return self.shares.get(order, 0)


_NO_COUPON: Final = _Off()


class Quoted(Struct, frozen=True):
    """A quote, and what a payment keeps of how it was made."""

    quote: Quote
    destination: Destination | None
    coupon: CouponId | None = None

    def hold(self, quote: str, amount_minor: int) -> None:
        """
        Make sure that this is what its buyer agreed to.

        Raises:
            QuoteChanged: it is another price than the one that was quoted.
            AmountMismatch: it is the same, and the client read another sum.

        """
        if self.quote.id != quote:
            raise QuoteChanged(quote)
        if self.quote.total_minor != amount_minor:
            raise AmountMismatch(
                expected=str(Money(amount_minor, self.quote.currency)),
                asked=str(Money(self.quote.total_minor, self.quote.currency)),
            )


async def make_quote(
    connection: Connection,
    buyer: AccountId,
    orders: Sequence[OrderId],
    *,
    address: Address | None = None,
    option: str | None = None,
    coupon: str | None = None,
) -> Quoted:
    """
    Price a buyer's orders for a checked address, by ``option`` or by the cheapest, with a coupon.

    Of the coupon it is only a view: a use is taken with the payment (`store.coupons.take`).

    Raises:
        NotFound: there is no such order.
        NotYours: it is another buyer's.
        WrongState: it does not await payment.
        PayWindowOver: it does, and it is too late to begin.
        PaidByOthers: it does, and it holds no unit, and none is left for it.
        NotTogether: they are from several hosts, or in several currencies.
        AddressNeeded: the shop delivers, and no address is given.
        NotDelivered: the shop sends nothing there.
        InvalidValue: there, the shop has no such option.
        CouponRefused: the coupon does not hold for these orders, or not now; or `NotFound`.

    """
    wanted = await _payable(connection, buyer, list(dict.fromkeys(orders)))
    (host,) = {line.host for line in wanted}
    off = _NO_COUPON if coupon is None else await _discount(connection, host, buyer, wanted, coupon)
    in_force = await tariffs.in_force(connection, host)
    if in_force is None:
        lines = [
            PricedLine(line.order, line.goods_minor, discount_minor=off.of(line.order))
            for line in wanted
        ]
        return Quoted(_quote(wanted, lines, off=off), None, off.id)
    if address is None:
        raise AddressNeeded(wanted[0].order)
    waiting = await quotes.aboard(connection, host, buyer, address)
    return _delivered(wanted, address, option, in_force, waiting, off)


async def _discount(
    connection: Connection, host: AccountId, buyer: AccountId, wanted: Sequence[Wanted], code: str
) -> _Off:
    known = await coupons.by_code(connection, host, code)
    bought = [line.order for line in wanted]
    uses = await coupons.uses(connection, known, buyer, bought)
    goods = [Goods(each.order, each.goods_minor, each.show, each.product) for each in wanted]
    match discount(known.coupon, goods, wanted[0].currency, uses, known.now):
        case Refusal() as refusal:
            raise refusal.error(known.coupon.code)
        case Discount(shares):
            return _Off(known.coupon.id, known.coupon.code, dict(zip(bought, shares, strict=True)))


async def _payable(
    connection: Connection, buyer: AccountId, orders: Sequence[OrderId]
) -> list[Wanted]:
    wanted = {line.order: line for line in await quotes.lines(connection, orders)}
    for order in orders:
        line = wanted.get(order)
        if line is None:
            raise NotFound("order", order)
        if line.buyer != buyer:
            raise NotYours("order", order)
        if line.status != "awaiting_payment":
            raise WrongState("order", order, state=line.status, wanted="awaiting_payment")
        if not line.in_time:
            raise PayWindowOver(order)
        if not line.to_be_had:
            raise PaidByOthers(order)
    if len({line.host for line in wanted.values()}) > 1:
        raise NotTogether("they are from different shops")
    if len({line.currency for line in wanted.values()}) > 1:
        raise NotTogether("they are in different currencies")
    return list(wanted.values())


def _delivered(
    wanted: Sequence[Wanted],
    address: Address,
    option: str | None,
    in_force: InForce,
    waiting: dict[str, Open],
    off: _Off,
) -> Quoted:
    tariff = in_force.tariff
    if tariff.currency != wanted[0].currency:
        raise NotTogether(f"shipping is charged in {tariff.currency}")
    lines = [
        Line(each.order, each.goods_minor, each.grams, each.kind, off.of(each.order))
        for each in wanted
    ]
    options = [
        _option_price(each, lines, waiting.get(each.id)) for each in tariff.options_for(address)
    ]
    if not options:
        raise NotDelivered(address.country)
    chosen_id = option or min(options, key=lambda each: each.price_minor).id
    chosen = next((each for each in tariff.options_for(address) if each.id == chosen_id), None)
    if chosen is None:
        names = ", ".join(each.id for each in options)
        raise InvalidValue("$.option", f"there is no {chosen_id!r} to that address, but {names}")
    joins = waiting.get(chosen.id)
    priced = price(lines, address, chosen, tariff, joins.aboard if joins else NOTHING_ABOARD)
    quote = _quote(
        wanted,
        priced,
        made_of=in_force.id,
        option=chosen.id,
        options=options,
        address=address,
        joins=joins.shipment if joins else None,
        off=off,
    )
    destination = Destination(quote.id, in_force.id, chosen.id, chosen.name, address)
    return Quoted(quote, destination, off.id)


def _option_price(option: ShippingOption, lines: Sequence[Line], joins: Open | None) -> OptionPrice:
    return OptionPrice(
        id=option.id,
        name=option.name,
        price_minor=shipping(lines, option, joins.aboard if joins else NOTHING_ABOARD),
        days_min=option.days_min,
        days_max=option.days_max,
    )


def _quote(
    wanted: Sequence[Wanted],
    lines: Sequence[PricedLine],
    *,
    made_of: str | None = None,
    option: str | None = None,
    options: Sequence[OptionPrice] = (),
    address: Address | None = None,
    joins: ShipmentId | None = None,
    off: _Off,
) -> Quote:
    currency = wanted[0].currency
    # All that the price depends on; not the other options, which nobody agreed to.
    facts = msgspec.json.encode([lines, currency, made_of, option, address, joins, off.id])
    return Quote(
        id=f"qt_{hashlib.sha256(facts).hexdigest()[:32]}",
        lines=list(lines),
        goods_minor=sum(line.goods_minor for line in lines),
        shipping_minor=sum(line.shipping_minor for line in lines),
        tax_minor=sum(line.tax_minor for line in lines),
        tax_included_minor=sum(line.tax_included_minor for line in lines),
        total_minor=sum(line.total_minor for line in lines),
        currency=currency,
        pay_by=min(line.pay_by for line in wanted),
        option=option,
        options=list(options),
        address=address,
        joins=joins,
        discount_minor=sum(line.discount_minor for line in lines),
        coupon=off.code,
    )
