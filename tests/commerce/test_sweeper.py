"""What is due is done once, and what was left half done is finished."""

import asyncio
import time

from commerce.ids import OfferId, OrderId
from commerce.messages import Released
from commerce.offers.outcomes import Held
from commerce.offers.sweeper import Swept
from commerce.store import offers, orders
from commerce.store.pool import acquire
from tests.commerce.shop import Shop, open_shop

NOW = time.time_ns() // 1_000_000
NOTHING = Swept(lapsed=0, told=0, closed=0, loaded=0)


async def test_an_order_that_is_not_paid_in_time_gives_its_units_back_exactly_once(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, buyer = await shop.add_offer(quantity=1), await shop.add_buyer()
        order = await shop.place(offer, buyer)
        assert await shop.sweeper.sweep(NOW) == NOTHING
        await shop.overdue(order.id)

        assert await shop.sweeper.sweep(NOW) == Swept(lapsed=1, told=1, closed=0, loaded=0)
        assert await shop.sweeper.sweep(NOW) == NOTHING

        assert (await shop.order(order.id)).status == "lapsed"
        assert await shop.units(offer) == (1, 1, 0, 0)
        assert await shop.ledger(offer) == ("open", 1, 0, 0)
        assert shop.heard.releases == [
            (
                Released(hold=order.hold, offer=offer, reason="lapsed", order=order.id),
                shop.show,
                buyer,
            )
        ]
        assert shop.heard.stocks[-1][:3] == (shop.show, offer, 1)
        # Both the unit and the buyer's limit are free again.
        assert isinstance(await shop.reserve(offer, buyer, "2"), Held)


async def test_sweepers_that_sweep_at_once_lapse_each_order_once(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        placed = [await shop.place(offer, await shop.add_buyer()) for _ in range(10)]
        for order in placed:
            await shop.overdue(order.id)

        swept = await asyncio.gather(*(shop.sweeper.sweep(NOW) for _ in range(4)))

        assert sum(sweep.lapsed for sweep in swept) == 10
        # News may be told twice, by sweepers that found it untold at once; never left out.
        assert {released.order for released, _, _ in shop.heard.releases} == {
            order.id for order in placed
        }
        assert await shop.units(offer) == (20, 20, 0, 0)
        assert await shop.ledger(offer) == ("open", 20, 0, 0)


async def test_an_order_that_someone_is_paying_for_right_now_is_passed_over(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        order = await shop.place(offer, await shop.add_buyer())
        await shop.overdue(order.id)
        async with acquire(shop.pool) as connection, connection.transaction():
            assert await orders.pay(connection, OrderId(order.id)) is not None

            assert (await shop.sweeper.sweep(NOW)).lapsed == 0

        assert (await shop.order(order.id)).status == "paid"
        assert (await shop.sweeper.sweep(NOW)).lapsed == 0
        assert await shop.units(offer) == (20, 19, 0, 1)


async def test_what_the_gate_has_not_heard_is_told_again(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        lapsing = await shop.place(offer, await shop.add_buyer())
        paying = await shop.place(offer, await shop.add_buyer())
        await shop.overdue(lapsing.id)
        # As if the process had died after its commits.
        async with acquire(shop.pool) as connection:
            assert len(await orders.lapse_due(connection, NOW, 10)) == 1
            assert await orders.pay(connection, OrderId(paying.id)) is not None
        assert await shop.units(offer) == (20, 18, 2, 0)

        assert await shop.sweeper.sweep(NOW) == Swept(lapsed=0, told=2, closed=0, loaded=0)

        assert await shop.units(offer) == (20, 19, 0, 1)
        assert await shop.sweeper.sweep(NOW) == NOTHING


async def test_a_newer_outcome_is_told_even_if_an_older_one_was_told_late(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        order = await shop.place(offer, await shop.add_buyer())
        async with acquire(shop.pool) as connection:
            paid = await orders.pay(connection, OrderId(order.id))
            assert paid is not None
            await orders.refund(connection, OrderId(order.id))

            # Whoever told the gate of the payment reports it only now.
            await orders.mark_told(connection, [paid])

            assert [moved.status for moved in await orders.untold(connection, 10)] == ["refunded"]
        assert (await shop.sweeper.sweep(NOW)).told == 1
        assert await shop.units(offer) == (20, 20, 0, 0)


async def test_an_offer_closes_when_its_time_is_over(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=20, stock=20)
        await shop.place(offer, await shop.add_buyer())
        await shop.hold(offer, await shop.add_buyer())
        await shop.pool.execute("UPDATE offers SET closes_at = opens_at + interval '1 second'")

        assert (await shop.sweeper.sweep(NOW)).closed == 1
        await shop.write_orders()

        assert await shop.ledger(offer) == ("closed", 2, 2, 0)
        assert await shop.warehouse(offer) == 18
        assert await shop.sweeper.sweep(NOW) == NOTHING


async def test_a_gate_that_was_not_told_of_the_closing_is_told(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=20, stock=20)
        async with acquire(shop.pool) as connection:
            await offers.start_closing(connection, offer)

        assert (await shop.sweeper.sweep(NOW)).closed == 1
        await shop.write_orders()

        assert await shop.ledger(offer) == ("closed", 0, 0, 0)
        assert await shop.warehouse(offer) == 20


async def test_after_closing_units_go_back_to_the_warehouse(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=20, stock=20)
        lapsing = await shop.place(offer, await shop.add_buyer())
        keeping = await shop.place(offer, await shop.add_buyer())
        await close(shop, offer)
        assert await shop.warehouse(offer) == 18
        await shop.overdue(lapsing.id)

        assert await shop.sweeper.sweep(NOW) == Swept(lapsed=1, told=1, closed=0, loaded=0)

        assert await shop.warehouse(offer) == 19
        assert await shop.ledger(offer) == ("closed", 1, 1, 0)
        assert await shop.units(offer) == (1, 0, 1, 0)
        assert (await shop.order(keeping.id)).status == "awaiting_payment"


async def close(shop: Shop, offer: OfferId) -> None:
    async with acquire(shop.pool) as connection:
        await offers.start_closing(connection, offer)
    assert await shop.gate.close(offer) == "ok"
    await shop.write_orders()


async def test_a_lapse_while_closing_counts_as_unsold(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=20, stock=20)
        order = await shop.place(offer, await shop.add_buyer())
        async with acquire(shop.pool) as connection:
            await offers.start_closing(connection, offer)
        await shop.gate.close(offer)
        await shop.overdue(order.id)
        await shop.sweeper.sweep(NOW)
        assert await shop.ledger(offer) == ("closing", 20, 0, 0)

        await shop.write_orders()

        assert await shop.ledger(offer) == ("closed", 0, 0, 0)
        assert await shop.warehouse(offer) == 20


async def test_an_open_offer_that_the_gate_does_not_know_is_loaded(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        await shop.gate.client.delete(shop.gate.keys.terms(offer))

        assert await shop.sweeper.sweep(NOW) == Swept(lapsed=0, told=0, closed=0, loaded=1)

        assert await shop.units(offer) == (20, 20, 0, 0)


async def test_a_gate_that_lost_an_offer_with_orders_is_fenced_and_rebuilt(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        await shop.place(offer, await shop.add_buyer())
        await shop.gate.client.delete(shop.gate.keys.terms(offer))

        await shop.sweeper.sweep(NOW)

        assert shop.fence.standing is None
        async with acquire(shop.pool) as connection:
            await shop.writer.make_sure(connection)
        assert await shop.units(offer) == (20, 19, 1, 0)
