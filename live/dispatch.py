"""
The one place where rooms and commerce meet: who may enter a room, what it looks like, and what a
buyer's ``reserve`` becomes.

``Dispatch`` is the rooms' ``Application``. Invariant: an attempt only reaches the gate for an offer
of the room it was made in, by someone who signed in, and gets exactly one answer.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Final, assert_never

import msgspec
import structlog
from msgspec import Struct

from commerce.errors import InvalidValue, NotFound, ShopError
from commerce.ids import AccountId, OfferId, ShowId
from commerce.messages import (
    Admitted,
    Click,
    Enter,
    Entered,
    OfferView,
    OrderView,
    PlaceInLine,
    PlaceInQueue,
    Reason,
    Refused,
    Reserve,
    Reserved,
    Stock,
    Unwait,
    Unwaited,
    Wait,
    Waiting,
    You,
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
from commerce.offers.stock import RETRY_AFTER_MS, Gate
from commerce.rounds import OUTAGE
from commerce.store import coupons, offers, orders, queues as queue_store, shows, waitlist
from commerce.store.pool import Pool, acquire
from commerce.tracing import UNTRACED, Span, Tracer
from live.auth import AuthError, Role, Tokens
from live.clicks import Clicks
from live.levels import with_levels
from live.line import Line
from live.moderation import store as moderation
from live.moderation.store import Arrival, Coming
from live.queue import Queues
from live.remembered import Remembered
from live.snapshot import Snapshot
from live.team.stagedoor import StageDoor
from live.telemetry import Metrics
from live.together import Together
from live.wire import decode_client_message, encode
from rooms import application
from rooms.application import Identity, Viewer
from rooms.messages import Error
from rooms.moderation import Rules

REMEMBERED: Final = 10_000
"""Shows and offers whose place in the shop is known by heart: some 2 MiB at most."""

_SHOW_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")

log = structlog.get_logger()
Wanted = Reserve | Wait | Unwait | Enter


class Person(Identity, frozen=True):
    """An identity from a token; anyone else is an `Identity` without a voice."""

    role: Role = "viewer"
    appointed: bool = False


class GoingOn(Struct, frozen=True):
    """What a buyer has going on in a show."""

    orders: list[OrderView]
    waiting: list[PlaceInLine]
    queued: list[PlaceInQueue]


class Dispatch:
    """The rooms' `Application`; made by `open_dispatch`."""

    def __init__(
        self,
        pool: Pool,
        gate: Gate,
        batcher: Batcher,
        line: Line,
        queues: Queues,
        tokens: Tokens,
        stage_door: StageDoor,
        metrics: Metrics,
        tracer: Tracer,
        clicks: Clicks,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._arrivals = Together(self._arrive, tasks)
        self._going_on = Together(self._read_going_on, tasks)
        self._offers = Together(self._read_offers, tasks)
        self._pool = pool
        self._gate = gate
        self._batcher = batcher
        self._line = line
        self._queues = queues
        self._tokens = tokens
        self._stage_door = stage_door
        self._metrics = metrics
        self._tracer = tracer
        self._clicks = clicks
        # Looking a label up takes as long as counting ten times.
        self._admitted = metrics.joins.labels("admitted")
        self._tasks = tasks
        self._hosts: Remembered[ShowId, str] = Remembered(REMEMBERED)
        self._shows: Remembered[OfferId, str] = Remembered(REMEMBERED)

    def notice(self, room: str, key: str, value: bytes) -> None:
        """Notice what is left of an offer; see `Application.notice`."""
        if key.startswith("stock:"):
            stock = _decode_stock(value)
            self._batcher.hear(OfferId(stock.offer), stock.left, stock.version)

    def decode(self, frame: bytes) -> object:
        """Decode a client's frame; see `Application.decode`."""
        return decode_client_message(frame)

    # -- Who comes in, and what they see --------------------------------------------------------

    async def admit(
        self, room: str, token: str | None, device: str | None = None
    ) -> Identity | Error:
        """Say who asks to enter, or why they may not."""
        answer = await self._admit(room, token, device)
        if isinstance(answer, Error):
            self._metrics.joins.labels(answer.code).inc()
        else:
            self._admitted.inc()
        return answer

    async def _admit(self, room: str, token: str | None, device: str | None) -> Identity | Error:
        try:
            host = await self._host(ShowId(room))
            await self._stage_door.admit_bearer(room, token)
            if token is None:
                anonymous = f"anonymous_{token_hex(8)}"
                return Identity(id=anonymous, name="", may_speak=False, device=device)
            claims = self._tokens.read(token, time.time())
            known = await self._arrivals.ask((AccountId(claims.sub), ShowId(room), device))
        except (NotFound, AuthError) as error:
            return Error(code=error.code, detail=str(error))
        except _OUTAGE as error:
            log.warning("join_impossible", room=room, error=str(error) or repr(error))
            detail = "the shop cannot be reached just now; try again in a moment"
            return Error(code="unavailable", detail=detail, retry_after_ms=RETRY_AFTER_MS)
        is_host = claims.sub == host
        return Person(
            id=claims.sub,
            name=claims.name,
            badges=("host",) if is_host else (),
            moderates=is_host or claims.role == "admin",
            device=device,
            circles=known.circles,
            role=claims.role,
            appointed=known.moderates,
        )

    async def _arrive(self, coming: Sequence[Coming]) -> Mapping[Coming, Arrival]:
        async with acquire(self._pool) as connection:
            return await moderation.arrive(connection, coming)

    async def _read_going_on(
        self, wanted: Sequence[tuple[AccountId, ShowId]]
    ) -> Mapping[tuple[AccountId, ShowId], GoingOn]:
        async with acquire(self._pool) as connection:
            live = await orders.open_and_paid(connection, wanted)
            places = await waitlist.places(connection, wanted)
            queued = await queue_store.places(connection, self._queues.seal, wanted)
        return {
            each: GoingOn(live[each], places.get(each, []), queued.get(each, [])) for each in wanted
        }

    async def rules(self, room: str) -> Rules:
        """Return who may say what."""
        async with _answering(), acquire(self._pool) as connection:
            return (await moderation.state(connection, ShowId(room))).rules

    async def circles(self, room: str, identity: Identity) -> frozenset[str]:
        """Return the circles of the host that a viewer belongs to now."""
        async with _answering():
            return (await self._arrivals.ask((AccountId(identity.id), ShowId(room), None))).circles

    async def _host(self, show: ShowId) -> str:
        if not _SHOW_ID.fullmatch(show):
            raise NotFound("show", show)
        host = self._hosts.get(show)
        if host is None:
            async with acquire(self._pool) as connection:
                host = (await shows.get(connection, show)).host
            self._hosts.put(show, host)
        return host

    async def you(self, room: str, identity: Identity) -> bytes:
        """Encode who the viewer is, and what they have going on."""
        if not isinstance(identity, Person):
            return encode(You(id=identity.id, name=identity.name, role="anonymous"))
        async with _answering():
            mine = await self._going_on.ask((AccountId(identity.id), ShowId(room)))
        return encode(
            You(
                id=identity.id,
                name=identity.name,
                role=identity.role,
                orders=mine.orders,
                waiting=mine.waiting,
                queued=mine.queued,
                moderates=identity.moderates or identity.appointed,
                follows="followers" in identity.circles,
            )
        )

    async def snapshot(self, room: str, viewers: int, likes: int) -> bytes:
        """Encode the whole state of a show, as of now."""
        async with _answering(), acquire(self._pool) as connection:
            now = await shows.stage(connection, ShowId(room))
            bag = await offers.views_of_show(connection, ShowId(room))
            for offer in bag:
                self._shows.put(OfferId(offer.id), room)
            coupon = await coupons.on_screen(connection, ShowId(room))
            chat = await moderation.state(connection, ShowId(room))
        return encode(
            Snapshot(
                show=now.show,
                offers=await with_levels(self._gate, bag),
                viewers=viewers,
                likes=likes,
                pinned=now.pinned,
                comment=chat.pinned,
                slow_s=chat.settings.slow_s,
                audience=chat.settings.audience,
                coupon=coupon,
            )
        )

    # -- What a buyer wants ---------------------------------------------------------------------

    def handle(self, viewer: Viewer, message: object) -> None:
        """Act on a message that is not the room's own."""
        match message:
            case Reserve() | Wait() | Enter():
                self._click(viewer, message.offer)
                self._want(viewer, message)
            case Unwait():
                self._want(viewer, message)
            case Click(offer):
                self._click(viewer, offer)
            case _:
                raise AssertionError(f"rooms forwarded {type(message).__name__}")

    def _click(self, viewer: Viewer, offer: str) -> None:
        # Whether the show has such an offer is asked when it is written.
        now = time.time_ns() // 1_000_000
        self._clicks.note(ShowId(viewer.room), OfferId(offer), viewer.identity.id, now)

    def _want(self, viewer: Viewer, wanted: Wanted) -> None:
        if not isinstance(viewer.identity, Person):
            self._refuse(viewer, wanted, "unauthorised")
            return
        show = self._shows.get(OfferId(wanted.offer))
        if show is None:
            self._start(viewer, wanted, self._look_up(viewer, wanted))
        else:
            self._submit(viewer, wanted, show)

    def _submit(self, viewer: Viewer, wanted: Wanted, show: str) -> None:
        if show != viewer.room:
            self._refuse(viewer, wanted, "unknown_offer")
            return
        match wanted:
            case Reserve():
                self._reserve(viewer, wanted, show)
            case Wait():
                self._start(viewer, wanted, self._wait(viewer, wanted))
            case Unwait():
                self._start(viewer, wanted, self._unwait(viewer, wanted))
            case Enter():
                self._start(viewer, wanted, self._enter(viewer, wanted))
            case _:
                assert_never(wanted)

    def _reserve(self, viewer: Viewer, wanted: Reserve, show: str) -> None:
        offer, buyer = OfferId(wanted.offer), AccountId(viewer.identity.id)
        admission = None
        if wanted.admission is not None:
            admission = self._queues.read(wanted.admission, offer, buyer)
            if admission is None:
                self._refuse(viewer, wanted, "not_admitted")
                return
        span = self._tracer.begin("reserve", show=show, offer=wanted.offer)
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
            self._shows.put(OfferId(wanted.offer), found.show)
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
                self._count("key_reused")
                detail = "this id came with another quantity before"
                viewer.send(
                    encode(Error(code="idempotency_key_reused", detail=detail, to=wanted.id))
                )
            case _:
                assert_never(outcome)

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
        self._metrics.gate_answers.labels(answer).inc()

    def _start(self, viewer: Viewer, wanted: Wanted, work: Coroutine[None, None, None]) -> None:
        """Go on with an attempt once PostgreSQL has answered; if it cannot, say so."""

        async def run() -> None:
            try:
                await work
            except _OUTAGE as error:
                log.warning("offer_unknown", offer=wanted.offer, error=str(error) or repr(error))
                self._refuse(viewer, wanted, "unavailable", RETRY_AFTER_MS)
            except Exception:
                # One viewer's message must not end the worker for all.
                log.exception("reserve_failed", offer=wanted.offer, connection=viewer.connection)
                self._refuse(viewer, wanted, "unavailable", RETRY_AFTER_MS)

        self._tasks.create_task(run())


_OUTAGE: Final = (ShopError, *OUTAGE)
_decode_stock: Final = msgspec.json.Decoder(Stock).decode


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


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    """Tell the rooms of an outage in their own words."""
    try:
        yield
    except _OUTAGE as error:
        raise application.Unavailable(str(error) or repr(error)) from error


@asynccontextmanager
async def open_dispatch(
    pool: Pool,
    gate: Gate,
    batcher: Batcher,
    line: Line,
    queues: Queues,
    tokens: Tokens,
    stage_door: StageDoor,
    metrics: Metrics,
    clicks: Clicks,
    tracer: Tracer = UNTRACED,
) -> AsyncIterator[Dispatch]:
    """Answer the rooms for as long as the block lasts."""
    async with asyncio.TaskGroup() as tasks:
        yield Dispatch(
            pool, gate, batcher, line, queues, tokens, stage_door, metrics, tracer, clicks, tasks
        )
