import pytest
from hypothesis import given, strategies as st

from commerce.money import Money, minor_digits, parse_decimal

currencies = st.sampled_from(["USD", "EUR", "CNY", "JPY", "KWD"])
amounts = st.builds(Money, minor=st.integers(-(10**12), 10**12), currency=currencies)


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("19.90", "USD", 1990),
        ("19.9", "USD", 1990),
        ("19", "USD", 1900),
        ("0", "USD", 0),
        ("0.01", "EUR", 1),
        ("1200", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("1.2", "KWD", 1200),
    ],
)
def test_an_amount_is_read_in_the_minor_units_of_its_currency(
    text: str, currency: str, minor: int
) -> None:
    assert parse_decimal(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "-1", "+1", "1,5", "1,299.00", "$5", "1.", ".5", "1e3", "NaN", "١", "1\n"],
)
def test_what_is_not_plainly_an_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        parse_decimal(text, "USD")


@pytest.mark.parametrize(
    ("text", "currency"), [("1.999", "USD"), ("1.000", "USD"), ("1.0", "JPY"), ("1.0000", "KWD")]
)
def test_more_decimals_than_the_currency_has_are_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError, match="decimals"):
        parse_decimal(text, currency)


@given(minor=st.integers(0, 10**12), currency=currencies)
def test_an_amount_that_is_written_out_is_read_back(minor: int, currency: str) -> None:
    text = str(Money(minor, currency)).removesuffix(f" {currency}")

    assert parse_decimal(text, currency) == minor


@given(amount=amounts, weights=st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any))
def test_what_is_divided_adds_up_again_and_no_part_is_off_by_a_cent(
    amount: Money, weights: list[int]
) -> None:
    parts = amount.allocate(weights)

    assert sum(part.minor for part in parts) == amount.minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor * sum(weights) - amount.minor * weight) < sum(weights)


def test_the_odd_cents_go_to_the_parts_that_lost_most() -> None:
    assert Money(100, "USD").allocate([1, 1, 1]) == [
        Money(34, "USD"),
        Money(33, "USD"),
        Money(33, "USD"),
    ]
    assert Money(10, "USD").allocate([1, 2]) == [Money(3, "USD"), Money(7, "USD")]


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1], [2, -1]])
def test_weights_that_divide_nothing_are_refused(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money(100, "USD").allocate(weights)


@given(amount=amounts, quantity=st.integers(0, 1000))
def test_a_quantity_costs_as_much_as_its_units_one_by_one(amount: Money, quantity: int) -> None:
    total = Money(0, amount.currency)
    for _ in range(quantity):
        total += amount

    assert amount.times(quantity) == total


def test_two_currencies_never_meet_in_one_sum() -> None:
    with pytest.raises(ValueError, match="not in the same currency"):
        Money(1, "USD") + Money(1, "EUR")
    with pytest.raises(ValueError, match="not in the same currency"):
        Money(1, "USD") - Money(1, "EUR")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Money(1990, "USD"), "19.90 USD"),
        (Money(-5, "USD"), "-0.05 USD"),
        (Money(1200, "JPY"), "1200 JPY"),
        (Money(1234, "KWD"), "1.234 KWD"),
    ],
)
def test_an_amount_reads_as_people_write_it(amount: Money, text: str) -> None:
    assert str(amount) == text


def test_a_currency_that_nobody_listed_has_cents() -> None:
    assert minor_digits("USD") == 2
