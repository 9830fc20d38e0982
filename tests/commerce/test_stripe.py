"""Stripe's own ways, behind the Protocol that every gateway keeps (``tests/contracts``)."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from commerce.ids import PaymentId, RefundId
from commerce.payments import (
    BadSignature,
    Charge,
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    Movement,
    Refund,
    stripe as stripe_gateway,
)
from commerce.payments.stripe import Stripe, open_stripe
from tests.commerce.stripe_double import (
    KEY,
    WEBHOOK_SECRET,
    StripeDouble,
    open_stripe_double,
    signed,
)

CHARGE = Charge(
    payment=PaymentId("pay_1"),
    amount_minor=1990,
    currency="USD",
    description="Mug × 1",
    return_url="/live/tonight",
)
NOW = time.time_ns() // 1_000_000


@pytest.fixture
async def double() -> AsyncIterator[StripeDouble]:
    async with open_stripe_double() as double:
        yield double


@pytest.fixture
async def gateway(double: StripeDouble) -> AsyncIterator[Stripe]:
    async with open_stripe(
        secret_key=KEY,
        webhook_secret=WEBHOOK_SECRET,
        api_url=double.url,
        base_url="https://shop.example",
    ) as gateway:
        yield gateway


def told(gateway: Stripe, double: StripeDouble) -> list[GatewayEvent | None]:
    return [
        gateway.parse_webhook(headers, body, time.time_ns() // 1_000_000)
        for headers, body in double.take_events()
    ]


async def listed(gateway: Stripe) -> list[Movement]:
    now = time.time_ns() // 1_000_000
    return [each async for each in gateway.statement(now - 60_000, now + 60_000)]


async def test_a_session_names_the_payment_wherever_stripe_may_show_it(
    gateway: Stripe, double: StripeDouble
) -> None:
    started = await gateway.charge(CHARGE)

    session = double.sessions[started.reference]
    names = {"liveshop_payment": "pay_1"}
    assert session["client_reference_id"] == "pay_1"
    assert (session["metadata"], session["_intent_metadata"]) == (names, names)
    assert (session["amount_total"], session["currency"]) == (1990, "usd")
    assert started.redirect_url == f"{double.url}/pay/{started.reference}"


async def test_a_declined_card_leaves_the_page_open(gateway: Stripe, double: StripeDouble) -> None:
    reference = (await gateway.charge(CHARGE)).reference

    double.decline_card(reference)
    assert told(gateway, double) == [None]
    double.pay(reference)

    (event,) = told(gateway, double)
    assert event is not None
    assert event.outcome == "captured"


async def test_a_bank_debit_is_captured_when_its_money_comes(
    gateway: Stripe, double: StripeDouble
) -> None:
    reference = (await gateway.charge(CHARGE)).reference

    double.pay_by_debit(reference)
    assert told(gateway, double) == [None]
    double.debit(reference, works=True)

    (event,) = told(gateway, double)
    assert event is not None
    assert (event.outcome, event.amount_minor) == ("captured", 1990)


async def test_a_session_whose_time_is_over_is_declined(
    gateway: Stripe, double: StripeDouble
) -> None:
    reference = (await gateway.charge(CHARGE)).reference

    double.expire(reference)

    (event,) = told(gateway, double)
    assert event is not None
    assert (event.outcome, event.payment) == ("declined", "pay_1")


async def test_what_another_program_does_with_the_account_is_not_ours(
    gateway: Stripe, double: StripeDouble
) -> None:
    reference = (await gateway.charge(CHARGE)).reference
    double.sessions[reference]["metadata"] = {}
    double.sessions[reference]["_intent_metadata"] = {}
    double.pay(reference)

    assert told(gateway, double) == [None]
    assert await listed(gateway) == []


async def test_a_refund_at_the_dashboard_is_in_the_statement_under_its_payment(
    gateway: Stripe, double: StripeDouble
) -> None:
    reference = (await gateway.charge(CHARGE)).reference
    double.pay(reference)
    told(gateway, double)

    double.refund_by_hand(reference, 700)

    assert told(gateway, double) == [None]
    (refund,) = [each for each in await listed(gateway) if each.kind == "refunded"]
    assert (refund.payment, refund.refund, refund.amount_minor) == ("pay_1", None, 700)


async def test_a_refund_that_the_bank_sent_back_gave_nothing_back(
    gateway: Stripe, double: StripeDouble
) -> None:
    reference = (await gateway.charge(CHARGE)).reference
    double.pay(reference)
    await gateway.refund(Refund(RefundId("rfd_1"), CHARGE.payment, reference, 700, "USD"))
    double.fail_refunds()

    assert [each.kind for each in await listed(gateway)] == ["captured"]


async def test_a_refund_is_found_again_after_stripe_forgot_its_key(
    gateway: Stripe, double: StripeDouble
) -> None:
    reference = (await gateway.charge(CHARGE)).reference
    double.pay(reference)
    refund = Refund(RefundId("rfd_1"), CHARGE.payment, reference, 700, "USD")

    await gateway.refund(refund)
    double.forget_keys()
    await gateway.refund(refund)

    assert [each["amount"] for each in double.refunds.values()] == [700]


async def test_a_long_statement_comes_in_pages(
    gateway: Stripe, double: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stripe_gateway, "PAGE", 2)
    for number in range(5):
        charge = msgspec.structs.replace(CHARGE, payment=PaymentId(f"pay_{number}"))
        double.pay((await gateway.charge(charge)).reference)
    double.requests.clear()

    found = await listed(gateway)

    assert sorted(each.payment for each in found) == [f"pay_{number}" for number in range(5)]
    assert double.requests.count("GET /v1/charges") == 3


@pytest.mark.parametrize(
    ("currency", "amount_minor", "units"),
    [
        ("JPY", 1990, 1990),
        ("BHD", 1990, 1990),
        ("ISK", 1990, 199_000),
        ("UGX", 1990, 199_000),
        ("MGA", 199_000, 1990),
    ],
)
async def test_amounts_are_in_the_units_that_stripe_counts(
    gateway: Stripe, double: StripeDouble, currency: str, amount_minor: int, units: int
) -> None:
    charge = msgspec.structs.replace(CHARGE, amount_minor=amount_minor, currency=currency)
    reference = (await gateway.charge(charge)).reference
    double.pay(reference)

    assert double.sessions[reference]["amount_total"] == units
    (event,) = told(gateway, double)
    assert event is not None
    assert (event.amount_minor, event.currency) == (amount_minor, currency)
    assert [each.amount_minor for each in await listed(gateway)] == [amount_minor]


async def test_what_stripe_does_not_take_is_refused_in_its_words(
    gateway: Stripe, double: StripeDouble
) -> None:
    with pytest.raises(GatewayRefused, match="The amount is below the minimum"):
        await gateway.charge(msgspec.structs.replace(CHARGE, amount_minor=1))
    with pytest.raises(GatewayRefused, match="parts of 1 MGA"):
        await gateway.charge(msgspec.structs.replace(CHARGE, amount_minor=150, currency="MGA"))

    assert double.sessions == {}


async def test_a_key_that_stripe_does_not_know_is_no_matter_of_the_buyers(
    double: StripeDouble,
) -> None:
    async with open_stripe(
        secret_key="sk_test_old", webhook_secret="", api_url=double.url, base_url=""
    ) as gateway:
        with pytest.raises(GatewayUnavailable):
            await gateway.charge(CHARGE)


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    async with open_stripe(
        secret_key=KEY, webhook_secret="", api_url="http://127.0.0.1:1", base_url=""
    ) as gateway:
        with pytest.raises(GatewayUnavailable):
            await gateway.charge(CHARGE)


@pytest.mark.parametrize(
    "header", ["", "t=1", "v1=00", "t=soon,v1=00", "t=1,v1=é", "t=,v1=", "t={now},v0=00"]
)
async def test_a_header_that_is_no_signature_is_a_bad_one(gateway: Stripe, header: str) -> None:
    with pytest.raises(BadSignature):
        gateway.parse_webhook({"stripe-signature": header.format(now=NOW)}, b"{}", NOW)


async def test_while_the_secret_changes_one_of_several_signatures_must_fit(
    gateway: Stripe,
) -> None:
    body = json.dumps({"id": "evt_1", "type": "ping", "data": {"object": {}}}).encode()
    header: dict[str, Any] = signed(body)
    both = f"{header['stripe-signature']},v1={'0' * 64}"

    assert gateway.parse_webhook({"stripe-signature": both}, body, NOW) is None
    with pytest.raises(BadSignature):
        gateway.parse_webhook(signed(body, secret="whsec_another"), body, NOW)
