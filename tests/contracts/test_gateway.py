"""What the shop may expect of every payment gateway, and what buyers may expect of the shop."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Literal, Protocol

import httpx
import msgspec
import pytest
from msgspec import Struct

from commerce.checkout import Checkout
from commerce.ids import AccountId, OrderId, PaymentId, RefundId
from commerce.messages import OrderView
from commerce.payments import (
    BadEvent,
    BadSignature,
    Charge,
    Gateway,
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    Movement,
    Refund,
    StaleSignature,
    UnknownPayment,
    stripe as stripe_gateway,
)
from commerce.payments.reconcile import GRACE_MS, Reconciliation
from commerce.payments.refunder import Refunder
from commerce.payments.sandbox import Sandbox
from commerce.payments.signature import sign
from commerce.payments.stripe import open_stripe
from commerce.payments.withdrawer import Withdrawer
from commerce.store import payments
from commerce.store.pool import Pool, acquire, open_pool
from tests.commerce.delivery import quoted, win
from tests.commerce.shop import Shop, open_shop
from tests.commerce.stripe_double import (
    KEY,
    WEBHOOK_SECRET,
    StripeDouble,
    open_stripe_double,
    signed as signed_by_stripe,
)

CHARGE = Charge(
    payment=PaymentId("pay_1"),
    amount_minor=1990,
    currency="USD",
    description="Mug × 1",
    return_url="https://shop.example/live/tonight",
)
SECRET = b"a secret"

Fault = Literal["slow", "error", "answer_lost"]
"""``answer_lost``: what was asked for is done, and nobody hears of it."""


class Webhook(Struct, frozen=True):
    """What arrives at the shop."""

    headers: Mapping[str, str]
    body: bytes


class Case(Protocol):
    """A gateway, and how a test plays the buyer, the bank and the network."""

    @property
    def gateway(self) -> Gateway: ...
    async def pay(self, reference: str) -> None: ...
    async def decline(self, reference: str) -> None: ...
    async def refund_by_hand(self, reference: str, amount_minor: int) -> None: ...
    async def webhooks(self) -> list[Webhook]: ...
    def sign(self, body: bytes) -> Mapping[str, str]: ...
    def failing(self, how: Fault) -> AbstractAsyncContextManager[None]: ...


class Flaky:
    """A gateway that is another one behind a bad line."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.fault: Fault | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    async def charge(self, charge: Charge) -> Any:
        return await self._asked(self._gateway.charge, charge)

    async def refund(self, refund: Refund) -> None:
        await self._asked(self._gateway.refund, refund)

    async def _asked(self, call: Any, argument: Any) -> Any:
        answer = await call(argument) if self.fault in (None, "answer_lost") else None
        if self.fault:
            raise GatewayUnavailable(self._gateway.name)
        return answer


class SandboxCase:
    def __init__(self, sandbox: Sandbox, pool: Pool) -> None:
        self._sandbox = sandbox
        self._pool = pool
        self._flaky = Flaky(sandbox)

    @property
    def gateway(self) -> Gateway:
        return self._flaky

    async def pay(self, reference: str) -> None:
        await self._sandbox.decide(reference, "succeed")

    async def decline(self, reference: str) -> None:
        await self._sandbox.decide(reference, "decline")

    async def refund_by_hand(self, reference: str, amount_minor: int) -> None:
        # The sandbox has no pages for it, only the books that such a page would write.
        await self._pool.execute(
            "INSERT INTO sandbox_refunds (id, reference, amount_minor) VALUES ('re_1', $1, $2)",
            reference,
            amount_minor,
        )

    async def webhooks(self) -> list[Webhook]:
        received: list[Webhook] = []

        def shop(request: httpx.Request) -> httpx.Response:
            received.append(Webhook(dict(request.headers), request.content))
            return httpx.Response(204)

        async with httpx.AsyncClient(transport=httpx.MockTransport(shop)) as client:
            while await self._sandbox.deliver_due(client, time.time_ns() // 1_000_000):
                pass
        return received

    def sign(self, body: bytes) -> Mapping[str, str]:
        return sign(SECRET, "evt_1", int(time.time()), body)

    @asynccontextmanager
    async def failing(self, how: Fault) -> AsyncIterator[None]:
        self._flaky.fault = how
        yield
        self._flaky.fault = None


class StripeCase:
    def __init__(self, gateway: Gateway, double: StripeDouble) -> None:
        self.gateway = gateway
        self._double = double

    async def pay(self, reference: str) -> None:
        self._double.pay(reference)

    async def decline(self, reference: str) -> None:
        # A declined card leaves the page open; a bank that says no ends the session.
        if self._double.sessions[reference]["status"] == "open":
            self._double.pay_by_debit(reference)
            self._double.debit(reference, works=False)

    async def refund_by_hand(self, reference: str, amount_minor: int) -> None:
        self._double.refund_by_hand(reference, amount_minor)

    async def webhooks(self) -> list[Webhook]:
        delivered = [Webhook(headers, body) for headers, body in self._double.take_events()]
        return [each for each in delivered if read(self, each) is not None]

    def sign(self, body: bytes) -> Mapping[str, str]:
        return signed_by_stripe(body)

    @asynccontextmanager
    async def failing(self, how: Fault) -> AsyncIterator[None]:
        self._double.fault = how
        self._double.released.clear()
        yield
        self._double.fault = "none"
        self._double.released.set()


@asynccontextmanager
async def sandbox(database_url: str) -> AsyncIterator[Case]:
    async with open_pool(database_url, size=2) as pool:
        yield SandboxCase(
            Sandbox(
                pool,
                secret=SECRET,
                public_url="https://shop.example",
                webhook_url="https://shop.example/hook",
            ),
            pool,
        )


@asynccontextmanager
async def stripe(database_url: str) -> AsyncIterator[Case]:
    async with (
        open_stripe_double() as double,
        open_stripe(
            secret_key=KEY,
            webhook_secret=WEBHOOK_SECRET,
            api_url=double.url,
            base_url="https://shop.example",
        ) as gateway,
    ):
        yield StripeCase(gateway, double)


@pytest.fixture(params=[sandbox, stripe])
async def case(
    request: pytest.FixtureRequest, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Case]:
    monkeypatch.setattr(stripe_gateway, "REQUEST_S", 0.2)
    monkeypatch.setattr(stripe_gateway, "RETRIES", 0)
    async with request.param(database_url) as case:
        yield case


def read(case: Case, webhook: Webhook) -> GatewayEvent | None:
    return case.gateway.parse_webhook(webhook.headers, webhook.body, time.time_ns() // 1_000_000)


async def events(case: Case) -> list[GatewayEvent]:
    found = [read(case, webhook) for webhook in await case.webhooks()]
    return [event for event in found if event is not None]


async def paid(case: Case) -> str:
    reference = (await case.gateway.charge(CHARGE)).reference
    await case.pay(reference)
    await case.webhooks()
    return reference


def part(reference: str, id: str, amount_minor: int) -> Refund:
    return Refund(
        id=RefundId(id),
        payment=CHARGE.payment,
        reference=reference,
        amount_minor=amount_minor,
        currency=CHARGE.currency,
    )


async def statement(case: Case) -> list[Movement]:
    now = time.time_ns() // 1_000_000
    return [each async for each in case.gateway.statement(now - 60_000, now + 60_000)]


# -- The gateway alone ------------------------------------------------------------------------


async def test_a_charge_that_is_asked_for_twice_is_one_charge(case: Case) -> None:
    first = await case.gateway.charge(CHARGE)
    second = await case.gateway.charge(CHARGE)

    assert first == second
    assert first.reference in first.redirect_url


async def test_payments_have_charges_of_their_own(case: Case) -> None:
    other = msgspec.structs.replace(CHARGE, payment=PaymentId("pay_2"))

    assert (await case.gateway.charge(CHARGE)) != (await case.gateway.charge(other))


async def test_a_payment_is_told_by_a_signed_webhook_that_names_it(case: Case) -> None:
    started = await case.gateway.charge(CHARGE)
    assert await case.webhooks() == []

    await case.pay(started.reference)

    (event,) = await events(case)
    assert (event.payment, event.reference) == (CHARGE.payment, started.reference)
    assert (event.outcome, event.amount_minor, event.currency) == ("captured", 1990, "USD")
    assert event.refund is None
    assert event.event_id


async def test_a_decline_is_told_too(case: Case) -> None:
    started = await case.gateway.charge(CHARGE)

    await case.decline(started.reference)

    (event,) = await events(case)
    assert event.outcome == "declined"


async def test_the_first_decision_stays(case: Case) -> None:
    started = await case.gateway.charge(CHARGE)
    await case.decline(started.reference)
    await case.pay(started.reference)

    assert [event.outcome for event in await events(case)] == ["declined"]


async def test_a_charge_that_is_withdrawn_takes_no_money(case: Case) -> None:
    started = await case.gateway.charge(CHARGE)

    for _ in range(2):
        await case.gateway.withdraw(payment=CHARGE.payment, reference=started.reference)
    await case.pay(started.reference)

    assert [event.outcome for event in await events(case)] == ["declined"]
    assert await statement(case) == []


async def test_what_was_paid_before_it_was_withdrawn_stays_paid(case: Case) -> None:
    started = await case.gateway.charge(CHARGE)
    await case.pay(started.reference)

    await case.gateway.withdraw(payment=CHARGE.payment, reference=started.reference)

    assert [event.outcome for event in await events(case)] == ["captured"]


async def test_a_refund_that_is_asked_for_twice_is_one_refund(case: Case) -> None:
    reference = await paid(case)

    for _ in range(2):
        await case.gateway.refund(part(reference, "rfd_1", 1990))

    (event,) = await events(case)
    assert (event.outcome, event.refund, event.amount_minor) == ("refunded", "rfd_1", 1990)
    assert event.payment == CHARGE.payment


async def test_money_goes_back_in_parts_until_none_is_left(case: Case) -> None:
    reference = await paid(case)

    await case.gateway.refund(part(reference, "rfd_1", 500))
    with pytest.raises(GatewayRefused):
        await case.gateway.refund(part(reference, "rfd_2", 1491))
    await case.gateway.refund(part(reference, "rfd_3", 1490))
    with pytest.raises(GatewayRefused):
        await case.gateway.refund(part(reference, "rfd_4", 1))

    said = {(event.refund, event.amount_minor) for event in await events(case)}
    assert said == {("rfd_1", 500), ("rfd_3", 1490)}


async def test_what_was_not_captured_cannot_be_refunded(case: Case) -> None:
    started = await case.gateway.charge(CHARGE)

    with pytest.raises(UnknownPayment):
        await case.gateway.refund(part(started.reference, "rfd_1", 1990))
    with pytest.raises((UnknownPayment, GatewayRefused)):
        await case.gateway.refund(part("no_such_reference", "rfd_1", 1990))

    assert await case.webhooks() == []


async def test_the_statement_lists_what_came_and_what_went_back(case: Case) -> None:
    reference = await paid(case)
    await case.gateway.refund(part(reference, "rfd_1", 500))
    await case.gateway.charge(msgspec.structs.replace(CHARGE, payment=PaymentId("pay_2")))

    listed = await statement(case)

    assert {(each.kind, each.payment, each.refund, each.amount_minor) for each in listed} == {
        ("captured", "pay_1", None, 1990),
        ("refunded", "pay_1", "rfd_1", 500),
    }
    assert {each.currency for each in listed} == {"USD"}
    assert len({each.id for each in listed}) == 2
    assert all(abs(each.at - time.time() * 1000) < 10_000 for each in listed)
    assert [each async for each in case.gateway.statement(0, 1_000_000)] == []


async def test_a_webhook_that_was_changed_on_the_way_is_not_believed(case: Case) -> None:
    reference = (await case.gateway.charge(CHARGE)).reference
    await case.pay(reference)
    (webhook,) = await case.webhooks()

    forged = Webhook(webhook.headers, webhook.body.replace(b"1990", b"1"))
    assert forged.body != webhook.body
    with pytest.raises(BadSignature):
        read(case, forged)
    with pytest.raises(BadSignature):
        read(case, Webhook({}, webhook.body))
    for name, value in webhook.headers.items():
        if "signature" in name:
            with pytest.raises(BadSignature):
                read(case, Webhook({**webhook.headers, name: f"{value[:-5]}é"}, webhook.body))


async def test_a_webhook_that_was_recorded_and_sent_again_later_is_stale(case: Case) -> None:
    started = await case.gateway.charge(CHARGE)
    await case.pay(started.reference)
    (webhook,) = await case.webhooks()

    now = time.time_ns() // 1_000_000
    for minutes in (6, -6):
        with pytest.raises(StaleSignature):
            case.gateway.parse_webhook(webhook.headers, webhook.body, now + minutes * 60_000)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"event":"exploded"}', b"[" * 100_000])
async def test_a_signed_webhook_that_makes_no_sense_is_a_bad_event(case: Case, body: bytes) -> None:
    with pytest.raises(BadEvent):
        read(case, Webhook(case.sign(body), body))


@pytest.mark.parametrize("how", ["slow", "error", "answer_lost"])
async def test_a_gateway_that_fails_says_so_and_is_asked_again(case: Case, how: Fault) -> None:
    async with case.failing(how):
        with pytest.raises(GatewayUnavailable):
            await case.gateway.charge(CHARGE)
    reference = await paid(case)
    async with case.failing(how):
        with pytest.raises(GatewayUnavailable):
            await case.gateway.refund(part(reference, "rfd_1", 500))
    await case.gateway.refund(part(reference, "rfd_1", 500))

    listed = [(each.kind, each.amount_minor) for each in await statement(case)]
    assert sorted(listed) == [("captured", 1990), ("refunded", 500)]


# -- The shop behind it -----------------------------------------------------------------------


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
