"""What a purchase costs: to the cent, whatever the tariff."""

from fractions import Fraction

from hypothesis import given, strategies as st
from msgspec.structs import replace

from commerce.addresses import Address
from commerce.money import half_up
from commerce.pricing import Aboard, Line, PricedLine, price, shipping
from commerce.tariffs import Place, ShippingOption, Tariff, TaxRule, Zone

BERLIN = Address(name="Lin", lines=["Allee 1"], city="Berlin", country="DE", postcode="10115")
FRESNO = Address(name="Bo", lines=["1 Oak"], city="Fresno", country="US", region="CA")

STANDARD = ShippingOption(id="standard", name="Standard", price_minor=500)
BY_WEIGHT = ShippingOption(
    id="parcel", name="Parcel", price_minor=400, per_kg_minor=150, free_from_minor=10_000
)
TARIFF = Tariff(
    currency="EUR",
    zones=[
        Zone(name="Home", places=[Place(country="DE")], options=[STANDARD, BY_WEIGHT]),
        Zone(
            name="West coast",
            places=[Place(country="US", regions=["ca", "OR"])],
            options=[replace(STANDARD, price_minor=2000)],
        ),
        Zone(name="World", places=[Place(country="US")], options=[BY_WEIGHT]),
    ],
    taxes=[
        TaxRule(name="Reduced", country="DE", rate_bp=700, kind="book", included=True),
        TaxRule(name="VAT", country="DE", rate_bp=1900, included=True, on_shipping=True),
        TaxRule(name="Sales tax", country="US", region="CA", rate_bp=725),
    ],
)

minor = st.integers(0, 10**9)
lines = st.lists(
    st.builds(
        Line,
        order=st.uuids().map(str),
        goods_minor=minor,
        grams=st.integers(0, 50_000),
        kind=st.sampled_from(["", "book", "tea"]),
    ),
    min_size=1,
    max_size=8,
)
options = st.builds(
    ShippingOption,
    id=st.just("o"),
    name=st.just("O"),
    price_minor=st.integers(0, 10_000),
    per_kg_minor=st.integers(0, 1_000),
    free_from_minor=st.one_of(st.none(), minor),
)
tariffs = st.builds(
    Tariff,
    currency=st.just("EUR"),
    taxes=st.lists(
        st.builds(
            TaxRule,
            name=st.just("T"),
            country=st.just("DE"),
            rate_bp=st.integers(0, 10_000),
            kind=st.sampled_from([None, "book"]),
            included=st.booleans(),
            on_shipping=st.booleans(),
        ),
        max_size=3,
    ),
)
parcels = st.builds(Aboard, minor, st.integers(0, 50_000), st.integers(0, 20_000))


@given(lines, options, tariffs, parcels)
def test_lines_add_up_nothing_is_negative_and_the_answer_is_the_same(
    bought: list[Line], option: ShippingOption, tariff: Tariff, aboard: Aboard
) -> None:
    priced = price(bought, BERLIN, option, tariff, aboard)

    assert [each.order for each in priced] == [each.order for each in bought]
    assert [each.goods_minor for each in priced] == [each.goods_minor for each in bought]
    assert sum(each.shipping_minor for each in priced) == shipping(bought, option, aboard)
    for each in priced:
        assert min(each.shipping_minor, each.tax_minor, each.tax_included_minor) >= 0
        assert each.tax_included_minor <= each.goods_minor + each.shipping_minor
        assert each.tax_minor == 0 or each.tax_included_minor == 0
        assert each.total_minor == each.goods_minor + each.shipping_minor + each.tax_minor
    assert price(bought, BERLIN, option, tariff, aboard) == priced


@given(lines, options, tariffs, st.integers(1, 10**6), st.integers(0, 10_000))
def test_more_goods_and_more_weight_never_cost_less(
    bought: list[Line], option: ShippingOption, tariff: Tariff, more_minor: int, grams: int
) -> None:
    # Of one kind: a share of the shipping that moves to goods with less tax is taxed less, too.
    first, *others = [replace(line, kind="book") for line in bought]
    bought = [first, *others]
    paid = replace(option, free_from_minor=None)
    bigger = replace(first, goods_minor=first.goods_minor + more_minor, grams=first.grams + grams)

    before = price(bought, BERLIN, paid, tariff)
    after = price([bigger, *others], BERLIN, paid, tariff)

    assert shipping([bigger, *others], paid) >= shipping(bought, paid)
    # A cent may move from line to line, where shipping is divided; never more than one a line.
    total = sum(each.total_minor for each in before)
    assert sum(each.total_minor for each in after) >= total + more_minor - len(bought)


@given(lines, options, parcels)
def test_who_joins_a_parcel_never_pays_more_than_alone_and_the_parcel_is_paid_once(
    bought: list[Line], option: ShippingOption, aboard: Aboard
) -> None:
    paid = replace(option, free_from_minor=None)
    first = [Line("before", aboard.goods_minor, aboard.grams)]
    charged = shipping(first, paid)
    joined = shipping(bought, paid, replace(aboard, shipping_minor=charged))

    assert joined <= shipping(bought, paid)
    assert charged + joined == shipping([*first, *bought], paid)


@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_half_up_is_the_nearest_and_a_half_goes_up(numerator: int, denominator: int) -> None:
    rounded = half_up(numerator, denominator)

    assert Fraction(-1, 2) < rounded - Fraction(numerator, denominator) <= Fraction(1, 2)


def test_tax_is_rounded_once_a_line() -> None:
    # 7.25 % of 10.00 is 72.5 cents: 73 a line, and not 145 for two.
    bought = [Line("a", 1000), Line("b", 1000)]
    (option,) = TARIFF.options_for(FRESNO)

    priced = price(bought, FRESNO, option, TARIFF)

    assert [each.tax_minor for each in priced] == [73, 73]
    assert [each.shipping_minor for each in priced] == [1000, 1000]
    assert sum(each.total_minor for each in priced) == 4146


def test_included_tax_is_taken_out_of_the_price_and_its_share_of_shipping() -> None:
    bought = [Line("tea", 3000, kind="tea"), Line("book", 1000, kind="book")]

    priced = price(bought, BERLIN, STANDARD, TARIFF)

    assert priced == [
        # (3000 + 375) * 19 / 119 = 538.87; 1000 * 7 / 107 = 65.42
        PricedLine("tea", 3000, shipping_minor=375, tax_included_minor=539),
        PricedLine("book", 1000, shipping_minor=125, tax_included_minor=65),
    ]


def test_every_kilogram_that_is_begun_counts_until_the_goods_make_it_free() -> None:
    assert shipping([Line("a", 1000, 0)], BY_WEIGHT) == 400
    assert shipping([Line("a", 1000, 1)], BY_WEIGHT) == 550
    assert shipping([Line("a", 1000, 1000)], BY_WEIGHT) == 550
    assert shipping([Line("a", 1000, 600), Line("b", 1000, 600)], BY_WEIGHT) == 700
    assert shipping([Line("a", 9_999, 600)], BY_WEIGHT) == 550
    assert shipping([Line("a", 10_000, 600)], BY_WEIGHT) == 0
    assert shipping([Line("a", 1_000)], BY_WEIGHT, Aboard(goods_minor=9_000)) == 0


def test_the_first_zone_and_the_first_tax_that_fit_hold() -> None:
    portland = replace(FRESNO, region="or")
    austin = replace(FRESNO, region="TX")
    paris = replace(BERLIN, country="FR")

    assert [each.price_minor for each in TARIFF.options_for(portland)] == [2000]
    assert TARIFF.options_for(austin) == [BY_WEIGHT]
    assert TARIFF.options_for(paris) == []
    assert TARIFF.tax_on("book", BERLIN) == TARIFF.taxes[0]
    assert TARIFF.tax_on("tea", BERLIN) == TARIFF.taxes[1]
    assert TARIFF.tax_on("tea", portland) is None
    assert TARIFF.tax_on("tea", FRESNO) == TARIFF.taxes[2]


def test_goods_that_cost_nothing_share_the_shipping_evenly() -> None:
    priced = price([Line("a", 0), Line("b", 0)], BERLIN, STANDARD, Tariff(currency="EUR"))

    assert [each.shipping_minor for each in priced] == [250, 250]
