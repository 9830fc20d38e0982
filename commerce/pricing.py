"""
What a purchase costs: its goods, what a coupon takes off them, its shipping, its tax. Pure.

Invariant: the lines add up to the whole, to the last cent; nothing is negative; the same question
has the same answer. Tax is rounded once a line, a half away from zero (`money.half_up`), so that
every line can be refunded by itself and a receipt adds up; shipping is divided in proportion to the
goods (`Money.allocate`), and follows its line when that is refunded. The order is: discount (each
line brings its own, `commerce.coupons`), shipping (asked of the goods at full price), tax (of what
is paid: goods less discount, and shipping where the rule says so).
"""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from commerce.addresses import Address
from commerce.messages import Minor
from commerce.money import BASIS_POINTS, Money, half_up
from commerce.tariffs import GRAMS_A_STEP, ShippingOption, Tariff


class Line(Struct, frozen=True):
    """An order, as far as its price goes; ``kind`` is its product's; discount <= goods."""

    order: str
    goods_minor: int
    grams: int = 0
    kind: str = ""
    discount_minor: int = 0


class Aboard(Struct, frozen=True):
    """What lies in the parcel already that a purchase joins, and what was charged for sending."""

    goods_minor: int = 0
    grams: int = 0
    shipping_minor: int = 0


class PricedLine(Struct, frozen=True, omit_defaults=True):
    """What a buyer pays for an order: ``goods - discount + shipping + tax``."""

    order: str
    goods_minor: Minor
    shipping_minor: Minor = 0
    tax_minor: Annotated[Minor, Meta(description="On top of the price")] = 0
    tax_included_minor: Annotated[Minor, Meta(description="Already in the price")] = 0
    discount_minor: Annotated[Minor, Meta(description="Off the goods, by a coupon")] = 0

    @property
    def total_minor(self) -> int:
        """What is paid."""
        return self.goods_minor - self.discount_minor + self.shipping_minor + self.tax_minor


NOTHING_ABOARD = Aboard()


def price(
    lines: Sequence[Line],
    address: Address,
    option: ShippingOption,
    tariff: Tariff,
    aboard: Aboard = NOTHING_ABOARD,
) -> list[PricedLine]:
    """Price at least one line, sent together with what is ``aboard``; in the order given."""
    shares = _shares(lines, shipping(lines, option, aboard), tariff.currency)
    return [
        _priced(line, share, address, tariff) for line, share in zip(lines, shares, strict=True)
    ]


def shipping(lines: Sequence[Line], option: ShippingOption, aboard: Aboard = NOTHING_ABOARD) -> int:
    """Return what sending all of it costs, less what was charged for what is aboard; 0 at least."""
    goods_minor = aboard.goods_minor + sum(line.goods_minor for line in lines)
    grams = aboard.grams + sum(line.grams for line in lines)
    if option.free_from_minor is not None and goods_minor >= option.free_from_minor:
        return 0
    kilograms = -(-grams // GRAMS_A_STEP)
    return max(0, option.price_minor + option.per_kg_minor * kilograms - aboard.shipping_minor)


def _shares(lines: Sequence[Line], shipping_minor: int, currency: str) -> list[int]:
    weights = [line.goods_minor for line in lines]
    if not any(weights):
        weights = [1] * len(lines)
    return [share.minor for share in Money(shipping_minor, currency).allocate(weights)]


def _priced(line: Line, shipping_minor: int, address: Address, tariff: Tariff) -> PricedLine:
    rule = tariff.tax_on(line.kind, address)
    added = included = 0
    if rule is not None:
        paid_minor = line.goods_minor - line.discount_minor
        base = paid_minor + (shipping_minor if rule.on_shipping else 0)
        if rule.included:
            included = half_up(base * rule.rate_bp, BASIS_POINTS + rule.rate_bp)
        else:
            added = half_up(base * rule.rate_bp, BASIS_POINTS)
    return PricedLine(
        order=line.order,
        goods_minor=line.goods_minor,
        shipping_minor=shipping_minor,
        tax_minor=added,
        tax_included_minor=included,
        discount_minor=line.discount_minor,
    )
