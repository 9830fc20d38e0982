"""
What may be said about a price: that it is low, and what it was before.

A flash sale asks for less than the lowest price of the last 30 days, and a "was" names a price that
was really asked in that time, for a day at least. A variant is taken at its merchant's word once:
for what it cost before it came into this shop.
"""

from collections.abc import Iterable, Sequence
from typing import Annotated, Final

from msgspec import Meta, Struct

from commerce.messages import Currency, Milliseconds, Minor

PERIOD_MS: Final = 30 * 86_400_000
"""The EU's Price Indication Directive (98/6/EC, article 6a) looks back 30 days at least."""

ASKED_LEAST_MS: Final = 86_400_000
"""A price that stood for an hour is a decoy; a day is an evening's show and the shop before it."""


class Asked(Struct, frozen=True, omit_defaults=True):
    """A price that was asked from ``since`` to ``until``, or still is; ``offer``: only in it."""

    minor: Minor
    currency: Currency
    since: Milliseconds
    until: Milliseconds | None = None
    offer: str | None = None
    opening: Annotated[
        bool, Meta(description="The variant came with it: how long it was asked is not known")
    ] = False
    claimed_minor: Annotated[
        int | None, Meta(description="What it cost before, as its merchant said then")
    ] = None

    def asked_ms(self, since: int, now: int) -> int:
        """Return how long it was asked between two moments."""
        return max(0, min(self.until or now, now) - max(self.since, since))


class Lowest(Struct, frozen=True):
    """The lowest price of a period that began at ``since``."""

    minor: int
    since: int


def lowest(history: Iterable[Asked], now: int) -> Lowest | None:
    """Return the lowest price that was asked in the last 30 days; None: nothing was."""
    since = now - PERIOD_MS
    asked = [
        price
        for price in history
        if price.since <= now and (price.until is None or price.until > max(since, price.since))
    ]
    if not asked:
        return None
    return Lowest(
        minor=min(price.minor for price in asked),
        # A young variant has no 30 days behind it.
        since=max(since, min(price.since for price in asked)),
    )


def was_asked(history: Sequence[Asked], minor: int, now: int) -> bool:
    """Say whether ``minor`` may be called the price before: asked long enough, or claimed."""
    since = now - PERIOD_MS
    asked = 0
    for price in history:
        begun_in_time = price.since > since
        if price.opening and begun_in_time and minor in (price.minor, price.claimed_minor):
            return True
        if price.minor == minor:
            asked += price.asked_ms(since, now)
    return asked >= ASKED_LEAST_MS
