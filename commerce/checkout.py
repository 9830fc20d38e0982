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
      payment captured, orders
      paid and put into their
      shipment, together; of a
      first-paid offer, this is
      where the units are taken
    6 tell gate and buyer       gate         the sweeper tells them

Compensations, each one transaction in PostgreSQL that the gate is told about afterwards:

- not paid in time: the sweeper lapses the order; cancelled: the buyer does; the units go back, and
  the withdrawer has the gateway end the charge;
- money that arrives for an order that no longer awaits it is due back in the transaction that
  notices, and the refunder gives it back through the gateway; of a payment for several orders, that
  is the part of this one, and the others are paid;
- money for an order that holds no unit, when others have paid for what was left: it ends
  ``sold_out``, and its money goes back as above; those who wait for the same units end without
  money, by the sweeper;
- refunded by the host, in part or whole: a refund is due; if the units come back, the order ends,
  and leaves its shipment if that is still here; by somebody at the gateway: the money went back,
  and the units stay (both: `commerce.refunds`).

Invariant: what orders keep and what goes back is all that was captured. A coupon's use goes
with its payment: taken in step 3, kept in step 5, returned when neither order nor money stays. Rows
are locked in the order offer, order, payment, shipment, coupon; of several, by their ids.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal

import structlog
from msgspec import Struct

from commerce import refunds
from commerce.addresses import Address
from commerce.announce import Announce
from commerce.errors import NotYours
from commerce.ids import AccountId, HoldId, OfferId, OrderId, ShowId
from commerce.messages import OrderView, Released
from commerce.offers.stock import Gate
from commerce.offers.telling import sold_out, tell
from commerce.orders import LIVE
from commerce.payments.gateway import (
    Acknowledgement,
    Charge,
    ChargeStarted,
    Gateway,
    GatewayEvent,
    Movement,
    UnknownGateway,
    UnknownPayment,
)
from commerce.quoting import Quoted, make_quote
from commerce.rounds import OUTAGE
from commerce.store import addresses, coupons, orders, payments, races, rehearsals, shipments
from commerce.store.orders import Moved
from commerce.store.payments import Part, Payment
from commerce.store.pool import Connection, Pool, acquire, transaction

log = structlog.get_logger()

Effect = Literal["paid", "declined", "refund_due", "refunded", "nothing"]
"""What a webhook changed."""

TOO_LATE: Final = "paid when the order did not await it any more"
BEATEN: Final = "others paid first for what was left"
COUPON_GONE: Final = "paid with a coupon whose use had been returned, and taken by somebody else"


class Shared(Struct, frozen=True):
    """
    How money that came was shared out among its orders.

    ``paid``: whom it paid for; ``beaten``: who ended with it, because others had paid first;
    ``late``: who had ended before. The money of the latter two is due back.
    """

    effect: Effect
    paid: Sequence[Moved] = ()
    beaten: Sequence[Moved] = ()
    late: Sequence[OrderId] = ()


class Checkout:
    """
    Paying, cancelling and refunding, over one ledger and any number of gateways.

    Args:
        gateways: by name; the first is where buyers go who do not choose.
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
        self.offered: Final = tuple(gateways)

    async def pay(
        self,
        order: OrderId,
        buyer: AccountId,
        *,
        amount_minor: int | None = None,
        through: str | None = None,
    ) -> ChargeStarted:
        """
        Begin to pay for an order, or go on: asked again, the answer is the same until declined.

        Raises:
            UnknownGateway: the shop takes no money ``through`` it.
            NotFound: there is no such order.
            NotYours: it is another buyer's.
            WrongState: it does not await payment.
            PayWindowOver: it does, and it is too late to begin.
            PaidByOthers: it does, and it holds no unit, and none is left for it.
            Rehearsed: nothing in a rehearsal is paid for.
            AddressNeeded: it is delivered, so what it costs has to be quoted first.
            AmountMismatch: it costs something else than ``amount_minor``.
            GatewayUnavailable: the gateway does not answer; try again.
            GatewayRefused: the gateway does not take this sum, or this currency.

        """
        gateway = self._gateway(through or self.offered[0])
        async with transaction(self._pool) as connection:
            await orders.lock(connection, order)
            quoted = await make_quote(connection, buyer, [order])
            if amount_minor is not None:
                quoted.hold(quoted.quote.id, amount_minor)
            payment, views = await self._begin(connection, quoted, gateway)
        return await self._charge(gateway, payment, views)

    async def pay_quoted(
        self,
        wanted: Sequence[OrderId],
        buyer: AccountId,
        *,
        quote: str,
        amount_minor: int,
        address: Address | None = None,
        option: str | None = None,
        coupon: str | None = None,
        through: str | None = None,
    ) -> ChargeStarted:
        """
        Begin to pay for orders in one payment, at the price that was quoted; or go on, as `pay`.

        Raises:
            QuoteChanged: it costs something else by now, or something else was quoted.
            AmountMismatch: the quote holds, and ``amount_minor`` is not its sum.
            ShopError: whatever `make_quote` and `pay` raise.

        """
        gateway = self._gateway(through or self.offered[0])
        async with transaction(self._pool) as connection:
            for order in sorted(set(wanted)):
                await orders.lock(connection, order)
            quoted = await make_quote(
                connection, buyer, wanted, address=address, option=option, coupon=coupon
            )
            quoted.hold(quote, amount_minor)
            payment, views = await self._begin(connection, quoted, gateway)
            if quoted.coupon is not None:
                off_minor = quoted.quote.discount_minor
                await coupons.take(connection, quoted.coupon, payment.id, buyer, off_minor)
            if address is not None:
                await addresses.used(connection, buyer, address)
        return await self._charge(gateway, payment, views)

    async def _begin(
        self, connection: Connection, quoted: Quoted, gateway: Gateway
    ) -> tuple[Payment, list[OrderView]]:
        quote = quoted.quote
        bought = [OrderId(line.order) for line in quote.lines]
        await rehearsals.refuse_payment(connection, bought)
        payment = await payments.begin(
            connection,
            quote.lines,
            quote.currency,
            gateway=gateway.name,
            destination=quoted.destination,
            coupon=quoted.coupon,
        )
        return payment, await orders.views(connection, bought)

    async def _charge(
        self, gateway: Gateway, payment: Payment, bought: Sequence[OrderView]
    ) -> ChargeStarted:
        first, *others = bought
        more = f" + {len(others)}" if others else ""
        started = await gateway.charge(
            Charge(
                payment=payment.id,
                amount_minor=payment.amount_minor,
                currency=payment.currency,
                description=f"{first.title} × {first.quantity}{more}",
                return_url=self._return_url(first),
            )
        )
        async with transaction(self._pool) as connection:
            await payments.set_reference(connection, payment.id, started.reference)
        return started

    async def webhook(
        self, name: str, headers: Mapping[str, str], body: bytes, now: int
    ) -> Acknowledgement:
        """
        Act on what a gateway sent at ``now`` (Unix ms), once, however often; return its answer.

        Raises:
            UnknownGateway: the shop takes no money through it.
            BadSignature, StaleSignature, BadEvent: it is not believed.
            UnknownPayment: it is about a payment that is not ours; the gateway may try again.

        """
        gateway = self._gateway(name)
        event = gateway.parse_webhook(headers, body, now)
        if event is not None:
            await self.apply(name, event)
        return gateway.acknowledgement

    async def apply(self, gateway: str, event: GatewayEvent) -> Effect:
        """
        Make an event true in the ledger, in one transaction, then tell gate and buyer. Idempotent.

        Raises:
            UnknownPayment: it is about a payment that is not ours; nothing is remembered of it.

        """
        got = Shared("nothing")
        async with transaction(self._pool) as connection:
            if not await payments.first_time(connection, gateway, event.event_id):
                return "nothing"
            payment = await payments.find(connection, gateway, event.payment)
            if payment is None:
                raise UnknownPayment(event.payment)
            if event.refund is None:
                # The webhook may overtake the answer to the charge that it is about.
                await payments.set_reference(connection, payment.id, event.reference)
            parts = await payments.parts(connection, payment.id)
            if racing := [part.order for part in parts if part.races]:
                await races.lock(connection, racing)
            found = [(await orders.lock(connection, part.order)).status for part in parts]
            status = await payments.lock(connection, payment.id)
            effect: Effect = "nothing"
            match event.outcome, status:
                case "captured", "pending" | "declined":
                    asked = (payment.amount_minor, payment.currency)
                    came = (event.amount_minor, event.currency)
                    if came != asked:
                        # Nobody can tell what that pays for: a person must.
                        log.error("amount_differs", payment=payment.id, asked=asked, came=came)
                    else:
                        outrun = "sold_out" in found
                        got = await self._share_out(connection, payment, parts, outrun=outrun)
                        effect = got.effect
                case "declined", "pending":
                    effect = "declined"
                    await payments.decline(connection, payment.id)
                case "refunded", _ if event.refund is not None:
                    if await payments.finish_refund(connection, event.refund):
                        effect = "refunded"
                case _:
                    # Out of order, or news of what we did ourselves.
                    pass
        log.info(
            "payment_event", payment=payment.id, order=payment.order, said=event.outcome, did=effect
        )
        await self._tell([*got.paid, *got.beaten])
        for order in got.late:
            await self._tell_refund(order)
        return effect

    async def _share_out(
        self, connection: Connection, payment: Payment, parts: Sequence[Part], *, outrun: bool
    ) -> Shared:
        """
        Give each order that can have it its part of the money, and promise the rest back.

        ``outrun``: one of them had ended before, because others had paid first.
        """
        # Without its coupon's use the sum that came is nobody's price.
        priced = await coupons.keep(connection, payment.id)
        paid: list[Moved] = []
        beaten: list[Moved] = []
        back: list[Part] = []
        for part in parts:
            won = await orders.pay(connection, part.order, payment.id) if priced else None
            if won is not None:
                paid.append(won)
                continue
            back.append(part)
            if part.races and (lost := await races.lose(connection, part.order)) is not None:
                beaten.append(lost)
        told = {order.id for order in beaten}
        reason = BEATEN if beaten or outrun else TOO_LATE if priced else COUPON_GONE
        return Shared(
            effect=await self._captured(connection, payment, paid, back, reason),
            paid=paid,
            beaten=beaten,
            late=[part.order for part in back if part.order not in told],
        )

    async def _captured(
        self,
        connection: Connection,
        payment: Payment,
        paid: Sequence[Moved],
        back: Sequence[Part],
        reason: str,
    ) -> Literal["paid", "refund_due"]:
        """Keep the money of the orders that it paid, and owe the rest of it."""
        if not paid:
            await payments.owe_all(connection, payment.id, reason=reason)
            return "refund_due"
        await payments.capture(connection, payment.id)
        for part in back:
            if part.amount_minor:
                await payments.owe(
                    connection, payment.id, part.amount_minor, order=part.order, reason=reason
                )
        destination = await payments.destination(connection, payment.id)
        if destination is not None:
            first = await orders.parties(connection, paid[0].id)
            await shipments.board(connection, destination, first, [order.id for order in paid])
        return "paid"

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
        await self._tell([moved])
        return view

    async def refund(
        self,
        order: OrderId,
        host: AccountId,
        *,
        amount_minor: int | None = None,
        return_units: bool = True,
        reason: str = "",
        key: str | None = None,
        any_host: bool = False,
    ) -> OrderView:
        """
        Give some of the money of an order back, or what is left of it, with its units or without.

        Repeated with the same ``key`` it is one refund; ``any_host`` lets an admin do it.

        Raises:
            NotFound: there is no such order.
            NotYours: it is from another host's show.
            WrongState: it was never paid, or its units went back before.
            RefundTooLarge: not so much of its money is left.
            IdempotencyMismatch: ``key`` gave another amount back.
            IdempotencyInFlight: someone else is doing the same right now.

        """
        async with transaction(self._pool) as connection:
            if not any_host and (await orders.parties(connection, order)).host != host:
                raise NotYours("order", order)
            given = await refunds.give_back(
                connection,
                order,
                amount_minor=amount_minor,
                return_units=return_units,
                reason=reason,
                key=key,
            )
            view = await orders.get(connection, order)
        if given is not None:
            await self._tell([given])
        return view

    async def note_refund(self, gateway: str, movement: Movement) -> bool:
        """
        Note money that somebody gave back at the gateway; say whether the books have so much left.

        It is shared out over the orders that were paid together; see `refunds.note`. Idempotent.
        """
        async with transaction(self._pool) as connection:
            noted = await refunds.note(connection, gateway, movement)
        if noted:
            await self._tell(noted)
        return noted is not None

    def _gateway(self, name: str) -> Gateway:
        if name not in self._gateways:
            raise UnknownGateway(name)
        return self._gateways[name]

    async def _tell_refund(self, order: OrderId) -> None:
        """Tell a buyer whose order is over that its money goes back; a second payment just does."""
        async with acquire(self._pool) as connection:
            late = await orders.get(connection, order)
        if late.status in LIVE:
            return
        if late.status == "sold_out":
            released = sold_out(HoldId(late.hold), OfferId(late.offer), order, money_back=True)
        else:
            released = Released(hold=late.hold, offer=late.offer, reason="refunded", order=order)
        self._announce.released(released, ShowId(late.show), AccountId(late.buyer))

    async def _tell(self, moved: Sequence[Moved]) -> None:
        """Tell gate and buyers now; if that fails, the ledger knows, and the sweeper does it."""
        try:
            await tell(self._pool, self._gate, self._announce, moved)
        except OUTAGE as error:
            told = [order.id for order in moved]
            log.warning("gate_not_told", orders=told, error=str(error) or repr(error))
