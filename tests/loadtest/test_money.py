import pytest

from loadtest.money import price


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (1650, "USD", "$16.50"),
        (1600, "USD", "$16"),
        (5, "USD", "$0.05"),
        (0, "EUR", "€0"),
        (1200, "JPY", "¥1200"),
        (1234, "KWD", "1.234 KWD"),
        (100_000_000, "USD", "$1000000"),
    ],
)
def test_a_price_is_written_as_people_write_it(minor: int, currency: str, written: str) -> None:
    assert price(minor, currency) == written
