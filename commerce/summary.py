"""
How a show went, minute by minute and product by product, and as tables for a spreadsheet.

Invariant: nothing here was typed in. Orders and money are counted from the ledger, viewers, chat
and clicks from what the rooms counted, and every share is worked out from those.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

from msgspec import Meta, Struct

from commerce.messages import Currency, Milliseconds, Minor, OfferKind, ShowView
from commerce.money import Money
from commerce.table import shielded

MINUTE_MS: Final = 60_000


class Minute(Struct, frozen=True, omit_defaults=True):
    """One minute of a show; what is left out is 0, or not known."""

    at: Annotated[Milliseconds, Meta(description="When it began")]
    viewers: Annotated[float, Meta(description="On average")]
    viewers_peak: int = 0
    likes: Annotated[int, Meta(description="Since the show began")] = 0
    chat_lines: int = 0
    clicks: Annotated[int, Meta(description="Viewers who opened an offer, or tried for it")] = 0
    orders: Annotated[int, Meta(description="Placed in this minute")] = 0
    paid: Annotated[int, Meta(description="Paid in this minute, whenever they were placed")] = 0
    units: int = 0
    captured_minor: Annotated[Minor, Meta(description="What came in")] = 0
    refunded_minor: Annotated[Minor, Meta(description="What went back")] = 0
    delivery_p50_ms: Annotated[
        float | None,
        Meta(description="Half of all messages were with the last viewer's socket within this"),
    ] = None
    delivery_p99_ms: float | None = None


class OfferSummary(Struct, frozen=True, omit_defaults=True):
    """What came of one offer; money is in its own currency."""

    offer: str
    title: str
    sku: str
    kind: OfferKind
    price_minor: Minor
    currency: Currency
    quantity: Annotated[int, Meta(description="Units that were offered")]
    clicks: int
    orders: int
    paid: int
    units: Annotated[int, Meta(description="Units paid")]
    captured_minor: Minor
    refunded_minor: Minor
    options: list[str] = []


class ShowSummary(Struct, frozen=True, omit_defaults=True):
    """How a show went so far; money is in the currency of its first offer."""

    show: ShowView
    currency: Currency
    viewers_peak: int
    viewers_average: float
    watched_minutes: Annotated[float, Meta(description="Minutes that all viewers together watched")]
    likes: int
    chat_lines: int
    clicks: int
    orders: int
    paid: int
    units: int
    captured_minor: Minor
    refunded_minor: Minor
    takings_minor: Annotated[Minor, Meta(description="What came in, less what went back")]
    offers: list[OfferSummary]
    conversion: Annotated[
        float | None, Meta(description="Paid orders for each click; none without a click")
    ] = None


def conversion(paid: int, clicks: int) -> float | None:
    """Return how many paid orders came of a click, or None where nobody clicked."""
    return paid / clicks if clicks else None


def quantile_ms(counts: Sequence[int], bounds_s: Sequence[float], share: float) -> float | None:
    """
    Return within how many milliseconds a ``share`` of what was counted took.

    ``counts`` has one more than ``bounds_s``: what took longer than all of them, for which the last
    bound is said. Like every quantile of a histogram, it is the bound of the bucket: at most that.
    """
    wanted = share * sum(counts)
    if wanted == 0:
        return None
    reached = 0
    for count, bound in zip(counts, bounds_s, strict=False):
        reached += count
        if reached >= wanted:
            return bound * 1000
    return bounds_s[-1] * 1000


OFFER_HEADER: Final = (
    "sku",
    "title",
    "variant",
    "kind",
    "price",
    "currency",
    "offered",
    "clicks",
    "orders",
    "paid",
    "units",
    "captured",
    "refunded",
    "takings",
    "conversion",
)

MINUTE_HEADER: Final = (
    "minute",
    "viewers",
    "viewers_peak",
    "likes",
    "chat_lines",
    "clicks",
    "orders",
    "paid",
    "units",
    "captured",
    "refunded",
    "currency",
    "delivery_p50_ms",
    "delivery_p99_ms",
)


def offers_csv(offers: Iterable[OfferSummary]) -> str:
    """Return what came of each offer as CSV (RFC 4180); amounts as ``19.90``."""
    return _table(
        OFFER_HEADER,
        (
            (
                shielded(each.sku),
                shielded(each.title),
                shielded(" / ".join(each.options)),
                each.kind,
                _amount(each.price_minor, each.currency),
                each.currency,
                each.quantity,
                each.clicks,
                each.orders,
                each.paid,
                each.units,
                _amount(each.captured_minor, each.currency),
                _amount(each.refunded_minor, each.currency),
                _amount(each.captured_minor - each.refunded_minor, each.currency),
                _share(conversion(each.paid, each.clicks)),
            )
            for each in offers
        ),
    )


def minutes_csv(minutes: Iterable[Minute], currency: str) -> str:
    """Return a show minute by minute as CSV (RFC 4180); moments are ISO 8601 in UTC."""
    return _table(
        MINUTE_HEADER,
        (
            (
                datetime.fromtimestamp(each.at / 1000, UTC).strftime("%Y-%m-%dT%H:%MZ"),
                f"{each.viewers:.1f}",
                each.viewers_peak,
                each.likes,
                each.chat_lines,
                each.clicks,
                each.orders,
                each.paid,
                each.units,
                _amount(each.captured_minor, currency),
                _amount(each.refunded_minor, currency),
                currency,
                "" if each.delivery_p50_ms is None else f"{each.delivery_p50_ms:g}",
                "" if each.delivery_p99_ms is None else f"{each.delivery_p99_ms:g}",
            )
            for each in minutes
        ),
    )


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    # The mark tells Excel that it is UTF-8; every importer skips it.
    text.write("\ufeff")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()


def _amount(minor: int, currency: str) -> str:
    return str(Money(minor, currency)).partition(" ")[0]


def _share(share: float | None) -> str:
    return "" if share is None else f"{share:.4f}"
