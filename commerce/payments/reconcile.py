"""
The gateways' statements against our books: what was captured and given back, and what we know of.

Each movement of a statement is looked up in the books, and each capture and refund of the books in
the statement. What is safe to mend is what the gateway knows for certain and we only missed:

::

    captured_not_paid     captured there, not paid here   mended as if its webhook came now
    refund_not_noted      given back there, due here      noted
    refund_unknown        somebody refunded over there    noted, if that much money is left here
    capture_unknown       captured there for a payment that is not in these books
    amount_differs        the two sums, or currencies, differ
    paid_unknown          captured here, not there
    refund_missing        given back here, not there: perhaps the buyer's bank sent it back
    refund_overdue        owed for a day, and the gateway has not taken it on
    money_mismatched      an order, or a payment, whose own sums do not fit
    statement_unknown     the gateway does not answer

Nothing is guessed: the others are for a person. Invariant: what is mended is news to the books, so
reconciling twice mends nothing the second time.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Final

from msgspec import Struct

from commerce.checkout import Checkout
from commerce.drift import Drift
from commerce.money import Money
from commerce.payments.gateway import Gateway, GatewayEvent, GatewayUnavailable, Movement
from commerce.store import payments
from commerce.store.payments import Booked, BookedRefund, Totals
from commerce.store.pool import Pool, acquire

GRACE_MS: Final = 300_000
"""The webhook of a capture this young may be on its way: gateways take seconds, some minutes."""

SLACK_MS: Final = 4 * 86_400_000
"""A webhook may come this long after its capture: Stripe goes on trying for three days."""

OVERDUE_S: Final = 86_400
"""Gateways take a refund on within a second."""

CHUNK: Final = 500
"""Movements looked up at a time."""


class Reconciled(Struct, frozen=True):
    """What was found, how many movements were compared, and what all the money adds up to."""

    drift: list[Drift]
    compared: int
    totals: list[Totals]


class _Seen(Struct):
    """What the statement had: some 100 bytes a movement."""

    payments: set[str]
    refunds: set[str]
    count: int = 0


class Reconciliation:
    """Compares; several processes may at once."""

    def __init__(self, pool: Pool, checkout: Checkout, gateways: Mapping[str, Gateway]) -> None:
        self._pool = pool
        self._checkout = checkout
        self._gateways = gateways

    async def reconcile(self, since: int, until: int, *, mend: bool) -> Reconciled:
        """Compare what moved from ``since`` to ``until`` (Unix ms); with ``mend``, put it right."""
        found: list[Drift] = []
        compared = 0
        for name, gateway in self._gateways.items():
            seen = _Seen(set(), set())
            try:
                async for movements in _chunks(gateway.statement(since - SLACK_MS, until)):
                    found += await self._compare(name, movements, until - GRACE_MS, seen, mend=mend)
            except GatewayUnavailable as error:
                found.append(Drift("statement_unknown", str(error)))
            else:
                found += await self._missing(name, since, until - GRACE_MS, seen)
            compared += seen.count
        found += await self._books()
        async with acquire(self._pool) as connection:
            return Reconciled(found, compared, await payments.totals(connection))

    # -- From the statement to the books ------------------------------------------------------

    async def _compare(
        self, gateway: str, movements: list[Movement], settled: int, seen: _Seen, *, mend: bool
    ) -> list[Drift]:
        async with acquire(self._pool) as connection:
            booked = await payments.booked(
                connection, gateway, [movement.payment for movement in movements]
            )
            refunds = await payments.booked_refunds(
                connection, [movement.refund_name for movement in movements]
            )
        found = []
        for movement in movements:
            seen.count += 1
            if movement.kind == "captured":
                seen.payments.add(movement.payment)
                drift = await self._captured(
                    gateway, movement, booked.get(movement.payment), settled, mend=mend
                )
            else:
                id = movement.refund_name
                seen.refunds.add(id)
                drift = await self._refunded(gateway, movement, refunds.get(id), settled, mend=mend)
            if drift is not None:
                found.append(drift)
        return found

    async def _captured(
        self, gateway: str, movement: Movement, ours: Booked | None, settled: int, *, mend: bool
    ) -> Drift | None:
        said = f"{gateway} captured {_amount(movement)} for the payment {movement.payment}"
        if ours is None:
            return Drift("capture_unknown", f"{said}, which is not in the books")
        if (ours.amount_minor, ours.currency) != (movement.amount_minor, movement.currency):
            asked = Money(ours.amount_minor, ours.currency)
            return Drift("amount_differs", f"{said}, which asked for {asked}")
        if ours.captured or movement.at >= settled:
            return None
        if not mend:
            return Drift("captured_not_paid", f"{said}, which the books have as {ours.status}")
        effect = await self._checkout.apply(
            gateway,
            GatewayEvent(
                event_id=f"statement:{movement.id}",
                payment=movement.payment,
                reference=movement.reference,
                outcome="captured",
                amount_minor=movement.amount_minor,
                currency=movement.currency,
            ),
        )
        did = "its order is paid" if effect == "paid" else "the money goes back"
        return Drift("captured_not_paid", f"{said}, and nobody told us; {did} now", mended=True)

    async def _refunded(
        self,
        gateway: str,
        movement: Movement,
        ours: BookedRefund | None,
        settled: int,
        *,
        mend: bool,
    ) -> Drift | None:
        said = f"{gateway} gave back {_amount(movement)} of the payment {movement.payment}"
        if ours is not None and ours.amount_minor != movement.amount_minor:
            asked = Money(ours.amount_minor, movement.currency)
            return Drift("amount_differs", f"{said}, where {asked} was to go back")
        if movement.at >= settled or (ours is not None and ours.done):
            return None
        if ours is not None:
            if mend:
                await self._checkout.apply(gateway, _noted(movement))
            detail = f"{said}, which was still due"
            return Drift("refund_not_noted", detail, mended=mend)
        detail = f"{said}, which nobody asked for here"
        noted = mend and await self._checkout.note_refund(gateway, movement)
        return Drift("refund_unknown", f"{detail}; it is noted now" if noted else detail, noted)

    # -- From the books to the statement --------------------------------------------------------

    async def _missing(self, gateway: str, since: int, until: int, seen: _Seen) -> list[Drift]:
        found = []
        async with acquire(self._pool) as connection:
            async for captured in payments.captured_between(connection, gateway, since, until):
                if captured.id not in seen.payments:
                    amount = Money(captured.amount_minor, captured.currency)
                    detail = f"the payment {captured.id} of {amount} is not in {gateway}'s books"
                    found.append(Drift("paid_unknown", detail))
            async for refund in payments.refunded_between(connection, gateway, since, until):
                if refund.id not in seen.refunds:
                    detail = (
                        f"the refund {refund.id} of {refund.payment} is not in {gateway}'s books"
                    )
                    found.append(Drift("refund_missing", detail))
        return found

    async def _books(self) -> list[Drift]:
        async with acquire(self._pool) as connection:
            overdue = await payments.overdue(connection, OVERDUE_S)
            mismatched = await payments.mismatched(connection)
            miscounted = await payments.miscounted(connection)
        return [
            Drift(
                "refund_overdue",
                f"{Money(refund.amount_minor, refund.currency)} of the payment {refund.payment} "
                f"is owed to the buyer, and {refund.gateway} has not given it back",
            )
            for refund in overdue
        ] + [
            *(Drift("money_mismatched", str(order)) for order in mismatched),
            *(Drift("money_mismatched", str(payment)) for payment in miscounted),
        ]


def _noted(movement: Movement) -> GatewayEvent:
    return GatewayEvent(
        event_id=f"statement:{movement.id}",
        payment=movement.payment,
        reference=movement.reference,
        outcome="refunded",
        amount_minor=movement.amount_minor,
        currency=movement.currency,
        refund=movement.refund,
    )


def _amount(movement: Movement) -> Money:
    return Money(movement.amount_minor, movement.currency)


async def _chunks(movements: AsyncIterator[Movement]) -> AsyncIterator[list[Movement]]:
    chunk: list[Movement] = []
    async for movement in movements:
        chunk.append(movement)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
