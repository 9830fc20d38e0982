"""Several wins in one payment: each order keeps its own part, whatever becomes of the others."""

import time

import asyncpg
import pytest
from msgspec.structs import replace

from commerce.errors import (
    AddressNeeded,
    AmountMismatch,
    NotDelivered,
    NotTogether,
    NotYours,
    PayWindowOver,
    QuoteChanged,
    WrongState,
)
from commerce.ids import AccountId, OfferId, OrderId
from commerce.payments import GatewayEvent
from commerce.payments.reconcile import GRACE_MS, Reconciliation
from commerce.payments.withdrawer import Withdrawer
from commerce.store import payments
from commerce.store.pool import acquire, transaction
from tests.commerce.delivery import (
    BERLIN,
    HAMBURG,
    TARIFF,
    begin,
    buy,
    money_comes,
    publish,
    quoted,
    win,
)
from tests.commerce.shop import Shop, open_shop
from tests.commerce.stage import add_live_show


async def books(shop: Shop) -> list[tuple[int, int, int]]:
    """What was captured, kept and given back; and the books must fit, here and at the gateway."""
    reconciliation = Reconciliation(shop.pool, shop.checkout, {"sandbox": shop.sandbox})
    until = time.time_ns() // 1_000_000 + GRACE_MS + 60_000
    found = await reconciliation.reconcile(0, until, mend=False)
    assert found.drift == []
    assert all(total.adds_up for total in found.totals)
    return [(each.captured_minor, each.kept_minor, each.refunded_minor) for each in found.totals]


async def test_two_wins_are_paid_in_one_payment(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        bought = await win(shop, await shop.add_buyer())
        quote = await quoted(shop, bought, address=None)

        first, again = await begin(shop, bought, quote), await begin(shop, bought, quote)
        charge = await shop.sandbox.get_charge(first.reference)
        effect = await money_comes(shop, first)

        assert again == first
        assert (quote.total_minor, charge.amount_minor) == (3980, 3980)
        assert charge.description == f"{bought[0].title} × 1 + 1"
        assert effect == "paid"
        assert await shop.payments() == ["captured"]
        assert [(await shop.order(each.id)).status for each in bought] == ["paid", "paid"]
        assert {each.id for each in shop.heard.paid_orders} == {each.id for each in bought}
        for order in bought:
            assert await shop.units(OfferId(order.offer)) == (20, 19, 0, 1)
        assert await books(shop) == [(3980, 3980, 0)]


async def test_an_order_that_lapsed_meanwhile_gets_its_part_back_and_the_rest_is_paid(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        lost, kept = await win(shop, await shop.add_buyer())
        started = await begin(shop, [lost, kept], await quoted(shop, [lost, kept]))
        await shop.overdue(lost.id)
        await shop.sweeper.sweep(time.time_ns() // 1_000_000)

        effect = await money_comes(shop, started)
        refunded = await shop.refunder.refund_due()

        assert effect == "paid"
        assert (await shop.order(lost.id)).status == "lapsed"
        assert (await shop.order(kept.id)).status == "paid"
        # 2 x (1990 + 250 + 199) came, and one of them went back.
        assert refunded == 1
        assert await shop.payments() == ["captured"]
        assert await books(shop) == [(4878, 2439, 2439)]
        rows = await shop.pool.fetch("SELECT order_id, amount_minor FROM refunds")
        assert [tuple(row) for row in rows] == [(lost.id, 2439)]
        assert (await shop.order(lost.id)).shipment is None
        (told,) = [each for each, _, _ in shop.heard.releases if each.reason == "refunded"]
        assert told.order == lost.id


async def test_when_all_of_them_lapsed_all_of_the_money_goes_back(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        bought = await win(shop, await shop.add_buyer())
        started = await begin(shop, bought, await quoted(shop, bought, address=None))
        for order in bought:
            await shop.overdue(order.id)
        await shop.sweeper.sweep(time.time_ns() // 1_000_000)

        effect = await money_comes(shop, started)
        refunded = await shop.refunder.refund_due()

        assert (effect, refunded) == ("refund_due", 2)
        assert await shop.payments() == ["refunded"]
        assert await books(shop) == [(3980, 0, 3980)]


async def test_paid_alone_and_together_the_second_money_goes_back_in_part(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        one, two = await win(shop, await shop.add_buyer())
        alone = await shop.checkout.pay(OrderId(one.id), AccountId(one.buyer))
        both = await begin(shop, [one, two], await quoted(shop, [one, two], address=None))

        assert await money_comes(shop, alone) == "paid"
        assert await money_comes(shop, both) == "paid"
        assert await shop.refunder.refund_due() == 1

        assert await shop.payments() == ["captured", "captured"]
        assert await books(shop) == [(5970, 3980, 1990)]
        # A buyer whose order is paid is not told that it went.
        assert shop.heard.releases == []


async def test_a_later_payment_for_one_of_them_ends_the_one_before(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        one, two = await win(shop, await shop.add_buyer())
        await begin(shop, [one, two], await quoted(shop, [one, two], address=None))
        await shop.checkout.pay(OrderId(two.id), AccountId(two.buyer))

        heard = await Withdrawer(shop.pool, {"sandbox": shop.sandbox}).withdraw_over()

        assert heard == 1
        rows = await shop.pool.fetch(
            "SELECT withdrawn_at IS NOT NULL AS over FROM payments ORDER BY id"
        )
        assert [row["over"] for row in rows] == [True, False]


async def test_one_of_several_is_refunded_by_itself(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        one, two = await buy(shop, await win(shop, await shop.add_buyer()))
        host = AccountId("acc_admin")

        some = await shop.checkout.refund(
            OrderId(one.id), host, amount_minor=400, return_units=False, any_host=True
        )
        rest = await shop.checkout.refund(OrderId(one.id), host, any_host=True)
        await shop.refunder.refund_due()

        assert (some.status, some.refunded_minor) == ("paid", 400)
        # All that is left of this order: its share of the shipping and its tax as well.
        assert (rest.status, rest.refunded_minor) == ("refunded", 2439)
        assert await shop.order(two.id) == two
        assert await shop.payments() == ["captured"]
        assert await books(shop) == [(4878, 2439, 2439)]


async def test_what_is_quoted_is_what_is_charged(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        bought = await win(shop, await shop.add_buyer())

        cheapest = await quoted(shop, bought)
        express = await quoted(shop, bought, option="express")
        paid = await buy(shop, bought, option="express")

        assert (cheapest.option, cheapest.shipping_minor) == ("standard", 500)
        assert [(each.id, each.price_minor) for each in cheapest.options] == [
            ("express", 1200),
            ("standard", 500),
        ]
        assert (express.goods_minor, express.shipping_minor, express.tax_minor) == (3980, 1200, 398)
        assert express.total_minor == 5578
        assert sum(each.total_minor for each in express.lines) == 5578
        assert [(each.total_minor, each.shipping_minor, each.tax_minor) for each in paid] == [
            (2789, 600, 199)
        ] * 2
        assert await books(shop) == [(5578, 5578, 0)]


async def test_a_sum_that_differs_from_ours_is_refused(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        bought = await win(shop, await shop.add_buyer())
        quote = await quoted(shop, bought, address=None)
        buyer, ids = AccountId(bought[0].buyer), [OrderId(each.id) for each in bought]

        with pytest.raises(AmountMismatch, match=r"this costs 39\.80 USD, and not 0\.01 USD"):
            await shop.checkout.pay_quoted(ids, buyer, quote=quote.id, amount_minor=1)
        with pytest.raises(AmountMismatch):
            await shop.checkout.pay(ids[0], buyer, amount_minor=1)

        assert await shop.payments() == []


async def test_a_quote_whose_tariff_or_orders_changed_is_refused_and_a_new_one_holds(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        bought = await win(shop, await shop.add_buyer())
        before = await quoted(shop, bought)
        await publish(shop, replace(TARIFF, taxes=[]))

        with pytest.raises(QuoteChanged):
            await begin(shop, bought, before)
        assert await shop.payments() == []
        with pytest.raises(QuoteChanged):
            # The sum of other orders is another quote.
            await begin(shop, bought[:1], await quoted(shop, bought))
        after = await quoted(shop, bought)
        await begin(shop, bought, after)

        # Tax is gone with the new version.
        assert (before.total_minor, after.total_minor) == (4878, 4480)
        assert await shop.payments() == ["pending"]


async def test_only_what_waits_and_belongs_together_is_quoted(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        ann, bob = await shop.add_buyer("Ann"), await shop.add_buyer("Bob")
        (anns,), (bobs,) = await win(shop, ann, 1), await win(shop, bob, 1)
        late, gone = await win(shop, ann)
        await shop.pool.execute("UPDATE orders SET pay_by = moment(0) WHERE id = $1", late.id)
        await shop.checkout.cancel(OrderId(gone.id), ann)

        with pytest.raises(NotYours):
            await quoted(shop, [anns, bobs])
        with pytest.raises(PayWindowOver):
            await quoted(shop, [anns, late])
        with pytest.raises(WrongState):
            await quoted(shop, [anns, gone])
        await publish(shop)
        with pytest.raises(AddressNeeded):
            await quoted(shop, [anns], address=None)
        with pytest.raises(AddressNeeded):
            await shop.checkout.pay(OrderId(anns.id), ann)
        with pytest.raises(NotDelivered, match="does not deliver to that address in FR"):
            await quoted(shop, [anns], replace(BERLIN, country="FR", postcode="75001"))
        await publish(shop, replace(TARIFF, currency="EUR"))
        with pytest.raises(NotTogether, match="shipping is charged in EUR"):
            await quoted(shop, [anns])


async def test_the_database_refuses_a_payment_that_is_not_its_parts(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        (order,) = await win(shop, await shop.add_buyer(), 1)

        with pytest.raises(asyncpg.RaiseError, match="do not add up"):
            await shop.pool.execute(
                "INSERT INTO payments (id, order_id, gateway, amount_minor, currency) "
                "VALUES ('pay_1', $1, 'sandbox', 1990, 'USD')",
                order.id,
            )

        assert await shop.payments() == []


async def test_orders_of_two_hosts_are_not_paid_together(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        buyer = await shop.add_buyer()
        here, there = await win(shop, buyer)
        async with transaction(shop.pool) as connection:
            elsewhere = await add_live_show(connection, "elsewhere")
        await shop.pool.execute(
            "WITH offer AS (UPDATE offers SET show_id = $1 WHERE id = $2) "
            "UPDATE orders SET show_id = $1 WHERE offer_id = $2",
            elsewhere,
            there.offer,
        )

        with pytest.raises(NotTogether, match="they are from different shops"):
            await quoted(shop, [here, there], address=None)


async def test_the_same_capture_twice_pays_twice_nothing(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        bought = await win(shop, await shop.add_buyer())
        started = await begin(shop, bought, await quoted(shop, bought, HAMBURG))
        await money_comes(shop, started)
        charge = await shop.sandbox.get_charge(started.reference)

        effect = await shop.checkout.apply(
            "sandbox",
            GatewayEvent(
                event_id="evt_other",
                payment=charge.payment,
                reference=started.reference,
                outcome="captured",
                amount_minor=charge.amount_minor,
                currency=charge.currency,
            ),
        )

        assert effect == "nothing"
        assert await shop.pool.fetchval("SELECT count(*) FROM shipments") == 1
        async with acquire(shop.pool) as connection:
            assert await payments.mismatched(connection) == []
        assert await books(shop) == [(4878, 4878, 0)]
