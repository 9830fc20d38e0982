"""What the shop may expect of every payment gateway."""

import time

import msgspec
import pytest

from commerce.ids import PaymentId
from commerce.payments import (
    BadEvent,
    BadSignature,
    GatewayRefused,
    GatewayUnavailable,
    StaleSignature,
    UnknownPayment,
)
from tests.contracts.gateways import (
    CHARGE,
    Case,
    Fault,
    Webhook,
    events,
    paid,
    part,
    read,
    statement,
)


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
