"""Orders as their buyers and their host read them."""

import pytest

from commerce.errors import NotFound
from commerce.ids import AccountId, OfferId, OrderId, ShowId
from commerce.messages import Tally
from commerce.store import orders
from commerce.store.pool import acquire
from tests.commerce.shop import Shop, open_shop


async def place_some(shop: Shop, count: int) -> tuple[AccountId, list[str]]:
    """One buyer's orders, oldest first, each written in a batch of its own."""
    offer, buyer = await shop.add_offer(limit=count), await shop.add_buyer("Bo")
    for number in range(count):
        await shop.reserve(offer, buyer, str(number))
        await shop.write_orders()
    return buyer, [order.id for order in shop.heard.placed_orders]


async def test_a_buyer_reads_orders_newest_first_page_by_page(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        buyer, ids = await place_some(shop, 5)
        async with acquire(shop.pool) as connection:
            first = await orders.of_buyer(connection, buyer, limit=2)
            second = await orders.of_buyer(
                connection, buyer, show=shop.show, after=OrderId(first[-1].id), limit=2
            )
            rest = await orders.of_buyer(connection, buyer, after=OrderId(second[-1].id))
            elsewhere = await orders.of_buyer(connection, buyer, show=ShowId("another"))

        assert [order.id for order in first + second + rest] == ids[::-1]
        assert elsewhere == []


async def test_a_host_reads_the_orders_of_the_show(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        _buyer, ids = await place_some(shop, 3)
        async with acquire(shop.pool) as connection:
            first = await orders.of_show(connection, shop.show, limit=2)
            rest = await orders.of_show(connection, shop.show, after=OrderId(first[-1].id))

        assert [order.id for order in first] == [ids[2], ids[1]]
        assert [order.id for order in rest] == [ids[0]]


async def test_a_returning_buyer_is_reminded_of_what_is_open_or_paid(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        buyer, (cancelled, paid, waiting) = await place_some(shop, 3)
        await shop.checkout.cancel(OrderId(cancelled), buyer)
        async with acquire(shop.pool) as connection:
            await orders.pay(connection, OrderId(paid))
            [reminded] = (await orders.open_and_paid(connection, [(buyer, shop.show)])).values()

        assert [(order.id, order.status) for order in reminded] == [
            (waiting, "awaiting_payment"),
            (paid, "paid"),
        ]


async def test_the_tally_counts_what_was_placed_and_sums_what_was_paid(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        buyer, (cancelled, paid, _waiting) = await place_some(shop, 3)
        await shop.checkout.cancel(OrderId(cancelled), buyer)
        async with acquire(shop.pool) as connection:
            await orders.pay(connection, OrderId(paid))
            tally = await orders.tally(connection, shop.show)
            nothing = await orders.tally(connection, ShowId("another"))

        assert tally == Tally(
            orders=3, paid=1, awaiting=1, units=1, takings_minor=1990, currency="USD"
        )
        assert nothing == Tally(
            orders=0, paid=0, awaiting=0, units=0, takings_minor=0, currency="USD"
        )


async def test_what_is_not_there_is_not_found(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop, acquire(shop.pool) as connection:
        with pytest.raises(NotFound):
            await orders.get(connection, OrderId("ord_none"))
        with pytest.raises(NotFound):
            await orders.cancel(connection, OrderId("ord_none"))
        with pytest.raises(NotFound):
            await orders.counts(connection, OfferId("ofr_none"))
        assert await orders.pay(connection, OrderId("ord_none")) is None
