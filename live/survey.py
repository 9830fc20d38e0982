"""
What waits in the shop as a whole, for Prometheus: the order stream, the ledger, the units on sale.

Every `liveshop work` takes the survey, so that it is taken while one of them is alive; they find
the same, so a dashboard takes the largest. What could not be read keeps its last value, and
``liveshop_survey_timestamp_seconds`` says how old that is.
"""

import time
from typing import Final, Literal

from prometheus_client import Gauge

from commerce.offers import stream
from commerce.offers.epoch import Epochs
from commerce.offers.outcomes import Unavailable
from commerce.offers.stock import Gate
from commerce.store import backlog, offers
from commerce.store.pool import Pool, acquire
from live.telemetry import Metrics

SURVEY_S: Final = 2.0
"""A stream that stands still is seen before its buyers wonder; two queries, three reads."""

MEANINGS: Final = {
    "order_stream_entries": "Holds and marks that are not in PostgreSQL yet",
    "order_stream_age_seconds": "How long the first of them has been waiting",
    "orders_parked": "Holds that could not become orders, kept for a person to look at",
    "orders_awaiting_payment": "Orders that are placed and not paid",
    "orders_untold": "Orders whose end the gate has not heard of",
    "facts_waiting": "Facts of the outbox that the rooms have not heard",
    "facts_age_seconds": "How long the first of them has been waiting",
    "refunds_due": "Refunds that were promised and not done",
    "refunds_age_seconds": "How long the first of them has been waiting",
    "webhook_deliveries_due": "Deliveries of merchants' webhooks that should have been tried",
    "shows_on_air": "Shows whose video comes in",
    "offers_open": "Offers that are on sale",
    "survey_timestamp_seconds": "When these numbers were read, in Unix time",
}

Place = Literal["available", "held", "sold"]


class Survey:
    """Takes the survey, again and again."""

    def __init__(self, metrics: Metrics, pool: Pool, gate: Gate, seen: Epochs) -> None:
        self._pool = pool
        self._gate = gate
        self._seen = seen
        self._gauges = {
            name: Gauge(f"liveshop_{name}", meaning, registry=metrics.registry)
            for name, meaning in MEANINGS.items()
        }
        self._units = Gauge(
            "liveshop_offer_units",
            "Units of open offers, by where they are",
            ["place"],
            registry=metrics.registry,
        )

    async def take(self) -> None:
        """
        Read everything once.

        Raises:
            redis.RedisError, StoreUnavailable, TimeoutError: something does not answer.

        """
        async with acquire(self._pool) as connection:
            ledger = await backlog.look(connection)
            selling = [terms.offer for terms in await offers.open_offers(connection)]
        level = await stream.look(self._seen.client, self._gate.keys)
        for name, value in (
            ("order_stream_entries", level.entries),
            ("order_stream_age_seconds", level.age_s),
            ("orders_parked", level.parked),
            ("orders_awaiting_payment", ledger.orders_awaiting),
            ("orders_untold", ledger.orders_untold),
            ("facts_waiting", ledger.facts),
            ("facts_age_seconds", ledger.facts_age_s),
            ("refunds_due", ledger.refunds),
            ("refunds_age_seconds", ledger.refunds_age_s),
            ("webhook_deliveries_due", ledger.deliveries),
            ("shows_on_air", ledger.shows_on_air),
            ("offers_open", len(selling)),
        ):
            self._gauges[name].set(value)
        levels = await self._gate.levels(selling) if selling else {}
        if isinstance(levels, Unavailable):
            return
        places: tuple[Place, ...] = ("available", "held", "sold")
        for place in places:
            units = sum(getattr(level, place) for level in levels.values())
            self._units.labels(place).set(units)
        self._gauges["survey_timestamp_seconds"].set(time.time())
