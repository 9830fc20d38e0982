"""From an order to the money and back: whatever the gateway does, the books agree."""

import time
from typing import Literal

import pytest

from commerce.errors import NotFound, NotYours, PayWindowOver, WrongState
from commerce.ids import AccountId, OfferId, OrderId, PaymentId
from commerce.messages import OrderView, Released
from commerce.payments import BadSignature, GatewayEvent, UnknownGateway, UnknownPayment
from commerce.store import orders, shows
from commerce.store.pool import acquire
from tests.commerce.shop import Shop, open_shop

NOW = time.time_ns() // 1_000_000


async def started(shop: Shop, order: OrderView) -> str:
    """Begin to pay, and return the gateway's reference."""
    return (await shop.checkout.pay(OrderId(order.id), AccountId(order.buyer))).reference


async def event(
    shop: Shop,
    reference: str,
    outcome: Literal["captured", "declined", "refunded"] = "captured",
    id: str = "evt_1",
) -> GatewayEvent:
    charge = await shop.sandbox.get_charge(reference)
    return GatewayEvent(
        event_id=id,
        payment=charge.payment,
        reference=reference,
        outcome=outcome,
        amount_minor=charge.amount_minor,
        currency=charge.currency,
    )


async def paid(shop: Shop, offer: OfferId) -> OrderView:
    order = await shop.place(offer, await shop.add_buyer())
    reference = await started(shop, order)
    await shop.sandbox.decide(reference, "succeed")
    effect = await shop.checkout.apply(
        "sandbox", await event(shop, reference, id=f"evt_{order.id}")
    )
    assert effect == "paid"
    return await shop.order(order.id)


async def test_a_paid_order_is_sold_for_good(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()

        order = await paid(shop, offer)

        assert order.status == "paid"
        assert order.paid_at is not None
        assert shop.heard.paid_orders == [order]
        assert await shop.payments() == ["captured"]
        assert await shop.ledger(offer) == ("open", 20, 0, 1)
        assert await shop.units(offer) == (20, 19, 0, 1)
        async with acquire(shop.pool) as connection:
            assert await orders.untold(connection, 10) == []
            tally = await orders.tally(connection, shop.show)
        assert (tally.orders, tally.paid, tally.awaiting, tally.units) == (1, 1, 0, 1)
        assert (tally.takings_minor, tally.currency) == (1990, "USD")


async def test_paying_again_goes_on_with_the_same_charge(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        order = await shop.place(await shop.add_offer(), await shop.add_buyer())

        first, second = await started(shop, order), await started(shop, order)

        assert first == second
        assert await shop.payments() == ["pending"]


async def test_after_a_decline_the_buyer_may_try_again(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        order = await shop.place(offer, await shop.add_buyer())
        first = await started(shop, order)
        declined = await event(shop, first, "declined", "evt_1")
        assert await shop.checkout.apply("sandbox", declined) == "declined"
        assert (await shop.order(order.id)).status == "awaiting_payment"

        second = await started(shop, order)

        assert first != second
        captured = await event(shop, second, "captured", "evt_2")
        assert await shop.checkout.apply("sandbox", captured) == "paid"
        assert await shop.payments() == ["declined", "captured"]


async def test_a_webhook_that_comes_twice_counts_once(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        order = await shop.place(offer, await shop.add_buyer())
        captured = await event(shop, await started(shop, order))

        assert await shop.checkout.apply("sandbox", captured) == "paid"
        assert await shop.checkout.apply("sandbox", captured) == "nothing"

        assert await shop.payments() == ["captured"]
        assert len(shop.heard.paid_orders) == 1
        assert await shop.units(offer) == (20, 19, 0, 1)


async def test_the_same_capture_under_another_id_changes_nothing(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        order = await shop.place(await shop.add_offer(), await shop.add_buyer())
        reference = await started(shop, order)
        await shop.checkout.apply("sandbox", await event(shop, reference, id="evt_1"))

        effect = await shop.checkout.apply("sandbox", await event(shop, reference, id="evt_2"))

        assert effect == "nothing"
        assert await shop.payments() == ["captured"]


async def test_a_webhook_that_overtakes_the_answer_to_the_charge_is_not_lost(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        order = await shop.place(await shop.add_offer(), await shop.add_buyer())
        reference = await started(shop, order)
        # As if the answer to the charge had never been stored.
        await shop.pool.execute("UPDATE payments SET reference = NULL")

        captured = await event(shop, reference)

        assert await shop.checkout.apply("sandbox", captured) == "paid"
        assert await shop.pool.fetchval("SELECT reference FROM payments") == reference


async def test_money_that_comes_after_the_lapse_goes_back_by_itself(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        order = await shop.place(offer, await shop.add_buyer())
        reference = await started(shop, order)
        await shop.sandbox.decide(reference, "late")
        await shop.overdue(order.id)
        await shop.sweeper.sweep(NOW)

        effect = await shop.checkout.apply("sandbox", await event(shop, reference))

        assert effect == "refund_due"
        assert (await shop.order(order.id)).status == "lapsed"
        assert await shop.payments() == ["refund_due"]
        assert await shop.units(offer) == (20, 20, 0, 0)

        assert await shop.refunder.refund_due() == 1
        assert await shop.refunder.refund_due() == 0
        assert await shop.payments() == ["refunded"]
        assert (await shop.sandbox.get_charge(reference)).status == "refunded"
        assert shop.heard.paid_orders == []


async def test_money_for_a_cancelled_order_goes_back(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, buyer = await shop.add_offer(), await shop.add_buyer()
        order = await shop.place(offer, buyer)
        reference = await started(shop, order)

        view = await shop.checkout.cancel(OrderId(order.id), buyer)

        assert view.status == "cancelled"
        assert await shop.checkout.apply("sandbox", await event(shop, reference)) == "refund_due"
        assert shop.heard.releases == [
            (
                Released(hold=order.hold, offer=offer, reason=reason, order=order.id),
                shop.show,
                buyer,
            )
            for reason in ("cancelled", "refunded")
        ]
        assert await shop.units(offer) == (20, 20, 0, 0)
        assert await shop.ledger(offer) == ("open", 20, 0, 0)


async def test_paying_through_two_charges_pays_once(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        order = await shop.place(await shop.add_offer(), await shop.add_buyer())
        first = await started(shop, order)
        await shop.checkout.apply("sandbox", await event(shop, first, "declined", "evt_1"))
        second = await started(shop, order)
        await shop.checkout.apply("sandbox", await event(shop, second, "captured", "evt_2"))

        # The gateway takes its decline back.
        effect = await shop.checkout.apply("sandbox", await event(shop, first, "captured", "evt_3"))

        assert effect == "refund_due"
        assert await shop.payments() == ["refund_due", "captured"]
        assert shop.heard.releases == []


async def test_a_refund_by_the_host_returns_units_and_money(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        order = await paid(shop, offer)
        async with acquire(shop.pool) as connection:
            host = AccountId((await shows.get(connection, shop.show)).host)

        view = await shop.checkout.refund(OrderId(order.id), host)

        assert view.status == "refunded"
        assert await shop.payments() == ["refund_due"]
        assert await shop.units(offer) == (20, 20, 0, 0)
        assert await shop.ledger(offer) == ("open", 20, 0, 0)
        assert [released.reason for released, _, _ in shop.heard.releases] == ["refunded"]
        assert await shop.refunder.refund_due() == 1
        assert await shop.payments() == ["refunded"]

        with pytest.raises(WrongState):
            await shop.checkout.refund(OrderId(order.id), host)


async def test_only_the_shows_host_or_an_admin_refunds(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        order = await paid(shop, offer)
        stranger = await shop.add_buyer()

        with pytest.raises(NotYours):
            await shop.checkout.refund(OrderId(order.id), stranger)
        assert (await shop.order(order.id)).status == "paid"
        assert await shop.payments() == ["captured"]

        view = await shop.checkout.refund(OrderId(order.id), stranger, any_host=True)
        assert view.status == "refunded"


async def test_nobody_pays_or_cancels_for_another(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        order = await shop.place(offer, await shop.add_buyer())
        stranger = await shop.add_buyer()

        with pytest.raises(NotYours):
            await shop.checkout.pay(OrderId(order.id), stranger)
        with pytest.raises(NotYours):
            await shop.checkout.cancel(OrderId(order.id), stranger)
        with pytest.raises(NotFound):
            await shop.checkout.pay(OrderId("ord_none"), stranger)

        assert await shop.payments() == []
        assert await shop.ledger(offer) == ("open", 20, 1, 0)


async def test_when_the_pay_window_is_over_no_payment_begins(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        order = await shop.place(await shop.add_offer(), await shop.add_buyer())
        await shop.overdue(order.id)

        with pytest.raises(PayWindowOver):
            await started(shop, order)

        assert await shop.payments() == []


async def test_a_paid_order_is_neither_paid_nor_cancelled_again(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        order = await paid(shop, offer)

        with pytest.raises(WrongState):
            await started(shop, order)
        with pytest.raises(WrongState):
            await shop.checkout.cancel(OrderId(order.id), AccountId(order.buyer))

        assert await shop.payments() == ["captured"]
        assert await shop.units(offer) == (20, 19, 0, 1)


async def test_a_payment_that_is_not_ours_is_refused_and_not_remembered(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        stray = GatewayEvent(
            event_id="evt_1",
            payment=PaymentId("pay_none"),
            reference="sbx_none",
            outcome="captured",
            amount_minor=1990,
            currency="USD",
        )

        with pytest.raises(UnknownPayment):
            await shop.checkout.apply("sandbox", stray)

        assert await shop.pool.fetchval("SELECT count(*) FROM gateway_events") == 0


async def test_a_webhook_must_come_from_a_gateway_we_know_and_be_signed_by_it(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        with pytest.raises(UnknownGateway):
            await shop.checkout.webhook("bank", {}, b"{}", NOW)
        with pytest.raises(BadSignature):
            await shop.checkout.webhook("sandbox", {}, b"{}", NOW)


async def test_a_payment_counts_even_while_the_gate_is_away(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        order = await shop.place(offer, await shop.add_buyer())
        reference = await started(shop, order)
        standing = shop.fence.standing
        assert standing is not None
        shop.fence.shut("the test says so")

        assert await shop.checkout.apply("sandbox", await event(shop, reference)) == "paid"

        assert (await shop.order(order.id)).status == "paid"
        assert shop.heard.paid_orders == []
        shop.fence.open(standing)
        assert await shop.units(offer) == (20, 19, 1, 0)
        assert (await shop.sweeper.sweep(NOW)).told == 1
        assert [paid.id for paid in shop.heard.paid_orders] == [order.id]
        assert await shop.units(offer) == (20, 19, 0, 1)


async def test_a_buyer_who_could_not_be_told_is_told_again(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        order = await shop.place(await shop.add_offer(), await shop.add_buyer())
        reference = await started(shop, order)

        shop.heard.deaf = True
        await shop.checkout.apply("sandbox", await event(shop, reference))
        assert (await shop.sweeper.sweep(NOW)).told == 0
        shop.heard.deaf = False
        assert (await shop.sweeper.sweep(NOW)).told == 1
        assert (await shop.sweeper.sweep(NOW)).told == 0

        assert {paid.id for paid in shop.heard.paid_orders} == {order.id}
