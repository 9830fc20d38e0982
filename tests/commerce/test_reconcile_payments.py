"""The gateway's statement against the books: what is found, what is mended, and what is left."""

import time
from collections.abc import AsyncIterator
from typing import Any

import pytest

from commerce.drift import Drift
from commerce.ids import AccountId, OrderId
from commerce.messages import OrderView
from commerce.payments import GatewayUnavailable, Movement
from commerce.payments.reconcile import GRACE_MS, Reconciled, Reconciliation
from commerce.store import payments
from commerce.store.pool import acquire
from tests.commerce.shop import Shop, open_shop

PRICE = 1990
DAY_MS = 86_400_000
NOBODY = AccountId("acc_admin")


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    async with open_shop(database_url, redis_url) as shop:
        yield shop


async def reconcile(shop: Shop, *, mend: bool = False) -> Reconciled:
    """Look at everything that is not of this very moment: it is a minute after the grace."""
    reconciliation = Reconciliation(shop.pool, shop.checkout, {"sandbox": shop.sandbox})
    until = time.time_ns() // 1_000_000 + GRACE_MS + 60_000
    return await reconciliation.reconcile(until - DAY_MS, until, mend=mend)


async def captured(shop: Shop) -> tuple[OrderView, str, str]:
    """An order that was paid at the gateway, and nobody told us: order, payment, reference."""
    order = await shop.place(await shop.add_offer(), await shop.add_buyer())
    started = await shop.checkout.pay(OrderId(order.id), AccountId(order.buyer))
    charge = await shop.sandbox.decide(started.reference, "succeed")
    return order, charge.payment, started.reference


async def paid(shop: Shop) -> tuple[OrderView, str, str]:
    order, payment, reference = await captured(shop)
    (drift,) = (await reconcile(shop, mend=True)).drift
    assert drift.mended
    return order, payment, reference


async def by_hand(shop: Shop, reference: str, amount_minor: int) -> None:
    """Somebody refunds at the gateway."""
    await shop.pool.execute(
        "INSERT INTO sandbox_refunds (id, reference, amount_minor) VALUES ('re_1', $1, $2)",
        reference,
        amount_minor,
    )


async def only(found: Reconciled) -> tuple[str, bool]:
    (drift,) = found.drift
    return drift.code, drift.mended


async def adds_up(shop: Shop) -> tuple[int, int, int]:
    async with acquire(shop.pool) as connection:
        assert await payments.mismatched(connection) == []
        assert await payments.miscounted(connection) == []
        (total,) = await payments.totals(connection)
    return total.captured_minor, total.kept_minor, total.refunded_minor


async def test_books_that_agree_have_no_drift(shop: Shop) -> None:
    order, _, _ = await paid(shop)
    await shop.checkout.refund(OrderId(order.id), NOBODY, amount_minor=500, any_host=True)
    await shop.refunder.refund_due()
    await shop.checkout.pay(
        OrderId((await shop.place(await shop.add_offer(), buyer := await shop.add_buyer())).id),
        buyer,
    )

    found = await reconcile(shop)

    assert (found.drift, found.compared) == ([], 2)
    (total,) = found.totals
    assert (total.captured_minor, total.kept_minor, total.refunded_minor) == (PRICE, 1490, 500)


async def test_a_capture_that_nobody_told_us_of_pays_the_order(shop: Shop) -> None:
    order, payment, _ = await captured(shop)

    found = await reconcile(shop)
    assert found.drift == [
        Drift(
            "captured_not_paid",
            f"sandbox captured 19.90 USD for the payment {payment}, "
            "which the books have as pending",
        )
    ]
    assert (await shop.order(order.id)).status == "awaiting_payment"

    found = await reconcile(shop, mend=True)
    assert found.drift == [
        Drift(
            "captured_not_paid",
            f"sandbox captured 19.90 USD for the payment {payment}, and nobody told us; "
            "its order is paid now",
            mended=True,
        )
    ]
    assert (await shop.order(order.id)).status == "paid"
    assert [view.id for view in shop.heard.paid_orders] == [order.id]
    assert (await reconcile(shop)).drift == []


async def test_a_capture_for_an_order_that_lapsed_goes_back(shop: Shop) -> None:
    order, _, _ = await captured(shop)
    await shop.overdue(order.id)
    await shop.sweeper.sweep(time.time_ns() // 1_000_000)

    (drift,) = (await reconcile(shop, mend=True)).drift

    assert (drift.code, drift.mended) == ("captured_not_paid", True)
    assert drift.detail.endswith("the money goes back now")
    assert await shop.refunder.refund_due() == 1
    assert await adds_up(shop) == (PRICE, 0, PRICE)
    assert (await reconcile(shop)).drift == []


async def test_a_webhook_may_still_be_on_its_way(shop: Shop) -> None:
    await captured(shop)
    reconciliation = Reconciliation(shop.pool, shop.checkout, {"sandbox": shop.sandbox})
    now = time.time_ns() // 1_000_000

    found = await reconciliation.reconcile(now - DAY_MS, now + 1_000, mend=True)

    assert (found.drift, found.compared) == ([], 1)
    assert await shop.payments() == ["pending"]


async def test_a_refund_that_somebody_made_at_the_gateway_is_noted(shop: Shop) -> None:
    order, _, reference = await paid(shop)
    await by_hand(shop, reference, 700)

    assert await only(await reconcile(shop)) == ("refund_unknown", False)
    assert (await shop.order(order.id)).refunded_minor == 0
    assert await only(await reconcile(shop, mend=True)) == ("refund_unknown", True)

    view = await shop.order(order.id)
    assert (view.status, view.refunded_minor) == ("paid", 700)
    assert shop.heard.refunded_orders == [view]
    assert await adds_up(shop) == (PRICE, 1290, 700)
    assert await shop.refunder.refund_due() == 0
    assert (await reconcile(shop)).drift == []


async def test_a_refund_that_the_gateway_refused_is_the_one_that_somebody_made_there(
    shop: Shop,
) -> None:
    order, _, reference = await paid(shop)
    await by_hand(shop, reference, PRICE)
    await shop.checkout.refund(OrderId(order.id), NOBODY, any_host=True)
    assert await shop.refunder.refund_due() == 0

    assert await only(await reconcile(shop, mend=True)) == ("refund_unknown", True)

    assert await shop.payments() == ["refunded"]
    assert (await shop.order(order.id)).status == "refunded"
    assert await adds_up(shop) == (PRICE, 0, PRICE)
    assert (await reconcile(shop)).drift == []


async def test_more_than_is_left_is_for_a_person(shop: Shop) -> None:
    order, _, reference = await paid(shop)
    await shop.checkout.refund(OrderId(order.id), NOBODY, amount_minor=1500, any_host=True)
    await by_hand(shop, reference, 700)

    assert await only(await reconcile(shop, mend=True)) == ("refund_unknown", False)

    assert (await shop.order(order.id)).refunded_minor == 1500


async def test_a_refund_whose_answer_was_lost_is_noted(shop: Shop) -> None:
    order, _, _ = await paid(shop)
    await shop.checkout.refund(OrderId(order.id), NOBODY, any_host=True)
    await shop.refunder.refund_due()
    await shop.pool.execute("UPDATE payments SET status = 'refund_due'")
    await shop.pool.execute("UPDATE refunds SET status = 'due', done_at = NULL")

    assert await only(await reconcile(shop, mend=True)) == ("refund_not_noted", True)

    assert await shop.payments() == ["refunded"]
    assert (await reconcile(shop)).drift == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("UPDATE sandbox_charges SET amount_minor = 1991", "amount_differs"),
        ("UPDATE sandbox_charges SET currency = 'EUR'", "amount_differs"),
        ("UPDATE sandbox_charges SET payment_id = 'pay_of_another'", "capture_unknown"),
    ],
)
async def test_what_only_a_person_can_explain_is_reported(
    shop: Shop, change: str, code: str
) -> None:
    await captured(shop)
    await shop.pool.execute(change)

    assert await only(await reconcile(shop, mend=True)) == (code, False)

    assert await shop.payments() == ["pending"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("DELETE FROM sandbox_events; DELETE FROM sandbox_refunds", "refund_missing"),
        ("UPDATE sandbox_refunds SET amount_minor = 499", "amount_differs"),
        ("UPDATE sandbox_charges SET captured_at = NULL", "paid_unknown"),
    ],
)
async def test_money_that_only_our_books_have_is_reported(
    shop: Shop, change: str, code: str
) -> None:
    order, _, _ = await paid(shop)
    await shop.checkout.refund(OrderId(order.id), NOBODY, amount_minor=500, any_host=True)
    await shop.refunder.refund_due()
    await shop.pool.execute(change)

    assert await only(await reconcile(shop, mend=True)) == (code, False)


async def test_a_refund_that_is_owed_for_a_day_is_reported(shop: Shop) -> None:
    order, payment, _ = await paid(shop)
    await shop.checkout.refund(OrderId(order.id), NOBODY, amount_minor=500, any_host=True)
    await shop.pool.execute("UPDATE refunds SET created_at = now() - interval '25 hours'")

    (drift,) = (await reconcile(shop)).drift

    assert drift.code == "refund_overdue"
    assert f"5.00 USD of the payment {payment}" in drift.detail


async def test_books_that_were_changed_by_hand_are_reported(shop: Shop) -> None:
    order, payment, _ = await paid(shop)
    await shop.pool.execute("UPDATE orders SET refunded_minor = 1")
    await shop.pool.execute("UPDATE payments SET refunded_minor = 2")

    found = await reconcile(shop, mend=True)

    assert [(drift.code, drift.mended) for drift in found.drift] == [
        ("money_mismatched", False)
    ] * 2
    assert [order.id in found.drift[0].detail, payment in found.drift[1].detail] == [True, True]


async def test_a_gateway_that_does_not_answer_is_said_to_be_unknown(shop: Shop) -> None:
    await paid(shop)

    class Away:
        name = "sandbox"

        async def statement(self, since: int, until: int) -> AsyncIterator[Movement]:
            raise GatewayUnavailable("sandbox")
            yield

    gateways: dict[str, Any] = {"sandbox": Away()}
    found = await Reconciliation(shop.pool, shop.checkout, gateways).reconcile(0, 2**41, mend=True)

    assert await only(found) == ("statement_unknown", False)
