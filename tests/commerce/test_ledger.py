"""Where every unit is, and what is said and done when that does not fit."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from commerce.drift import Drift
from commerce.errors import NotFound
from commerce.ids import HoldId, OfferId, OrderId
from commerce.offers.epoch import open_epochs
from commerce.offers.fence import Fence
from commerce.offers.ledger import Ledger, ledger
from commerce.offers.outcomes import Unavailable
from commerce.offers.reconcile import Reconciler
from commerce.offers.stock import open_gate
from commerce.store import offers, orders
from commerce.store.pool import acquire, open_pool
from commerce.writer import open_writer
from tests.commerce.shop import Heard, Shop, open_shop
from tests.commerce.stage import add_order, by_hand

NOW = time.time_ns() // 1_000_000


async def read(shop: Shop, offer: OfferId) -> Ledger:
    """Read the ledger, and leave the movements out: they are looked at where they are made."""
    found = await ledger(shop.pool, shop.gate, offer)
    assert isinstance(found, Ledger)
    return replace(found, movements=[])


def reconciler(shop: Shop) -> Reconciler:
    return Reconciler(shop.pool, shop.gate, shop.epochs, shop.writer, shop.heard)


async def test_every_unit_of_an_open_offer_is_somewhere(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=10)
        await shop.place(offer, await shop.add_buyer())
        order = await shop.place(offer, await shop.add_buyer())
        async with acquire(shop.pool) as connection:
            await orders.pay(connection, OrderId(order.id))
        await shop.sweeper.sweep(NOW)
        await shop.hold(offer, await shop.add_buyer())

        assert await read(shop, offer) == Ledger(
            offer=offer, allocated=10, available=7, held=1, sold=1, in_flight=1, adds_up=True
        )


async def test_the_ledger_adds_up_while_closing_and_after(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=10)
        await shop.place(offer, await shop.add_buyer())
        await shop.hold(offer, await shop.add_buyer())
        async with acquire(shop.pool) as connection:
            await offers.start_closing(connection, offer)
        await shop.gate.close(offer)

        assert await read(shop, offer) == Ledger(
            offer=offer, allocated=10, available=8, held=1, sold=0, in_flight=1, adds_up=True
        )
        await shop.write_orders()
        assert await read(shop, offer) == Ledger(
            offer=offer, allocated=2, available=0, held=2, sold=0, in_flight=0, adds_up=True
        )


async def test_a_ledger_that_does_not_add_up_says_so(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=10)
        await shop.gate.client.hincrby(shop.gate.keys.terms(offer), "available", 1)

        found = await read(shop, offer)

        assert (found.available, found.adds_up) == (11, False)


async def test_an_offer_nobody_knows_has_no_ledger(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        with pytest.raises(NotFound):
            await ledger(shop.pool, shop.gate, OfferId("ofr_none"))


async def test_behind_the_fence_the_ledger_of_an_open_offer_is_unavailable(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        shop.fence.shut("the test says so")

        assert isinstance(await ledger(shop.pool, shop.gate, offer), Unavailable)


async def test_a_shop_in_order_has_no_drift(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        await shop.place(offer, await shop.add_buyer())
        await shop.hold(offer, await shop.add_buyer())

        assert await reconciler(shop).reconcile(mend=True) == []
        assert await shop.units(offer) == (20, 18, 2, 0)


async def test_a_hold_without_an_order_is_found_and_given_back(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        await shop.hold(offer, await shop.add_buyer())
        await shop.gate.client.delete(shop.gate.keys.orders)
        detail = f"offer {offer}: 1 holds at the gate have no order"

        assert await reconciler(shop).reconcile() == [Drift("holds_leaked", detail)]
        assert await shop.units(offer) == (20, 19, 1, 0)

        mended = await reconciler(shop).reconcile(mend=True)
        assert mended == [Drift("holds_leaked", detail, mended=True)]
        assert await shop.units(offer) == (20, 20, 0, 0)
        assert await reconciler(shop).reconcile() == []


async def test_an_order_that_the_gate_forgot_is_found_and_held_again(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        order = await shop.place(offer, await shop.add_buyer())
        await shop.gate.release(offer, [HoldId(order.hold)])
        detail = f"offer {offer}: 1 live orders are not held at the gate"

        assert await reconciler(shop).reconcile(mend=True) == [
            Drift("holds_missing", detail, mended=True)
        ]

        assert await shop.units(offer) == (20, 19, 1, 0)
        assert await reconciler(shop).reconcile() == []


async def test_a_gate_that_cannot_count_is_rebuilt(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        await shop.gate.client.hincrby(shop.gate.keys.terms(offer), "available", 7)

        (drift,) = await reconciler(shop).reconcile(mend=True)

        assert drift == Drift(
            "gate_miscounted",
            f"offer {offer}: 27 available + 0 held + 0 sold at the gate do not make 20 allocated",
            mended=True,
        )
        assert await shop.units(offer) == (20, 20, 0, 0)


@pytest.mark.parametrize("by", [-1, 3])
async def test_intents_that_the_gate_does_not_count_are_found_and_counted_again(
    database_url: str, redis_url: str, by: int
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(policy="first_paid")
        await shop.place(offer, await shop.add_buyer())
        await shop.gate.client.hincrby(shop.gate.keys.terms(offer), "intents", by)
        detail = f"offer {offer}: intents counts {1 + by} units, its holds are 1"

        assert await reconciler(shop).reconcile() == [Drift("gate_miscounted", detail)]
        assert await reconciler(shop).reconcile(mend=True) == [
            Drift("gate_miscounted", detail, mended=True)
        ]

        levels = await shop.gate.levels([offer])
        assert not isinstance(levels, Unavailable)
        assert levels[offer].intents == 1
        assert await reconciler(shop).reconcile() == []


async def test_a_fenced_gate_is_said_and_rebuilt(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        await shop.gate.client.flushall()
        drift = Drift("gate_fenced", "the gate is fenced: no epoch is in force")

        assert await reconciler(shop).reconcile() == [drift]
        await reconciler(shop).reconcile(mend=True)

        assert await shop.units(offer) == (20, 20, 0, 0)


async def test_a_counter_is_mended_by_its_movements(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        await shop.place(offer, await shop.add_buyer())
        async with acquire(shop.pool) as connection:
            await by_hand(connection, "UPDATE offers SET allocated = 21, taken = 3")
            await by_hand(connection, "UPDATE variants SET available = 7")
        found = [
            Drift(
                "stock_miscounted", "the variant MUG-0 counts 7 units available, its movements 80"
            ),
            Drift(
                "stock_miscounted",
                f"the offer {offer} counts 21 units allocated and 3 taken, its movements 20 and 1, "
                "and its orders hold 1",
            ),
        ]

        assert (await reconciler(shop).reconcile())[:2] == found
        assert await reconciler(shop).reconcile(mend=True) == [
            replace(drift, mended=True) for drift in found
        ]

        assert await reconciler(shop).reconcile() == []
        assert await shop.ledger(offer) == ("open", 20, 1, 0)
        assert await shop.warehouse(offer) == 80


async def test_what_only_a_person_can_explain_is_reported(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        order = await shop.place(offer, await shop.add_buyer())
        async with acquire(shop.pool) as connection:
            await add_order(connection, offer, 2)
        await shop.pool.execute("UPDATE orders SET status = 'paid', gate_told_at = now()")
        await shop.gate.settle(offer, [HoldId(order.hold)])
        await shop.gate.client.xadd(shop.gate.keys.parked, {"reason": "a test"})

        assert await reconciler(shop).reconcile(mend=True) == [
            Drift(
                "entries_parked",
                "1 entries could not become orders; they are parked in {shop}:orders:parked",
            ),
            Drift("offer_miscounted", f"the offer {offer} counts 3 units taken, its orders 1"),
            Drift(
                "money_mismatched",
                f"the order {order.id} is paid and should keep 1990 of its money; "
                "its payments keep 0",
            ),
        ]


async def test_a_busy_writer_rebuilds_the_gate_on_behalf_of_whoever_mends(
    database_url: str, redis_url: str
) -> None:
    async with (
        open_shop(database_url, redis_url) as shop,
        open_shop_again(database_url, redis_url) as mender,
        asyncio.TaskGroup() as tasks,
    ):
        offer = await shop.add_offer()
        writing = tasks.create_task(shop.writer.run())
        await shop.hold(offer, await shop.add_buyer())
        await shop.heard.until(lambda: len(shop.heard.placed_orders) == 1)
        await shop.gate.client.hincrby(shop.gate.keys.terms(offer), "available", 7)

        (drift,) = await mender.reconcile(mend=True)

        assert (drift.code, drift.mended) == ("gate_miscounted", True)
        await shop.fence.wait_open()
        assert await shop.units(offer) == (20, 19, 1, 0)
        writing.cancel()


@asynccontextmanager
async def open_shop_again(database_url: str, redis_url: str) -> AsyncIterator[Reconciler]:
    """A second process, with everything of its own."""
    fence, heard = Fence(), Heard()
    async with (
        open_pool(database_url, size=3) as pool,
        open_gate(redis_url, fence) as gate,
        open_epochs(redis_url) as seen,
        open_writer(redis_url, pool, gate, seen, heard) as writer,
    ):
        yield Reconciler(pool, gate, seen, writer, heard)
