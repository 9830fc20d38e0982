"""
A show in the ledger minute by minute: what the rooms counted, beside orders and money.

Only what nobody else remembers is written here: viewers, chat, clicks, delivery. It is written by
adding, so a process that begins again goes on where the one before it ended. Orders and money are
counted from the orders whenever somebody asks, so they are right whatever happened to a writer.
"""

from collections.abc import Sequence

from msgspec import Struct

from commerce.ids import OfferId, ShowId
from commerce.messages import ShowView
from commerce.store import orders
from commerce.store.pool import Connection
from commerce.store.queries import load
from commerce.summary import Minute, OfferSummary, ShowSummary, conversion, quantile_ms

_sql = load("minutes")


class Clicked(Struct, frozen=True):
    """How many viewers opened an offer in the minute that began at ``minute``."""

    show: ShowId
    offer: OfferId
    minute: int
    count: int


async def note_viewers(
    connection: Connection, show: ShowId, *, viewers: int, likes: int, now: int
) -> None:
    """Add one reading of who watches at ``now``; not idempotent: each reading counts."""
    await connection.execute(_sql.note_viewers, show, viewers, likes, now)


async def note_clicks(connection: Connection, clicked: Sequence[Clicked]) -> None:
    """Add clicks to what is known; those on offers of other shows, or of none, are left out."""
    await connection.execute(
        _sql.note_clicks,
        [each.show for each in clicked],
        [each.offer for each in clicked],
        [each.minute for each in clicked],
        [each.count for each in clicked],
    )


async def note_deliveries(connection: Connection, counts: Sequence[int], now: int) -> None:
    """Add how many messages took how long, by bound, to the minute of ``now``."""
    await connection.execute(_sql.note_deliveries, now, list(counts))


async def of_show(
    connection: Connection,
    show: ShowId,
    *,
    since: int,
    limit: int,
    bounds_s: Sequence[float],
) -> list[Minute]:
    """
    Return what is known of a show's minutes from ``since`` on, in order.

    A minute in which nothing happened and nobody counted is missing. ``bounds_s`` are those of
    whoever called `note_deliveries`.
    """
    found = []
    for row in await connection.fetch(_sql.of_show, show, since, limit):
        values = dict(row)
        counts = values.pop("deliveries") or ()
        found.append(
            Minute(
                **values,
                delivery_p50_ms=quantile_ms(counts, bounds_s, 0.5),
                delivery_p99_ms=quantile_ms(counts, bounds_s, 0.99),
            )
        )
    return found


async def summary(connection: Connection, show: ShowView) -> ShowSummary:
    """Return how a show went so far; read in one transaction, it agrees with itself."""
    rooms = dict(await connection.fetchrow(_sql.totals, ShowId(show.id)) or {})
    offers = [OfferSummary(**row) for row in await connection.fetch(_sql.sold, ShowId(show.id))]
    currency = (await orders.tally(connection, ShowId(show.id))).currency
    priced = [each for each in offers if each.currency == currency]
    clicks = sum(each.clicks for each in offers)
    paid = sum(each.paid for each in offers)
    captured = sum(each.captured_minor for each in priced)
    refunded = sum(each.refunded_minor for each in priced)
    return ShowSummary(
        show=show,
        currency=currency,
        **rooms,
        clicks=clicks,
        orders=sum(each.orders for each in offers),
        paid=paid,
        units=sum(each.units for each in offers),
        captured_minor=captured,
        refunded_minor=refunded,
        takings_minor=captured - refunded,
        offers=offers,
        conversion=conversion(paid, clicks),
    )


async def purge(connection: Connection, keep_s: float) -> None:
    """Delete what deliveries took more than ``keep_s`` ago."""
    await connection.execute(_sql.purge, keep_s)
