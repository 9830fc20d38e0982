"""
The shop's facts, told to the rooms: from the outbox to the control lane.

A fact says what changed; the relay publishes how it looks now. So a fact that is relayed twice, or
behind a newer one, leaves the room right. Invariant: an open offer is in the gate before the room
hears of it, and a fact is only marked relayed once the room's log has it. One process relays at a
time, the one that owns the advisory lock, so the room never sees an older state after a newer one.
"""

import asyncio
import time
from typing import Final, NoReturn, assert_never

import structlog
from msgspec.structs import replace

from commerce.errors import NotFound, WrongState
from commerce.ids import AccountId, OfferId, ShipmentId, ShowId, VariantId
from commerce.messages import (
    CouponPinned,
    CouponUnpinned,
    OfferChanged,
    OfferPinned,
    OfferUnpinned,
    OfferView,
    ShowChanged,
)
from commerce.offers.outcomes import Unavailable
from commerce.offers.stock import Gate
from commerce.rounds import rounds
from commerce.store import coupons, movements, offers, orders, outbox, shipments, shows
from commerce.store.outbox import Fact, Topic
from commerce.store.pool import Connection, open_connection
from live.announcer import Announcer
from live.moderation import relay as moderation
from live.team import store as team
from live.telemetry import Metrics
from live.wire import ControlEvent, encode
from rooms.brokers import Broker, BrokerUnavailable

BATCH: Final = 200
"""Facts read at a time; a busy show makes a few a second."""

LOOK_S: Final = 1.0
"""A notification can be lost with its connection; then a fact is found this much later."""

TURN_S: Final = 1.0
"""How often a stand-by asks for the lock, and how long the relay rests after an outage."""

TALLY_S: Final = 1.0
"""A host reads a number a second, not two thousand orders."""

LOCK: Final = 0x72_656C_6179
"""The advisory lock's number: ``relay`` in ASCII."""

log = structlog.get_logger()


class GateNotReady(Exception):
    """The gate cannot take an open offer now; its fact waits."""


class Relay:
    """The relay of this process."""

    def __init__(
        self, database_url: str, gate: Gate, broker: Broker, announcer: Announcer, metrics: Metrics
    ) -> None:
        self.active = False
        self._database_url = database_url
        self._gate = gate
        self._broker = broker
        self._announcer = announcer
        self._metrics = metrics
        self._noticed = asyncio.Event()
        self._tallies: set[ShowId] = set()
        self._tallied_at = 0.0
        self._versions: dict[OfferId, int] = {}

    async def run(self) -> NoReturn:
        """Relay whenever it is this process's turn, through outages, until cancelled."""
        await rounds("relay", self.take_turn, every_s=TURN_S)

    async def take_turn(self) -> None:
        """Relay for as long as this process owns the lock; return if another does."""
        async with open_connection(self._database_url) as connection:
            if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
                return
            log.info("relay_active")
            await connection.add_listener(outbox.CHANNEL, lambda *_: self._noticed.set())
            self.active = True
            try:
                await self._relay_on(connection)
            finally:
                self.active = False

    async def _relay_on(self, connection: Connection) -> NoReturn:
        while True:
            self._noticed.clear()
            await self.relay_waiting(connection)
            await self.tell_hosts(connection)
            await self.tell_stock(connection)
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._noticed.wait()
            except TimeoutError:
                continue

    async def relay_waiting(self, connection: Connection) -> int:
        """Relay every fact that waits, and return how many; some stay while the gate is away."""
        relayed = 0
        while facts := await outbox.waiting(connection, BATCH):
            done: list[int] = []
            why = ""
            for (topic, show, subject), same in _by_subject(facts).items():
                try:
                    await self._relay(connection, topic, show, subject)
                except (GateNotReady, BrokerUnavailable) as error:
                    why = str(error)
                    continue
                self._metrics.relayed.labels(topic).inc(len(same))
                done += [fact.id for fact in same]
            await outbox.mark_relayed(connection, done)
            relayed += len(done)
            if len(done) < len(facts):
                log.info("facts_wait", facts=len(facts) - len(done), error=why)
                break
        return relayed

    async def _relay(
        self, connection: Connection, topic: Topic, show: ShowId, subject: str
    ) -> None:
        match topic:
            case "show":
                shown = await shows.get(connection, ShowId(subject))
                await self._publish(show, ShowChanged(show=shown, at=now_ms()))
            case "pin":
                pinned = (await shows.stage(connection, ShowId(subject))).pinned
                at = now_ms()
                event = OfferPinned(offer=pinned, at=at) if pinned else OfferUnpinned(at=at)
                await self._publish(show, event)
            case "coupon":
                card = await coupons.on_screen(connection, show)
                at = now_ms()
                told = CouponPinned(coupon=card, at=at) if card else CouponUnpinned(at=at)
                await self._publish(show, told)
            case "offer":
                view = await self._loaded(connection, OfferId(subject))
                await self._publish(show, OfferChanged(offer=view, at=now_ms()))
            case "order":
                self._tallies.add(show)
            case "stock_low":
                # None: nobody wants to hear of it any more.
                if low := await movements.low_stock(connection, VariantId(subject)):
                    host = (await shows.get(connection, show)).host
                    for who in (host, *await team.holders(connection, AccountId(host), "sell")):
                        self._announcer.stock_low(show, AccountId(who), low)
            case "shipment":
                # Told once: a buyer who is away finds it in their orders.
                for moved in await shipments.views(connection, [ShipmentId(subject)]):
                    self._announcer.shipment(show, moved)
                self._tallies.add(show)
            case "rules" | "chat_mode" | "comment" | "line" | "lines" | "said":
                await moderation.relay(connection, self._broker, topic, show, subject)
            case _:
                assert_never(topic)

    async def _publish(self, show: ShowId, event: ControlEvent) -> None:
        await self._broker.publish(show, encode(event))

    async def _loaded(self, connection: Connection, offer: OfferId) -> OfferView:
        """Return an offer with the gate's numbers; if it is open, the gate sells it by now."""
        try:
            terms = await offers.gate_terms(connection, offer)
        except WrongState:
            return await offers.get(connection, offer)
        loaded = await self._gate.load(terms)
        if loaded == "lost":
            await self._gate.fence_off("an open offer with orders is not in the gate")
        if loaded not in ("ok", "already"):
            raise GateNotReady(f"the gate does not take the offer {offer} now")
        view = await offers.get(connection, offer)
        levels = await self._gate.levels([offer])
        if isinstance(levels, Unavailable) or offer not in levels or view.state != "open":
            return view
        return replace(view, left=levels[offer].available, version=levels[offer].version)

    async def tell_hosts(self, connection: Connection) -> None:
        """Tell the hosts of shows that sold something, once a second at most."""
        now = asyncio.get_running_loop().time()
        if not self._tallies or now - self._tallied_at < TALLY_S:
            return
        self._tallied_at = now
        while self._tallies:
            show = self._tallies.pop()
            try:
                host = (await shows.get(connection, show)).host
            except NotFound:
                continue
            tally = await orders.tally(connection, show)
            for who in (host, *await team.holders(connection, AccountId(host), "numbers")):
                self._announcer.tally(show, AccountId(who), tally)

    async def tell_stock(self, connection: Connection) -> None:
        """Tell again what is left of open offers whose number changed: a tick may get lost."""
        selling = {terms.offer: terms.show for terms in await offers.open_offers(connection)}
        levels = await self._gate.levels(list(selling)) if selling else {}
        if isinstance(levels, Unavailable):
            return
        for offer, level in levels.items():
            if self._versions.get(offer) != level.version:
                self._announcer.stock(selling[offer], offer, level.available, level.version)
        self._versions = {offer: level.version for offer, level in levels.items()}


def now_ms() -> int:
    """Return the server's clock, as the wire has it."""
    return time.time_ns() // 1_000_000


def _by_subject(facts: list[Fact]) -> dict[tuple[Topic, ShowId, str], list[Fact]]:
    """Group facts that one look at the current state answers, in the order of the first."""
    groups: dict[tuple[Topic, ShowId, str], list[Fact]] = {}
    for fact in facts:
        groups.setdefault((fact.topic, fact.show, fact.subject), []).append(fact)
    return groups
