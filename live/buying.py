"""
What a buyer wants on the socket, and the one answer that each wish gets.

Invariant: a wish only reaches the gate for an offer of the room it was made in, by someone who
signed in, and is answered exactly once, also when the shop cannot be reached.
"""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Final, assert_never

import structlog
from prometheus_client import Counter

from commerce.errors import InvalidValue, NotFound, ShopError
from commerce.ids import AccountId, OfferId
from commerce.messages import (
    Admitted,
    Enter,
    Entered,
    OfferView,
    Reason,
    Refused,
    Reserve,
    Reserved,
    Unwait,
    Unwaited,
    Wait,
    Waiting,
)
from commerce.offers import outcomes
from commerce.offers.batcher import Batcher
from commerce.offers.outcomes import (
    Attempt,
    Closed,
    Crowded,
    Held,
    InLine,
    InQueue,
    KeyReused,
    LimitReached,
    LineFull,
    NoLine,
    NoQueue,
    NotAdmitted,
    NotOpen,
    Outcome,
    QueueFull,
    SoldOut,
    Turn,
    Unavailable,
    UnknownOffer,
)
from commerce.offers.stock import RETRY_AFTER_MS
from commerce.rounds import OUTAGE
from commerce.store import offers
from commerce.store.pool import Pool, acquire
from commerce.tracing import Span, Tracer
from live.line import Line
from live.queue import Queues
from live.remembered import Remembered
from live.telemetry import Metrics
from live.together import Together
from live.wire import encode
from rooms.application import Viewer
from rooms.messages import Error

REMEMBERED: Final = 10_000
"""Offers whose room is known by heart: some 2 MiB at most."""

UNANSWERED: Final = (ShopError, *OUTAGE)
"""What asking the shop may end in; the viewer hears that it may be tried again."""

log = structlog.get_logger()
Wanted = Reserve | Wait | Unwait | Enter


class Buying:
    """What becomes of the buyers' wishes; ``tasks`` holds those that wait for the shop."""

    def __init__(
        self,
        pool: Pool,
        batcher: Batcher,
        line: Line,
        queues: Queues,
        metrics: Metrics,
        tracer: Tracer,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._offers = Together(self._read_offers, tasks)
        self._pool = pool
        self._batcher = batcher
        self._line = line
        self._queues = queues
        self._metrics = metrics
        self._tracer = tracer
        self._tasks = tasks
        self._counters: dict[str, Counter] = {}
        self._rooms: Remembered[OfferId, str] = Remembered(REMEMBERED)

    def learn(self, offer: OfferId, room: str) -> None:
        """Take in which room an offer is sold in."""
        self._rooms.put(offer, room)

    def want(self, viewer: Viewer, wanted: Wanted, *, signed_in: bool) -> None:
        """Answer what a viewer wants; nobody buys without an account."""
        if not signed_in:
            self._refuse(viewer, wanted, "unauthorised")
            return
        room = self._rooms.get(OfferId(wanted.offer))
        if room is None:
            self._start(viewer, wanted, self._look_up(viewer, wanted))
        else:
            self._submit(viewer, wanted, room)

    def _submit(self, viewer: Viewer, wanted: Wanted, room: str) -> None:
        if room != viewer.room:
            self._refuse(viewer, wanted, "unknown_offer")
            return
        match wanted:
            case Reserve():
                self._reserve(viewer, wanted)
            case Wait():
                self._start(viewer, wanted, self._wait(viewer, wanted))
            case Unwait():
                self._start(viewer, wanted, self._unwait(viewer, wanted))
            case Enter():
                self._start(viewer, wanted, self._enter(viewer, wanted))
            case _:
                assert_never(wanted)

    def _reserve(self, viewer: Viewer, wanted: Reserve) -> None:
        offer, buyer = OfferId(wanted.offer), AccountId(viewer.identity.id)
        admission = None
        if wanted.admission is not None:
            admission = self._queues.read(wanted.admission, offer, buyer)
            if admission is None:
                self._refuse(viewer, wanted, "not_admitted")
                return
        span = self._tracer.begin("reserve", show=viewer.room, offer=wanted.offer)
        attempt = Attempt(
            offer=offer,
            buyer=buyer,
            id=wanted.id,
            quantity=wanted.quantity,
            fresh=wanted.fresh,
            trace=span.context,
            admission=admission,
        )
        self._batcher.submit(attempt, lambda outcome: self._answer(viewer, wanted, outcome, span))

    async def _enter(self, viewer: Viewer, wanted: Enter) -> None:
        offer, buyer = OfferId(wanted.offer), AccountId(viewer.identity.id)
        match await self._queues.enter(offer, buyer):
            case InQueue(place):
                self._count("entered")
                viewer.send(encode(Entered(to=wanted.id, offer=offer, place=place)))
            case outcomes.Admitted(admission):
                self._count("admitted")
                token = self._queues.token(admission, offer, buyer)
                admitted = Admitted(
                    to=wanted.id, offer=offer, admission=token, until=admission.until
                )
                viewer.send(encode(admitted))
            case QueueFull():
                self._refuse(viewer, wanted, "queue_full")
            case NoQueue(draft):
                self._refuse(viewer, wanted, "not_open" if draft else "no_queue")
            case LimitReached():
                self._refuse(viewer, wanted, "limit_reached")
            case Closed():
                self._refuse(viewer, wanted, "closed")
            case UnknownOffer():
                self._refuse(viewer, wanted, "unknown_offer")
            case place:
                assert_never(place)

    async def _wait(self, viewer: Viewer, wanted: Wait) -> None:
        attempt = Attempt(
            offer=OfferId(wanted.offer),
            buyer=AccountId(viewer.identity.id),
            id=wanted.id,
            quantity=wanted.quantity,
        )
        match await self._line.join(attempt):
            case InLine(place, quantity):
                self._count("waiting")
                waiting = Waiting(to=wanted.id, offer=wanted.offer, place=place, quantity=quantity)
                viewer.send(encode(waiting))
            case Turn(held, quantity):
                self._count("reserved")
                viewer.send(encode(_reserved(wanted, held, quantity, waited=True)))
            case LineFull():
                self._refuse(viewer, wanted, "waitlist_full")
            case NoLine():
                self._refuse(viewer, wanted, "no_waitlist")
            case LimitReached():
                self._refuse(viewer, wanted, "limit_reached")
            case NotOpen(retry_after_ms):
                self._refuse(viewer, wanted, "not_open", retry_after_ms)
            case Closed():
                self._refuse(viewer, wanted, "closed")
            case UnknownOffer():
                await self._explain(viewer, wanted)
            case NotAdmitted(why):
                self._refuse(viewer, wanted, why)
            case KeyReused():
                self._key_reused(viewer, wanted)
            case Unavailable(retry_after_ms):
                self._refuse(viewer, wanted, "unavailable", retry_after_ms)
            case place:
                assert_never(place)

    async def _unwait(self, viewer: Viewer, wanted: Unwait) -> None:
        left = await self._line.leave(OfferId(wanted.offer), AccountId(viewer.identity.id))
        if isinstance(left, Unavailable):
            self._refuse(viewer, wanted, "unavailable", left.retry_after_ms)
        else:
            viewer.send(encode(Unwaited(to=wanted.id, offer=wanted.offer, reason="left")))

    async def _look_up(self, viewer: Viewer, wanted: Wanted) -> None:
        """Find out which show an offer is in, then go on; the first attempt on this worker."""
        found = await self._offers.ask(OfferId(wanted.offer))
        if found is None:
            self._refuse(viewer, wanted, "unknown_offer")
        else:
            self.learn(OfferId(wanted.offer), found.show)
            self._submit(viewer, wanted, found.show)

    async def _read_offers(self, wanted: Sequence[OfferId]) -> Mapping[OfferId, OfferView | None]:
        """Read each offer; those who press in the same moment ask for one."""
        found: dict[OfferId, OfferView | None] = {}
        for offer in wanted:
            try:
                async with acquire(self._pool) as connection:
                    found[offer] = await offers.get(connection, offer)
            except (NotFound, InvalidValue):
                found[offer] = None
        return found

    def _answer(self, viewer: Viewer, wanted: Reserve, outcome: Outcome, span: Span) -> None:
        span.end(type(outcome).__name__)
        match outcome:
            case Held():
                self._count("reserved")
                viewer.send(encode(_reserved(wanted, outcome, wanted.quantity)))
            case SoldOut():
                self._refuse(viewer, wanted, "sold_out")
            case Crowded(retry_after_ms):
                self._refuse(viewer, wanted, "crowded", retry_after_ms)
            case LimitReached():
                self._refuse(viewer, wanted, "limit_reached")
            case NotOpen(retry_after_ms):
                self._refuse(viewer, wanted, "not_open", retry_after_ms)
            case Closed():
                self._refuse(viewer, wanted, "closed")
            case Unavailable(retry_after_ms):
                self._refuse(viewer, wanted, "unavailable", retry_after_ms)
            case UnknownOffer():
                self._start(viewer, wanted, self._explain(viewer, wanted))
            case NotAdmitted(why):
                self._refuse(viewer, wanted, why)
            case KeyReused():
                self._key_reused(viewer, wanted)
            case _:
                assert_never(outcome)

    def _key_reused(self, viewer: Viewer, wanted: Wanted) -> None:
        self._count("key_reused")
        detail = "this id came with another quantity before"
        viewer.send(encode(Error(code="idempotency_key_reused", detail=detail, to=wanted.id)))

    async def _explain(self, viewer: Viewer, wanted: Wanted) -> None:
        """Say why the gate does not know an offer that exists."""
        found = await self._offers.ask(OfferId(wanted.offer))
        match found.state if found is not None else None:
            case None:
                self._refuse(viewer, wanted, "unknown_offer")
            case "draft":
                self._refuse(viewer, wanted, "not_open")
            case "closed":
                self._refuse(viewer, wanted, "closed")
            case "open":
                self._refuse(viewer, wanted, "unavailable", RETRY_AFTER_MS)

    def _refuse(
        self, viewer: Viewer, wanted: Wanted, reason: Reason, retry_after_ms: int | None = None
    ) -> None:
        self._count(reason)
        viewer.send(
            encode(
                Refused(
                    to=wanted.id,
                    offer=wanted.offer,
                    reason=reason,
                    retry_after_ms=retry_after_ms,
                )
            )
        )

    def _count(self, answer: str) -> None:
        counter = self._counters.get(answer)
        if counter is None:
            # Looking a label up takes as long as counting ten times.
            counter = self._counters[answer] = self._metrics.gate_answers.labels(answer)
        counter.inc()

    def _start(self, viewer: Viewer, wanted: Wanted, work: Coroutine[None, None, None]) -> None:
        """Go on with an attempt once PostgreSQL has answered; if it cannot, say so."""

        async def run() -> None:
            try:
                await work
            except UNANSWERED as error:
                log.warning("offer_unknown", offer=wanted.offer, error=str(error) or repr(error))
                self._refuse(viewer, wanted, "unavailable", RETRY_AFTER_MS)
            except Exception:
                # One viewer's message must not end the worker for all.
                log.exception("reserve_failed", offer=wanted.offer, connection=viewer.connection)
                self._refuse(viewer, wanted, "unavailable", RETRY_AFTER_MS)

        self._tasks.create_task(run())


def _reserved(
    wanted: Reserve | Wait, held: Held, quantity: int, *, waited: bool = False
) -> Reserved:
    return Reserved(
        to=wanted.id,
        offer=wanted.offer,
        hold=held.hold,
        quantity=quantity,
        expires_at=held.expires_at,
        waited=waited,
        first_paid=held.first_paid,
    )
