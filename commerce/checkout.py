"""
From an order to the money, and back: the saga.

::

    step                        where        if it fails or the process dies here
    ──────────────────────────  ───────────  ───────────────────────────────────────────────────────
    1 hold the units            gate         nothing happened, or the same attempt gets its answer
    2 write the order           PostgreSQL   the stream still has the hold; the next writer goes on
    3 record a pending payment  PostgreSQL   paying again finds it
    4 charge                    gateway      paying again repeats it; the gateway knows the payment
    5 the gateway's webhook:    PostgreSQL   the gateway sends it again; it is acted on once
      payment captured and
      order paid, together
    6 tell gate and buyer       gate         the sweeper tells them

Compensations, each one transaction in PostgreSQL that the gate is told about afterwards:

- not paid in time: the sweeper lapses the order; cancelled: the buyer does; the units go back;
- money that arrives for an order that no longer awaits it becomes ``refund_due`` in the transaction
  that notices, and the refunder gives it back through the gateway;
- refunded by the host: the order ends, the units go back and the money becomes ``refund_due``.

Invariant: a paid order has exactly one captured payment; every other captured sum is on its way
back. Rows are locked in the order offer, order, payment.
"""

from collections.abc import Callable, Mapping
from typing import Final, Literal

import structlog

from commerce.announce import Announce
from commerce.errors import NotYours, PayWindowOver, WrongState
from commerce.ids import AccountId, OrderId, ShowId
from commerce.messages import OrderView, Released
from commerce.offers.stock import Gate
from commerce.offers.telling import tell
from commerce.payments.gateway import (
    Charge,
    ChargeStarted,
    Gateway,
    GatewayEvent,
    UnknownGateway,
    UnknownPayment,
)
from commerce.rounds import OUTAGE
from commerce.store import orders, payments
from commerce.store.orders import Moved
from commerce.store.pool import Pool, acquire, transaction

log = structlog.get_logger()

Effect = Literal["paid", "declined", "refund_due", "refunded", "nothing"]
"""What a webhook changed."""


class Checkout:
    """
    Paying, cancelling and refunding, over one ledger and any number of gateways.

    Args:
        gateways: by name; the first is the one buyers are sent to.
        return_url: where a buyer goes after paying for an order.

    """

    def __init__(
        self,
        pool: Pool,
        gate: Gate,
        announce: Announce,
        *,
        gateways: Mapping[str, Gateway],
        return_url: Callable[[OrderView], str],
    ) -> None:
        self._pool = pool
        self._gate = gate
        self._announce = announce
        self._gateways = gateways
        self._return_url = return_url
        self._offered: Final = next(iter(gateways.values()))

    async def pay(self, order: OrderId, buyer: AccountId) -> ChargeStarted:
        """
        Begin to pay for an order, or go on: asked again, the answer is the same until declined.

        Raises:
            NotFound: there is no such order.
            NotYours: it is another buyer's.
            WrongState: it does not await payment.
            PayWindowOver: it does, and it is too late to begin.
            GatewayUnavailable: the gateway does not answer; try again.

        """
        gateway = self._offered
        async with transaction(self._pool) as connection:
            payable = await orders.lock(connection, order)
            if payable.buyer != buyer:
                raise NotYours("order", order)
            if payable.status != "awaiting_payment":
                raise WrongState("order", order, state=payable.status, wanted="awaiting_payment")
            if not payable.in_time:
                raise PayWindowOver(order)
            payment = await payments.begin(connection, order, payable, gateway=gateway.name)
            view = await orders.get(connection, order)
        started = await gateway.charge(
            Charge(
                payment=payment.id,
                amount_minor=payment.amount_minor,
                currency=payment.currency,
                description=f"{view.title} × {view.quantity}",
                return_url=self._return_url(view),
            )
        )
        async with transaction(self._pool) as connection:
            await payments.set_reference(connection, payment.id, started.reference)
        return started

    async def webhook(
        self, gateway: str, headers: Mapping[str, str], body: bytes, now: int
    ) -> Effect:
        """
        Act on what a gateway sent at ``now`` (Unix ms), once, however often it is sent.

        Raises:
            UnknownGateway: the shop takes no money through it.
            BadSignature, StaleSignature, BadEvent: it is not believed.
            UnknownPayment: it is about a payment that is not ours; the gateway may try again.

        """
        if gateway not in self._gateways:
            raise UnknownGateway(gateway)
        return await self.apply(gateway, self._gateways[gateway].parse_webhook(headers, body, now))

    async def apply(self, gateway: str, event: GatewayEvent) -> Effect:
        """
        Make an event true in the ledger, in one transaction, then tell gate and buyer. Idempotent.

        Raises:
            UnknownPayment: it is about a payment that is not ours; nothing is remembered of it.

        """
        paid: Moved | None = None
        async with transaction(self._pool) as connection:
            if not await payments.first_time(connection, gateway, event.event_id):
                return "nothing"
            payment = await payments.find(connection, gateway, event.payment)
            if payment is None:
                raise UnknownPayment(event.payment)
            # The webhook may overtake the answer to the charge that it is about.
            await payments.set_reference(connection, payment.id, event.reference)
            await orders.lock(connection, payment.order)
            status = await payments.lock(connection, payment.id)
            effect: Effect = "nothing"
            match event.outcome, status:
                case "captured", "pending" | "declined":
                    paid = await orders.pay(connection, payment.order)
                    effect = "paid" if paid else "refund_due"
                    await payments.move(
                        connection, payment.id, was=status, to="captured" if paid else "refund_due"
                    )
                case "declined", "pending":
                    effect = "declined"
                    await payments.move(connection, payment.id, was=status, to="declined")
                case "refunded", "refund_due":
                    effect = "refunded"
                    await payments.move(connection, payment.id, was=status, to="refunded")
                case _:
                    # Out of order, or news of what we did ourselves.
                    pass
        log.info(
            "payment_event", payment=payment.id, order=payment.order, said=event.outcome, did=effect
        )
        if paid:
            await self._tell(paid)
        elif effect == "refund_due":
            await self._tell_refund(payment.order)
        return effect

    async def cancel(self, order: OrderId, buyer: AccountId) -> OrderView:
        """
        End an order that its buyer does not want to pay; money still on its way will go back.

        Raises:
            NotFound: there is no such order.
            NotYours: it is another buyer's.
            WrongState: it does not await payment.

        """
        async with transaction(self._pool) as connection:
            if (await orders.parties(connection, order)).buyer != buyer:
                raise NotYours("order", order)
            moved = await orders.cancel(connection, order)
            view = await orders.get(connection, order)
        await self._tell(moved)
        return view

    async def refund(self, order: OrderId, host: AccountId, *, any_host: bool = False) -> OrderView:
        """
        End a paid order and give the money back; ``any_host`` lets an admin do it.

        Raises:
            NotFound: there is no such order.
            NotYours: it is from another host's show.
            WrongState: it is not paid.

        """
        async with transaction(self._pool) as connection:
            if not any_host and (await orders.parties(connection, order)).host != host:
                raise NotYours("order", order)
            moved = await orders.refund(connection, order)
            await payments.owe_refund(connection, order)
            view = await orders.get(connection, order)
        await self._tell(moved)
        return view

    async def _tell_refund(self, order: OrderId) -> None:
        """Tell a buyer whose money came too late that it goes back; a second payment just does."""
        async with acquire(self._pool) as connection:
            late = await orders.get(connection, order)
        if late.status == "paid":
            return
        released = Released(hold=late.hold, offer=late.offer, reason="refunded", order=order)
        self._announce.released(released, ShowId(late.show), AccountId(late.buyer))

    async def _tell(self, moved: Moved) -> None:
        """Tell gate and buyer now; if that fails, the ledger knows, and the sweeper does it."""
        try:
            await tell(self._pool, self._gate, self._announce, [moved])
        except OUTAGE as error:
            log.warning("gate_not_told", order=moved.id, error=str(error) or repr(error))
