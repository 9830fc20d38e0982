"""Offers that open later: nobody has to be there."""

import time

import pytest

from commerce.errors import InvalidValue
from commerce.ids import OfferId
from commerce.offers.outcomes import NotOpen
from commerce.store import offers
from commerce.store.offers import NewOffer
from commerce.store.pool import Connection, acquire
from tests.commerce.shop import Shop, open_shop
from tests.commerce.stage import add_live_show, add_variant, available

MINUTE = 60_000


async def scheduled(shop: Shop) -> OfferId:
    """An offer that opens in ten minutes, by the ledger; the gate has not heard of it."""
    async with acquire(shop.pool) as connection:
        variant = await add_variant(connection)
        offer = OfferId((await offers.create(connection, shop.show, NewOffer(20, variant))).id)
        opens_at = time.time_ns() // 1_000_000 + 10 * MINUTE
        await offers.open_(connection, offer, opens_at=opens_at, duration_s=60)
    return offer


async def test_a_worker_that_starts_loads_what_opens_later(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await scheduled(shop)

        swept = await shop.sweeper.sweep(time.time_ns() // 1_000_000)
        early = await shop.reserve(offer, await shop.add_buyer())

        assert (swept.loaded, swept.closed) == (1, 0)
        assert isinstance(early, NotOpen)
        assert 9 * MINUTE < early.retry_after_ms <= 10 * MINUTE
        assert await shop.units(offer) == (20, 20, 0, 0)


async def test_a_gate_that_is_rebuilt_still_waits_for_the_moment(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await scheduled(shop)
        await shop.sweeper.sweep(time.time_ns() // 1_000_000)
        await shop.gate.client.flushall()
        await shop.renew()

        assert isinstance(await shop.reserve(offer, await shop.add_buyer()), NotOpen)
        assert await shop.units(offer) == (20, 20, 0, 0)


async def test_an_offer_opens_by_the_clock_of_the_database(connection: Connection) -> None:
    show, variant = await add_live_show(connection), await add_variant(connection)
    offer = OfferId((await offers.create(connection, show, NewOffer(20, variant))).id)

    async with connection.transaction():
        view = await offers.open_(connection, offer, countdown_s=10)
        now = await connection.fetchval("SELECT ms(now())")

    assert view.opens_at == now + 10_000


@pytest.mark.parametrize("ahead_ms", [-1, 30 * 86_400_000 + 1])
async def test_an_offer_opens_neither_in_the_past_nor_in_two_months(
    connection: Connection, ahead_ms: int
) -> None:
    show, variant = await add_live_show(connection), await add_variant(connection)
    offer = OfferId((await offers.create(connection, show, NewOffer(20, variant))).id)

    with pytest.raises(InvalidValue, match="within the next 30 days"):
        await offers.open_(connection, offer, now=MINUTE, opens_at=MINUTE + ahead_ms)

    assert (await offers.get(connection, offer)).state == "draft"
    assert (
        await connection.fetchval("SELECT count(*) FROM stock_movements WHERE offer_id IS NOT NULL")
        == 0
    )
    await offers.open_(connection, offer)
    assert await available(connection, offer) == 80
