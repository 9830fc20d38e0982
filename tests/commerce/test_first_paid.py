"""The first to pay is served: nothing is held, nothing oversold, and who loses loses no money."""

import asyncio

import asyncpg
import pytest

from commerce.checkout import BEATEN, TOO_LATE
from commerce.errors import InvalidValue, PaidByOthers
from commerce.ids import AccountId, OfferId, OrderId
from commerce.offers.outcomes import (
    Attempt,
    Closed,
    Crowded,
    Held,
    LimitReached,
    NoLine,
    SoldOut,
    Unavailable,
)
from commerce.offers.policy import RIVALS
from commerce.offers.waitlist import Lined, Waitlist
from commerce.store import coupons, offers, orders
from commerce.store.offers import NewOffer
from commerce.store.pool import acquire
from tests.commerce.delivery import begin as begin_delivery, money_comes, publish, quoted
from tests.commerce.racing import (
    PRICE_MINOR,
    back,
    everything_fits,
    now,
    pays,
    race,
    runner,
    statuses,
)
from tests.commerce.shop import Shop, open_shop
from tests.commerce.stage import add_variant
from tests.commerce.test_coupon_uses import begin, give, quoted as quoted_with_coupon, used
from tests.commerce.test_late_payments import held, waiting


async def reserved(shop: Shop, offer: OfferId, id: str = "1", quantity: int = 1) -> Held:
    outcome = await shop.reserve(offer, await shop.add_buyer(), id, quantity)
    assert isinstance(outcome, Held)
    return outcome


# -- At the gate --------------------------------------------------------------------------------


async def test_a_reservation_takes_no_unit_and_says_so(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=1, policy="first_paid")
        one, two = await reserved(shop, offer), await reserved(shop, offer)
        await shop.write_orders()

        assert (one.first_paid, two.first_paid, two.left) == (True, True, 1)
        assert [(each.first_paid, each.status) for each in shop.heard.placed_orders] == [
            (True, "awaiting_payment")
        ] * 2
        assert await shop.units(offer) == (1, 1, 0, 0)
        assert await shop.ledger(offer) == ("open", 1, 0, 0)
        # Nobody's screen changed: nothing is gone.
        assert shop.heard.stocks == []


async def test_ten_may_be_at_the_till_for_each_unit_and_a_place_comes_free(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=1, policy="first_paid")
        buyers = [await shop.add_buyer() for _ in range(RIVALS)]
        first = [await shop.place(offer, buyer) for buyer in buyers]
        late = await shop.add_buyer()
        turned_away = await shop.reserve(offer, late)

        await shop.checkout.cancel(OrderId(first[0].id), buyers[0])
        await shop.overdue(first[1].id)
        await shop.sweeper.sweep(now())

        assert isinstance(turned_away, Crowded)
        # The same try is asked anew; the refusal was of that moment.
        assert isinstance(await shop.reserve(offer, late), Held)
        # Who gave up, or was too slow, is within the limit again.
        assert isinstance(await shop.reserve(offer, buyers[1], "again"), Held)
        assert isinstance(await shop.reserve(offer, await shop.add_buyer()), Crowded)
        assert await shop.units(offer) == (1, 1, 0, 0)


async def test_a_limit_counts_what_a_buyer_intends(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=5, limit=2, policy="first_paid")
        buyer = await shop.add_buyer()
        await shop.place(offer, buyer, 2)

        assert await shop.reserve(offer, buyer, "2") == LimitReached(held=2)


async def test_there_is_no_line_for_what_nobody_holds(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=1, policy="first_paid")
        lined = await Waitlist(shop.gate).join(
            offer, [Attempt(offer, await shop.add_buyer(), "1", 1)]
        )

        assert isinstance(lined, Lined)
        assert lined.places == [NoLine()]


async def test_nobody_may_be_on_their_way_to_the_till_when_the_offer_has_closed(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=1, hold_s=86_400, policy="first_paid")
        closes_at = now() + 3_600_000
        await shop.gate.client.hset(shop.gate.keys.terms(offer), "closes_at", str(closes_at))

        assert (await reserved(shop, offer)).expires_at == closes_at


# -- The race -----------------------------------------------------------------------------------


async def test_who_pays_first_gets_the_last_unit_and_the_other_all_of_the_money_back(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, (quick, slow) = await race(shop)

        assert (await pays(shop, slow), await pays(shop, quick)) == ("paid", "refund_due")

        # Who reserved first has nothing; who paid first has the unit.
        assert await statuses(shop, [slow, quick]) == ["paid", "sold_out"]
        assert await back(shop) == [(quick.id, PRICE_MINOR, BEATEN)]
        (released, _show, buyer), *more = shop.heard.releases
        assert (released.order, released.reason, released.money_back) == (
            quick.id,
            "sold_out",
            True,
        )
        assert (buyer, more) == (quick.order.buyer, [])
        assert (await shop.order(quick.id)).money_back
        assert not (await shop.order(slow.id)).money_back
        # Everyone saw the unit go, when it went.
        assert [each[2] for each in shop.heard.stocks] == [0]
        assert await shop.units(offer) == (1, 0, 0, 1)
        assert await everything_fits(shop, offer) == [(3980, 1990, 1990)]


async def test_those_who_have_not_paid_hear_at_once_and_cannot_begin_to(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, (winner, *others) = await race(shop, runners=4)
        await pays(shop, winner)

        with pytest.raises(PaidByOthers, match="others paid first"):
            await shop.checkout.pay(others[0].id, AccountId(others[0].order.buyer))
        swept = await shop.sweeper.sweep(now())

        assert swept.beaten == 3
        assert {
            (each[0].order, each[0].reason, each[0].money_back) for each in shop.heard.releases
        } == {(each.id, "sold_out", False) for each in others}
        assert len(shop.heard.releases) == 3
        assert await statuses(shop, others) == ["sold_out"] * 3
        assert isinstance(await shop.reserve(offer, await shop.add_buyer()), SoldOut)
        # One had the gateway's page open, and pays there all the same.
        assert await pays(shop, others[2]) == "refund_due"
        assert await back(shop) == [(others[2].id, PRICE_MINOR, BEATEN)]
        assert shop.heard.releases[-1][0].money_back
        assert await everything_fits(shop, offer) == [(3980, 1990, 1990)]


async def test_who_wants_more_than_is_left_is_out_and_who_wants_less_is_not(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=3, limit=3, policy="first_paid")
        three, two, one = [await runner(shop, offer, quantity) for quantity in (3, 2, 1)]
        await pays(shop, two)
        await shop.sweeper.sweep(now())

        assert await statuses(shop, [three, two, one]) == ["sold_out", "paid", "awaiting_payment"]
        assert await pays(shop, one) == "paid"
        assert await everything_fits(shop, offer) == [(3 * 1990, 3 * 1990, 0)]


@pytest.mark.parametrize("times", [1, 2])
async def test_of_payments_in_the_same_moment_one_wins_however_often_each_is_told(
    database_url: str, redis_url: str, times: int
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, runners = await race(shop, runners=3)
        # Each is in the middle of its transaction, and waits for the offer.
        locks = held(shop, "SELECT FROM offers FOR UPDATE")
        async with asyncio.TaskGroup() as tasks, locks:
            applying = [
                tasks.create_task(pays(shop, each)) for each in runners for _ in range(times)
            ]
            await waiting(database_url, 3)

        effects = sorted(each.result() for each in applying)
        assert effects == ["nothing"] * 3 * (times - 1) + ["paid", "refund_due", "refund_due"]
        assert sorted(await statuses(shop, runners)) == ["paid", "sold_out", "sold_out"]
        assert [each[1:] for each in await back(shop)] == [(PRICE_MINOR, BEATEN)] * 2
        assert await everything_fits(shop, offer) == [(5970, 1990, 3980)]
        assert await everything_fits(shop, offer) == [(5970, 1990, 3980)]


async def test_money_behind_the_sweeper_that_ended_the_order_goes_back(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, (winner, loser) = await race(shop)
        await pays(shop, winner)
        # The sweeper has ended the order, and waits to note the fact for the host.
        locks = held(shop, "LOCK TABLE outbox IN EXCLUSIVE MODE")
        async with asyncio.TaskGroup() as tasks, locks:
            sweeping = tasks.create_task(shop.sweeper.sweep(now()))
            await waiting(database_url, 1)
            applying = tasks.create_task(pays(shop, loser))
            await waiting(database_url, 2)

        assert (sweeping.result().beaten, applying.result()) == (1, "refund_due")
        assert await back(shop) == [(loser.id, PRICE_MINOR, BEATEN)]
        assert {each[0].reason for each in shop.heard.releases} == {"sold_out"}
        assert shop.heard.releases[-1][0].money_back
        assert await everything_fits(shop, offer) == [(3980, 1990, 1990)]


async def test_money_behind_a_cancel_goes_back_and_the_unit_is_still_to_be_had(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, (changed, other) = await race(shop)
        locks = held(shop, "LOCK TABLE outbox IN EXCLUSIVE MODE")
        async with asyncio.TaskGroup() as tasks, locks:
            cancelling = tasks.create_task(
                shop.checkout.cancel(changed.id, AccountId(changed.order.buyer))
            )
            await waiting(database_url, 1)
            applying = tasks.create_task(pays(shop, changed))
            await waiting(database_url, 2)

        assert (cancelling.result().status, applying.result()) == ("cancelled", "refund_due")
        assert await back(shop) == [(changed.id, PRICE_MINOR, TOO_LATE)]
        assert await pays(shop, other) == "paid"
        assert await everything_fits(shop, offer) == [(3980, 1990, 1990)]


async def test_a_unit_that_its_winner_returns_goes_to_whoever_pays_next(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, (first, second) = await race(shop)
        await pays(shop, first)
        host = await shop.pool.fetchval("SELECT host_id FROM shows")
        # The gate hears neither of the return nor of what was sold since.
        await shop.gate.fence_off("a test")
        await shop.checkout.refund(first.id, host)
        assert await pays(shop, second) == "paid"
        await shop.renew()

        assert await shop.units(offer) == (1, 0, 0, 1)
        assert await statuses(shop, [first, second]) == ["refunded", "paid"]
        assert await everything_fits(shop, offer) == [(3980, 1990, 1990)]


async def test_a_close_ends_the_race_and_late_money_goes_back(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, (winner, loser) = await race(shop, units=2)
        await pays(shop, winner)
        async with acquire(shop.pool) as connection:
            await offers.start_closing(connection, offer)
        await shop.gate.close(offer)
        await shop.write_orders()
        await shop.sweeper.sweep(now())

        assert await statuses(shop, [winner, loser]) == ["paid", "sold_out"]
        assert await pays(shop, loser) == "refund_due"
        assert await shop.ledger(offer) == ("closed", 1, 0, 1)
        assert await shop.warehouse(offer) == 99
        assert isinstance(await shop.reserve(offer, await shop.add_buyer()), Closed)
        while await shop.refunder.refund_due():
            pass
        levels = await shop.gate.levels([offer])
        assert isinstance(levels, dict)
        assert (levels[offer].adds_up, levels[offer].sold, levels[offer].intents) == (True, 1, 0)


async def test_who_pays_while_the_gate_is_shut_but_the_ledger_is_not_wins(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, (winner, loser) = await race(shop)
        async with acquire(shop.pool) as connection:
            await offers.start_closing(connection, offer)
        assert await shop.gate.close(offer) == "ok"

        assert await pays(shop, winner) == "paid"
        await shop.write_orders()
        await shop.sweeper.sweep(now())

        # What closing took away from the gate came back for it.
        assert await shop.units(offer) == (1, 0, 0, 1)
        assert await shop.ledger(offer) == ("closed", 1, 0, 1)
        assert await statuses(shop, [winner, loser]) == ["paid", "sold_out"]


# -- What goes with an order --------------------------------------------------------------------


async def test_who_loses_keeps_the_coupon(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await give(shop, quota=2)
        offer = await shop.add_offer(quantity=1, policy="first_paid")
        won, lost = [await shop.place(offer, await shop.add_buyer()) for _ in range(2)]
        charges = [
            await begin(shop, [order], await quoted_with_coupon(shop, [order]))
            for order in (won, lost)
        ]
        assert await used(shop) == 2

        assert [await money_comes(shop, each) for each in charges] == ["paid", "refund_due"]
        assert await coupons.return_idle(shop.pool) == 1

        assert await used(shop) == 1
        assert await back(shop) == [(lost.id, 1791, BEATEN)]
        assert await everything_fits(shop, offer) == [(3582, 1791, 1791)]


async def test_who_loses_leaves_no_parcel_and_what_they_won_elsewhere_is_sent(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        offer = await shop.add_offer(quantity=1, policy="first_paid")
        buyer = await shop.add_buyer()
        lost = await shop.place(offer, buyer)
        kept = await shop.place(await shop.add_offer(), buyer)
        alone = await shop.place(offer, await shop.add_buyer())
        both = await begin_delivery(shop, [lost, kept], await quoted(shop, [lost, kept]))
        only = await begin_delivery(shop, [alone], await quoted(shop, [alone]))
        won = await shop.place(offer, await shop.add_buyer())
        first = await begin_delivery(shop, [won], await quoted(shop, [won]))

        effects = [await money_comes(shop, each) for each in (first, only, both)]

        assert effects == ["paid", "refund_due", "paid"]
        # All that was asked for an order with its shipping and tax, and for that order only.
        parts = await shop.pool.fetch(
            "SELECT order_id, amount_minor, $2 AS reason FROM payment_parts "
            "WHERE order_id = ANY($1::text[])",
            [lost.id, alone.id],
            BEATEN,
        )
        assert sorted(await back(shop)) == sorted(tuple(part) for part in parts)
        parcels = await shop.pool.fetch("SELECT id FROM orders WHERE shipment_id IS NOT NULL")
        assert {row["id"] for row in parcels} == {won.id, kept.id}
        assert await shop.pool.fetchval("SELECT count(*) FROM shipments") == 2
        await everything_fits(shop, offer)


# -- When something dies ------------------------------------------------------------------------


async def test_a_rebuilt_gate_knows_who_is_at_the_till(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, runners = await race(shop, units=2, runners=3)
        await pays(shop, runners[0])
        again = await reserved(shop, offer)  # not yet an order
        await shop.gate.client.flushdb()

        await shop.renew()

        levels = await shop.gate.levels([offer])
        assert isinstance(levels, dict)
        level = levels[offer]
        assert (level.allocated, level.available, level.held, level.sold) == (2, 1, 0, 1)
        assert level.intents == 2
        # Whose entry was lost with Redis asks again, and is a rival like any other.
        assert isinstance(again, Held)
        assert await shop.reserve(offer, AccountId(runners[1].order.buyer), "2") == LimitReached(1)
        assert [await pays(shop, each) for each in runners[1:]] == ["paid", "refund_due"]
        assert await everything_fits(shop, offer) == [(5970, 3980, 1990)]


async def test_an_intent_in_the_stream_survives_the_fence(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=1, policy="first_paid")
        mine = await reserved(shop, offer)
        await shop.gate.fence_off("a test")
        refused = await shop.reserve(offer, await shop.add_buyer())
        await shop.renew()

        assert isinstance(refused, Unavailable)
        (order,) = shop.heard.placed_orders
        assert order.hold == mine.hold
        levels = await shop.gate.levels([offer])
        assert isinstance(levels, dict)
        assert (levels[offer].available, levels[offer].intents) == (1, 1)
        assert await shop.waiting() == 0


async def test_who_could_not_be_told_is_told_later(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, (winner, loser) = await race(shop)
        await shop.gate.fence_off("a test")
        assert (await pays(shop, winner), await pays(shop, loser)) == ("paid", "refund_due")
        assert (shop.heard.releases, shop.heard.paid_orders) == ([], [])

        await shop.renew()
        await shop.sweeper.sweep(now())

        assert [order.id for order in shop.heard.paid_orders] == [winner.id]
        assert [each[0].order for each in shop.heard.releases] == [loser.id]
        assert shop.heard.releases[0][0].money_back
        assert await everything_fits(shop, offer) == [(3980, 1990, 1990)]


# -- How it is offered --------------------------------------------------------------------------


async def test_a_drawn_turn_is_no_race(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop, acquire(shop.pool) as connection:
        variant = await add_variant(connection)
        both = NewOffer(variant=variant, quantity=1, entry="queue", policy="first_paid")

        with pytest.raises(InvalidValue, match="a queue holds units for whose turn it is") as told:
            await offers.create(connection, shop.show, both)

        assert told.value.field == "$.policy"
        assert await offers.views_of_show(connection, shop.show) == []


async def test_the_policy_of_an_open_offer_stays(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(policy="first_paid")

        with pytest.raises(asyncpg.RestrictViolationError, match="stays as it was"):
            await shop.pool.execute("UPDATE offers SET policy = 'hold'")

        async with acquire(shop.pool) as connection:
            assert (await offers.get(connection, offer)).policy == "first_paid"
            assert (await orders.counts(connection, offer)).policy == "first_paid"
