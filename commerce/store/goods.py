"""
What an offer is of: variants, each so many times, and what may be said about their price.

They are locked with their products until the transaction ends, so that nobody archives one or
changes its price between the look and the offer.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from msgspec import Struct

from commerce.errors import InvalidValue, NotFound, PriceNotLower, WrongState
from commerce.ids import OfferId, VariantId
from commerce.money import Money
from commerce.prices import Asked, lowest, was_asked
from commerce.store import prices
from commerce.store.pool import Connection
from commerce.store.queries import load

_sql = load("offers")


class Good(Struct, frozen=True):
    """A variant, ``count`` times, and what was asked for it."""

    sku: str
    count: int
    price_minor: int
    was_minor: int | None
    history: list[Asked]


class Goods(Struct, frozen=True):
    """All that a unit of an offer takes, at the moment ``now``."""

    goods: list[Good]
    currency: str
    now: int

    @property
    def asked_minor(self) -> int:
        """What they cost one by one."""
        return sum(good.price_minor * good.count for good in self.goods)

    def was_minor(self, price_minor: int) -> int | None:
        """Return the price before of an offer at ``price_minor``: higher, and really asked."""
        now = self.now
        candidates = [
            [good.price_minor for good in self.goods],
            [good.was_minor or good.price_minor for good in self.goods],
        ]
        for befores in candidates:
            pairs = list(zip(befores, self.goods, strict=True))
            before = sum(minor * good.count for minor, good in pairs)
            if before > price_minor and all(
                was_asked(good.history, minor, now) for minor, good in pairs
            ):
                return before
        return None

    def check_flash_price(self, price_minor: int) -> None:
        """
        See to it that a flash price that is a bargain is lower than all of the last 30 days.

        At the price itself, or above, a flash sale is a release and claims nothing.

        Raises:
            PriceNotLower: it is not.

        """
        if price_minor >= self.asked_minor:
            return
        lows = [lowest(good.history, self.now) for good in self.goods]
        # What is there has a price, and a price has a history.
        least = sum(
            (low.minor if low else good.price_minor) * good.count
            for low, good in zip(lows, self.goods, strict=True)
        )
        if price_minor >= least:
            since = min((low.since for low in lows if low), default=self.now)
            raise PriceNotLower(
                " and ".join(good.sku for good in self.goods),
                price=str(Money(price_minor, self.currency)),
                lowest=str(Money(least, self.currency)),
                since=datetime.fromtimestamp(since / 1000, UTC).date().isoformat(),
            )


async def goods_of(
    connection: Connection, counts: Mapping[VariantId, int], *, offer: OfferId
) -> Goods:
    """
    Look at what is to be offered, and keep it as it is until the transaction ends.

    The price of ``offer`` itself is no part of what was asked before it.

    Raises:
        NotFound: a variant does not exist.
        WrongState: its product is archived.
        InvalidValue: the variants have prices in several currencies.

    """
    rows = {row["id"]: row for row in await connection.fetch(_sql.goods, list(counts))}
    for variant in counts:
        if variant not in rows:
            raise NotFound("variant", variant)
        if rows[variant]["status"] == "archived":
            raise WrongState(
                "product", rows[variant]["product"], state="archived", wanted="active or draft"
            )
    currencies = {row["currency"] for row in rows.values()}
    if len(currencies) > 1:
        raise InvalidValue("$.items", f"the prices are in {' and '.join(sorted(currencies))}")
    (currency,) = currencies
    now = await prices.now(connection)
    histories = await prices.histories(connection, list(counts), currency, now)
    return Goods(
        goods=[
            Good(
                sku=rows[variant]["sku"],
                count=count,
                price_minor=rows[variant]["price_minor"],
                was_minor=rows[variant]["was_minor"],
                history=[asked for asked in histories[variant] if asked.offer != offer],
            )
            for variant, count in counts.items()
        ],
        currency=currency,
        now=now,
    )
