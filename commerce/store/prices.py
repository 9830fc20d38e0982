"""
The prices that were asked, as PostgreSQL keeps them.

Invariant: a price of a variant or of an offer that anybody could have paid is in the history, for
triggers write it there; and no row ever changes.
"""

from collections.abc import Sequence

from msgspec import Struct

from commerce.errors import NotFound, WasNotAsked
from commerce.ids import VariantId
from commerce.money import Money
from commerce.prices import PERIOD_MS, Asked, lowest, was_asked
from commerce.store.pool import Connection
from commerce.store.queries import load

_sql = load("prices")


class Before(Struct, frozen=True):
    """What someone says that a variant cost before."""

    sku: str
    minor: int
    currency: str


class PriceHistory(Struct, frozen=True, omit_defaults=True):
    """What was asked for a variant in the last 30 days, the latest first, and the lowest of it."""

    variant: str
    sku: str
    prices: list[Asked]
    lowest_minor: int | None = None
    since: int | None = None


async def now(connection: Connection) -> int:
    """Return the database's clock in Unix ms, standing still for a transaction."""
    moment: int = await connection.fetchval(_sql.now)
    return moment


async def histories(
    connection: Connection, variants: Sequence[VariantId], currency: str, now: int
) -> dict[VariantId, list[Asked]]:
    """Return what was asked for each variant in the 30 days before ``now``."""
    found: dict[VariantId, list[Asked]] = {variant: [] for variant in variants}
    for row in await connection.fetch(_sql.history, variants, currency, now - PERIOD_MS):
        values = dict(row)
        found[values.pop("variant")].append(Asked(**values))
    return found


async def of_variant(connection: Connection, variant: VariantId) -> PriceHistory:
    """
    Return the last 30 days of a variant, in the currency that it has now.

    Raises:
        NotFound: there is no such variant.

    """
    row = await connection.fetchrow(_sql.variant, variant)
    if row is None:
        raise NotFound("variant", variant)
    moment = await now(connection)
    history = (await histories(connection, [variant], row["currency"], moment))[variant]
    low = lowest(history, moment)
    return PriceHistory(
        variant=variant,
        sku=row["sku"],
        prices=history,
        lowest_minor=low.minor if low else None,
        since=low.since if low else None,
    )


async def untrue(connection: Connection, said: Sequence[Before]) -> dict[str, WasNotAsked]:
    """
    Return, by SKU, which prices before are new and were never asked for long enough.

    A variant that is not there yet is believed: nobody here knows what it cost.
    """
    rows = {
        row["sku"]: row
        for row in await connection.fetch(_sql.before, [before.sku for before in said])
    }
    new = [
        before
        for before in said
        if before.sku in rows and rows[before.sku]["was_minor"] != before.minor
    ]
    moment = await now(connection)
    found = {}
    for currency in {before.currency for before in new}:
        variants = {each.sku: VariantId(rows[each.sku]["variant"]) for each in new}
        history = await histories(connection, list(variants.values()), currency, moment)
        for before in new:
            asked = history[variants[before.sku]]
            if before.currency != currency or was_asked(asked, before.minor, moment):
                continue
            true = [price.minor for price in asked if was_asked(asked, price.minor, moment)]
            found[before.sku] = WasNotAsked(
                before.sku,
                str(Money(before.minor, currency)),
                str(Money(max(true), currency)) if true else None,
            )
    return found
