"""What a coupon takes off: to the cent, whatever is bought."""

import pytest
from hypothesis import given, strategies as st
from msgspec.structs import replace

from commerce.coupons import Coupon, Discount, Goods, NewCoupon, Refusal, Uses, checked, discount
from commerce.errors import InvalidValue
from commerce.ids import AccountId, CouponId, OrderId, ProductId, ShowId
from commerce.money import half_up
from commerce.pricing import Aboard, Line, price
from commerce.tariffs import ShippingOption, Tariff
from tests.commerce.test_pricing import BERLIN, lines, options, parcels, tariffs

NOW = 1_000
TEN_PERCENT = Coupon(
    id=CouponId("cpn_1"),
    host=AccountId("acc_1"),
    code="TEN",
    quota=10,
    limit_per_buyer=2,
    valid_from=0,
    valid_until=None,
    ended=False,
    show=None,
    percent_bp=1_000,
    amount_minor=None,
    currency=None,
    minimum_minor=0,
    products=[],
)
FIVE_OFF = replace(TEN_PERCENT, percent_bp=None, amount_minor=500, currency="EUR")
UNUSED = Uses(all=0, yours=0)
TEA = Goods(OrderId("a"), 1_001, ShowId("tonight"), ProductId("tea"))
MUG = Goods(OrderId("b"), 2_002, ShowId("tonight"), ProductId("mug"))
OTHER = Goods(OrderId("c"), 999, ShowId("other"), ProductId("tea"))

coupons = st.one_of(
    st.integers(1, 10_000).map(lambda bp: replace(TEN_PERCENT, percent_bp=bp)),
    st.integers(1, 10**10).map(lambda minor: replace(FIVE_OFF, amount_minor=minor)),
)


def goods_of(bought: list[Line]) -> list[Goods]:
    return [
        Goods(OrderId(each.order), each.goods_minor, ShowId("tonight"), ProductId("tea"))
        for each in bought
    ]


@given(coupons, lines)
def test_its_shares_add_up_and_none_is_more_than_its_goods(
    coupon: Coupon, bought: list[Line]
) -> None:
    found = discount(coupon, goods_of(bought), "EUR", UNUSED, NOW)

    whole = sum(each.goods_minor for each in bought)
    off = (
        min(coupon.amount_minor, whole)
        if coupon.amount_minor is not None
        else half_up(whole * (coupon.percent_bp or 0), 10_000)
    )
    if off == 0:
        assert found == Refusal("coupon_not_for_these")
    else:
        assert isinstance(found, Discount)
        assert sum(found.shares) == off
        for share, line in zip(found.shares, bought, strict=True):
            assert 0 <= share <= line.goods_minor


@given(coupons, lines, options, tariffs, parcels)
def test_with_a_coupon_no_cent_is_lost_or_made_and_nothing_is_dearer(
    coupon: Coupon, bought: list[Line], option: ShippingOption, tariff: Tariff, aboard: Aboard
) -> None:
    found = discount(coupon, goods_of(bought), "EUR", UNUSED, NOW)
    shares = found.shares if isinstance(found, Discount) else [0] * len(bought)
    reduced = [
        replace(line, discount_minor=share) for line, share in zip(bought, shares, strict=True)
    ]

    full = price(bought, BERLIN, option, tariff, aboard)
    less = price(reduced, BERLIN, option, tariff, aboard)

    for before, after, share in zip(full, less, shares, strict=True):
        assert after.discount_minor == share
        assert after.goods_minor == before.goods_minor
        assert after.shipping_minor == before.shipping_minor
        paid_minor = after.goods_minor - share + after.shipping_minor
        assert after.total_minor == paid_minor + after.tax_minor >= 0
        assert after.tax_included_minor <= paid_minor
        assert before.total_minor - after.total_minor >= share
        assert after.tax_minor <= before.tax_minor


def test_a_percentage_is_rounded_once_for_all_lines_and_shared_by_their_goods() -> None:
    assert discount(TEN_PERCENT, [TEA, MUG], "EUR", UNUSED, NOW) == Discount([100, 200])
    assert discount(replace(TEN_PERCENT, percent_bp=5_000), [TEA], "EUR", UNUSED, NOW) == Discount(
        [501]
    )


def test_an_amount_is_never_more_than_the_goods() -> None:
    assert discount(FIVE_OFF, [TEA, MUG], "EUR", UNUSED, NOW) == Discount([167, 333])
    huge = replace(FIVE_OFF, amount_minor=10**9)
    assert discount(huge, [TEA, MUG], "EUR", UNUSED, NOW) == Discount([1_001, 2_002])


def test_of_a_show_and_of_products_only_those_lines_are_cheaper() -> None:
    here = replace(TEN_PERCENT, show=ShowId("tonight"))
    tea = replace(TEN_PERCENT, products=[ProductId("tea")])

    assert discount(here, [TEA, OTHER], "EUR", UNUSED, NOW) == Discount([100, 0])
    assert discount(tea, [TEA, MUG, OTHER], "EUR", UNUSED, NOW) == Discount([100, 0, 100])


@pytest.mark.parametrize(
    ("changes", "uses", "refusal"),
    [
        ({"valid_from": NOW + 1}, UNUSED, Refusal("coupon_not_yet")),
        ({"valid_until": NOW}, UNUSED, Refusal("coupon_over")),
        ({"ended": True}, UNUSED, Refusal("coupon_over")),
        ({"currency": "JPY"}, UNUSED, Refusal("coupon_other_currency", "JPY")),
        ({"show": "other"}, UNUSED, Refusal("coupon_not_for_these")),
        ({"products": ["kettle"]}, UNUSED, Refusal("coupon_not_for_these")),
        ({"minimum_minor": 1_002}, UNUSED, Refusal("coupon_below_minimum", "10.02 EUR")),
        ({}, Uses(all=2, yours=2), Refusal("coupon_yours_used")),
        ({}, Uses(all=10, yours=0), Refusal("coupon_used_up")),
        ({"valid_until": NOW + 1, "minimum_minor": 1_001}, Uses(9, 1), Discount([100])),
    ],
)
def test_each_refusal_has_its_reason(
    changes: dict[str, object], uses: Uses, refusal: Refusal
) -> None:
    assert discount(replace(TEN_PERCENT, **changes), [TEA], "EUR", uses, NOW) == refusal


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewCoupon("TEN", 1), "$.percent_bp"),
        (NewCoupon("TEN", 1, percent_bp=1, amount_minor=1, currency="EUR"), "$.percent_bp"),
        (NewCoupon("TEN", 1, amount_minor=1), "$.currency"),
        (NewCoupon("TEN", 1, percent_bp=1, minimum_minor=1), "$.currency"),
        (NewCoupon("TEN", 1, percent_bp=1, valid_from=5, valid_until=5), "$.valid_until"),
    ],
)
def test_a_coupon_whose_parts_do_not_fit_is_refused(new: NewCoupon, field: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        checked(new)

    assert refused.value.field == field
