"""From the stream to the ledger: every hold becomes one order, or is given back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import redis.asyncio as redis

from commerce import writer
from commerce.ids import AccountId, HoldId, OfferId, OrderId
from commerce.messages import Released
from commerce.offers.batcher import open_batcher
from commerce.offers.outcomes import Attempt, Closed, Held
from commerce.store import accounts, offers, placing
from commerce.store.outbox import waiting
from commerce.store.pool import acquire
from commerce.writer import NewsNotDelivered
from tests.commerce.shop import DEADLINE_S, Shop, open_shop


@asynccontextmanager
async def running(shop: Shop) -> AsyncIterator[None]:
    """The order writer, at work."""
    async with asyncio.TaskGroup() as tasks:
        writing = tasks.create_task(shop.writer.run())
        yield
        writing.cancel()


async def test_a_hold_becomes_an_order_that_its_buyer_hears_of(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, buyer = await shop.add_offer(limit=2), await shop.add_buyer("Bo")
        held = await shop.hold(offer, buyer, 2)

        await shop.write_orders()

        (order,) = shop.heard.placed_orders
        assert order == await shop.order(order.id)
        assert (order.hold, order.offer, order.show) == (held.hold, offer, shop.show)
        assert (order.buyer, order.buyer_name) == (buyer, "Bo")
        assert (order.title, order.options, order.picture) == ("Mug", ["Blue"], "/mug.svg")
        assert (order.quantity, order.unit_price_minor, order.total_minor) == (2, 1990, 3980)
        assert (order.currency, order.status, order.paid_at) == ("USD", "awaiting_payment", None)
        assert order.pay_by == held.expires_at - 30_000
        assert await shop.ledger(offer) == ("open", 20, 2, 0)
        assert await shop.waiting() == 0
        async with acquire(shop.pool) as connection:
            facts = [(fact.topic, fact.subject) for fact in await waiting(connection, 100)]
        assert facts[-1] == ("order", shop.show)


async def test_two_thousand_buyers_for_twenty_units_make_twenty_orders(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=20)
        async with acquire(shop.pool) as connection:
            buyers = [(await accounts.create_guest(connection, f"Buyer {n}")).id for n in range(40)]

        async with running(shop), open_batcher(shop.gate, shop.heard.stock) as batcher:
            # Fifty attempts each, by forty buyers with a limit of one.
            outcomes = await asyncio.gather(
                *(
                    batcher.reserve(Attempt(offer, buyer, str(n)))
                    for n in range(50)
                    for buyer in buyers
                )
            )
            await shop.heard.until(lambda: len(shop.heard.placed_orders) == 20)

        held = {outcome.hold for outcome in outcomes if isinstance(outcome, Held)}
        assert len(outcomes) == 2_000
        assert len(held) == 20
        assert {order.hold for order in shop.heard.placed_orders} == held
        assert len({order.buyer for order in shop.heard.placed_orders}) == 20
        assert await shop.ledger(offer) == ("open", 20, 20, 0)
        assert await shop.units(offer) == (20, 0, 20, 0)


async def test_a_writer_killed_after_the_commit_leaves_no_second_order(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, buyer = await shop.add_offer(), await shop.add_buyer()
        await shop.hold(offer, buyer)
        async with acquire(shop.pool) as connection:
            entries = await shop.writer.read()
            # What a writer does up to the commit, and then it is gone.
            await placing.place(
                connection,
                [
                    entry.content
                    for entry in entries
                    if isinstance(entry.content, placing.Reservation)
                ],
            )
        assert await shop.waiting() == 1

        await shop.write_orders()

        assert await shop.pool.fetchval("SELECT count(*) FROM orders") == 1
        assert await shop.ledger(offer) == ("open", 20, 1, 0)
        assert len(shop.heard.placed_orders) == 1
        assert await shop.waiting() == 0


async def test_a_stand_by_takes_over_when_the_writer_is_gone(
    database_url: str, redis_url: str
) -> None:
    async with (
        open_shop(database_url, redis_url) as shop,
    ):
        offer = await shop.add_offer(limit=5)
        buyer = await shop.add_buyer()
        async with asyncio.TaskGroup() as tasks:
            first = tasks.create_task(shop.writer.take_turn())
            await shop.hold(offer, buyer)
            await shop.heard.until(lambda: len(shop.heard.placed_orders) == 1)

            # While one writes, another has no turn.
            await shop.writer.take_turn()
            first.cancel()
        second = asyncio.create_task(shop.writer.take_turn())
        await shop.reserve(offer, buyer, "2")
        await shop.heard.until(lambda: len(shop.heard.placed_orders) == 2)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second

        assert await shop.ledger(offer) == ("open", 20, 2, 0)


async def test_an_order_stays_in_the_stream_until_its_buyer_is_told(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, buyer = await shop.add_offer(), await shop.add_buyer()
        await shop.reserve(offer, buyer, "1")

        shop.heard.deaf = True
        with pytest.raises(NewsNotDelivered):
            await shop.write_orders()
        assert await shop.waiting() == 1
        shop.heard.deaf = False
        await shop.write_orders()

        assert await shop.waiting() == 0
        assert len({order.id for order in shop.heard.placed_orders}) == 1
        assert await shop.ledger(offer) == ("open", 20, 1, 0)


async def test_while_buyers_are_told_the_next_orders_are_written(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "BATCH", 2)
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        for _ in range(3):
            await shop.hold(offer, await shop.add_buyer())
        telling, told = 0, asyncio.Event()

        async def delivered(since: int) -> bool:
            nonlocal telling
            telling += 1
            if telling == 1:
                await told.wait()
            return True

        monkeypatch.setattr(shop.heard, "delivered", delivered)
        async with running(shop):
            await shop.heard.until(lambda: len(shop.heard.placed_orders) == 3)
            assert await shop.ledger(offer) == ("open", 20, 3, 0)
            assert await shop.waiting() >= 2, "an entry is gone whose buyer was not told"
            told.set()
            async with asyncio.timeout(DEADLINE_S):
                while await shop.waiting():
                    pass

        assert telling == 2


async def test_an_outage_of_the_database_loses_nothing(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, buyer = await shop.add_offer(limit=2), await shop.add_buyer()
        async with running(shop):
            await shop.hold(offer, buyer)
            await shop.heard.until(lambda: len(shop.heard.placed_orders) == 1)
            await shop.pool.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            await shop.reserve(offer, buyer, "2")
            await shop.heard.until(lambda: len(shop.heard.placed_orders) == 2)

        assert await shop.ledger(offer) == ("open", 20, 2, 0)


@pytest.mark.parametrize(
    ("poison", "reason"),
    [
        ({"what": "gossip"}, "there are no entries of the kind 'gossip'"),
        ({"offer": b"\xff"}, "'utf-8' codec can't decode byte 0xff in position 0"),
        ({"what": "closed"}, "Object missing required field `offer`"),
        ({"what": "reserved", "show": "tonight"}, "Object missing required field `offer`"),
    ],
)
async def test_an_entry_that_cannot_be_read_is_parked_and_stops_nothing(
    database_url: str, redis_url: str, poison: dict[str, str], reason: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, buyer = await shop.add_offer(limit=2), await shop.add_buyer()
        await shop.reserve(offer, buyer, "1")
        await shop.gate.client.xadd(shop.gate.keys.orders, poison)  # type: ignore[arg-type]
        await shop.reserve(offer, buyer, "2")

        await shop.write_orders()

        assert len(shop.heard.placed_orders) == 2
        assert await shop.waiting() == 0
        assert await parked(redis_url) == [reason]


async def parked(redis_url: str) -> list[str]:
    async with redis.Redis.from_url(redis_url) as client:
        entries: Any = await client.xrange("{shop}:orders:parked")
        return [fields[b"reason"].decode().split(":")[0] for _id, fields in entries]


async def test_a_buyer_who_vanished_does_not_stop_the_others(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        buyers = [await shop.add_buyer() for _ in range(5)]
        buyers.insert(3, AccountId("acc_gone"))
        for buyer in buyers:
            await shop.hold(offer, buyer)

        await shop.write_orders()

        assert [order.buyer for order in shop.heard.placed_orders] == [
            buyer for buyer in buyers if buyer != "acc_gone"
        ]
        (reason,) = await parked(redis_url)
        assert "violates foreign key constraint" in reason
        assert await shop.units(offer) == (20, 15, 5, 0)
        assert await shop.ledger(offer) == ("open", 20, 5, 0)
        ((released, show, buyer),) = shop.heard.releases
        assert (released.reason, show, buyer) == ("sold_out", shop.show, "acc_gone")


async def test_a_closing_does_not_overtake_orders_that_wait_behind_a_culprit(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "BATCH", 2)
    async with open_shop(database_url, redis_url) as shop:
        offer, buyer = await shop.add_offer(), await shop.add_buyer()
        await shop.hold(offer, AccountId("acc_gone"))
        await shop.hold(offer, buyer)
        async with acquire(shop.pool) as connection:
            await offers.start_closing(connection, offer)
        assert await shop.gate.close(offer) == "ok"
        read, next_is_read = shop.writer.read, asyncio.Event()
        place = placing.place

        async def seen(**named: Any) -> list[writer.Entry]:
            entries = await read(**named)
            if any(isinstance(entry.content, writer.ClosedMark) for entry in entries):
                next_is_read.set()
            return entries

        async def placed_when_the_next_batch_is_read(*args: Any) -> placing.PlacedBatch:
            await next_is_read.wait()
            return await place(*args)

        monkeypatch.setattr(shop.writer, "read", seen)
        monkeypatch.setattr(placing, "place", placed_when_the_next_batch_is_read)
        async with running(shop):
            await shop.heard.until(lambda: len(shop.heard.placed_orders) == 1)

        assert await shop.pool.fetchval("SELECT count(*) FROM orders") == 1
        assert shop.heard.placed_orders[0].buyer == buyer


async def test_an_offer_the_ledger_does_not_know_is_parked(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, buyer = await shop.add_offer(), await shop.add_buyer()
        async with acquire(shop.pool) as connection:
            terms = await offers.gate_terms(connection, offer)
        ghost = OfferId("ofr_ghost")
        await shop.gate.load(
            offers.GateTerms(
                **{**{f: getattr(terms, f) for f in terms.__struct_fields__}, "offer": ghost}
            )
        )
        await shop.hold(ghost, buyer)
        await shop.hold(offer, buyer)

        await shop.write_orders()

        assert [order.offer for order in shop.heard.placed_orders] == [offer]
        assert await parked(redis_url) == ["there is no offer 'ofr_ghost'"]
        assert await shop.units(ghost) == (20, 20, 0, 0)


async def test_closing_with_reservations_on_the_way_returns_exactly_the_unsold(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=20, stock=100)
        before = [await shop.add_buyer() for _ in range(7)]
        for buyer in before[:3]:
            await shop.hold(offer, buyer)
        await shop.write_orders()
        for buyer in before[3:]:
            await shop.hold(offer, buyer)
        async with acquire(shop.pool) as connection:
            await offers.start_closing(connection, offer)
        assert await shop.gate.close(offer) == "ok"
        assert await shop.reserve(offer, await shop.add_buyer()) == Closed()
        assert await shop.warehouse(offer) == 80

        await shop.write_orders()

        assert await shop.ledger(offer) == ("closed", 7, 7, 0)
        assert await shop.warehouse(offer) == 93
        assert len(shop.heard.placed_orders) == 7


async def test_the_ledger_refuses_to_oversell_whatever_the_gate_says(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=3)
        # A gate that believes in units that do not exist.
        await shop.gate.client.hset(
            shop.gate.keys.terms(offer), mapping={"allocated": 10, "available": 10}
        )
        buyers = [await shop.add_buyer() for _ in range(5)]
        holds = [(await shop.hold(offer, buyer)).hold for buyer in buyers]

        await shop.write_orders()

        assert [order.hold for order in shop.heard.placed_orders] == holds[:3]
        assert shop.heard.releases == [
            (Released(hold=hold, offer=offer, reason="sold_out"), shop.show, buyer)
            for hold, buyer in zip(holds[3:], buyers[3:], strict=True)
        ]
        assert await shop.ledger(offer) == ("open", 3, 3, 0)
        assert shop.fence.standing is None

        async with acquire(shop.pool) as connection:
            await shop.writer.make_sure(connection)
        assert await shop.units(offer) == (3, 0, 3, 0)


async def test_a_hold_whose_order_has_ended_is_given_back_again(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, buyer = await shop.add_offer(), await shop.add_buyer()
        order = await shop.place(offer, buyer)
        await shop.checkout.cancel(OrderId(order.id), buyer)
        # Redis forgets the answers, and the buyer's retry comes late.
        await shop.gate.client.delete(shop.gate.keys.answers(offer))
        held = await shop.hold(offer, buyer)
        assert held.hold == order.hold

        await shop.write_orders()

        assert await shop.units(offer) == (20, 20, 0, 0)
        assert await shop.ledger(offer) == ("open", 20, 0, 0)
        assert await shop.pool.fetchval("SELECT count(*) FROM orders") == 1
        assert len(shop.heard.placed_orders) == 1


async def test_a_batch_may_name_a_hold_twice(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, buyer = await shop.add_offer(quantity=1), await shop.add_buyer()
        hold = placing.Reservation(shop.show, offer, HoldId("hld_1"), buyer, 1, 0, 60_000)
        async with acquire(shop.pool) as connection:
            first = await placing.place(connection, [hold, hold])
            second = await placing.place(connection, [hold])

        assert first == second
        assert [order.hold for order in first.placed] == ["hld_1"]
        assert await shop.ledger(offer) == ("open", 1, 1, 0)
