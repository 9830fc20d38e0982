"""The sandbox: deliveries that fail are tried again, late ones wait, and only once each counts."""

import base64
import time

import httpx
import pytest

from commerce.ids import PaymentId
from commerce.payments import BadEvent, BadSignature, Charge, StaleSignature, UnknownPayment
from commerce.payments.sandbox import ATTEMPTS, Sandbox
from commerce.payments.signature import sign, verify
from commerce.store.pool import Pool

NOW = time.time_ns() // 1_000_000
SECRET = b"a secret"
CHARGE = Charge(
    payment=PaymentId("pay_1"),
    amount_minor=1990,
    currency="USD",
    description="Mug × 1",
    return_url="https://shop.example/live/tonight",
)


class ShopDouble:
    """The shop's end of the webhook: answers with the next status, the last one for good."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status == 0:
            raise httpx.ConnectError("nobody there")
        return httpx.Response(status)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self))


@pytest.fixture
def sandbox(pool: Pool) -> Sandbox:
    return Sandbox(
        pool,
        secret=SECRET,
        public_url="https://shop.example",
        webhook_url="https://shop.example/hook",
    )


async def test_a_delivery_that_fails_is_tried_again_ever_later_until_it_is_taken(
    sandbox: Sandbox,
) -> None:
    started = await sandbox.charge(CHARGE)
    await sandbox.decide(started.reference, "succeed")
    shop = ShopDouble(0, 500, 404, 200)
    async with shop.client() as client:
        now, tried = time.time_ns() // 1_000_000, []
        for _ in range(20):
            if await sandbox.deliver_due(client, now):
                tried.append((now - NOW) // 1_000)
            now += 1_000

    assert len(shop.requests) == 4
    first = tried[0]
    assert [moment - first for moment in tried] == [0, 1, 3, 7]
    bodies = {request.content for request in shop.requests}
    ids = {request.headers["webhook-id"] for request in shop.requests}
    assert len(bodies) == len(ids) == 1


async def test_after_many_failures_the_sandbox_gives_up(sandbox: Sandbox) -> None:
    started = await sandbox.charge(CHARGE)
    await sandbox.decide(started.reference, "succeed")
    shop = ShopDouble(503)
    async with shop.client() as client:
        for minute in range(2 * ATTEMPTS):
            await sandbox.deliver_due(client, NOW + minute * 61_000)

    assert len(shop.requests) == ATTEMPTS


async def test_a_late_payment_is_told_late(sandbox: Sandbox) -> None:
    started = await sandbox.charge(CHARGE)
    before = time.time_ns() // 1_000_000
    charge = await sandbox.decide(started.reference, "late", delay_s=30)
    after = time.time_ns() // 1_000_000
    shop = ShopDouble(200)
    async with shop.client() as client:
        assert charge.status == "succeeded"
        assert await sandbox.deliver_due(client, before + 29_999) == 0
        assert await sandbox.deliver_due(client, after + 30_000) == 1

    assert len(shop.requests) == 1


async def test_the_page_sees_the_charge(sandbox: Sandbox) -> None:
    started = await sandbox.charge(CHARGE)

    charge = await sandbox.get_charge(started.reference)

    assert started.redirect_url == f"https://shop.example/sandbox/pay/{started.reference}"
    assert (charge.amount_minor, charge.currency, charge.status) == (1990, "USD", "open")
    assert (charge.description, charge.return_url) == (CHARGE.description, CHARGE.return_url)
    with pytest.raises(UnknownPayment):
        await sandbox.get_charge("sbx_none")
    with pytest.raises(UnknownPayment):
        await sandbox.decide("sbx_none", "succeed")


async def test_a_signed_webhook_that_makes_no_sense_is_a_bad_event(sandbox: Sandbox) -> None:
    body = b'{"event": "exploded"}'

    with pytest.raises(BadEvent):
        sandbox.parse_webhook(sign(SECRET, "evt_1", NOW // 1000, body), body, NOW)


def test_a_signature_names_what_it_signed() -> None:
    headers = sign(SECRET, "evt_1", NOW // 1000, b"{}")

    assert verify(SECRET, headers, b"{}", NOW) == "evt_1"
    assert verify(SECRET, headers, b"{}", NOW + 300_000) == "evt_1"


def test_the_signature_is_the_one_of_the_standard_webhooks_specification() -> None:
    # The example of the specification's reference libraries.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    headers = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')

    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
    assert headers["webhook-timestamp"] == "1614265330"
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_the_secret_changes_one_of_several_signatures_must_fit() -> None:
    old = sign(b"old", "evt_1", NOW // 1000, b"{}")
    new = sign(b"new", "evt_1", NOW // 1000, b"{}")
    both = {**old, "webhook-signature": f"{old['webhook-signature']} {new['webhook-signature']}"}

    assert verify(b"new", both, b"{}", NOW) == "evt_1"
    assert verify(b"old", both, b"{}", NOW) == "evt_1"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "evt_2"},
        {"webhook-timestamp": str(NOW // 1000 - 1)},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "²"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,not base64!"},
        {"webhook-signature": "v2,AAAA"},
        {"webhook-signature": "v1,é"},
    ],
)
def test_any_change_of_a_header_breaks_the_signature(change: dict[str, str]) -> None:
    headers = {**sign(SECRET, "evt_1", NOW // 1000, b"{}"), **change}

    with pytest.raises(BadSignature):
        verify(SECRET, headers, b"{}", NOW)


def test_a_signature_is_stale_after_five_minutes_and_says_by_how_much() -> None:
    headers = sign(SECRET, "evt_1", NOW // 1000, b"{}")

    with pytest.raises(StaleSignature) as stale:
        verify(SECRET, headers, b"{}", NOW + 301_000)

    assert stale.value.age_s == 301
    assert str(stale.value) == "the webhook was signed 301 s ago by this server's clock"
