"""
Coupons: what a code takes off which orders, and why it does not. Pure.

Invariant: a discount is never more than the goods that it is for, and its shares add up to it, to
the last cent. It comes first: it is taken off the goods, once for all of them (a percentage is
rounded once, a half up, for the buyer), and shared in proportion to them, so that each line is
taxed and refunded by itself. Shipping is asked as though there were no coupon, so none makes a
purchase dearer.
"""

from collections.abc import Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from commerce.errors import CouponReason, CouponRefused, InvalidValue
from commerce.ids import AccountId, CouponId, OrderId, ProductId, ShowId
from commerce.messages import Currency, Id, Milliseconds, Minor
from commerce.money import BASIS_POINTS, Money, half_up

MAX_PRODUCTS: Final = 200
"""A coupon for more than that is a coupon for the shop."""

LATEST_MS: Final = 2**52
"""As far as a moment can be written down."""

Code = Annotated[
    str,
    Meta(
        # `(?!\n)`: in Python's expressions `$` also matches before a final line break.
        pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{2,23}$(?!\n)",
        description="Three to 24 letters, digits and hyphens; capitals or not",
    ),
]
Moment = Annotated[Milliseconds, Meta(ge=0, le=LATEST_MS)]


class NewCoupon(Struct, frozen=True, forbid_unknown_fields=True):
    """A coupon that a host wants to give: either a percentage or an amount."""

    code: Code
    quota: Annotated[int, Meta(ge=1, le=1_000_000, description="Uses in total")]
    percent_bp: (
        Annotated[int, Meta(ge=1, le=BASIS_POINTS, description="Hundredths of a percent")] | None
    ) = None
    amount_minor: Annotated[int, Meta(ge=1, le=10**12)] | None = None
    currency: Annotated[Currency | None, Meta(description="Of the amount, and of the minimum")] = (
        None
    )
    minimum_minor: Annotated[Minor, Meta(description="Goods it is for, at least")] = 0
    limit_per_buyer: Annotated[int, Meta(ge=1, le=1_000)] = 1
    show: Annotated[Id | None, Meta(description="Only for what is won in this show")] = None
    products: Annotated[
        list[Id], Meta(max_length=MAX_PRODUCTS, description="Only for these; none: for all")
    ] = []
    valid_from: Annotated[Moment | None, Meta(description="Without: from now on")] = None
    valid_until: Annotated[Moment | None, Meta(description="Without: until it is ended")] = None


class Coupon(Struct, frozen=True):
    """A coupon as the ledger has it; nothing of it changes but ``ended``."""

    id: CouponId
    host: AccountId
    code: str
    quota: int
    limit_per_buyer: int
    valid_from: int
    valid_until: int | None
    ended: bool
    show: ShowId | None
    percent_bp: int | None
    amount_minor: int | None
    currency: str | None
    minimum_minor: int
    products: list[ProductId]


class CouponView(Struct, frozen=True, omit_defaults=True):
    """A coupon as its host sees it."""

    id: str
    code: str
    quota: int
    used: Annotated[int, Meta(description="Uses that are taken: paid, or being paid")]
    limit_per_buyer: int
    valid_from: Milliseconds
    percent_bp: int | None = None
    amount_minor: int | None = None
    currency: Currency | None = None
    minimum_minor: Minor = 0
    show: str | None = None
    products: list[str] = []
    valid_until: Milliseconds | None = None
    ended_at: Milliseconds | None = None
    given_minor: Annotated[int, Meta(description="What its paid uses took off, so far")] = 0
    shown_in: Annotated[list[str], Meta(description="Shows in which it is on screen")] = []


class Goods(Struct, frozen=True):
    """An order, as far as a coupon looks at it."""

    order: OrderId
    goods_minor: int
    show: ShowId
    product: ProductId


class Uses(Struct, frozen=True):
    """How often a coupon is used by others and by this buyer, this purchase not counted."""

    all: int
    yours: int


class Discount(Struct, frozen=True):
    """What a coupon takes off, line by line, in the order they were given."""

    shares: list[int]


class Refusal(Struct, frozen=True):
    """Why a coupon takes nothing off; ``fact`` is an amount or a currency to read."""

    reason: CouponReason
    fact: str = ""

    def error(self, code: str) -> CouponRefused:
        """Return it as what the shop raises."""
        return CouponRefused(self.reason, code, self.fact)


def spelt(code: str) -> str:
    """Return a code as codes are compared: nobody should lose a coupon to the shift key."""
    return code.strip().upper()


def checked(new: NewCoupon) -> NewCoupon:
    """
    Return a coupon whose parts fit together.

    Raises:
        InvalidValue: they do not, with the path of the one that is in the way.

    """
    if (new.percent_bp is None) == (new.amount_minor is None):
        raise InvalidValue("$.percent_bp", "give either a percentage or an amount")
    if new.currency is None and new.amount_minor is not None:
        raise InvalidValue("$.currency", "an amount has a currency")
    if new.currency is None and new.minimum_minor:
        raise InvalidValue("$.currency", "a minimum has a currency")
    if new.valid_until is not None and new.valid_until <= (new.valid_from or 0):
        raise InvalidValue("$.valid_until", "it would be over before it begins")
    return new


def discount(
    coupon: Coupon, lines: Sequence[Goods], currency: str, uses: Uses, now: int
) -> Discount | Refusal:
    """Say what a coupon takes off these lines at ``now`` (Unix ms), or why it does not."""
    if now < coupon.valid_from:
        return Refusal("coupon_not_yet")
    if coupon.ended or (coupon.valid_until is not None and now >= coupon.valid_until):
        return Refusal("coupon_over")
    if coupon.currency not in (None, currency):
        return Refusal("coupon_other_currency", str(coupon.currency))
    meant = [each.goods_minor if _is_for(coupon, each) else 0 for each in lines]
    off = _off(coupon, sum(meant))
    if off == 0:
        return Refusal("coupon_not_for_these")
    if sum(meant) < coupon.minimum_minor:
        return Refusal("coupon_below_minimum", str(Money(coupon.minimum_minor, currency)))
    if uses.yours >= coupon.limit_per_buyer:
        return Refusal("coupon_yours_used")
    if uses.all >= coupon.quota:
        return Refusal("coupon_used_up")
    return Discount([share.minor for share in Money(off, currency).allocate(meant)])


def _is_for(coupon: Coupon, line: Goods) -> bool:
    of_show = coupon.show is None or line.show == coupon.show
    return of_show and (not coupon.products or line.product in coupon.products)


def _off(coupon: Coupon, goods_minor: int) -> int:
    if coupon.amount_minor is not None:
        return min(coupon.amount_minor, goods_minor)
    return half_up(goods_minor * (coupon.percent_bp or 0), BASIS_POINTS)
