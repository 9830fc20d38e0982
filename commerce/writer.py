"""
The order writer: holds come out of the gate's stream and become orders in PostgreSQL.

Who comes to wait in line, and who goes, is written from the same stream, between the orders.

Invariant: the stream holds exactly what is not yet in PostgreSQL. An entry is deleted after the
commit that made it an order, so whoever writes next begins at the head and finds what a dead writer
left; writing an entry twice writes one order. One process writes at a time: it owns an advisory
lock, and every statement runs on the connection that owns it, so a writer that lost the lock cannot
commit. Because of that the entries need no consumer group, and their order holds: where an offer's
``closed`` entry is met, all of its earlier holds are orders. While PostgreSQL writes one batch, the
buyers of the batch before are told and the next is read; nothing else overtakes.

An entry that cannot become an order is parked with the reason, and its units go back; it never
stops the ones behind it.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Final, NoReturn, cast

import asyncpg
import msgspec
import redis.asyncio as redis
import structlog

from commerce.announce import Announce
from commerce.errors import NotFound
from commerce.ids import HoldId, OfferId
from commerce.messages import Released, Reserved, Unwaited
from commerce.offers.epoch import Epochs
from commerce.offers.link import open_client
from commerce.offers.outcomes import Unavailable
from commerce.offers.stock import Freed, Gate
from commerce.rounds import rounds
from commerce.store import epochs, offers, placing, waitlist
from commerce.store.placing import PlacedBatch, Reservation
from commerce.store.pool import Connection, Pool, acquire
from commerce.store.waitlist import Leaver, Waiter
from commerce.tracing import UNTRACED, Tracer, trace_id

log = structlog.get_logger()

BATCH: Final = 1024
"""Entries in a transaction: of 512 an order costs a twentieth more, of 2,048 no less."""

HANDS: Final = 2
"""Batches in hand: one is being written while another is read, or its buyers are told."""

BLOCK_MS: Final = 500
"""How long a read waits for a first entry; between reads the epoch is looked at."""

LOOK_S: Final = 1.0
"""How often the writer makes sure that the gate's epoch is in force."""

TURN_S: Final = 1.0
"""How often a stand-by asks for the lock, and how long the writer rests after an outage."""

ANSWER_S: Final = 5.0
"""How long Redis may take to answer before it is given up."""

PARKED: Final = 10_000
"""Parked entries kept for a person to look at; the oldest go first."""

OnWrite = Callable[[float], object]
"""Hears after each commit how many seconds ago the gate gave out the oldest hold in it."""

_HEAD: Final = "0-0"
"""Before the first entry."""

_CANNOT_EXIST: Final = (NotFound, asyncpg.IntegrityConstraintViolationError, asyncpg.DataError)


class GateAway(redis.ConnectionError):
    """The gate must be told before an entry may go, and does not answer; try again."""


class NewsNotDelivered(redis.ConnectionError):
    """What was written cannot be announced; write it again, and try again."""


class ClosedMark(msgspec.Struct, frozen=True):
    """The place in the stream where an offer was closed."""

    offer: OfferId


class Entry(msgspec.Struct, frozen=True):
    """An entry of the stream; ``content`` is what is wrong with it if it cannot be read."""

    id: bytes
    fields: dict[bytes, bytes]
    content: Reservation | Waiter | Leaver | ClosedMark | str


class _Place:
    """How far in the stream the hands have taken."""

    def __init__(self, after: str) -> None:
        self.after = after


class Writer:
    """The order writer of this process; made by `open_writer`."""

    def __init__(
        self,
        pool: Pool,
        gate: Gate,
        seen: Epochs,
        stream: "redis.Redis",
        announce: Announce,
        on_write: OnWrite = lambda age_s: None,
        tracer: Tracer = UNTRACED,
    ) -> None:
        self.active = False
        self._on_write = on_write
        self._tracer = tracer
        self._pool = pool
        self._gate = gate
        self._seen = seen
        self._stream = stream
        self._announce = announce
        # Held by whoever speaks to PostgreSQL, and by whoever takes the next batch.
        self._pen = asyncio.Lock()
        self._taking = asyncio.Lock()

    async def run(self) -> NoReturn:
        """Write whenever it is this process's turn, through outages, until cancelled."""
        await rounds("order_writer", self.take_turn, every_s=TURN_S)

    async def take_turn(self) -> None:
        """Write for as long as this process owns the lock; return if another does."""
        async with acquire(self._pool) as connection:
            if await epochs.take_turn(connection):
                log.info("order_writer_active")
                self.active = True
                try:
                    while True:
                        await self.make_sure(connection)
                        await self._write_for(connection, LOOK_S)
                finally:
                    self.active = False
                    await self._unlock(connection)

    async def rebuild(self) -> bool:
        """Rebuild the gate now, unless another process writes; say whether it was done."""
        async with acquire(self._pool) as connection:
            if not await epochs.take_turn(connection):
                return False
            try:
                await self.renew(connection)
            finally:
                await self._unlock(connection)
        return True

    async def make_sure(self, connection: Connection) -> None:
        """See to it that an epoch is in force, by making one if none is."""
        standing = await self._seen.in_force(connection)
        if standing is None:
            await self.renew(connection)
        else:
            self._gate.fence.open(standing)

    async def renew(self, connection: Connection) -> None:
        """Rebuild the gate from PostgreSQL in a new epoch, after all of the stream is written."""

        async def drain() -> None:
            while entries := await self.read():
                await self.write(connection, entries, fenced=True)

        self._gate.fence.shut("the gate is rebuilt")
        standing = await self._seen.renew(connection, drain=drain, announce=self._announce)
        self._gate.fence.open(standing)

    async def read(self, *, after: str = _HEAD, block_ms: int | None = None) -> list[Entry]:
        """Read the first entries ``after`` one; none after ``block_ms`` (at once if None)."""
        async with asyncio.timeout((block_ms or 0) / 1000 + ANSWER_S):
            reply = cast(
                list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]],
                await self._stream.xread({self._gate.keys.orders: after}, BATCH, block_ms),
            )
        return [
            Entry(id=id, fields=fields, content=_content(fields))
            for _stream, entries in reply
            for id, fields in entries
        ]

    async def write(
        self, connection: Connection, entries: Sequence[Entry], *, fenced: bool = False
    ) -> None:
        """
        Make orders of entries, tell the buyers, and delete the entries. Idempotent.

        ``fenced``: the gate is being rebuilt from PostgreSQL, so it need not be told anything.

        Raises:
            GateAway: units must go back and the gate does not answer; some entries are left.
            NewsNotDelivered: the orders are written, but their buyers may not know; likewise.

        """
        for kind, alike in groupby(entries, key=lambda entry: type(entry.content)):
            run = list(alike)
            if kind is Reservation:
                await self._write_run(connection, run, fenced=fenced)
            elif kind is Waiter:
                await self._line_up(connection, run)
            elif kind is Leaver:
                await self._let_go(connection, run)
            else:
                for entry in run:
                    if isinstance(entry.content, ClosedMark):
                        await self._finish(connection, entry, entry.content, fenced=fenced)
                    else:
                        await self._park(entry, str(entry.content), fenced=fenced)

    async def _write_for(self, connection: Connection, seconds: float) -> None:
        """Write until it is time to look at the epoch again, or the fence is shut."""
        place = _Place(_HEAD)
        until = time.monotonic() + seconds
        async with asyncio.TaskGroup() as hands:
            for _ in range(HANDS):
                hands.create_task(self._take_and_write(connection, place, until))

    async def _take_and_write(self, connection: Connection, place: "_Place", until: float) -> None:
        """Write one batch after the other, in turns with the other hands."""
        while time.monotonic() < until and self._gate.fence.standing is not None:
            async with self._taking:
                entries = await self.read(after=place.after, block_ms=BLOCK_MS)
                if not entries:
                    continue
                place.after = entries[-1].id.decode()
                if not all(isinstance(entry.content, Reservation) for entry in entries):
                    # What follows such an entry is not even read before it is done with.
                    await self.write(connection, entries)
                    continue
            # The pen goes to those who ask in turn, so batches are written in the stream's order.
            await self._write_run(connection, entries, fenced=False)

    async def _write_run(
        self, connection: Connection, run: Sequence[Entry], *, fenced: bool
    ) -> None:
        """Write reservations that follow each other."""
        # Nobody else writes before the last of them is an order, or known not to become one.
        async with self._pen:
            placed = await self._place(connection, run) if run else []
        for part, batch in placed:
            if isinstance(batch, str):
                await self._park(part[0], batch, fenced=fenced)
            else:
                await self._tell(part, batch, fenced=fenced)

    async def _place(
        self, connection: Connection, run: Sequence[Entry]
    ) -> list[tuple[Sequence[Entry], PlacedBatch | str]]:
        """Make orders of reservations; of one that cannot be an order, say why."""
        reservations = _reservations(run)
        traces = [each.trace for each in reservations if each.trace]
        try:
            with self._tracer.together("orders.place", traces, batch=len(reservations)):
                batch = await placing.place(connection, reservations)
        except _CANNOT_EXIST as error:
            if len(run) == 1:
                return [(run, str(error))]
            # One of them is the culprit: halves find it in ten steps out of 1,024.
            half = len(run) // 2
            first = await self._place(connection, run[:half])
            return [*first, *await self._place(connection, run[half:])]
        self._on_write(max(0.0, time.time() - min(each.at for each in reservations) / 1000))
        return [(run, batch)]

    async def _tell(self, run: Sequence[Entry], batch: PlacedBatch, *, fenced: bool) -> None:
        """Tell the buyers what became of their holds, and the gate; then the entries go."""
        if batch.rejected and not fenced:
            # PostgreSQL has no room for what the gate sold: the gate is wrong, for example because
            # its Redis came back with older data. Nobody may buy until it is rebuilt, and then
            # these holds are gone.
            await self._gate.fence_off("it sold units that PostgreSQL does not have")
        elif not fenced:
            await self._release(batch.ended)
        mark = self._announce.mark()
        reservations = _reservations(run)
        turns = {each.hold: each for each in reservations if each.waited}
        for order in batch.placed:
            if (turn := turns.get(HoldId(order.hold))) is not None:
                self._announce_turn(turn)
            self._announce.placed(order)
        for lost in batch.rejected:
            self._announce_lost(lost)
        await self._delivered(mark)
        await self._delete(run)
        log.debug(
            "orders_placed",
            placed=len(batch.placed),
            rejected=len(batch.rejected),
            trace_ids=[trace_id(each.trace) for each in reservations if each.trace],
        )

    async def _line_up(self, connection: Connection, run: Sequence[Entry]) -> None:
        """Write down who came to wait."""
        waiters = [entry.content for entry in run if isinstance(entry.content, Waiter)]
        async with self._pen:
            await waitlist.join(connection, waiters)
        await self._delete(run)

    async def _let_go(self, connection: Connection, run: Sequence[Entry]) -> None:
        """
        Write down whose place ended without a turn, and tell those who did not end it themselves.

        Who left was told then; told again now, they might be in line anew.
        """
        leavers = [entry.content for entry in run if isinstance(entry.content, Leaver)]
        async with self._pen:
            await waitlist.leave(connection, [leaver.hold for leaver in leavers])
        mark = self._announce.mark()
        for leaver in leavers:
            if leaver.reason != "left":
                unwaited = Unwaited(offer=leaver.offer, reason=leaver.reason)
                self._announce.unwaited(unwaited, leaver.show, leaver.buyer)
        await self._delivered(mark)
        await self._delete(run)

    async def _finish(
        self, connection: Connection, entry: Entry, mark: ClosedMark, *, fenced: bool
    ) -> None:
        """End an offer's closing: all of its holds from before are orders by now."""
        try:
            async with self._pen:
                await offers.finish_closing(connection, mark.offer)
        except _CANNOT_EXIST as error:
            await self._park(entry, str(error), fenced=fenced)
        else:
            await self._delete([entry])

    async def _park(self, entry: Entry, reason: str, *, fenced: bool) -> None:
        """Set an entry aside with the reason, and give its units back."""
        trace = entry.content.trace if isinstance(entry.content, Reservation) else ""
        log.error("entry_parked", entry=entry.id.decode(), reason=reason, trace_id=trace_id(trace))
        if isinstance(entry.content, Reservation):
            if not fenced:
                await self._release([entry.content])
            mark = self._announce.mark()
            self._announce_lost(entry.content)
            await self._delivered(mark)
        keys = self._gate.keys
        async with (
            asyncio.timeout(ANSWER_S),
            self._stream.pipeline(transaction=True) as pipeline,
        ):
            pipeline.xadd(
                keys.parked,
                {**entry.fields, b"reason": reason.encode()},  # type: ignore[dict-item]
                maxlen=PARKED,
            )
            pipeline.xdel(keys.orders, entry.id)
            await pipeline.execute()

    async def _release(self, reservations: Sequence[Reservation]) -> None:
        for lost in reservations:
            freed = await self._gate.release(lost.offer, [lost.hold])
            if isinstance(freed, Unavailable):
                raise GateAway("the gate cannot be told that units go back")
            if isinstance(freed, Freed) and freed.units:
                self._announce.stock(freed.show, lost.offer, freed.left, freed.version)

    async def _delete(self, entries: Sequence[Entry]) -> None:
        async with asyncio.timeout(ANSWER_S):
            await self._stream.xdel(self._gate.keys.orders, *(entry.id for entry in entries))

    async def _delivered(self, since: int) -> None:
        """Make sure that the buyers hear, before the entries that say so are gone."""
        if not await self._announce.delivered(since):
            raise NewsNotDelivered("the buyers could not be told")

    def _announce_turn(self, turn: Reservation) -> None:
        reserved = Reserved(
            offer=turn.offer,
            hold=turn.hold,
            quantity=turn.quantity,
            expires_at=turn.expires_at,
            waited=True,
        )
        self._announce.reserved(reserved, turn.show, turn.buyer)

    def _announce_lost(self, lost: Reservation) -> None:
        released = Released(hold=lost.hold, offer=lost.offer, reason="sold_out")
        self._announce.released(released, lost.show, lost.buyer)

    async def _unlock(self, connection: Connection) -> None:
        """Let a stand-by take over at once; a connection that is gone has let go already."""
        try:
            await epochs.end_turn(connection)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning("order_writer_lost_lock", error=str(error))


@asynccontextmanager
async def open_writer(
    url: str,
    pool: Pool,
    gate: Gate,
    seen: Epochs,
    announce: Announce,
    on_write: OnWrite = lambda age_s: None,
    tracer: Tracer = UNTRACED,
) -> AsyncIterator[Writer]:
    """Connect to the order stream, lazily; the writer writes once `Writer.run` runs."""
    async with open_client(url, decode_responses=False) as stream:
        yield Writer(pool, gate, seen, stream, announce, on_write, tracer)


def _reservations(run: Sequence[Entry]) -> list[Reservation]:
    return [entry.content for entry in run if isinstance(entry.content, Reservation)]


def _content(fields: dict[bytes, bytes]) -> Reservation | Waiter | Leaver | ClosedMark | str:
    """Read an entry, or say why it cannot be read."""
    try:
        texts = {name.decode(): value.decode() for name, value in fields.items()}
        match texts.get("what"):
            case "reserved":
                return msgspec.convert(texts, Reservation, strict=False)
            case "waiting":
                return msgspec.convert(texts, Waiter, strict=False)
            case "unwaited":
                return msgspec.convert(texts, Leaver, strict=False)
            case "closed":
                return msgspec.convert(texts, ClosedMark, strict=False)
            case what:
                return f"there are no entries of the kind {what!r}"
    except (UnicodeDecodeError, msgspec.ValidationError) as error:
        return str(error)
