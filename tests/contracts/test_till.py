"""What buyers may expect of the shop, whichever gateway is behind it."""

import time
from collections.abc import AsyncIterator

import msgspec
import pytest

from commerce.checkout import Checkout
from commerce.ids import AccountId, OrderId, PaymentId
from commerce.messages import OrderView
from commerce.payments import GatewayUnavailable
from commerce.payments.reconcile import GRACE_MS, Reconciliation
from commerce.payments.refunder import Refunder
from commerce.payments.withdrawer import Withdrawer
from commerce.store import payments
from commerce.store.pool import acquire
from tests.commerce.delivery import quoted, win
from tests.commerce.shop import Shop, open_shop
from tests.contracts.gateways import CHARGE, Case, Fault, statement


class Till:
    """A shop that takes money through one gateway."""

    def __init__(self, shop: Shop, case: Case) -> None:
        gateways = {case.gateway.name: case.gateway}
        self.shop = shop
        self.case = case
        self.checkout = Checkout(
            shop.pool,
            shop.gate,
            shop.heard,
            gateways=gateways,
            return_url=lambda order: f"/live/{order.show}",
        )
        self.refunder = Refunder(shop.pool, gateways)
        self.withdrawer = Withdrawer(shop.pool, gateways)

    async def order(self) -> OrderView:
        return await self.shop.place(await self.shop.add_offer(), await self.shop.add_buyer())

    async def begin_together(self, bought: list[OrderView]) -> str:
        quote = await quoted(self.shop, bought, address=None)
        started = await self.checkout.pay_quoted(
            [OrderId(each.id) for each in bought],
            AccountId(bought[0].buyer),
            quote=quote.id,
            amount_minor=quote.total_minor,
        )
        return started.reference

    async def reconcile(self) -> list[tuple[str, bool]]:
        gateways = {self.case.gateway.name: self.case.gateway}
        reconciliation = Reconciliation(self.shop.pool, self.checkout, gateways)
        until = time.time_ns() // 1_000_000 + GRACE_MS + 60_000
        found = await reconciliation.reconcile(until - 86_400_000, until, mend=True)
        return [(each.code, each.mended) for each in found.drift]

    async def begin(self, order: OrderView) -> str:
        started = await self.checkout.pay(OrderId(order.id), AccountId(order.buyer))
        return started.reference

    async def deliver(self, *, times: int = 1) -> None:
        for webhook in await self.case.webhooks():
            for _ in range(times):
                answer = await self.checkout.webhook(
                    self.case.gateway.name,
                    webhook.headers,
                    webhook.body,
                    time.time_ns() // 1_000_000,
                )
                assert answer == self.case.gateway.acknowledgement

    async def status(self, order: OrderView) -> tuple[str, int]:
        view = await self.shop.order(order.id)
        return view.status, view.refunded_minor

    async def money(self) -> list[tuple[int, int, int]]:
        """Captured, kept and refunded, in our books; and they agree with the gateway's."""
        async with acquire(self.shop.pool) as connection:
            assert await payments.mismatched(connection) == []
            assert await payments.miscounted(connection) == []
            totals = await payments.totals(connection)
        listed = await statement(self.case)
        captured = sum(each.amount_minor for each in listed if each.kind == "captured")
        assert captured == sum(each.captured_minor for each in totals)
        return [(each.captured_minor, each.kept_minor, each.refunded_minor) for each in totals]


@pytest.fixture
async def till(case: Case, database_url: str, redis_url: str) -> AsyncIterator[Till]:
    async with open_shop(database_url, redis_url) as shop:
        yield Till(shop, case)


async def test_a_webhook_that_is_delivered_twice_pays_once(till: Till) -> None:
    order = await till.order()
    await till.case.pay(await till.begin(order))

    await till.deliver(times=2)

    assert await till.status(order) == ("paid", 0)
    assert len(till.shop.heard.paid_orders) == 1
    assert await till.money() == [(1990, 1990, 0)]


async def test_a_webhook_that_comes_before_the_answer_to_the_charge_is_not_lost(
    till: Till,
) -> None:
    order = await till.order()
    async with till.case.failing("answer_lost"):
        with pytest.raises(GatewayUnavailable):
            await till.begin(order)
    (payment,) = await till.shop.pool.fetch("SELECT id, reference FROM payments")
    assert payment["reference"] is None
    # The gateway gives the buyer the page by other ways, such as an e-mail.
    charge = msgspec.structs.replace(
        CHARGE,
        payment=PaymentId(payment["id"]),
        description=f"{order.title} × 1",
        return_url=f"/live/{order.show}",
    )
    reference = (await till.case.gateway.charge(charge)).reference
    await till.case.pay(reference)

    await till.deliver()

    assert await till.status(order) == ("paid", 0)
    assert await till.shop.pool.fetchval("SELECT reference FROM payments") == reference
    assert await till.money() == [(1990, 1990, 0)]


async def test_money_that_comes_after_the_lapse_goes_back_by_itself(till: Till) -> None:
    order = await till.order()
    reference = await till.begin(order)
    await till.case.pay(reference)
    await till.shop.overdue(order.id)
    await till.shop.sweeper.sweep(time.time_ns() // 1_000_000)

    await till.deliver()

    assert await till.status(order) == ("lapsed", 0)
    assert await till.money() == [(1990, 0, 1990)]
    assert await till.refunder.refund_due() == 1
    await till.deliver()
    assert await till.shop.payments() == ["refunded"]
    assert sorted(each.kind for each in await statement(till.case)) == ["captured", "refunded"]


async def test_after_the_lapse_the_page_takes_no_money(till: Till) -> None:
    order = await till.order()
    reference = await till.begin(order)
    assert await till.withdrawer.withdraw_over() == 0
    await till.shop.overdue(order.id)
    await till.shop.sweeper.sweep(time.time_ns() // 1_000_000)

    assert await till.withdrawer.withdraw_over() == 1
    assert await till.withdrawer.withdraw_over() == 0
    await till.case.pay(reference)
    await till.deliver()

    assert await till.shop.payments() == ["declined"]
    assert await till.money() == []


@pytest.mark.parametrize("how", ["slow", "error", "answer_lost"])
async def test_while_the_gateway_fails_no_order_is_lost_and_none_is_charged_twice(
    till: Till, how: Fault
) -> None:
    order = await till.order()

    async with till.case.failing(how):
        with pytest.raises(GatewayUnavailable):
            await till.begin(order)
    assert await till.status(order) == ("awaiting_payment", 0)
    await till.case.pay(await till.begin(order))
    await till.deliver()

    assert await till.status(order) == ("paid", 0)
    assert await till.shop.payments() == ["captured"]
    assert await till.money() == [(1990, 1990, 0)]


@pytest.mark.parametrize("how", ["slow", "error", "answer_lost"])
async def test_while_the_gateway_fails_refunds_wait_and_none_is_made_twice(
    till: Till, how: Fault
) -> None:
    order = await till.order()
    await till.case.pay(await till.begin(order))
    await till.deliver()
    await till.checkout.refund(OrderId(order.id), AccountId(""), amount_minor=500, any_host=True)

    async with till.case.failing(how):
        assert await till.refunder.refund_due() == 0
    assert await till.refunder.refund_due() == 1
    assert await till.refunder.refund_due() == 0
    await till.deliver()

    went_back = [each for each in await statement(till.case) if each.kind == "refunded"]
    assert [each.amount_minor for each in went_back] == [500]
    assert await till.money() == [(1990, 1490, 500)]


async def test_a_refund_that_somebody_made_there_is_shared_out_over_what_was_paid_together(
    till: Till,
) -> None:
    bought = await win(till.shop, await till.shop.add_buyer(), 3)
    reference = await till.begin_together(bought)
    await till.case.pay(reference)
    await till.deliver(times=2)
    await till.case.refund_by_hand(reference, 3000)
    # Of some gateways a webhook comes as well: it is no second refund.
    await till.deliver(times=2)

    assert await till.reconcile() == [("refund_unknown", True)]
    assert await till.reconcile() == []
    await till.deliver(times=2)

    assert [await till.status(each) for each in bought] == [
        ("paid", 1990),
        ("paid", 1010),
        ("paid", 0),
    ]
    assert await till.money() == [(5970, 2970, 3000)]
    went_back = [each for each in await statement(till.case) if each.kind == "refunded"]
    assert [each.amount_minor for each in went_back] == [3000]
