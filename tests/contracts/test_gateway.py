"""What the shop may expect of every payment gateway."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

import httpx
import msgspec
import pytest
from msgspec import Struct

from commerce.ids import PaymentId
from commerce.payments import (
    BadSignature,
    Charge,
    Gateway,
    GatewayEvent,
    StaleSignature,
    UnknownPayment,
)
from commerce.payments.sandbox import Sandbox
from commerce.store.pool import open_pool

CHARGE = Charge(
    payment=PaymentId("pay_1"),
    amount_minor=1990,
    currency="USD",
    description="Mug × 1",
    return_url="https://shop.example/live/tonight",
)


class Webhook(Struct, frozen=True):
    """What arrives at the shop."""

    headers: Mapping[str, str]
    body: bytes


class Case(Struct, frozen=True):
    """A gateway, and how a test plays the buyer and the network."""

    gateway: Gateway
    pay: Callable[[str], Awaitable[object]]
    decline: Callable[[str], Awaitable[object]]
    webhooks: Callable[[], Awaitable[list[Webhook]]]


@asynccontextmanager
async def sandbox(database_url: str) -> AsyncIterator[Case]:
    received: list[Webhook] = []

    def shop(request: httpx.Request) -> httpx.Response:
        received.append(Webhook(dict(request.headers), request.content))
        return httpx.Response(204)

    async with (
        open_pool(database_url, size=2) as pool,
        httpx.AsyncClient(transport=httpx.MockTransport(shop)) as client,
    ):
        gateway = Sandbox(
            pool,
            secret=b"a secret",
            public_url="https://shop.example",
            webhook_url="https://shop.example/hook",
        )

        async def webhooks() -> list[Webhook]:
            received.clear()
            while await gateway.deliver_due(client, time.time_ns() // 1_000_000):
                pass
            return list(received)

        yield Case(
            gateway=gateway,
            pay=lambda reference: gateway.decide(reference, "succeed"),
            decline=lambda reference: gateway.decide(reference, "decline"),
            webhooks=webhooks,
        )


@pytest.fixture(params=[sandbox])
async def case(request: pytest.FixtureRequest, database_url: str) -> AsyncIterator[Case]:
    async with request.param(database_url) as case:
        yield case


def read(case: Case, webhook: Webhook) -> GatewayEvent:
    return case.gateway.parse_webhook(webhook.headers, webhook.body, time.time_ns() // 1_000_000)


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

    (webhook,) = await case.webhooks()
    event = read(case, webhook)
    assert (event.payment, event.reference) == (CHARGE.payment, started.reference)
    assert event.outcome == "captured"
    assert event.event_id


async def test_a_decline_is_told_too(case: Case) -> None:
    started = await case.gateway.charge(CHARGE)

    await case.decline(started.reference)

    (webhook,) = await case.webhooks()
    assert read(case, webhook).outcome == "declined"


async def test_the_first_decision_stays(case: Case) -> None:
    started = await case.gateway.charge(CHARGE)
    await case.decline(started.reference)
    await case.pay(started.reference)

    assert [read(case, webhook).outcome for webhook in await case.webhooks()] == ["declined"]


async def test_a_refund_that_is_asked_for_twice_is_one_refund(case: Case) -> None:
    started = await case.gateway.charge(CHARGE)
    await case.pay(started.reference)
    await case.webhooks()

    for _ in range(2):
        await case.gateway.refund(
            payment=CHARGE.payment,
            reference=started.reference,
            amount_minor=CHARGE.amount_minor,
            currency=CHARGE.currency,
        )

    assert [read(case, webhook).outcome for webhook in await case.webhooks()] == ["refunded"]


async def test_what_was_not_captured_cannot_be_refunded(case: Case) -> None:
    started = await case.gateway.charge(CHARGE)

    for reference in (started.reference, "no such reference"):
        with pytest.raises(UnknownPayment):
            await case.gateway.refund(
                payment=CHARGE.payment, reference=reference, amount_minor=1990, currency="USD"
            )

    assert await case.webhooks() == []


async def test_a_webhook_that_was_changed_on_the_way_is_not_believed(case: Case) -> None:
    started = await case.gateway.charge(CHARGE)
    await case.decline(started.reference)
    (webhook,) = await case.webhooks()

    forged = Webhook(webhook.headers, webhook.body.replace(b"declined", b"captured"))
    assert forged.body != webhook.body
    with pytest.raises(BadSignature):
        read(case, forged)
    with pytest.raises(BadSignature):
        read(case, Webhook({}, webhook.body))


async def test_a_webhook_that_was_recorded_and_sent_again_later_is_stale(case: Case) -> None:
    started = await case.gateway.charge(CHARGE)
    await case.pay(started.reference)
    (webhook,) = await case.webhooks()

    now = time.time_ns() // 1_000_000
    for minutes in (6, -6):
        with pytest.raises(StaleSignature):
            case.gateway.parse_webhook(webhook.headers, webhook.body, now + minutes * 60_000)
