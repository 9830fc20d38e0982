"""The payment gateways under contract, and how a test plays buyer, bank and network."""

import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Literal, Protocol

import httpx
from msgspec import Struct

from commerce.ids import PaymentId, RefundId
from commerce.payments import (
    Charge,
    Gateway,
    GatewayEvent,
    GatewayUnavailable,
    Movement,
    Refund,
)
from commerce.payments.sandbox import Sandbox
from commerce.payments.signature import sign
from commerce.payments.stripe import open_stripe
from commerce.store.pool import Pool, open_pool
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
