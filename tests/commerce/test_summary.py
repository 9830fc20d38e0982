"""How a show went: quantiles, shares, and tables that a spreadsheet reads."""

import csv
import io

import pytest

from commerce.summary import Minute, OfferSummary, conversion, minutes_csv, offers_csv, quantile_ms

BOUNDS_S = (0.001, 0.01, 0.1)


@pytest.mark.parametrize(
    ("counts", "share", "expected"),
    [
        ([0, 0, 0, 0], 0.5, None),
        ([], 0.5, None),
        ([1, 0, 0, 0], 0.99, 1.0),
        ([98, 1, 1, 0], 0.5, 1.0),
        ([98, 1, 1, 0], 0.99, 10.0),
        ([98, 0, 2, 0], 0.99, 100.0),
        ([0, 0, 0, 7], 0.5, 100.0),
    ],
)
def test_a_quantile_is_the_bound_that_so_many_were_within(
    counts: list[int], share: float, expected: float | None
) -> None:
    assert quantile_ms(counts, BOUNDS_S, share) == expected


def test_without_a_click_there_is_no_conversion() -> None:
    assert conversion(paid=0, clicks=0) is None
    assert conversion(paid=3, clicks=4) == 0.75


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_what_came_of_an_offer_is_a_line_without_formulas() -> None:
    pot = OfferSummary(
        offer="ofr_1",
        title="=Teapot",
        sku="POT",
        kind="flash",
        price_minor=1990,
        currency="USD",
        quantity=20,
        clicks=8,
        orders=5,
        paid=4,
        units=6,
        captured_minor=11_940,
        refunded_minor=1_990,
        options=["Red", "Large"],
    )
    [line] = rows(offers_csv([pot]))

    assert line == {
        "sku": "POT",
        "title": "'=Teapot",
        "variant": "Red / Large",
        "kind": "flash",
        "price": "19.90",
        "currency": "USD",
        "offered": "20",
        "clicks": "8",
        "orders": "5",
        "paid": "4",
        "units": "6",
        "captured": "119.40",
        "refunded": "19.90",
        "takings": "99.50",
        "conversion": "0.5000",
    }


def test_a_minute_is_a_line_with_its_moment_in_utc() -> None:
    minute = Minute(
        at=1_800_000_060_000,
        viewers=3.25,
        viewers_peak=5,
        chat_lines=2,
        captured_minor=1200,
        delivery_p50_ms=2.5,
    )
    [line] = rows(minutes_csv([minute], "JPY"))

    assert line["minute"] == "2027-01-15T08:01Z"
    assert (line["viewers"], line["viewers_peak"], line["chat_lines"]) == ("3.2", "5", "2")
    assert (line["captured"], line["currency"]) == ("1200", "JPY")
    assert (line["delivery_p50_ms"], line["delivery_p99_ms"]) == ("2.5", "")
