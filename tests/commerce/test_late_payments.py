"""
Money that comes when the hold is over: whoever is first, the order is paid or the money goes back.

Both orders of the race between the gateway's webhook and the sweeper are forced with locks that
the test holds, so each is in the middle of its transaction when the other one begins.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from commerce.ids import AccountId, OfferId, OrderId
from commerce.messages import OrderView
from commerce.payments import GatewayEvent
from commerce.store.pool import transaction
from tests.commerce.shop import Shop, open_shop
from tests.waiting import until_it_holds

NOW = time.time_ns() // 1_000_000


async def overdue(shop: Shop) -> tuple[OrderView, list[GatewayEvent]]:
    """Return an order whose hold is over, and its capture, three times: twice with the same id."""
    order = await shop.place(await shop.add_offer(quantity=2), await shop.add_buyer())
    started = await shop.checkout.pay(OrderId(order.id), AccountId(order.buyer))
    charge = await shop.sandbox.decide(started.reference, "late")
    await shop.overdue(order.id)
    events = [
        GatewayEvent(
            event_id=id,
            payment=charge.payment,
            reference=charge.reference,
            outcome="captured",
            amount_minor=charge.amount_minor,
            currency=charge.currency,
        )
        for id in ("evt_1", "evt_1", "evt_2")
    ]
    return order, events


@asynccontextmanager
async def held(shop: Shop, statement: str, *arguments: object) -> AsyncIterator[None]:
    """Hold what a statement locks for as long as the block lasts."""
    async with transaction(shop.pool) as connection:
        await connection.execute(statement, *arguments)
        yield


async def waiting(database_url: str, count: int) -> None:
    """Wait until so many transactions of this database wait for a lock."""
    connection = await asyncpg.connect(database_url)

    async def so() -> bool:
        blocked: int = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return blocked >= count

    try:
        await until_it_holds(so)
    finally:
        await connection.close()


async def refunds_at_the_gateway(shop: Shop) -> list[int]:
    rows = await shop.pool.fetch("SELECT amount_minor FROM sandbox_refunds")
    return [row["amount_minor"] for row in rows]


async def test_a_webhook_in_the_middle_of_paying_is_passed_over_by_the_sweeper(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        order, events = await overdue(shop)
        # The webhook has locked the order, and waits for the payment.
        locks = held(shop, "SELECT FROM payments FOR UPDATE")
        async with asyncio.TaskGroup() as tasks, locks:
            paying = tasks.create_task(shop.checkout.apply("sandbox", events[0]))
            await waiting(database_url, 1)
            swept = await shop.sweeper.sweep(NOW)
        afterwards = await shop.sweeper.sweep(NOW)

        assert (swept.lapsed, paying.result(), afterwards.lapsed) == (0, "paid", 0)
        assert (await shop.order(order.id)).status == "paid"
        assert await shop.payments() == ["captured"]
        assert await shop.units(OfferId(order.offer)) == (2, 1, 0, 1)
        assert await shop.ledger(OfferId(order.offer)) == ("open", 2, 0, 1)
        assert shop.heard.releases == []


async def test_a_webhook_behind_the_sweeper_gives_the_money_back_once_however_often_it_comes(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        order, events = await overdue(shop)
        # The sweeper has ended the order, and waits to note the fact for the room.
        locks = held(shop, "LOCK TABLE outbox IN EXCLUSIVE MODE")
        async with asyncio.TaskGroup() as tasks, locks:
            sweeping = tasks.create_task(shop.sweeper.sweep(NOW))
            await waiting(database_url, 1)
            applying = [
                tasks.create_task(shop.checkout.apply("sandbox", event)) for event in events
            ]
            await waiting(database_url, 4)
        refunded = await asyncio.gather(*(shop.refunder.refund_due() for _ in range(2)))

        effects = sorted(each.result() for each in applying)
        assert (sweeping.result().lapsed, effects) == (1, ["nothing", "nothing", "refund_due"])
        assert (await shop.order(order.id)).status == "lapsed"
        assert await shop.payments() == ["refunded"]
        assert await refunds_at_the_gateway(shop) == [1990]
        assert max(refunded) == 1
        assert await shop.refunder.refund_due() == 0
        assert await shop.units(OfferId(order.offer)) == (2, 2, 0, 0)
        assert await shop.ledger(OfferId(order.offer)) == ("open", 2, 0, 0)
        assert shop.heard.paid_orders == []


async def test_after_five_minutes_without_a_sweeper_everything_lapses_once(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=10)
        buyers = [await shop.add_buyer() for _ in range(10)]
        placed = [await shop.place(offer, buyer) for buyer in buyers]
        later = max(order.pay_by for order in placed) + 5 * 60_000

        # Two that come back at the same moment.
        swept = await asyncio.gather(*(shop.sweeper.sweep(later) for _ in range(2)))
        swept.append(await shop.sweeper.sweep(later))

        assert sum(each.lapsed for each in swept) == 10
        assert {(await shop.order(order.id)).status for order in placed} == {"lapsed"}
        assert await shop.units(offer) == (10, 10, 0, 0)
        assert await shop.ledger(offer) == ("open", 10, 0, 0)
        lapsed = await shop.pool.fetch(
            "SELECT subject_id FROM events WHERE type = 'order.lapsed' ORDER BY subject_id"
        )
        assert [row["subject_id"] for row in lapsed] == sorted(order.id for order in placed)
        # Each is free to buy what the limit of one allows, and no more.
        for buyer in buyers:
            assert type(await shop.reserve(offer, buyer, "2")).__name__ == "Held"
            assert type(await shop.reserve(offer, buyer, "3")).__name__ == "LimitReached"
        assert await shop.units(offer) == (10, 0, 10, 0)
