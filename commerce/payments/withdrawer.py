"""
The withdrawer: a charge that nobody should pay any more is ended at its gateway.

Gateways keep a charge open for longer than an order waits (Stripe no less than half an hour), and
whoever pays a lapsed order gets the money back days later. So the gateway is asked to end it, once.
Money that came first is refunded by itself, as ever.
"""

from collections.abc import Mapping
from typing import Final, NoReturn

import structlog

from commerce.payments.gateway import Gateway, GatewayUnavailable
from commerce.rounds import rounds
from commerce.store import payments
from commerce.store.payments import Payment
from commerce.store.pool import Pool, acquire

log = structlog.get_logger()

EVERY_S: Final = 1.0
"""Between two looks: so long a buyer may still pay for an order that has lapsed."""

CHUNK: Final = 100
"""Payments looked up at a time."""


class Withdrawer:
    """Ends charges at the gateways; several processes may."""

    def __init__(self, pool: Pool, gateways: Mapping[str, Gateway]) -> None:
        self._pool = pool
        self._gateways = gateways

    async def run(self) -> NoReturn:
        """Withdraw what is over, every second, through outages, until cancelled."""
        await rounds("withdrawer", self.withdraw_over, every_s=EVERY_S)

    async def withdraw_over(self) -> int:
        """Try every charge that is over once; return how many gateways have heard."""
        heard, after, away = 0, "", set[str]()
        while True:
            async with acquire(self._pool) as connection:
                over = await payments.to_withdraw(connection, after=after, limit=CHUNK)
            if not over:
                return heard
            after = over[-1].id
            for payment in over:
                if payment.gateway in away:
                    continue
                try:
                    heard += await self._withdraw(payment)
                except GatewayUnavailable as error:
                    log.warning("not_withdrawn", payment=payment.id, error=str(error))
                    away.add(payment.gateway)

    async def _withdraw(self, payment: Payment) -> bool:
        gateway = self._gateways.get(payment.gateway)
        if gateway is None or payment.reference is None:
            return False
        await gateway.withdraw(payment=payment.id, reference=payment.reference)
        async with acquire(self._pool) as connection:
            await payments.withdrawn(connection, payment.id)
        return True
