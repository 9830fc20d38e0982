"""Money that goes back, all or some of it, with the units or without; and processes that die."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from commerce.errors import IdempotencyInFlight, IdempotencyMismatch, RefundTooLarge, WrongState
from commerce.ids import AccountId, OfferId, OrderId
from commerce.messages import OrderView, Released
from commerce.payments import Charge, ChargeStarted, GatewayEvent, Refund
from commerce.payments.refunder import Refunder
from commerce.store import orders, payments
from commerce.store.pool import acquire
from tests.commerce.shop import Shop, open_shop

NOBODY = AccountId("acc_admin")
PRICE = 1990


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    async with open_shop(database_url, redis_url) as shop:
        yield shop


async def paid(shop: Shop, offer: OfferId, *, quantity: int = 1) -> OrderView:
    order = await shop.place(offer, await shop.add_buyer(), quantity)
    started = await shop.checkout.pay(OrderId(order.id), AccountId(order.buyer))
    charge = await shop.sandbox.decide(started.reference, "succeed")
    event = GatewayEvent(
        event_id=f"evt_{order.id}",
        payment=charge.payment,
        reference=charge.reference,
        outcome="captured",
        amount_minor=charge.amount_minor,
        currency=charge.currency,
    )
    assert await shop.checkout.apply("sandbox", event) == "paid"
    return await shop.order(order.id)


async def refund(shop: Shop, order: OrderView, **how: Any) -> OrderView:
    return await shop.checkout.refund(OrderId(order.id), NOBODY, any_host=True, **how)


async def money(shop: Shop) -> tuple[int, int, int]:
    """Captured, kept, refunded; every order and every payment fits."""
    async with acquire(shop.pool) as connection:
        assert await payments.mismatched(connection) == []
        assert await payments.miscounted(connection) == []
        (total,) = await payments.totals(connection)
    assert total.captured_minor == total.kept_minor + total.refunded_minor
    return total.captured_minor, total.kept_minor, total.refunded_minor


async def went_back(shop: Shop) -> list[int]:
    """What the gateway gave back."""
    return [
        each.amount_minor
        async for each in shop.sandbox.statement(0, 2**42)
        if each.kind == "refunded"
    ]


async def test_some_of_the_money_goes_back_and_the_unit_stays(shop: Shop) -> None:
    offer = await shop.add_offer()
    order = await paid(shop, offer)

    view = await refund(shop, order, amount_minor=500, return_units=False, reason="a scratch")

    assert (view.status, view.refunded_minor) == ("paid", 500)
    assert shop.heard.refunded_orders == [view]
    assert shop.heard.releases == []
    assert await shop.units(offer) == (20, 19, 0, 1)
    assert await shop.ledger(offer) == ("open", 20, 0, 1)
    assert await money(shop) == (PRICE, PRICE - 500, 500)
    assert await shop.pool.fetchval("SELECT reason FROM refunds") == "a scratch"
    assert await shop.refunder.refund_due() == 1
    assert await went_back(shop) == [500]
    assert await shop.payments() == ["captured"]
    async with acquire(shop.pool) as connection:
        assert (await orders.tally(connection, shop.show)).takings_minor == PRICE - 500
        assert await orders.untold(connection, 10) == []


async def test_all_of_the_money_goes_back_in_parts_and_the_unit_stays(shop: Shop) -> None:
    offer = await shop.add_offer()
    order = await paid(shop, offer)

    await refund(shop, order, amount_minor=500, return_units=False)
    view = await refund(shop, order, return_units=False)

    assert (view.status, view.refunded_minor) == ("paid", PRICE)
    assert await shop.units(offer) == (20, 19, 0, 1)
    assert await shop.payments() == ["refund_due"]
    assert await shop.refunder.refund_due() == 2
    assert await shop.payments() == ["refunded"]
    assert await went_back(shop) == [500, PRICE - 500]
    assert await money(shop) == (PRICE, 0, PRICE)
    with pytest.raises(RefundTooLarge, match=r"0\.00 USD"):
        await refund(shop, order, return_units=False)


async def test_a_unit_that_comes_back_later_brings_no_money(shop: Shop) -> None:
    offer = await shop.add_offer()
    order = await paid(shop, offer)
    await refund(shop, order, return_units=False)

    view = await refund(shop, order, return_units=True)

    assert (view.status, view.refunded_minor) == ("refunded", PRICE)
    assert await shop.units(offer) == (20, 20, 0, 0)
    assert await shop.ledger(offer) == ("open", 20, 0, 0)
    assert await money(shop) == (PRICE, 0, PRICE)
    with pytest.raises(WrongState):
        await refund(shop, order, return_units=True)


async def test_a_unit_comes_back_for_some_of_the_money_and_the_rest_can_follow(
    shop: Shop,
) -> None:
    offer = await shop.add_offer()
    order = await paid(shop, offer)

    view = await refund(shop, order, amount_minor=1500)

    assert (view.status, view.refunded_minor) == ("refunded", 1500)
    assert await shop.units(offer) == (20, 20, 0, 0)
    assert shop.heard.releases == [
        (
            Released(hold=order.hold, offer=offer, reason="refunded", order=order.id),
            shop.show,
            order.buyer,
        )
    ]
    async with acquire(shop.pool) as connection:
        tally = await orders.tally(connection, shop.show)
    assert (tally.paid, tally.units, tally.takings_minor) == (0, 0, PRICE - 1500)
    view = await refund(shop, order, return_units=False)
    assert (view.status, view.refunded_minor) == ("refunded", PRICE)
    assert await money(shop) == (PRICE, 0, PRICE)
    assert await shop.units(offer) == (20, 20, 0, 0)


async def test_units_that_stay_are_still_sold_after_the_gate_is_rebuilt(shop: Shop) -> None:
    offer = await shop.add_offer()
    kept, returned = await paid(shop, offer), await paid(shop, offer)
    await refund(shop, kept, return_units=False)
    await refund(shop, returned)

    await shop.gate.client.delete(shop.gate.keys.epoch)
    await shop.renew()

    assert await shop.ledger(offer) == ("open", 20, 0, 1)
    assert await shop.units(offer) == (20, 19, 0, 1)


async def test_no_more_goes_back_than_was_paid(shop: Shop) -> None:
    offer = await shop.add_offer()
    order = await paid(shop, offer)
    await refund(shop, order, amount_minor=1000, return_units=False)

    for how in ({"return_units": True}, {"return_units": False}):
        with pytest.raises(RefundTooLarge, match=r"9\.90 USD"):
            await refund(shop, order, amount_minor=991, **how)

    assert (await shop.order(order.id)).refunded_minor == 1000
    assert await shop.units(offer) == (20, 19, 0, 1)
    assert await money(shop) == (PRICE, PRICE - 1000, 1000)


async def test_what_was_not_paid_cannot_be_refunded(shop: Shop) -> None:
    order = await shop.place(await shop.add_offer(), await shop.add_buyer())

    for how in ({"return_units": True}, {"return_units": False}):
        with pytest.raises(WrongState):
            await refund(shop, order, amount_minor=1, **how)

    assert await shop.pool.fetchval("SELECT count(*) FROM refunds") == 0


async def test_two_hosts_who_refund_at_once_give_back_no_more_than_there_is(shop: Shop) -> None:
    order = await paid(shop, await shop.add_offer())

    answers = await asyncio.gather(
        *(refund(shop, order, amount_minor=800, return_units=False) for _ in range(4)),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, RefundTooLarge) for answer in answers) == 2
    assert await money(shop) == (PRICE, PRICE - 1600, 1600)


async def test_a_refund_that_is_asked_for_twice_with_one_key_is_one(shop: Shop) -> None:
    order = await paid(shop, await shop.add_offer())

    first = await refund(shop, order, amount_minor=500, return_units=False, key="key")
    second = await refund(shop, order, amount_minor=500, return_units=False, key="key")
    with pytest.raises(IdempotencyMismatch):
        await refund(shop, order, amount_minor=600, return_units=False, key="key")
    at_once = await asyncio.gather(
        *(refund(shop, order, amount_minor=10, return_units=False, key="k2") for _ in range(3)),
        return_exceptions=True,
    )

    assert first == second
    assert all(isinstance(each, OrderView | IdempotencyInFlight) for each in at_once)
    assert await money(shop) == (PRICE, PRICE - 510, 510)
    assert await shop.refunder.refund_due() == 2


async def test_a_refund_that_the_gateway_refuses_stays_owed_and_is_put_off(shop: Shop) -> None:
    order = await paid(shop, await shop.add_offer())
    await refund(shop, order, amount_minor=500, return_units=False)
    # Somebody gave everything back at the gateway.
    (reference,) = [row[0] for row in await shop.pool.fetch("SELECT reference FROM payments")]
    await shop.pool.execute(
        "INSERT INTO sandbox_refunds (id, reference, amount_minor) VALUES ('by hand', $1, $2)",
        reference,
        PRICE,
    )

    assert await shop.refunder.refund_due() == 0

    row = await shop.pool.fetchrow("SELECT status, due_at > now() AS later FROM refunds")
    assert dict(row or {}) == {"status": "due", "later": True}
    assert await money(shop) == (PRICE, PRICE - 500, 500)


async def test_a_buyer_who_could_not_be_told_of_a_refund_is_told_again(shop: Shop) -> None:
    order = await paid(shop, await shop.add_offer())
    shop.heard.deaf = True
    await refund(shop, order, amount_minor=500, return_units=False)

    shop.heard.deaf = False
    await shop.sweeper.sweep(0)

    assert [view.refunded_minor for view in shop.heard.refunded_orders] == [500, 500]
    async with acquire(shop.pool) as connection:
        assert await orders.untold(connection, 10) == []


# -- Killed -----------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone."""


class Deadly:
    """The sandbox; whoever calls it dies before the answer is in."""

    name = "sandbox"

    def __init__(self, shop: Shop) -> None:
        self._sandbox = shop.sandbox

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)

    async def charge(self, charge: Charge) -> ChargeStarted:
        await self._sandbox.charge(charge)
        raise Killed

    async def refund(self, refund: Refund) -> None:
        await self._sandbox.refund(refund)
        raise Killed


async def test_killed_between_the_refund_and_its_commit_the_next_one_refunds_nothing_more(
    shop: Shop,
) -> None:
    order = await paid(shop, await shop.add_offer())
    await refund(shop, order, amount_minor=500, return_units=False)

    with pytest.raises(Killed):
        await Refunder(shop.pool, {"sandbox": Deadly(shop)}).refund_due()
    assert await shop.pool.fetchval("SELECT status FROM refunds") == "due"

    assert await shop.refunder.refund_due() == 1
    assert await went_back(shop) == [500]
    assert await money(shop) == (PRICE, PRICE - 500, 500)


async def test_killed_between_the_charge_and_its_commit_the_buyer_goes_on_with_the_same_one(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.place(await shop.add_offer(), await shop.add_buyer())
    monkeypatch.setattr(shop.checkout, "_gateways", {"sandbox": Deadly(shop)})
    with pytest.raises(Killed):
        await shop.checkout.pay(OrderId(order.id), AccountId(order.buyer))
    monkeypatch.undo()

    started = await shop.checkout.pay(OrderId(order.id), AccountId(order.buyer))

    assert await shop.payments() == ["pending"]
    assert await shop.pool.fetchval("SELECT count(*) FROM sandbox_charges") == 1
    assert await shop.pool.fetchval("SELECT reference FROM payments") == started.reference


async def test_killed_before_the_commit_of_a_webhook_the_next_delivery_pays(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await shop.place(await shop.add_offer(), await shop.add_buyer())
    started = await shop.checkout.pay(OrderId(order.id), AccountId(order.buyer))
    charge = await shop.sandbox.decide(started.reference, "succeed")
    event = GatewayEvent(
        event_id="evt_1",
        payment=charge.payment,
        reference=charge.reference,
        outcome="captured",
        amount_minor=PRICE,
        currency="USD",
    )

    async def die(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr("commerce.checkout.payments.capture", die)
    with pytest.raises(Killed):
        await shop.checkout.apply("sandbox", event)
    monkeypatch.undo()
    assert (await shop.order(order.id)).status == "awaiting_payment"

    assert await shop.checkout.apply("sandbox", event) == "paid"
    assert await money(shop) == (PRICE, PRICE, 0)


async def test_a_capture_of_another_amount_pays_nothing(shop: Shop) -> None:
    order = await shop.place(await shop.add_offer(), await shop.add_buyer())
    started = await shop.checkout.pay(OrderId(order.id), AccountId(order.buyer))
    charge = await shop.sandbox.get_charge(started.reference)

    for amount_minor, currency in ((PRICE - 1, "USD"), (PRICE, "JPY")):
        event = GatewayEvent(
            event_id=f"evt_{amount_minor}",
            payment=charge.payment,
            reference=charge.reference,
            outcome="captured",
            amount_minor=amount_minor,
            currency=currency,
        )
        assert await shop.checkout.apply("sandbox", event) == "nothing"

    assert (await shop.order(order.id)).status == "awaiting_payment"
    assert await shop.payments() == ["pending"]
