"""Sold out is what the gate says now, not what it said once; one tap is one order."""

import asyncio

from commerce.offers.outcomes import Held, SoldOut
from commerce.store.pool import acquire
from tests.commerce.shop import open_shop
from tests.waiting import PATIENCE_S


async def test_when_ten_of_a_sold_out_offer_lapse_ten_others_can_buy(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=20)
        first = [await shop.place(offer, await shop.add_buyer()) for _ in range(20)]
        others = [await shop.add_buyer() for _ in range(11)]
        assert [await shop.reserve(offer, buyer) for buyer in others] == [SoldOut()] * 11
        for order in first[:10]:
            await shop.overdue(order.id)

        swept = await shop.sweeper.sweep(0)
        answers = [await shop.reserve(offer, buyer, "again") for buyer in others]
        await shop.write_orders()

        assert (swept.lapsed, swept.told) == (10, 10)
        assert [type(answer) for answer in answers] == [Held] * 10 + [SoldOut]
        # Everyone was shown the units that came back.
        assert (shop.show, offer, 10) in [each[:3] for each in shop.heard.stocks]
        assert await shop.units(offer) == (20, 0, 20, 0)
        assert await shop.ledger(offer) == ("open", 20, 20, 0)


async def test_fifty_taps_with_one_key_are_one_order(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, buyer = await shop.add_offer(limit=5), await shop.add_buyer()
        async with asyncio.timeout(PATIENCE_S):
            answers = await asyncio.gather(*(shop.reserve(offer, buyer) for _ in range(50)))
        await shop.write_orders()
        async with acquire(shop.pool) as connection:
            written = await connection.fetchval("SELECT count(*) FROM orders")

        assert {type(answer) for answer in answers} == {Held}
        assert len({answer.hold for answer in answers if isinstance(answer, Held)}) == 1
        assert written == 1
        assert await shop.units(offer) == (20, 19, 1, 0)
