"""
The queue before a sale, as the ledger knows it: who entered, the draw, and whose turn it is.

It is written here and nowhere else, so it outlives every Redis. Whoever changes a queue locks its
row first: places are given one after the other, and each person has one. Invariants: who entered
before the draw is in it, at a place that nothing but the draw decides; whoever comes later, or
again, stands behind everyone; places up to ``called`` have had their turn, and no other.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from commerce.ids import AccountId, OfferId, ShowId
from commerce.messages import PlaceInQueue
from commerce.offers import draw as drawing
from commerce.offers.admission import TURN_S, Admission, Seal
from commerce.offers.outcomes import (
    Admitted,
    Closed,
    InQueue,
    LimitReached,
    NoQueue,
    QueueFull,
    QueuePlace,
    UnknownOffer,
)
from commerce.store.pool import Connection
from commerce.store.queries import load

MOST: Final = 100_000
"""Entrants of an offer: their draw takes two seconds, and more would wait for what nobody has."""

GRACE_MS: Final = 1_000
"""A turn counts so much longer than its admission: clocks differ, and attempts are on their way."""

CHUNK: Final = 5_000
"""Turns read at a time when a gate is rebuilt, as holds are."""

_sql = load("queues")


class QueueState(Struct, frozen=True):
    """How a queue stands; ``last`` is the last place given, ``called`` the last that had a turn."""

    offer: OfferId
    show: ShowId
    state: Literal["open", "closing", "closed"]
    entrants: int
    last: int
    called: int
    drawn: bool
    limit: int
    begun: bool
    over: bool


class Proof(Struct, frozen=True):
    """What anyone may know of a queue; ``seed`` and ``roll`` once it was drawn."""

    offer: OfferId
    commitment: str
    entrants: int
    last: int
    called: int
    seed: str | None
    roll: str | None
    drawn_at: int | None
    draws_at: int


class Untold(Struct, frozen=True):
    """An entrant who has yet to hear where they stand; ``admitted``: it is their turn now."""

    offer: OfferId
    show: ShowId
    account: AccountId
    place: int
    turn: int
    until: int | None
    admitted: bool


class _Standing(Struct, frozen=True):
    account: AccountId
    place: int | None
    turn: int
    until: int | None
    over: bool
    taken: int


async def open_(connection: Connection, offer: OfferId) -> None:
    """Begin a queue, and commit to the seed of its draw. Within the offer's transaction."""
    seed = secrets.token_bytes(drawing.SEED_BYTES)
    await connection.execute(_sql.open, offer, seed, drawing.commitment(seed))


async def enter(
    connection: Connection, offer: OfferId, accounts: Sequence[AccountId]
) -> Mapping[AccountId, QueuePlace]:
    """
    Give each account its place in the queue of an offer. Idempotent while a place is good.

    Before the sale opens nobody has a number, and the order given here means nothing. Afterwards
    newcomers stand behind, in order, and so do those who bought or missed their turn.
    """
    wanted = list(dict.fromkeys(accounts))
    async with connection.transaction():
        await connection.execute(_sql.lock, offer)
        queue = await _look(connection, offer)
        if isinstance(queue, NoQueue | UnknownOffer):
            return dict.fromkeys(wanted, queue)
        if queue.state != "open" or queue.over:
            return dict.fromkeys(wanted, Closed())
        if queue.begun and not queue.drawn:
            queue = await _draw(connection, queue)
        return await _places(connection, queue, wanted)


async def _look(connection: Connection, offer: OfferId) -> QueueState | NoQueue | UnknownOffer:
    found = await state(connection, offer)
    if found is not None:
        return found
    draft = await connection.fetchval(_sql.is_draft, offer)
    return UnknownOffer() if draft is None else NoQueue(draft=draft)


async def _places(
    connection: Connection, queue: QueueState, wanted: Sequence[AccountId]
) -> dict[AccountId, QueuePlace]:
    places: dict[AccountId, QueuePlace] = {}
    rows = await connection.fetch(_sql.standing, queue.offer, wanted, GRACE_MS)
    known = {AccountId(row["account"]): _Standing(**row) for row in rows}
    coming = []
    for account in wanted:
        standing = known.get(account)
        if standing is None or standing.over:
            if standing is not None and standing.taken >= queue.limit:
                places[account] = LimitReached(held=standing.taken)
            else:
                coming.append(account)
        elif standing.until is not None:
            places[account] = Admitted(Admission(turn=standing.turn, until=standing.until))
        else:
            places[account] = InQueue(place=standing.place or 0)
    # A full queue takes those back who are in it.
    room = MOST - queue.entrants
    newcomers = [account for account in coming if account not in known]
    for account in newcomers[max(room, 0) :]:
        coming.remove(account)
        places[account] = QueueFull()
    first = queue.last + 1 if queue.drawn else None
    entered = await connection.fetch(_sql.enter, queue.offer, coming, first) if coming else []
    for row in entered:
        places[row["account"]] = InQueue(place=row["place"] or 0)
    if entered:
        fresh = sum(row["account"] not in known for row in entered)
        given = len(entered) if queue.drawn else 0
        await connection.execute(_sql.count, queue.offer, fresh, given)
    # A token may outlive its account, in a database that was restored.
    return {account: places.get(account, UnknownOffer()) for account in wanted}


async def running(connection: Connection) -> list[QueueState]:
    """Return the queues of all open offers."""
    return [QueueState(**row) for row in await connection.fetch(_sql.running)]


async def take(connection: Connection, offer: OfferId) -> QueueState | None:
    """Lock a queue until the transaction ends; None if somebody else is at it, or there is none."""
    if await connection.fetchval(_sql.lock_unless_taken, offer) is None:
        return None
    return await state(connection, offer)


async def state(connection: Connection, offer: OfferId) -> QueueState | None:
    """Return how a queue stands; None without one."""
    row = await connection.fetchrow(_sql.look, offer)
    return QueueState(**row) if row is not None else None


async def draw(connection: Connection, queue: QueueState) -> QueueState:
    """Give everyone who entered their place. Needs the lock of `take`; drawing twice is once."""
    return queue if queue.drawn else await _draw(connection, queue)


async def _draw(connection: Connection, queue: QueueState) -> QueueState:
    seed: bytes = await connection.fetchval(_sql.seed, queue.offer)
    accounts = [row["account"] for row in await connection.fetch(_sql.in_draw, queue.offer)]
    # A large draw takes half a second of a core.
    order, roll = await asyncio.to_thread(_drawn, queue.offer, seed, accounts)
    await connection.execute(_sql.place, queue.offer, order)
    await connection.execute(_sql.draw, queue.offer, roll, len(order))
    drawn = await state(connection, queue.offer)
    assert drawn is not None  # its row is locked
    return drawn


def _drawn(
    offer: OfferId, seed: bytes, accounts: Sequence[AccountId]
) -> tuple[list[AccountId], str]:
    of_ticket = {drawing.ticket(offer, account): account for account in accounts}
    order = [of_ticket[ticket] for ticket in drawing.order(seed, of_ticket)]
    return order, drawing.roll(of_ticket)


async def outstanding(connection: Connection, offer: OfferId) -> int:
    """Return how many turns may still buy."""
    count: int = await connection.fetchval(_sql.outstanding, offer, GRACE_MS)
    return count


async def admit(connection: Connection, offer: OfferId, count: int) -> int | None:
    """Give the next ``count`` a turn; return the last place called. Needs the lock of `take`."""
    called: int | None = await connection.fetchval(_sql.admit, offer, count, TURN_S * 1000)
    return called


async def untold(connection: Connection, limit: int) -> list[Untold]:
    """Return entrants who have yet to hear where they stand, whose turn it is first."""
    return [Untold(**row) for row in await connection.fetch(_sql.untold, limit)]


async def told(connection: Connection, heard: Sequence[Untold]) -> None:
    """Remember that entrants know where they stand. Idempotent."""
    await connection.execute(
        _sql.told,
        [each.offer for each in heard],
        [each.account for each in heard],
        [each.turn for each in heard],
    )


async def spend(connection: Connection, bought: Sequence[tuple[OfferId, AccountId, int]]) -> None:
    """Write down which turns bought. In the transaction of their orders; idempotent."""
    await connection.execute(
        _sql.spend,
        [offer for offer, _, _ in bought],
        [account for _, account, _ in bought],
        [turn for _, _, turn in bought],
    )


async def spent(
    connection: Connection, offer: OfferId
) -> AsyncIterator[list[tuple[AccountId, int]]]:
    """Read whose turns bought, `CHUNK` at a time."""
    after = ""
    while rows := await connection.fetch(_sql.spent, offer, after, CHUNK):
        after = rows[-1]["account"]
        yield [(row["account"], row["turn"]) for row in rows]


async def proof(connection: Connection, offer: OfferId) -> Proof | None:
    """Return what anyone may know of a queue; None without one."""
    row = await connection.fetchrow(_sql.view, offer)
    return Proof(**row) if row is not None else None


async def tickets(connection: Connection, offer: OfferId) -> list[str]:
    """Return the tickets in a draw, in their own order, which tells nothing."""
    rows = await connection.fetch(_sql.in_draw, offer)
    return sorted(drawing.ticket(offer, row["account"]) for row in rows)


async def places(
    connection: Connection, seal: Seal, wanted: Sequence[tuple[AccountId, ShowId]]
) -> dict[tuple[AccountId, ShowId], list[PlaceInQueue]]:
    """Show where each account stands in the queues of a show; who is in none is left out."""
    accounts, of_shows = [account for account, _ in wanted], [show for _, show in wanted]
    found: dict[tuple[AccountId, ShowId], list[PlaceInQueue]] = {}
    for row in await connection.fetch(_sql.of_viewers, accounts, of_shows):
        token = None
        if row["until"] is not None:
            admission = Admission(turn=row["turn"], until=row["until"])
            token = seal.sign(admission, OfferId(row["offer"]), AccountId(row["account"]))
        place = PlaceInQueue(
            offer=row["offer"],
            place=row["place"],
            admission=token,
            until=row["until"],
            over=row["over"],
        )
        found.setdefault((row["account"], row["show"]), []).append(place)
    return found
