"""The chronicle: what a live room hears is written down once, and can be read again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from commerce.ids import ShowId
from commerce.messages import OfferPinned, OfferUnpinned, Stock
from commerce.store import moments
from commerce.store.moments import Lane, Moment
from commerce.store.pool import Connection, acquire, open_connection
from live import chronicle as chronicle_module
from live.chronicle import LOCK, Chronicle
from live.embedded import Services
from live.wire import encode
from rooms.brokers import Line
from rooms.brokers.redis import RedisBroker, open_redis_broker
from rooms.messages import ChatCleared, ChatLine, ChatRemoved, Sender
from tests.live.shops import Visitor, Web, open_web

AT = 1_800_000_000_000
LONG_AGO = 1_700_000_000_000


def line(number: int, at: int = AT) -> Line:
    sender = Sender(id="acc_1", name="Lin")
    said = ChatLine(id=f"acc_1.{number}", sender=sender, text=f"No. {number}", at=at + number)
    return Line(speaker=sender.id, body=encode(said))


class Evening:
    """A live show, its room, and a chronicle of it."""

    def __init__(
        self,
        web: Web,
        host: Visitor,
        broker: RedisBroker,
        chronicle: Chronicle,
        connection: Connection,
    ) -> None:
        self.web = web
        self.host = host
        self.broker = broker
        self.chronicle = chronicle
        self.connection = connection

    async def written(self, lane: Lane = "event") -> list[tuple[int, dict[str, Any]]]:
        found = await moments.of_lane(
            self.connection, ShowId("tea"), lane, after=(0, ""), limit=9999
        )
        return [(each.at, msgspec.json.decode(each.body)) for each in found]

    async def written_to(self, connection: Connection) -> None:
        """Write again and again; meanwhile what was said is heard."""
        while True:
            await self.connection.execute("SELECT 1")
            await self.chronicle.write(connection)

    async def heard(self) -> None:
        """Wait until everything that was published so far has been heard."""
        await self.broker.publish("tea", encode(OfferUnpinned(at=AT + 10**9)))
        async with asyncio.timeout(10):
            while True:
                await self.chronicle.write(self.connection)
                events = await self.written()
                if events and events[-1][0] == AT + 10**9:
                    return


@asynccontextmanager
async def following(services: Services) -> AsyncIterator[tuple[Chronicle, Connection, RedisBroker]]:
    """Run a worker's part; each has a broker of its own."""
    async with (
        open_redis_broker(services.redis_url) as broker,
        open_connection(services.database_url) as connection,
    ):
        chronicle = Chronicle(services.database_url, broker)
        await chronicle.follow(connection)
        yield chronicle, connection, broker


@pytest.fixture
async def evening(services: Services, tmp_path: Path) -> AsyncIterator[Evening]:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        await host.post("/api/shows/tea/start")
        async with following(services) as (chronicle, connection, broker):
            yield Evening(web, host, broker, chronicle, connection)


async def test_what_the_room_hears_is_written_in_order_with_its_time(evening: Evening) -> None:
    await evening.broker.publish("tea", encode(OfferPinned(offer="ofr_1", at=AT + 5)))
    for number in range(3):
        await evening.broker.say("tea", line(number))
    await evening.broker.publish("tea", encode(OfferUnpinned(at=AT + 9)))
    await evening.heard()

    events = await evening.written()
    assert [(at - AT, event["type"]) for at, event in events[:2]] == [
        (5, "pinned"),
        (9, "unpinned"),
    ]
    chat = await evening.written("chat")
    assert [(at - AT, said["text"]) for at, said in chat] == [
        (0, "No. 0"),
        (1, "No. 1"),
        (2, "No. 2"),
    ]


async def test_a_worker_that_died_is_followed_without_a_hole_and_nothing_is_written_twice(
    evening: Evening, services: Services
) -> None:
    await evening.broker.publish("tea", encode(OfferPinned(offer="ofr_1", at=AT)))
    await evening.heard()
    await evening.broker.close("tea")  # it hears nothing any more
    await evening.broker.publish("tea", encode(OfferPinned(offer="ofr_2", at=AT + 1)))
    await evening.broker.say("tea", line(1))
    async with following(services) as (chronicle, connection, _broker):
        await chronicle.write(connection)

    events = [event for at, event in await evening.written() if at < AT + 10**9]
    assert [event["offer"] for event in events] == ["ofr_1", "ofr_2"]
    assert [said["text"] for _at, said in await evening.written("chat")] == ["No. 1"]


async def test_a_line_that_was_taken_away_is_forgotten(evening: Evening) -> None:
    for number in range(2):
        await evening.broker.say("tea", line(number))
    await evening.heard()
    await evening.broker.publish("tea", encode(ChatRemoved(id="acc_1.0")))
    await evening.heard()
    async with asyncio.timeout(10):
        while len(await evening.written("chat")) > 1:
            await evening.chronicle.write(evening.connection)

    assert [said["text"] for _at, said in await evening.written("chat")] == ["No. 1"]
    assert "chat_removed" not in [event["type"] for _at, event in await evening.written()]


async def test_what_someone_said_is_forgotten_with_them_and_nothing_else(
    evening: Evening,
) -> None:
    said = ChatLine(
        id="acc_10.1", sender=Sender(id="acc_10", name="Bo"), text="Mine stays", at=LONG_AGO
    )
    await evening.broker.say("tea", Line(speaker="acc_10", body=encode(said)))
    for number in range(2):
        await evening.broker.say("tea", line(number, LONG_AGO))
    await evening.heard()
    await evening.broker.publish("tea", encode(ChatCleared(sender="acc_1")))
    await evening.heard()
    async with asyncio.timeout(10):
        while len(await evening.written("chat")) > 1:
            await evening.chronicle.write(evening.connection)

    assert [each["text"] for _at, each in await evening.written("chat")] == ["Mine stays"]


async def test_of_the_stock_it_is_written_when_it_is_gone_and_when_it_is_back(
    evening: Evening,
) -> None:
    for version, left in enumerate((3, 0, 0, 2, 1)):
        tick = Stock(offer="ofr_1", left=left, version=version)
        await evening.broker.set("tea", "stock:ofr_1", encode(tick))
    await evening.heard()

    ticks = [event for _at, event in await evening.written() if event["type"] == "stock"]
    assert sorted((tick["version"], tick["left"]) for tick in ticks) == [(1, 0), (3, 2)]


async def test_a_show_that_talks_for_ever_fills_its_page_and_no_more(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(chronicle_module.LIMITS, "chat", 4)
    for number in range(9):
        await evening.broker.say("tea", line(number))
    await evening.heard()

    assert len(await evening.written("chat")) == 4


async def test_what_could_not_be_written_waits(evening: Evening, services: Services) -> None:
    await evening.broker.say("tea", line(1))
    await evening.heard()
    await evening.broker.say("tea", line(2))
    async with open_connection(services.database_url) as lost:
        await lost.close()
        async with asyncio.timeout(10):
            with pytest.raises(asyncpg.InterfaceError, match="closed"):
                await evening.written_to(lost)
    await evening.heard()

    assert len(await evening.written("chat")) == 2


async def test_a_show_that_ended_is_left_after_its_goodbyes(evening: Evening) -> None:
    await evening.host.post("/api/shows/tea/end")
    await evening.chronicle.follow(evening.connection)
    await evening.broker.publish("tea", encode(OfferPinned(offer="late", at=AT)))
    await evening.heard()
    await evening.chronicle.follow(evening.connection)

    assert evening.chronicle._pages == {}
    assert [event["offer"] for at, event in await evening.written() if at == AT] == ["late"]


async def test_one_chronicle_writes_at_a_time(evening: Evening, services: Services) -> None:
    async with open_connection(services.database_url) as other:
        await other.execute("SELECT pg_advisory_lock($1)", LOCK)
        async with asyncio.timeout(10):
            await evening.chronicle.take_turn()  # returns: it is not its turn


async def test_a_replay_is_what_was_recorded_and_what_happened(evening: Evening) -> None:
    folder = evening.web.shop.config.recordings / "tea"
    folder.mkdir(parents=True)
    (folder / f"{AT}-2000.mp4").write_bytes(bytes(range(256)) * 4)
    offer = await evening.web.drafted(evening.host, "tea")
    await evening.broker.publish("tea", encode(OfferPinned(offer=offer["id"], at=AT + 5)))
    for number in range(3):
        await evening.broker.say("tea", line(number))
    async with acquire(evening.web.shop.pool) as connection:
        nonsense = Moment(ShowId("tea"), "event", "x", AT + 6, '{"type":"of another release"}')
        await moments.write(connection, [nonsense])
    await evening.heard()

    replay = (await evening.web.nobody.get("/api/shows/tea/replay")).json()
    chat = (await evening.web.nobody.get(replay["chat"])).json()
    [part] = replay["parts"]
    file = await evening.web.client.get(part["url"], headers={"range": "bytes=256-259"})
    missing = await evening.web.nobody.get("/replay/tea/1800000000001-2000.mp4")

    assert part == {
        "url": f"/replay/tea/{AT}-2000.mp4",
        "started_at": AT,
        "duration_ms": 2000,
    }
    assert replay["show"]["id"] == "tea"
    assert [(m["at"] - AT, m["event"]["type"]) for m in replay["moments"][:1]] == [(5, "pinned")]
    assert [said["text"] for said in chat["lines"]] == ["No. 0", "No. 1", "No. 2"]
    assert (file.status_code, file.content) == (206, bytes(range(4)))
    assert file.headers["content-range"] == "bytes 256-259/1024"
    assert file.headers["cache-control"] == "public, max-age=86400, immutable"
    assert missing.status_code == 404


async def test_chat_is_read_a_page_at_a_time(
    evening: Evening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.api.replay.PAGE", 2)
    for number in range(5):
        await evening.broker.say("tea", line(number))
    await evening.heard()
    said: list[str] = []
    query = ""
    while True:
        page = (await evening.web.nobody.get(f"/api/shows/tea/replay/chat{query}")).json()
        said += [each["text"] for each in page["lines"]]
        if "next" not in page:
            break
        query = f"?after={page['next']}"
    wrong = await evening.web.nobody.get("/api/shows/tea/replay/chat?after=yesterday")
    unknown = await evening.web.nobody.get("/api/shows/nothing/replay")

    assert said == [f"No. {number}" for number in range(5)]
    assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_value")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_show")


async def test_moments_go_when_they_are_old_enough(evening: Evening) -> None:
    await moments.write(
        evening.connection,
        [
            Moment(ShowId("tea"), "chat", "old", 1_600_000_000_000, "{}"),
            Moment(ShowId("tea"), "chat", "new", AT, "{}"),
            Moment(ShowId("none"), "chat", "of no show", AT, "{}"),
        ],
    )
    await moments.purge(evening.connection, 86_400)

    assert await moments.count(evening.connection, ShowId("tea")) == {"chat": 1}
    assert await moments.count(evening.connection, ShowId("none")) == {}
