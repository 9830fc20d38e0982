"""
Orders in the ledger, from when they are placed: paid, and ended exactly once.

Invariant: for each offer ``taken`` is the number of units in its live orders that have any, and
never exceeds ``allocated``, whatever the gate said. Every transition is one conditional update from
the state that `commerce.orders` names, in one transaction with the units it gives back and the fact
for the room.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Final, Literal

import asyncpg
import msgspec
from msgspec import Struct

from commerce.errors import NotFound, RefundTooLarge, WrongState
from commerce.ids import AccountId, HoldId, OfferId, OrderId, PaymentId, ShowId
from commerce.messages import (
    OfferItem,
    OfferPolicy,
    OrderStatus,
    OrderView,
    RefundRequest,
    Tally,
)
from commerce.money import Money
from commerce.orders import Event, moves
from commerce.store import bundles, outbox
from commerce.store.pool import Connection, fetch_planned
from commerce.store.queries import load

LIVE_SHOWN: Final = 100
"""Orders a returning buyer is reminded of; more than anyone places in a show."""

MANY: Final = 100
"""So many orders are shown by a plan of their own."""

HOLDS_CHUNK: Final = 5_000
"""Live holds read at a time when a gate is rebuilt: about a megabyte."""

_sql = load("orders")


class Parties(Struct, frozen=True):
    """Whose an order is."""

    id: OrderId
    offer: OfferId
    show: ShowId
    buyer: AccountId
    host: AccountId
    status: OrderStatus


class Payable(Struct, frozen=True):
    """What a payment must know of a locked order; ``in_time``: the pay window is not over."""

    buyer: AccountId
    status: OrderStatus
    in_time: bool
    total_minor: int
    currency: str


class Moved(Struct, frozen=True):
    """An order that is now in ``status``, and the hold that the gate must be told about."""

    id: OrderId
    hold: HoldId
    offer: OfferId
    show: ShowId
    buyer: AccountId
    status: OrderStatus
    refunded_minor: int


class GivenBack(Struct, frozen=True):
    """An order of which ``amount_minor`` goes back, with its units if it is now refunded."""

    moved: Moved
    amount_minor: int


class LiveHold(Struct, frozen=True):
    """
    A live order as the gate sees it; ``expires_at`` in Unix ms.

    ``kind`` as at the gate: ``h`` holds its units, ``i`` intends to pay and holds none, ``s`` paid.
    """

    hold: HoldId
    buyer: AccountId
    quantity: int
    expires_at: int
    kind: Literal["h", "i", "s"]


class KnownHold(Struct, frozen=True):
    """An order's state, and whether the gate has heard of it."""

    status: OrderStatus
    told: bool


class Counts(Struct, frozen=True):
    """
    The ledger's side of an offer; ``state`` as in the table, with ``closing``.

    ``untold``: orders that have units, or gave them back, and the gate has not heard of it.
    """

    show: ShowId
    state: str
    policy: OfferPolicy
    allocated: int
    taken: int
    held: int
    sold: int
    untold: int


class Miscount(Struct, frozen=True):
    """An offer whose ``taken`` is not what its ``live`` orders hold."""

    id: OfferId
    taken: int
    live: int


# -- Ended, or paid -------------------------------------------------------------------------------


async def pay(
    connection: Connection, order: OrderId, payment: PaymentId | None = None
) -> Moved | None:
    """
    Make an order that awaits payment a paid one; ``None`` if it does not. Idempotent.

    ``None``, too, if it holds no unit and its offer has not so many left; see `races`, whose `lock`
    the caller holds.
    """
    async with connection.transaction():
        row = await connection.fetchrow(_sql.pay, order, payment)
        if row is None:
            return None
        moved = _moved(row)
        await tell_hosts(connection, [moved.show])
    return moved


async def lapse_due(connection: Connection, now: int, limit: int) -> list[Moved]:
    """
    End at most ``limit`` orders whose hold is over at ``now``, and give their units back.

    Each order ends once, however many processes do this; fewer than ``limit`` may be returned
    although more are due, when someone is changing them right now.
    """
    async with connection.transaction():
        due = await connection.fetch(_sql.due, now, limit)
        if not due:
            return []
        await _lock(connection, {row["offer"] for row in due})
        rows = await connection.fetch(_sql.lapse, [row["id"] for row in due])
        return await _ended(connection, rows)


async def cancel(connection: Connection, order: OrderId) -> Moved:
    """
    End an order that awaits payment because its buyer wants so, and give its units back.

    Raises:
        NotFound: there is no such order.
        WrongState: it does not await payment.

    """
    ((was, to),) = moves("cancel").items()
    async with connection.transaction():
        await _lock(connection, {(await parties(connection, order)).offer})
        row = await connection.fetchrow(_sql.end_one, order, was, to)
        if row is None:
            found = await parties(connection, order)
            raise WrongState("order", order, state=found.status, wanted=was)
        (moved,) = await _ended(connection, [row])
    return moved


async def refund(
    connection: Connection,
    order: OrderId,
    *,
    amount_minor: int | None = None,
    return_units: bool = True,
) -> GivenBack:
    """
    Give back some of the money of an order, or what is left of it (None), maybe with its units.

    Units can be returned without money, when all of it went back before. To move the money is the
    caller's business.

    Raises:
        NotFound: there is no such order.
        WrongState: it was never paid, or its units went back before.
        RefundTooLarge: less than ``amount_minor`` is left of its money, or nothing.

    """
    event: Event = "return" if return_units else "refund"
    possible = moves(event)
    async with connection.transaction():
        found = await parties(connection, order)
        if return_units:
            await _lock(connection, {found.offer})
        row = await connection.fetchrow(
            _sql.refund,
            order,
            list(possible),
            list(possible.values()),
            amount_minor,
            0 if return_units else 1,
        )
        if row is None:
            (view,) = await views(connection, [order])
            if view.status not in possible:
                raise WrongState("order", order, state=view.status, wanted=" or ".join(possible))
            left = Money(view.total_minor - view.refunded_minor, view.currency)
            raise RefundTooLarge(order, str(left))
        moved = _moved(row)
        if return_units:
            await connection.execute(_sql.give_back, [order])
        await connection.execute(_sql.grant_request, order)
        await tell_hosts(connection, [moved.show])
    return GivenBack(moved, row["back_minor"])


async def mark_told(connection: Connection, told: Iterable[Moved]) -> None:
    """Remember that the gate knows of these outcomes; not of later ones. Idempotent."""
    orders = list(told)
    await connection.execute(
        _sql.mark_told,
        [order.id for order in orders],
        [order.status for order in orders],
        [order.refunded_minor for order in orders],
    )


# -- Read ---------------------------------------------------------------------------------------


async def views(connection: Connection, orders: Sequence[OrderId]) -> list[OrderView]:
    """Show orders as people see them, in the order given; unknown ones are left out."""
    if len(orders) < MANY:
        rows = await connection.fetch(_sql.views, orders) if orders else []
    else:
        rows = await fetch_planned(connection, _sql.views, orders)
    items = await bundles.items(connection, {row["offer"] for row in rows})
    return [_view(row, items.get(row["offer"], [])) for row in rows]


async def get(connection: Connection, order: OrderId) -> OrderView:
    """
    Show one order.

    Raises:
        NotFound: there is no such order.

    """
    for view in await views(connection, [order]):
        return view
    raise NotFound("order", order)


async def of_buyer(
    connection: Connection,
    buyer: AccountId,
    *,
    show: ShowId | None = None,
    after: OrderId | None = None,
    limit: int = 50,
) -> list[OrderView]:
    """
    Show a buyer's orders, newest first: the first ``limit``, or those behind ``after``.

    Those of a rehearsal are listed in its own show alone: nobody bought anything there.
    """
    return await _views_of(connection, _sql.ids_of_buyer, buyer, show, after, limit)


async def of_show(
    connection: Connection, show: ShowId, *, after: OrderId | None = None, limit: int = 50
) -> list[OrderView]:
    """Show a show's orders, newest first: the first ``limit``, or those behind ``after``."""
    return await _views_of(connection, _sql.ids_of_show, show, after, limit)


async def open_and_paid(
    connection: Connection, wanted: Sequence[tuple[AccountId, ShowId]]
) -> dict[tuple[AccountId, ShowId], list[OrderView]]:
    """Show what each buyer has going on in a show, newest first."""
    buyers, of_shows = [buyer for buyer, _ in wanted], [show for _, show in wanted]
    found = await fetch_planned(connection, _sql.ids_live, buyers, of_shows, LIVE_SHOWN)
    shown = {view.id: view for view in await views(connection, [row["id"] for row in found])}
    live: dict[tuple[AccountId, ShowId], list[OrderView]] = {each: [] for each in wanted}
    for row in found:
        if (view := shown.get(row["id"])) is not None:
            live[row["buyer"], row["show"]].append(view)
    return live


async def parties(connection: Connection, order: OrderId) -> Parties:
    """
    Say whose an order is.

    Raises:
        NotFound: there is no such order.

    """
    row = await connection.fetchrow(_sql.find, order)
    if row is None:
        raise NotFound("order", order)
    return Parties(**row)


async def lock(connection: Connection, order: OrderId) -> Payable:
    """
    Hold an order until the caller's transaction ends.

    Raises:
        NotFound: there is no such order.

    """
    row = await connection.fetchrow(_sql.lock, order)
    if row is None:
        raise NotFound("order", order)
    return Payable(**row)


async def untold(connection: Connection, limit: int, *, for_s: int = 0) -> list[Moved]:
    """List orders whose outcome the gate has not heard ``for_s`` seconds after it, oldest first."""
    return [_moved(row) for row in await connection.fetch(_sql.untold, limit, for_s)]


async def known_holds(
    connection: Connection, offer: OfferId, holds: Sequence[HoldId]
) -> dict[HoldId, KnownHold]:
    """Return the live orders of an offer, and whatever became of ``holds``, by hold."""
    rows = await connection.fetch(_sql.known_holds, offer, holds)
    return {row["hold"]: KnownHold(status=row["status"], told=row["told"]) for row in rows}


async def live_holds(connection: Connection, offer: OfferId) -> AsyncIterator[list[LiveHold]]:
    """Read the live orders of an offer as holds, `HOLDS_CHUNK` at a time."""
    after = ""
    while rows := await connection.fetch(_sql.live_holds, offer, after, HOLDS_CHUNK):
        after = rows[-1]["id"]
        yield [msgspec.convert(dict(row), LiveHold) for row in rows]


async def counts(connection: Connection, offer: OfferId) -> Counts:
    """
    Read the ledger's side of an offer.

    Raises:
        NotFound: there is no such offer.

    """
    row = await connection.fetchrow(_sql.counts, offer)
    if row is None:
        raise NotFound("offer", offer)
    return Counts(**row)


async def miscounted(connection: Connection) -> list[Miscount]:
    """Find offers whose ``taken`` is not what their live orders hold."""
    return [Miscount(**row) for row in await connection.fetch(_sql.miscounted)]


async def offers_in(connection: Connection, state: str) -> list[OfferId]:
    """List the offers in a state of the table, ``closing`` included."""
    return [row["id"] for row in await connection.fetch(_sql.of_state, state)]


async def tally(connection: Connection, show: ShowId) -> Tally:
    """Count what a show has sold so far; zeros if nothing."""
    row = await connection.fetchrow(_sql.tally, show)
    return msgspec.convert(dict(row or {}), Tally)


# -- Both ---------------------------------------------------------------------------------------


async def _lock(connection: Connection, offers: Iterable[OfferId]) -> None:
    """Lock offers and the variants their units may go back to, before the orders themselves."""
    ids = sorted(offers)
    await connection.execute(_sql.lock_offers, ids)
    await connection.execute(_sql.lock_variants_of_closed, ids)


async def _ended(connection: Connection, rows: Sequence[asyncpg.Record]) -> list[Moved]:
    moved = [_moved(row) for row in rows]
    await connection.execute(_sql.give_back, [order.id for order in moved])
    await tell_hosts(connection, (order.show for order in moved))
    return moved


async def tell_hosts(connection: Connection, shows: Iterable[str]) -> None:
    """Have the hosts of these shows told that their orders changed."""
    for show in sorted(set(shows)):
        await outbox.record(connection, "order", ShowId(show), show)


async def _views_of(connection: Connection, query: str, *arguments: object) -> list[OrderView]:
    rows = await connection.fetch(query, *arguments)
    return await views(connection, [row["id"] for row in rows])


def _view(row: asyncpg.Record, items: list[OfferItem]) -> OrderView:
    asked = row["refund_request"]
    request = None if asked is None else msgspec.json.decode(asked, type=RefundRequest)
    return msgspec.convert({**row, "items": items, "refund_request": request}, OrderView)


def _moved(row: asyncpg.Record) -> Moved:
    return msgspec.convert(dict(row), Moved)
