"""
The one place where rooms and commerce meet: who may enter a room, and what they find there.

``Dispatch`` is the rooms' ``Application``; what a buyer wants is answered in `live.buying`.
Invariant: nobody is in a room of a show that does not exist, and nobody but whom the token names.
"""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from secrets import token_hex
from typing import Final

import msgspec
from msgspec import Struct

from commerce.errors import NotFound
from commerce.ids import AccountId, OfferId, ShowId
from commerce.messages import (
    Click,
    Enter,
    OrderView,
    PlaceInLine,
    PlaceInQueue,
    Reserve,
    Stock,
    Unwait,
    Wait,
    You,
)
from commerce.offers.batcher import Batcher
from commerce.offers.stock import Gate
from commerce.store import coupons, offers, orders, queues as queue_store, shows, waitlist
from commerce.store.pool import Pool, acquire
from commerce.tracing import UNTRACED, Tracer
from live.auth import AuthError, Role, Tokens
from live.buying import UNANSWERED, Buying, Wanted
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
"""Shows whose host is known by heart: some 1 MiB at most."""

_SHOW_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


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
        queues: Queues,
        tokens: Tokens,
        stage_door: StageDoor,
        metrics: Metrics,
        clicks: Clicks,
        buying: Buying,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._arrivals = Together(self._arrive, tasks)
        self._going_on = Together(self._read_going_on, tasks)
        self._pool = pool
        self._gate = gate
        self._batcher = batcher
        self._queues = queues
        self._tokens = tokens
        self._stage_door = stage_door
        self._metrics = metrics
        self._clicks = clicks
        self._buying = buying
        # Looking a label up takes as long as counting ten times.
        self._admitted = metrics.joins.labels("admitted")
        self._hosts: Remembered[ShowId, str] = Remembered(REMEMBERED)

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
        try:
            async with _answering():
                answer = await self._admit(room, token, device)
        except application.Unavailable:
            self._metrics.joins.labels("unavailable").inc()
            raise
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
                self._buying.learn(OfferId(offer.id), room)
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

    def _want(self, viewer: Viewer, wanted: Wanted) -> None:
        self._buying.want(viewer, wanted, signed_in=isinstance(viewer.identity, Person))

    def _click(self, viewer: Viewer, offer: str) -> None:
        # Whether the show has such an offer is asked when it is written.
        now = time.time_ns() // 1_000_000
        self._clicks.note(ShowId(viewer.room), OfferId(offer), viewer.identity.id, now)


_decode_stock: Final = msgspec.json.Decoder(Stock).decode


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    """Tell the rooms of an outage in their own words."""
    try:
        yield
    except UNANSWERED as error:
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
        buying = Buying(pool, batcher, line, queues, metrics, tracer, tasks)
        yield Dispatch(
            pool, gate, batcher, queues, tokens, stage_door, metrics, clicks, buying, tasks
        )
