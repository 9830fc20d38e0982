"""
The refunder: money that is owed goes back by itself.

A refund is due from the transaction that decided it until its gateway has taken it on. Asking twice
is harmless, because a gateway knows a refund by the name that we gave it.
"""

from collections.abc import Mapping
from typing import Final, NoReturn

import structlog

from commerce.payments.gateway import (
    Gateway,
    GatewayRefused,
    GatewayUnavailable,
    Refund,
    UnknownPayment,
)
from commerce.rounds import rounds
from commerce.store import payments
from commerce.store.payments import DueRefund
from commerce.store.pool import Pool, acquire, transaction

log = structlog.get_logger()

EVERY_S: Final = 1.0
"""Between two looks; a buyer is told that the refund is on its way, not to wait for it."""

CHUNK: Final = 100
"""Refunds looked up at a time."""

REFUSED_S: Final = 3600.0
"""What a gateway refuses takes a person to put right; asking each hour finds out."""


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
        refunded, after, away = 0, "", set[str]()
        while True:
            async with acquire(self._pool) as connection:
                due = await payments.refunds_due(connection, after=after, limit=CHUNK)
            if not due:
                return refunded
            after = due[-1].id
            for refund in due:
                if refund.gateway in away:
                    continue
                try:
                    refunded += await self._refund(refund)
                except GatewayUnavailable as error:
                    log.warning("refund_failed", refund=refund.id, error=str(error))
                    away.add(refund.gateway)

    async def _refund(self, due: DueRefund) -> bool:
        gateway = self._gateways.get(due.gateway)
        try:
            if gateway is None or due.reference is None:
                raise UnknownPayment(due.payment)
            await gateway.refund(
                Refund(
                    id=due.id,
                    payment=due.payment,
                    reference=due.reference,
                    amount_minor=due.amount_minor,
                    currency=due.currency,
                )
            )
        except (GatewayRefused, UnknownPayment) as error:
            # The money is owed all the same; reconciliation says so until it went back.
            log.error("refund_refused", refund=due.id, payment=due.payment, error=str(error))
            async with acquire(self._pool) as connection:
                await payments.put_off(connection, due.id, REFUSED_S)
            return False
        async with transaction(self._pool) as connection:
            await payments.finish_refund(connection, due.id)
        log.info("refunded", refund=due.id, order=due.order, amount_minor=due.amount_minor)
        return True
