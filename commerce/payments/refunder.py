"""
The refunder: money that arrived for nothing goes back by itself.

A payment is ``refund_due`` from the transaction that decided it until its gateway has taken the
refund on. Asking twice is harmless, because a gateway knows a refund by its payment.
"""

from collections.abc import Mapping
from typing import Final, NoReturn

import structlog

from commerce.payments.gateway import Gateway, GatewayUnavailable, UnknownPayment
from commerce.rounds import rounds
from commerce.store import payments
from commerce.store.payments import Payment
from commerce.store.pool import Pool, acquire

log = structlog.get_logger()

EVERY_S: Final = 1.0
"""Between two looks; a buyer is told that the refund is on its way, not to wait for it."""

CHUNK: Final = 100
"""Refunds looked up at a time."""


class Refunder:
    """Gives money back through the gateway it came from; several processes may."""

    def __init__(self, pool: Pool, gateways: Mapping[str, Gateway]) -> None:
        self._pool = pool
        self._gateways = gateways

    async def run(self) -> NoReturn:
        """Refund what is due, every second, through outages, until cancelled."""
        await rounds("refunder", self.refund_due, every_s=EVERY_S)

    async def refund_due(self) -> int:
        """Try every refund that is due once; return how many the gateways took on."""
        refunded, after = 0, ""
        while True:
            async with acquire(self._pool) as connection:
                due = await payments.refunds_due(connection, after=after, limit=CHUNK)
            if not due:
                return refunded
            after = due[-1].id
            for payment in due:
                refunded += await self._refund(payment)

    async def _refund(self, payment: Payment) -> bool:
        gateway = self._gateways.get(payment.gateway)
        if gateway is None or payment.reference is None:
            log.error("refund_impossible", payment=payment.id, gateway=payment.gateway)
            return False
        try:
            await gateway.refund(
                payment=payment.id,
                reference=payment.reference,
                amount_minor=payment.amount_minor,
                currency=payment.currency,
            )
        except (GatewayUnavailable, UnknownPayment) as error:
            log.warning("refund_failed", payment=payment.id, error=str(error))
            return False
        async with acquire(self._pool) as connection:
            await payments.move(connection, payment.id, was="refund_due", to="refunded")
        log.info("payment_refunded", payment=payment.id, order=payment.order)
        return True
