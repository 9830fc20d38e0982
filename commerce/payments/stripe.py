"""
Stripe, through Checkout Sessions: its hosted page, its webhooks, its refunds.

A session is a page to pay on that keeps trying while cards are declined, offers whatever methods
the account has switched on, and can be ended. Every object that we make carries our own names in
its metadata; what does not is not ours, and is passed over, so one account may serve other
programs. Invariant: a call that is repeated is one call, for a charge by Stripe's idempotency keys,
which last longer than an order waits, for a refund by looking for it first, because keys are
forgotten after a day.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, Literal
from urllib.parse import urljoin

import msgspec
import stripe
import structlog
from msgspec import Struct

from commerce.ids import PaymentId, RefundId
from commerce.money import minor_digits
from commerce.payments.gateway import (
    Acknowledgement,
    BadEvent,
    BadSignature,
    Charge,
    ChargeStarted,
    GatewayEvent,
    GatewayRefused,
    GatewayUnavailable,
    Movement,
    Refund,
    StaleSignature,
    UnknownPayment,
)
from commerce.payments.signature import TOLERANCE_S

log = structlog.get_logger()

REQUEST_S: Final = 10.0
"""A session takes Stripe half a second; a buyer waits for it with a spinner."""

RETRIES: Final = 1
"""The library's own, with the same idempotency key; more would outlast the buyer's patience."""

CALL_S: Final = 25.0
"""For all requests and retries of one call of ours."""

PAGE: Final = 100
"""Objects listed at a time; Stripe allows no more."""

PAYMENT: Final = "liveshop_payment"
REFUND: Final = "liveshop_refund"
"""The metadata's names for our names."""

SIGNATURE: Final = "stripe-signature"

DIGITS: Final = {"ISK": 2, "UGX": 2, "MGA": 0}
"""Where Stripe counts in other units than ISO 4217 (docs.stripe.com/currencies, special cases)."""

INTENT: Final = "pi_"
"""How the id of a PaymentIntent begins."""

GONE: Final = ("canceled", "failed")
"""States of a refund that gave nothing back."""


class _Session(Struct, frozen=True):
    """A Checkout Session in an event, as far as it concerns us."""

    id: str
    payment_status: Literal["paid", "unpaid", "no_payment_required"]
    currency: str
    amount_total: int
    metadata: dict[str, str] | None = None


class _Refund(Struct, frozen=True):
    id: str
    status: str | None
    currency: str
    amount: int
    metadata: dict[str, str] | None = None


class _Data(Struct, frozen=True):
    object: msgspec.Raw


class _Event(Struct, frozen=True):
    id: str
    type: str
    data: _Data


class Stripe:
    """
    Money through Stripe; made by `open_stripe`.

    Args:
        webhook_secret: what Stripe signs this shop's webhooks with (``whsec_…``).
        base_url: what a relative ``return_url`` is relative to; Stripe takes whole ones only.

    """

    name: Final = "stripe"
    acknowledgement: Final = Acknowledgement()

    def __init__(self, client: stripe.StripeClient, *, webhook_secret: str, base_url: str) -> None:
        self._api = client.v1
        self._webhook_secret = webhook_secret
        self._base_url = base_url

    # -- What the shop asks for ---------------------------------------------------------------

    async def charge(self, charge: Charge) -> ChargeStarted:
        """Open a session; see `Gateway.charge`."""
        names: dict[str, str] = {PAYMENT: charge.payment}
        return_url = urljoin(self._base_url, charge.return_url)
        async with self._asking():
            session = await self._api.checkout.sessions.create_async(
                {
                    "mode": "payment",
                    "client_reference_id": charge.payment,
                    "metadata": names,
                    # Charges copy it, so a statement knows whose they are.
                    "payment_intent_data": {"metadata": names, "description": charge.description},
                    "line_items": [
                        {
                            "quantity": 1,
                            "price_data": {
                                "currency": charge.currency.lower(),
                                "unit_amount": self._units(charge.amount_minor, charge.currency),
                                "product_data": {"name": charge.description},
                            },
                        }
                    ],
                    # The order has one amount in one currency, and so has its capture.
                    "adaptive_pricing": {"enabled": False},
                    "success_url": return_url,
                    "cancel_url": return_url,
                },
                {"idempotency_key": charge.payment},
            )
        if session.url is None:
            # Asked again after it ended: the key replays the first answer, so this is odd.
            raise GatewayRefused(self.name, f"the session {session.id} has no page")
        return ChargeStarted(reference=session.id, redirect_url=session.url)

    async def withdraw(self, *, payment: PaymentId, reference: str) -> None:
        """Expire the session; see `Gateway.withdraw`."""
        try:
            async with self._asking():
                await self._api.checkout.sessions.expire_async(reference)
        except GatewayRefused as error:
            # It is complete, or has expired: either way Stripe tells us by itself.
            log.info("not_withdrawn", payment=payment, error=str(error))

    async def refund(self, refund: Refund) -> None:
        """Give money back; see `Gateway.refund`."""
        async with self._asking():
            intent = await self._intent(refund)
            made = await self._api.refunds.list_async({"payment_intent": intent, "limit": PAGE})
            async for each in made.auto_paging_iter():
                if _name(each, REFUND) == refund.id and each.status not in GONE:
                    return
            await self._api.refunds.create_async(
                {
                    "payment_intent": intent,
                    "amount": self._units(refund.amount_minor, refund.currency),
                    "metadata": {PAYMENT: refund.payment, REFUND: refund.id},
                },
                {"idempotency_key": refund.id},
            )

    async def statement(self, since: int, until: int) -> AsyncIterator[Movement]:
        """List captured charges and refunds; see `Gateway.statement`."""
        # Charges and refunds, not balance transactions: those are in the account's own currency.
        # Stripe counts in whole seconds: a little more is listed, and what is outside is left out.
        period: Any = {"gte": since // 1000, "lte": until // 1000}
        async for charge in self._pages(
            self._api.charges.list_async, {"created": period, "limit": PAGE}
        ):
            payment = _name(charge, PAYMENT)
            if charge.paid and charge.captured and payment:
                yield self._movement("captured", charge, charge.amount_captured, payment)
        async for refund in self._pages(
            self._api.refunds.list_async,
            {"created": period, "limit": PAGE, "expand": ["data.charge"]},
        ):
            # One that somebody made at Stripe's dashboard has no names of its own.
            payment = _name(refund, PAYMENT) or _name(refund.charge, PAYMENT)
            if payment and refund.status not in GONE:
                yield self._movement(
                    "refunded", refund, refund.amount, payment, _name(refund, REFUND)
                )

    # -- What Stripe tells ----------------------------------------------------------------------

    def parse_webhook(
        self, headers: Mapping[str, str], body: bytes, now: int
    ) -> GatewayEvent | None:
        """Read an event; see `Gateway.parse_webhook`."""
        self._verify(headers.get(SIGNATURE, ""), body, now)
        try:
            event = msgspec.json.decode(body, type=_Event)
            match event.type:
                case (
                    "checkout.session.completed"
                    | "checkout.session.async_payment_succeeded"
                    | "checkout.session.async_payment_failed"
                    | "checkout.session.expired"
                ):
                    session = msgspec.json.decode(event.data.object, type=_Session)
                    return self._about_session(event, session)
                case "refund.created" | "refund.updated":
                    refund = msgspec.json.decode(event.data.object, type=_Refund)
                    return self._about_refund(event, refund)
                case _:
                    return None
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise BadEvent(str(error)) from error

    def _about_session(self, event: _Event, session: _Session) -> GatewayEvent | None:
        payment = (session.metadata or {}).get(PAYMENT)
        # A bank debit completes the session days before its money comes, or does not.
        outcome: Literal["captured", "declined"]
        match event.type, session.payment_status:
            case "checkout.session.async_payment_failed" | "checkout.session.expired", _:
                outcome = "declined"
            case _, "paid" | "no_payment_required":
                outcome = "captured"
            case _:
                return None
        if payment is None:
            return None
        currency = session.currency.upper()
        return GatewayEvent(
            event_id=event.id,
            payment=PaymentId(payment),
            reference=session.id,
            outcome=outcome,
            amount_minor=self._minor(session.amount_total, currency),
            currency=currency,
        )

    def _about_refund(self, event: _Event, refund: _Refund) -> GatewayEvent | None:
        names = refund.metadata or {}
        if refund.status != "succeeded" or not (names.get(PAYMENT) and names.get(REFUND)):
            return None
        currency = refund.currency.upper()
        return GatewayEvent(
            event_id=event.id,
            payment=PaymentId(names[PAYMENT]),
            reference=refund.id,
            outcome="refunded",
            amount_minor=self._minor(refund.amount, currency),
            currency=currency,
            refund=RefundId(names[REFUND]),
        )

    def _verify(self, header: str, body: bytes, now: int) -> None:
        if not header.isascii():  # the library compares in constant time, and then cannot
            raise BadSignature
        try:
            # Without a tolerance: the library would read the clock.
            stripe.WebhookSignature.verify_header(
                body.decode(), header, self._webhook_secret, tolerance=None
            )
        except (stripe.SignatureVerificationError, UnicodeDecodeError) as error:
            raise BadSignature from error
        # The library took the first timestamp, too, and found it signed.
        signed = next(part[2:] for part in header.split(",") if part.startswith("t="))
        age_s = now // 1000 - int(signed)
        if abs(age_s) > TOLERANCE_S:
            raise StaleSignature(age_s)

    # -- Both -------------------------------------------------------------------------------------

    async def _intent(self, refund: Refund) -> str:
        """Return the PaymentIntent that was captured, which a statement names by itself."""
        if refund.reference.startswith(INTENT):
            return refund.reference
        session = await self._api.checkout.sessions.retrieve_async(refund.reference)
        if session.payment_status != "paid" or not isinstance(session.payment_intent, str):
            raise UnknownPayment(refund.payment)
        return session.payment_intent

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        """Turn what Stripe and the network refuse into what the shop knows."""
        try:
            async with asyncio.timeout(CALL_S):
                with self._translated():
                    yield
        except TimeoutError as error:
            raise GatewayUnavailable(self.name) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except stripe.InvalidRequestError as error:
            raise GatewayRefused(self.name, error.user_message or str(error)) from error
        except stripe.StripeError as error:
            # Down, too busy, or not open to our key: nothing a buyer could do differently.
            log.warning("stripe_failed", error=f"{type(error).__name__}: {error}")
            raise GatewayUnavailable(self.name) from error

    async def _pages(self, listed: Any, params: dict[str, Any]) -> AsyncIterator[Any]:
        """Go through a list of whatever length; each page has its deadline."""
        while True:
            async with self._asking():
                page = await listed(params)
            for each in page.data:
                yield each
            if not page.has_more:
                return
            params = {**params, "starting_after": page.data[-1].id}

    def _movement(
        self,
        kind: Literal["captured", "refunded"],
        moved: Any,
        amount: int,
        payment: str,
        refund: str | None = None,
    ) -> Movement:
        currency = moved.currency.upper()
        return Movement(
            kind=kind,
            id=moved.id,
            payment=PaymentId(payment),
            reference=moved.payment_intent,
            amount_minor=self._minor(amount, currency),
            currency=currency,
            at=moved.created * 1000,
            refund=RefundId(refund) if refund else None,
        )

    def _units(self, amount_minor: int, currency: str) -> int:
        """Return an amount as Stripe counts it."""
        ours, theirs = _scales(currency)
        units, rest = divmod(amount_minor * theirs, ours)
        if rest:
            raise GatewayRefused(self.name, f"it does not take parts of 1 {currency}")
        return units

    def _minor(self, units: int, currency: str) -> int:
        """Return what Stripe counted as an amount of ours."""
        ours, theirs = _scales(currency)
        return units * ours // theirs


def _name(of: Any, name: str) -> str | None:
    """Return one of our names out of the metadata of an object of Stripe's."""
    metadata = getattr(of, "metadata", None)
    return str(metadata[name]) if metadata is not None and name in metadata else None


def _scales(currency: str) -> tuple[int, int]:
    """Return how many units we and Stripe count in one whole of a currency."""
    ours = minor_digits(currency)
    return int(10**ours), int(10 ** DIGITS.get(currency, ours))


@asynccontextmanager
async def open_stripe(
    *, secret_key: str, webhook_secret: str, api_url: str, base_url: str
) -> AsyncIterator[Stripe]:
    """Hold connections to Stripe for as long as the block lasts; the first call opens one."""
    http = stripe.HTTPXClient(timeout=REQUEST_S)
    client = stripe.StripeClient(
        secret_key,
        base_addresses={"api": api_url},
        max_network_retries=RETRIES,
        http_client=http,
    )
    try:
        yield Stripe(client, webhook_secret=webhook_secret, base_url=base_url)
    finally:
        await http.close_async()  # type: ignore[no-untyped-call]
