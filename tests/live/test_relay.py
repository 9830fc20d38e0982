import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from commerce.ids import AccountId, OfferId, ShowId
from commerce.store import offers, outbox, shows
from commerce.store.pool import acquire, transaction
from live.announcer import open_announcer
from live.embedded import Services
from live.relay import LOCK, Relay
from live.telemetry import Metrics
from rooms.brokers import Broker, BrokerUnavailable, Whisper
from rooms.history import Position
from tests.live.shops import Web, open_web

PATIENCE_S = 10.0


class Log:
    """A broker that only remembers; every other `publish` fails while it is ``ailing``."""

    ready = True

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.whispers: list[tuple[str, str, dict[str, Any]]] = []
        self.latest: list[dict[str, Any]] = []
        self.ailing = False
        self.changed = asyncio.Event()

    async def publish(self, room: str, event: bytes) -> Position:
        if self.ailing:
            raise BrokerUnavailable("a test says so")
        self.events.append(msgspec.json.decode(event))
        self.changed.set()
        return Position("e", len(self.events))

    async def whisper(self, room: str, *whispers: Whisper) -> None:
        self.whispers += [(room, each.user, msgspec.json.decode(each.body)) for each in whispers]
        self.changed.set()

    async def set(self, room: str, key: str, value: bytes) -> None:
        self.latest.append(msgspec.json.decode(value))
        self.changed.set()

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the relay has no use for {name}")

    async def until(self, done: Any) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not done(self):
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def relaying(web: Web, services: Services, log: Log) -> AsyncIterator[Relay]:
    broker: Broker = log
    metrics = Metrics()
    async with open_announcer(broker, metrics) as announcer:
        yield Relay(services.database_url, web.shop.gate, broker, announcer, metrics)


@asynccontextmanager
async def stage(services: Services, folder: Path) -> AsyncIterator[tuple[Web, Log, Relay]]:
    """Open a shop, a log that remembers, and a relay between them."""
    log = Log()
    async with open_web(services, folder) as web, relaying(web, services, log) as relay:
        yield web, log, relay


async def test_facts_become_the_state_of_now_each_subject_once(
    services: Services, tmp_path: Path
) -> None:
    async with stage(services, tmp_path) as (web, log, relay):
        host = await web.member("host")
        offer = await web.selling(host)
        await host.post(f"/api/offers/{offer['id']}/pin")
        async with acquire(web.shop.pool) as connection:
            relayed = await relay.relay_waiting(connection)
            again = await relay.relay_waiting(connection)
            waiting = await outbox.waiting(connection, 10)

        assert [event["type"] for event in log.events] == ["show", "offer", "pinned"]
        assert log.events[0]["show"]["state"] == "live"
        assert all(0 <= time.time_ns() // 1_000_000 - e["at"] < 60_000 for e in log.events)
        assert log.events[1]["offer"] == offer
        assert relayed == 4  # the offer was drafted, then opened
        assert again == 0
        assert waiting == []


async def test_an_open_offer_is_in_the_gate_before_the_room_hears_of_it(
    services: Services, tmp_path: Path
) -> None:
    async with stage(services, tmp_path) as (web, log, relay):
        host = await web.member("host")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        draft = await web.drafted(host, "tea")
        # The web process dies between PostgreSQL and the gate.
        async with transaction(web.shop.pool) as connection:
            await offers.open_(connection, OfferId(draft["id"]), now=1_800_000_000_000)
        gate, fence = web.shop.gate, web.shop.gate.fence
        standing = fence.standing
        assert standing is not None
        fence.shut("a test says so")
        async with acquire(web.shop.pool) as connection:
            fenced = await relay.relay_waiting(connection)
            fence.open(standing)
            relayed = await relay.relay_waiting(connection)
        levels = await gate.levels([OfferId(draft["id"])])

        assert fenced == 0
        assert relayed == 2
        assert [event["offer"]["state"] for event in log.events] == ["open"]
        assert isinstance(levels, dict)
        assert levels[OfferId(draft["id"])].available == 20


async def test_a_fact_waits_until_the_rooms_log_has_it(services: Services, tmp_path: Path) -> None:
    async with stage(services, tmp_path) as (web, log, relay):
        host = await web.member("host")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        await host.post("/api/shows/tea/start")
        log.ailing = True
        async with acquire(web.shop.pool) as connection:
            assert await relay.relay_waiting(connection) == 0
            assert len(await outbox.waiting(connection, 10)) == 1
            log.ailing = False
            assert await relay.relay_waiting(connection) == 1

        assert [event["type"] for event in log.events] == ["show"]


async def test_the_host_hears_the_tally_once_a_second_at_most(
    services: Services, tmp_path: Path
) -> None:
    async with stage(services, tmp_path) as (web, log, relay):
        host = await web.member("host")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        for _ in range(3):
            async with transaction(web.shop.pool) as connection:
                await outbox.record(connection, "order", ShowId("tea"), "tea")
                await relay.relay_waiting(connection)
                await relay.tell_hosts(connection)
        await log.until(lambda heard: heard.whispers)

        assert [(room, user) for room, user, _ in log.whispers] == [("tea", host.id)]
        assert log.whispers[0][2]["type"] == "tally"


async def test_a_lost_stock_tick_is_told_again_and_an_unchanged_number_is_not(
    services: Services, tmp_path: Path
) -> None:
    async with stage(services, tmp_path) as (web, log, relay):
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host)
        async with acquire(web.shop.pool) as connection:
            await relay.tell_stock(connection)
            await log.until(lambda heard: len(heard.latest) == 1)
            await relay.tell_stock(connection)
            await buyer.post(f"/api/offers/{offer['id']}/reservations", {}, key="a")
            await relay.tell_stock(connection)
            await log.until(lambda heard: len(heard.latest) == 2)

        assert [tick["left"] for tick in log.latest] == [20, 19]


async def test_one_relay_works_and_the_next_takes_over(services: Services, tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(open_web(services, tmp_path))
        first, second = Log(), Log()
        active = await stack.enter_async_context(relaying(web, services, first))
        standby = await stack.enter_async_context(relaying(web, services, second))
        host = await web.member("host")
        turn = asyncio.create_task(active.take_turn())
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        await host.post("/api/shows/tea/start")
        await first.until(lambda log: log.events)
        await standby.take_turn()  # returns: it is not its turn

        turn.cancel()
        await asyncio.wait([turn])
        turn = asyncio.create_task(standby.take_turn())
        await host.post("/api/shows/tea/end")
        # It may tell once more what the first did not live to mark.
        await second.until(lambda log: log.events and log.events[-1]["show"]["state"] == "ended")
        turn.cancel()
        await asyncio.wait([turn])

        assert [event["show"]["state"] for event in first.events] == ["live"]
        async with acquire(web.shop.pool) as connection:
            assert await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK) is True
            await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)
            assert (await shows.get(connection, ShowId("tea"))).host == AccountId(host.id)
