"""
Coupons in the ledger: given by hosts, and each use of them, with the payment that it is taken for.

Invariant: no coupon is used more often than its quota, and by no buyer more often than the limit.
A use is taken, kept and returned while its coupon is locked; a trigger counts, and a constraint is
the last test. A use is its payment's: taken when a buyer begins to pay; kept when the money comes;
returned when that will not happen, or when all that was paid for with it went back.
"""

from collections.abc import Sequence
from typing import Final

import asyncpg
import msgspec
from msgspec import Struct

from commerce.coupons import Coupon, CouponView, NewCoupon, Refusal, Uses, spelt
from commerce.errors import CouponCodeTaken, InvalidValue, NotFound, NotYours, WrongState
from commerce.ids import AccountId, CouponId, OrderId, PaymentId, ShowId, new_id
from commerce.messages import CouponCard
from commerce.store import outbox, shows
from commerce.store.pool import Connection, Pool, acquire, transaction
from commerce.store.queries import load

SHOWN: Final = 200
"""Newest first; a host who gave more coupons looks for none of the first."""

RETURN_EVERY_S: Final = 1.0
"""So much longer a use that nobody will pay for is missed by the next buyer."""

_sql = load("coupons")


class Known(Struct, frozen=True):
    """A coupon, how often it is used, and the ledger's clock (Unix ms) when it was read."""

    coupon: Coupon
    used: int
    now: int


# -- Given --------------------------------------------------------------------------------------


async def create(connection: Connection, host: AccountId, new: NewCoupon) -> CouponView:
    """
    Give a checked coupon.

    Raises:
        CouponCodeTaken: this host has had one with this code.
        NotFound: there is no such show.
        NotYours: it is another host's.
        InvalidValue: one of its products is none.

    """
    if new.show is not None:
        show = await shows.get(connection, ShowId(new.show))
        if show.host != host:
            # Other hosts' rehearsals are not there for this one.
            hidden = show.rehearses is not None
            raise NotFound("show", new.show) if hidden else NotYours("show", new.show)
    if unknown := await connection.fetchval(_sql.unknown_products, new.products):
        raise InvalidValue("$.products", f"there is no product {unknown!r}")
    id = await connection.fetchval(
        _sql.create,
        new_id("cpn"),
        host,
        spelt(new.code),
        new.show,
        new.percent_bp,
        new.amount_minor,
        new.currency,
        new.minimum_minor,
        new.products,
        new.quota,
        new.limit_per_buyer,
        new.valid_from,
        new.valid_until,
    )
    if id is None:
        raise CouponCodeTaken(spelt(new.code))
    return await _view(connection, host, id)


async def of_host(
    connection: Connection, host: AccountId, *, show: ShowId | None = None
) -> list[CouponView]:
    """List a host's coupons, newest first: all, or those that hold in a show."""
    rows = await connection.fetch(_sql.views, host, show, None, SHOWN)
    return [CouponView(**row) for row in rows]


async def end(connection: Connection, host: AccountId, coupon: CouponId) -> CouponView:
    """
    End a coupon, and take it off every screen; who is paying with it already may. Idempotent.

    Raises:
        NotFound: there is no such coupon.
        NotYours: it is another host's.

    """
    async with connection.transaction():
        await _own(connection, host, coupon)
        await connection.execute(_sql.end, coupon)
        for row in await connection.fetch(_sql.take_off_screens, coupon):
            await outbox.record(connection, "coupon", ShowId(row["id"]), row["id"])
    return await _view(connection, host, coupon)


# -- On screen ----------------------------------------------------------------------------------


async def pin(connection: Connection, host: AccountId, coupon: CouponId, show: ShowId) -> None:
    """
    Put a coupon on screen in a show, in place of any other; idempotent.

    Raises:
        NotFound: there is no such coupon, or no such show.
        NotYours: the coupon is another host's than the show's.
        WrongState: the coupon or the show ended.

    """
    async with connection.transaction():
        if await _own(connection, host, coupon):
            raise WrongState("coupon", coupon, state="ended", wanted="in force")
        if (await shows.get(connection, show)).host != host:
            raise NotYours("coupon", coupon)
        if await connection.fetchval(_sql.put_on_screen, show, coupon) is None:
            raise WrongState("show", show, state="ended", wanted="draft or live")
        await outbox.record(connection, "coupon", show, show)


async def unpin(connection: Connection, show: ShowId) -> None:
    """Take whatever coupon is on screen off it; idempotent."""
    async with connection.transaction():
        if await connection.fetchval(_sql.take_off_screen, show) is not None:
            await outbox.record(connection, "coupon", show, show)


async def on_screen(connection: Connection, show: ShowId) -> CouponCard | None:
    """Return the coupon on screen in a show, as it is now."""
    row = await connection.fetchrow(_sql.on_screen, show)
    return None if row is None else CouponCard(**row)


# -- Used ---------------------------------------------------------------------------------------


async def by_code(connection: Connection, host: AccountId, code: str) -> Known:
    """
    Return a host's coupon, however its code is typed.

    Raises:
        NotFound: this host has none with this code.

    """
    row = await connection.fetchrow(_sql.by_code, host, spelt(code))
    if row is None:
        raise NotFound("coupon", spelt(code))
    return Known(msgspec.convert(dict(row), Coupon), row["used"], row["now"])


async def uses(
    connection: Connection, known: Known, buyer: AccountId, orders: Sequence[OrderId]
) -> Uses:
    """Count a coupon's uses, without what a buyer took for an earlier try to pay ``orders``."""
    row = await connection.fetchrow(_sql.yours, known.coupon.id, buyer, orders)
    assert row is not None  # an aggregate always answers
    return Uses(all=known.used - row["given_up"], yours=row["taken"] - row["given_up"])


async def take(
    connection: Connection,
    coupon: CouponId,
    payment: PaymentId,
    buyer: AccountId,
    discount_minor: int,
) -> None:
    """
    Take a use for a payment that begins; what its orders had of earlier ones is returned first.

    Idempotent. The caller has locked the orders.

    Raises:
        CouponRefused: all uses are taken, or as many of them are this buyer's as may be.

    """
    refused = await _take(connection, coupon, payment, buyer, discount_minor)
    if refused is not None:
        locked = await connection.fetchrow(_sql.lock, coupon)
        raise refused.error(locked["code"] if locked else coupon)


async def keep(connection: Connection, payment: PaymentId) -> bool:
    """
    Keep the use of a payment whose money came; ``False``: it was returned, and there is none left.

    ``True`` as well where no coupon is involved, or no order waits for the money any more, or
    others have paid first: then the use is returned as any that nobody pays for. The caller has
    locked the orders, those of them that race with their offers, and the payment.
    """
    row = await connection.fetchrow(_sql.held, payment)
    if row is None or not row["wanted"]:
        return True
    coupon, buyer, discount_minor = row["coupon"], row["buyer"], row["discount_minor"]
    if await _take(connection, coupon, payment, buyer, discount_minor) is not None:
        return False
    await connection.execute(_sql.keep, payment)
    return True


async def give_back(connection: Connection, order: OrderId) -> None:
    """Return the use with which an order was paid that went back, if it was the last of them."""
    coupon = await connection.fetchval(_sql.of_order, order)
    if coupon is not None:
        before = await connection.fetchrow(_sql.lock, coupon)
        await connection.execute(_sql.return_refunded, order)
        await _tell_if_turned(connection, coupon, before is not None and _is_used_up(before))


async def return_idle(pool: Pool) -> int:
    """Return every use that nobody will pay for, a coupon at a time; say of how many coupons."""
    async with acquire(pool) as connection:
        rows = await connection.fetch(_sql.idle)
    for row in rows:
        async with transaction(pool) as connection:
            before = await connection.fetchrow(_sql.lock, row["coupon_id"])
            await connection.execute(_sql.return_idle, row["coupon_id"])
            was = before is not None and _is_used_up(before)
            await _tell_if_turned(connection, row["coupon_id"], was)
    return len(rows)


async def _take(
    connection: Connection,
    coupon: CouponId,
    payment: PaymentId,
    buyer: AccountId,
    discount_minor: int,
) -> Refusal | None:
    """Take a use unless the payment has it; say why there is none."""
    before = await connection.fetchrow(_sql.lock, coupon)
    assert before is not None  # coupons are never deleted
    # Looked at behind the lock: it may have been returned until a moment ago.
    held = await connection.fetchrow(_sql.held, payment)
    if held is not None and held["held"]:
        return None
    await connection.execute(_sql.give_up, coupon, buyer, payment)
    now = await connection.fetchrow(_sql.lock, coupon)
    assert now is not None
    yours = await connection.fetchval(_sql.count_yours, coupon, buyer, payment)
    if yours >= now["limit_per_buyer"]:
        return Refusal("coupon_yours_used")
    if now["used"] >= now["quota"]:
        return Refusal("coupon_used_up")
    await connection.execute(_sql.take, payment, coupon, buyer, discount_minor)
    await _tell_if_turned(connection, coupon, _is_used_up(before))
    return None


async def _tell_if_turned(connection: Connection, coupon: CouponId, was_used_up: bool) -> None:
    """Tell the rooms that show a coupon when it is used up, and when it is not any more."""
    now = await connection.fetchrow(_sql.lock, coupon)
    if now is not None and _is_used_up(now) != was_used_up:
        for row in await connection.fetch(_sql.shows_of, coupon):
            await outbox.record(connection, "coupon", ShowId(row["id"]), row["id"])


def _is_used_up(row: asyncpg.Record) -> bool:
    used: int = row["used"]
    quota: int = row["quota"]
    return used >= quota


async def _own(connection: Connection, host: AccountId, coupon: CouponId) -> bool:
    """Lock a coupon of this host's, and say whether it ended."""
    row = await connection.fetchrow(_sql.lock, coupon)
    if row is None:
        raise NotFound("coupon", coupon)
    if row["host"] != host:
        raise NotYours("coupon", coupon)
    ended: bool = row["ended"]
    return ended


async def _view(connection: Connection, host: AccountId, coupon: CouponId) -> CouponView:
    row = await connection.fetchrow(_sql.views, host, None, coupon, 1)
    if row is None:
        raise NotFound("coupon", coupon)
    return CouponView(**row)
