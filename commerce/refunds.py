"""
Money that goes back after it was kept: because the host says so, or because somebody did it.

Everything here is a part of its caller's transaction, and of the saga in `commerce.checkout`. The
orders are locked first, then their payment. Invariant: an order gives back what its refunds say,
and a payment what those of its orders do.
"""

from collections.abc import Sequence
from typing import Final

from commerce.errors import IdempotencyMismatch
from commerce.ids import OrderId
from commerce.payments.gateway import Movement, UnknownPayment
from commerce.shares import share_out
from commerce.store import coupons, elsewhere, orders, payments, shipments
from commerce.store.orders import Moved
from commerce.store.pool import Connection

ELSEWHERE: Final = "given back at the gateway"


async def give_back(
    connection: Connection,
    order: OrderId,
    *,
    amount_minor: int | None,
    return_units: bool,
    reason: str,
    key: str | None,
) -> Moved | None:
    """
    Owe some of an order's money, or what is left of it (None); ``None``: ``key`` did so before.

    Raises:
        NotFound: there is no such order.
        WrongState: it was never paid, or its units went back before.
        RefundTooLarge: not so much of its money is left.
        IdempotencyMismatch: ``key`` gave another amount back.
        IdempotencyInFlight: someone else is doing the same right now.

    """
    if key is not None:
        before = await payments.refund_of_key(connection, order, key)
        if before is not None:
            if amount_minor not in (None, before):
                raise IdempotencyMismatch(key)
            return None
    given = await orders.refund(
        connection, order, amount_minor=amount_minor, return_units=return_units
    )
    if given.amount_minor:
        payment = await payments.captured_of(connection, order)
        if payment is None or not await payments.owe(
            connection, payment.id, given.amount_minor, order=order, reason=reason, key=key
        ):
            raise UnknownPayment(order)
    if return_units:
        await shipments.take_out(connection, order)
        await coupons.give_back(connection, order)
    return given.moved


async def note(connection: Connection, gateway: str, movement: Movement) -> Sequence[Moved] | None:
    """
    Note money that somebody gave back at the gateway, of the orders that `share_out` says.

    Idempotent by the gateway's name for it: what is noted changes no order. The units stay: nobody
    has said that they come back.

    Returns:
        The orders of which money went; None if the books do not have so much left to give.

    """
    name = movement.refund_name
    payment = await payments.find(connection, gateway, movement.payment)
    if payment is None:
        return None
    for part in await payments.parts(connection, payment.id):
        await orders.lock(connection, part.order)
    await payments.lock(connection, payment.id)
    if await elsewhere.is_noted(connection, payment.id, name):
        return []
    shares = share_out(
        movement.amount_minor,
        await elsewhere.left(connection, payment.id),
        await elsewhere.refused(connection, payment.id),
    )
    if shares is None or not await elsewhere.note(
        connection, name, payment.id, shares, reason=ELSEWHERE
    ):
        return None
    return [
        (
            await orders.refund(
                connection, share.order, amount_minor=share.amount_minor, return_units=False
            )
        ).moved
        for share in shares.orders
    ]
