"""
Payments in the ledger: each try to pay for some orders, and what became of the money.

A payment is one charge at a gateway and has a part for each order that it pays for. Invariant: what
came in is what orders keep and what goes back. An order keeps money of one payment, the one that it
was paid with; any other part that arrives for it is refunded at once. What goes back of a payment
is the sum of its refunds, each of one order, and never more than came.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final, Literal

import asyncpg
import msgspec
from msgspec import Struct

from commerce.addresses import Address
from commerce.errors import IdempotencyInFlight
from commerce.ids import CouponId, OrderId, PaymentId, RefundId, ShowId, TariffId, new_id
from commerce.messages import OrderStatus
from commerce.pricing import PricedLine
from commerce.store.pool import Connection
from commerce.store.queries import load

PaymentStatus = Literal["pending", "declined", "captured", "refund_due", "refunded"]

OVERDUE_SHOWN: Final = 1_000
"""More sentences than anyone reads."""

UNPAID_KEPT_S: Final = 30 * 86_400
"""A hold lasts a day at most; a question about what was not paid comes within a month."""

_sql = load("payments")


class Payment(Struct, frozen=True):
    """One try to pay; ``order`` is the first it pays for, ``reference`` the gateway's name."""

    id: PaymentId
    order: OrderId
    gateway: str
    reference: str | None
    amount_minor: int
    currency: str
    status: PaymentStatus


class Part(Struct, frozen=True):
    """What of a payment is for an order; ``races``: it holds no unit until it is paid."""

    order: OrderId
    amount_minor: int
    races: bool


class Destination(Struct, frozen=True):
    """How a payment was priced, and where what it pays for goes: the order's own copy."""

    quote: str
    tariff: TariffId
    option: str
    option_name: str
    address: Address


class DueRefund(Struct, frozen=True):
    """Money that is promised back, and where it came from."""

    id: RefundId
    payment: PaymentId
    order: OrderId
    gateway: str
    reference: str | None
    amount_minor: int
    currency: str


class Mismatch(Struct, frozen=True):
    """An order that should keep ``due_minor``, and whose payments keep ``kept_minor``."""

    id: OrderId
    status: OrderStatus
    due_minor: int
    kept_minor: int

    def __str__(self) -> str:
        return (
            f"the order {self.id} is {self.status} and should keep {self.due_minor} of its money; "
            f"its payments keep {self.kept_minor}"
        )


class Miscount(Struct, frozen=True):
    """A payment of which ``refunded_minor`` goes back, and its refunds add up to another sum."""

    id: PaymentId
    refunded_minor: int
    listed_minor: int

    def __str__(self) -> str:
        return (
            f"of the payment {self.id} {self.refunded_minor} goes back; "
            f"its refunds make {self.listed_minor}"
        )


class Booked(Struct, frozen=True):
    """What the books have of a payment."""

    id: PaymentId
    order: OrderId
    status: PaymentStatus
    amount_minor: int
    currency: str
    captured: bool


class BookedRefund(Struct, frozen=True):
    """What the books have of a refund of the gateway's, which may be several of ours."""

    id: str
    payment: PaymentId
    amount_minor: int
    done: bool


class Totals(Struct, frozen=True):
    """All the money of one currency that ever came in; orders should keep ``due_minor`` of it."""

    currency: str
    captured_minor: int
    kept_minor: int
    refunded_minor: int
    due_minor: int

    @property
    def adds_up(self) -> bool:
        """Whether what was captured is what orders keep and what goes back."""
        return self.kept_minor == self.due_minor


async def begin(
    connection: Connection,
    lines: Sequence[PricedLine],
    currency: str,
    *,
    gateway: str,
    destination: Destination | None = None,
    coupon: CouponId | None = None,
) -> Payment:
    """Return the payment under way for orders that the caller has locked, or begin one."""
    ids = [line.order for line in lines]
    quote = destination and destination.quote
    row = await connection.fetchrow(_sql.pending, ids, gateway, quote, coupon)
    if row is None:
        row = await connection.fetchrow(
            _sql.begin,
            new_id("pay"),
            ids[0],
            gateway,
            sum(line.total_minor for line in lines),
            currency,
            quote,
            destination and destination.tariff,
            destination and destination.option,
            destination and destination.option_name,
            destination and msgspec.json.encode(destination.address).decode(),
        )
        assert row is not None  # an INSERT that returns answers or raises
        await connection.execute(
            _sql.begin_parts,
            row["id"],
            ids,
            [line.goods_minor for line in lines],
            [line.shipping_minor for line in lines],
            [line.tax_minor for line in lines],
            [line.tax_included_minor for line in lines],
            [line.discount_minor for line in lines],
        )
    return _payment(row)


async def parts(connection: Connection, payment: PaymentId) -> list[Part]:
    """Return what of a payment is for which order, in the order of their ids."""
    return [Part(**row) for row in await connection.fetch(_sql.parts, payment)]


async def destination(connection: Connection, payment: PaymentId) -> Destination | None:
    """Say where what a payment pays for goes; ``None`` if it was not priced for delivery."""
    row = await connection.fetchrow(_sql.destination, payment)
    if row is None:
        return None
    return msgspec.convert(
        {**row, "address": msgspec.json.decode(row["address"], type=Address)}, Destination
    )


async def forget_destinations(connection: Connection) -> None:
    """Forget where purchases were to go that nobody paid for, after `UNPAID_KEPT_S`."""
    await connection.execute(_sql.forget_destinations, UNPAID_KEPT_S)


async def set_reference(connection: Connection, payment: PaymentId, reference: str) -> None:
    """Remember the gateway's name for a payment. Idempotent; the first one stays."""
    await connection.execute(_sql.set_reference, payment, reference)


async def find(connection: Connection, gateway: str, payment: PaymentId) -> Payment | None:
    """Return a payment through this gateway; ``None`` if it is not ours."""
    row = await connection.fetchrow(_sql.find, gateway, payment)
    return None if row is None else _payment(row)


async def lock(connection: Connection, payment: PaymentId) -> PaymentStatus:
    """Hold a payment until the transaction ends; orders that are needed are locked before."""
    status: PaymentStatus = await connection.fetchval(_sql.lock, payment)
    return status


async def decline(connection: Connection, payment: PaymentId) -> bool:
    """End a payment that is pending; say whether it was."""
    return await connection.fetchrow(_sql.decline, payment) is not None


async def capture(connection: Connection, payment: PaymentId) -> bool:
    """Note that the money came; say whether that is news."""
    return await connection.fetchrow(_sql.capture, payment) is not None


# -- Given back ---------------------------------------------------------------------------------


async def captured_of(connection: Connection, order: OrderId) -> Payment | None:
    """Return the payment of which an order keeps money; the caller has locked the order."""
    row = await connection.fetchrow(_sql.captured_of, order)
    return None if row is None else _payment(row)


async def came_for(connection: Connection, orders: Sequence[OrderId]) -> set[OrderId]:
    """Return those of the orders for which money ever came, whatever became of it."""
    if not orders:
        return set()
    return {row["order"] for row in await connection.fetch(_sql.came_for, orders)}


async def owe(
    connection: Connection,
    payment: PaymentId,
    amount_minor: int,
    *,
    order: OrderId,
    reason: str = "",
    key: str | None = None,
) -> RefundId | None:
    """
    Promise an order's money back out of a captured payment; ``None`` if it has not so much left.

    Raises:
        IdempotencyInFlight: someone else does it with the same ``key`` right now.

    """
    try:
        refund: RefundId | None = await connection.fetchval(
            _sql.owe, new_id("rfd"), payment, amount_minor, reason, key, order
        )
    except asyncpg.UniqueViolationError as error:
        raise IdempotencyInFlight(key or "") from error
    return refund


async def owe_all(connection: Connection, payment: PaymentId, *, reason: str) -> None:
    """Note that the money of a payment came for nothing, and promise it back. Idempotent."""
    orders = [part.order for part in await parts(connection, payment)]
    ids = [new_id("rfd") for _ in orders]
    await connection.execute(_sql.owe_all, ids, payment, reason, orders)
    # Of a payment of nothing, nothing is due.
    await finish(connection, payment)


async def refund_of_key(connection: Connection, order: OrderId, key: str) -> int | None:
    """Return the amount that a request with ``key`` gave back of an order; ``None`` if none did."""
    amount_minor: int | None = await connection.fetchval(_sql.refund_of_key, order, key)
    return amount_minor


async def refunds_due(connection: Connection, *, after: str, limit: int) -> list[DueRefund]:
    """List the money that must go back, oldest first, behind ``after``."""
    return [DueRefund(**row) for row in await connection.fetch(_sql.refunds_due, after, limit)]


async def finish_refund(connection: Connection, refund: RefundId) -> bool:
    """
    Note that the gateway has taken a refund on; say whether that is news. Idempotent.

    In a transaction: the payment is locked, so that of its last two refunds one sees the other.
    """
    payment = await connection.fetchval(_sql.payment_of_refund, refund)
    if payment is None:
        return False
    await lock(connection, payment)
    if await connection.fetchrow(_sql.finish_refund, refund) is None:
        return False
    await finish(connection, payment)
    return True


async def finish(connection: Connection, payment: PaymentId) -> None:
    """Note that all of a payment went back, if it did. Idempotent."""
    await connection.execute(_sql.finish_payment, payment)


async def put_off(connection: Connection, refund: RefundId, for_s: float) -> None:
    """Do not list a refund as due for a while; it is owed all the same. Idempotent."""
    await connection.execute(_sql.put_off, refund, for_s)


# -- Withdrawn ----------------------------------------------------------------------------------


async def to_withdraw(connection: Connection, *, after: str, limit: int) -> list[Payment]:
    """List pending payments that nobody should pay any more, oldest first, behind ``after``."""
    return [_payment(row) for row in await connection.fetch(_sql.to_withdraw, after, limit)]


async def withdrawn(connection: Connection, payment: PaymentId) -> None:
    """Note that the gateway was asked to take no more money for it. Idempotent."""
    await connection.execute(_sql.withdrawn, payment)


# -- Webhooks, and the books as a whole ---------------------------------------------------------


async def first_time(connection: Connection, gateway: str, event: str) -> bool:
    """Remember a webhook; say whether it is the first of its id. Undone by a rollback."""
    return await connection.fetchrow(_sql.first_time, gateway, event) is not None


async def purge_events(connection: Connection) -> None:
    """Forget webhooks that are too old to come again."""
    await connection.execute(_sql.purge_events)


async def booked(connection: Connection, gateway: str, ids: Sequence[str]) -> dict[str, Booked]:
    """Return what the books have of payments through a gateway, by id."""
    rows = await connection.fetch(_sql.booked, gateway, ids)
    return {row["id"]: Booked(**row) for row in rows}


async def booked_refunds(connection: Connection, ids: Sequence[str]) -> dict[str, BookedRefund]:
    """Return what the books have of refunds, by id."""
    rows = await connection.fetch(_sql.booked_refunds, ids)
    return {row["id"]: BookedRefund(**row) for row in rows}


async def captured_between(
    connection: Connection, gateway: str, since: int, until: int
) -> AsyncIterator[Booked]:
    """Read the payments whose money came through a gateway in a period (Unix ms)."""
    async with connection.transaction():
        async for row in connection.cursor(_sql.captured_between, gateway, since, until):
            yield Booked(**row)


async def refunded_between(
    connection: Connection, gateway: str, since: int, until: int
) -> AsyncIterator[BookedRefund]:
    """Read the refunds that a gateway took on in a period (Unix ms)."""
    async with connection.transaction():
        async for row in connection.cursor(_sql.refunded_between, gateway, since, until):
            yield BookedRefund(**row)


async def overdue(connection: Connection, for_s: float) -> list[DueRefund]:
    """List money that is owed for longer than ``for_s``, oldest first."""
    rows = await connection.fetch(_sql.overdue, for_s, OVERDUE_SHOWN)
    return [DueRefund(**row) for row in rows]


async def mismatched(connection: Connection) -> list[Mismatch]:
    """Find orders whose money and state disagree."""
    return [Mismatch(**row) for row in await connection.fetch(_sql.mismatched)]


async def miscounted(connection: Connection) -> list[Miscount]:
    """Find payments that do not agree with their own refunds."""
    return [Miscount(**row) for row in await connection.fetch(_sql.miscounted)]


async def totals(connection: Connection, show: ShowId | None = None) -> list[Totals]:
    """Add up all the money of a show, or of all, by currency."""
    return [Totals(**row) for row in await connection.fetch(_sql.totals, show)]


def _payment(row: asyncpg.Record) -> Payment:
    return Payment(**row)
