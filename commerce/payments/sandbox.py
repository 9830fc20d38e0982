"""
A payment gateway with its own books, for demos and tests: it behaves, and misbehaves, like one.

It knows the shop only by charges, refunds and the address of the webhook, and the shop knows it
only by the Gateway Protocol; that both keep their tables in one database is a convenience. An event
is written in the transaction that made it true, and delivered until the shop answers 2xx: at least
once, perhaps late, perhaps out of order.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final, Literal

import httpx
import msgspec
import structlog
from msgspec import Struct

from commerce.errors import StoreUnavailable
from commerce.ids import PaymentId, RefundId, new_id
from commerce.money import Money
from commerce.payments.gateway import (
    Acknowledgement,
    BadEvent,
    Charge,
    ChargeStarted,
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    Movement,
    Refund,
    UnknownPayment,
)
from commerce.payments.signature import sign, verify
from commerce.rounds import OUTAGE
from commerce.store.pool import Connection, Pool, acquire, transaction
from commerce.store.queries import load

log = structlog.get_logger()

Decision = Literal["succeed", "decline", "late"]

LATE_S: Final = 30.0
"""How late a payment that was asked to be late arrives, unless told otherwise."""

ATTEMPTS: Final = 14
"""Deliveries of an event: with a minute between the last ones, the shop may be away for ten."""

LONGEST_WAIT_S: Final = 60
"""Between two deliveries of an event."""

DELIVERY_S: Final = 5.0
"""The shop answers a webhook in milliseconds; after this it is tried again."""

DELIVERIES: Final = 20
"""Events delivered at a time."""

LOOK_S: Final = 0.25
"""Between two looks for events that are due: a buyer waits for the first one."""

STATEMENT_CHUNK: Final = 500
"""Movements read at a time, through a cursor."""

_sql = load("sandbox")


def now_ms() -> int:
    """Return this machine's time, in Unix ms."""
    return time.time_ns() // 1_000_000


class SandboxCharge(Struct, frozen=True):
    """A charge as its page shows it."""

    reference: str
    payment: PaymentId
    amount_minor: int
    currency: str
    description: str
    return_url: str
    status: Literal["open", "succeeded", "declined", "refunded"]


class _Body(Struct, frozen=True):
    """What a webhook says."""

    event: Literal["captured", "declined", "refunded"]
    payment: PaymentId
    reference: str
    amount_minor: int
    currency: str
    refund: RefundId | None = None


class Sandbox:
    """
    The sandbox gateway.

    Args:
        secret: what its webhooks are signed with.
        public_url: where its pages are, without a slash at the end.
        webhook_url: where the shop listens.
        clock: what time it is, in Unix ms.

    """

    name: Final = "sandbox"
    acknowledgement: Final = Acknowledgement()

    def __init__(
        self,
        pool: Pool,
        *,
        secret: bytes,
        public_url: str,
        webhook_url: str,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self._pool = pool
        self._secret = secret
        self._public_url = public_url
        self._webhook_url = webhook_url
        self._clock = clock

    # -- As the shop sees it ----------------------------------------------------------------

    async def charge(self, charge: Charge) -> ChargeStarted:
        """Begin to collect money; see `Gateway.charge`."""
        async with acquire(self._pool) as connection:
            await connection.execute(
                _sql.begin,
                new_id("sbx"),
                charge.payment,
                charge.amount_minor,
                charge.currency,
                charge.description,
                charge.return_url,
            )
            reference = await connection.fetchval(_sql.of_payment, charge.payment)
        return ChargeStarted(
            reference=reference, redirect_url=f"{self._public_url}/sandbox/pay/{reference}"
        )

    async def withdraw(self, *, payment: PaymentId, reference: str) -> None:
        """Take no more money for a charge; see `Gateway.withdraw`."""
        async with transaction(self._pool) as connection:
            await self._decide(connection, reference, "declined", delay_s=0)

    async def refund(self, refund: Refund) -> None:
        """Give captured money back; see `Gateway.refund`."""
        async with transaction(self._pool) as connection:
            left_minor = await connection.fetchval(_sql.lock, refund.reference)
            if left_minor is None:
                raise UnknownPayment(refund.payment)
            if await connection.fetchval(_sql.refund_exists, refund.id):
                return
            if refund.amount_minor > left_minor:
                left = Money(left_minor, refund.currency)
                raise GatewayRefused(self.name, f"only {left} of the payment is left")
            await connection.fetchval(
                _sql.refund, refund.id, refund.reference, refund.amount_minor, self._clock()
            )
            if refund.amount_minor == left_minor:
                await connection.execute(_sql.refunded, refund.reference)
            body = _Body(
                event="refunded",
                payment=refund.payment,
                reference=refund.reference,
                amount_minor=refund.amount_minor,
                currency=refund.currency,
                refund=refund.id,
            )
            await self._queue(connection, body, delay_s=0)

    async def statement(self, since: int, until: int) -> AsyncIterator[Movement]:
        """List the money that moved; see `Gateway.statement`."""
        try:
            async with transaction(self._pool) as connection:
                rows = connection.cursor(_sql.statement, since, until, prefetch=STATEMENT_CHUNK)
                async for row in rows:
                    yield msgspec.convert(dict(row), Movement)
        except StoreUnavailable as error:
            raise GatewayUnavailable(self.name) from error

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now: int) -> GatewayEvent:
        """Read what the sandbox sent; see `Gateway.parse_webhook`."""
        id = verify(self._secret, headers, body, now)
        try:
            said = msgspec.json.decode(body, type=_Body)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise BadEvent(str(error)) from error
        return GatewayEvent(
            event_id=id,
            payment=said.payment,
            reference=said.reference,
            outcome=said.event,
            amount_minor=said.amount_minor,
            currency=said.currency,
            refund=said.refund,
        )

    # -- As its page sees it ----------------------------------------------------------------

    async def get_charge(self, reference: str) -> SandboxCharge:
        """
        Return a charge.

        Raises:
            UnknownPayment: there is none of this reference.

        """
        async with acquire(self._pool) as connection:
            row = await connection.fetchrow(_sql.charge, reference)
        if row is None:
            raise UnknownPayment(reference)
        return SandboxCharge(**row)

    async def decide(
        self, reference: str, decision: Decision, *, delay_s: float | None = None
    ) -> SandboxCharge:
        """
        Pay or decline, as the buyer did on the page; the first decision stays.

        The shop hears of it after ``delay_s``: by default at once, or `LATE_S` for ``late``.

        Raises:
            UnknownPayment: there is no charge of this reference.

        """
        if delay_s is None:
            delay_s = LATE_S if decision == "late" else 0.0
        to: Literal["succeeded", "declined"] = "declined" if decision == "decline" else "succeeded"
        async with transaction(self._pool) as connection:
            await self._decide(connection, reference, to, delay_s=delay_s)
        return await self.get_charge(reference)

    # -- Its deliveries ---------------------------------------------------------------------

    async def run(self) -> None:
        """Deliver events as they fall due, until cancelled; several processes may."""
        async with httpx.AsyncClient(timeout=DELIVERY_S) as client:
            while True:
                try:
                    taken = await self.deliver_due(client, self._clock())
                except OUTAGE as error:
                    log.warning("round_failed", work="sandbox", error=str(error) or repr(error))
                    taken = 0
                if taken < DELIVERIES:
                    await asyncio.sleep(LOOK_S)

    async def deliver_due(self, client: httpx.AsyncClient, now: int) -> int:
        """Deliver some events that are due at ``now`` (Unix ms); return how many were tried."""
        async with acquire(self._pool) as connection:
            due = await connection.fetch(_sql.take_due, now, ATTEMPTS, LONGEST_WAIT_S, DELIVERIES)
        async with asyncio.TaskGroup() as deliveries:
            for row in due:
                deliveries.create_task(
                    self._deliver(client, row["id"], row["body"], row["attempts"], now)
                )
        return len(due)

    async def _deliver(
        self, client: httpx.AsyncClient, id: str, body: str, attempt: int, now: int
    ) -> None:
        content = body.encode()
        headers = {
            "content-type": "application/json",
            **sign(self._secret, id, now // 1000, content),
        }
        try:
            answer = await client.post(self._webhook_url, content=content, headers=headers)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            log.warning("webhook_failed", webhook=id, attempt=attempt, error=str(error))
            return
        try:
            async with acquire(self._pool) as connection:
                await connection.execute(_sql.delivered, id)
        except OUTAGE as error:
            # It will be delivered again, as any webhook may be.
            log.warning("delivery_not_recorded", webhook=id, error=str(error) or repr(error))

    async def _decide(
        self,
        connection: Connection,
        reference: str,
        to: Literal["succeeded", "declined"],
        *,
        delay_s: float,
    ) -> None:
        """Decide a charge if it is open, and queue the event."""
        row = await connection.fetchrow(_sql.decide, reference, to, self._clock())
        if row is not None:
            body = _Body(
                event="captured" if to == "succeeded" else "declined",
                payment=row["payment_id"],
                reference=reference,
                amount_minor=row["amount_minor"],
                currency=row["currency"],
            )
            await self._queue(connection, body, delay_s=delay_s)

    async def _queue(self, connection: Connection, body: _Body, *, delay_s: float) -> None:
        due_at = self._clock() + int(delay_s * 1000)
        text = msgspec.json.encode(body).decode()
        await connection.execute(_sql.queue, new_id("evt"), body.reference, text, due_at)
