"""What every broker promises, shown on each of them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import msgspec
import pytest

from rooms.brokers import KEPT_CHAT_LINES, SMALL_ROOM, Broker, Crowd, Line, Past, Whisper
from rooms.brokers.memory import MemoryBroker
from rooms.brokers.redis import open_redis_broker
from rooms.history import Position
from rooms.removal import Removal
from rooms.turnstile import Came, Entered


class RecordingListener:
    """Keeps what it hears, and lets a test wait for the next thing."""

    def __init__(self) -> None:
        self.heard: list[object] = []
        self._news = asyncio.Event()

    def reset(self, past: Past) -> None:
        self._hear(past)

    def control(self, event: bytes) -> None:
        self._hear(("control", msgspec.json.decode(event)))

    def chat(self, line: Line) -> None:
        self._hear(("chat", line))

    def latest(self, key: str, value: bytes) -> None:
        self._hear(("latest", key, value))

    def whisper(self, user: str, message: bytes) -> None:
        self._hear(("whisper", user, message))

    def signal(self, topic: str) -> None:
        self._hear(("signal", topic))

    def _hear(self, what: object) -> None:
        self.heard.append(what)
        self._news.set()

    async def until(self, count: int) -> list[object]:
        async with asyncio.timeout(5):
            while len(self.heard) < count:
                self._news.clear()
                await self._news.wait()
        return self.heard


class OpenBroker(Protocol):
    """Connects one more worker to the same rooms."""

    def __call__(self) -> AbstractAsyncContextManager[Broker]: ...


@pytest.fixture(params=["memory", "redis 6.2", "redis 7", "sentinel", "cluster"])
def open_broker(request: pytest.FixtureRequest) -> OpenBroker:
    match request.param:
        case "redis 6.2":
            url = request.getfixturevalue("redis_url")
        case "redis 7":
            url = request.getfixturevalue("redis7").url
        case "sentinel":
            url = request.getfixturevalue("watched_redis").url
        case "cluster":
            cluster = request.getfixturevalue("redis_cluster")
            cluster.empty()
            url = cluster.url
        case _:
            url = ""
    if url:
        return lambda: open_redis_broker(url)
    broker = MemoryBroker()

    @asynccontextmanager
    async def one() -> AsyncIterator[Broker]:
        yield broker

    return one


async def test_offsets_are_contiguous_from_one_and_written_into_the_event(
    open_broker: OpenBroker,
) -> None:
    listener = RecordingListener()
    async with open_broker() as broker:
        await broker.open("tea", listener)
        positions = [await broker.publish("tea", b'{"type":"notice","n":%d}' % n) for n in range(3)]
        heard = await listener.until(4)

    past = heard[0]
    assert isinstance(past, Past)
    assert past.position.offset == 0
    assert (past.events, past.chat) == ([], [])
    assert positions == [Position(past.position.epoch, n) for n in (1, 2, 3)]
    assert heard[1:] == [("control", {"offset": n + 1, "type": "notice", "n": n}) for n in range(3)]


async def test_who_opens_a_room_late_starts_from_its_past(open_broker: OpenBroker) -> None:
    listener = RecordingListener()
    async with open_broker() as broker:
        first = await broker.publish("tea", b'{"n":1}')
        await broker.say("tea", Line("ann", b'{"line":1}'))
        await broker.open("tea", listener)
        await broker.publish("tea", b'{"n":2}')
        heard = await listener.until(2)

    assert heard == [
        Past(first, [b'{"offset":1,"n":1}'], [b'{"line":1}']),
        ("control", {"offset": 2, "n": 2}),
    ]


async def test_rooms_do_not_hear_each_other(open_broker: OpenBroker) -> None:
    tea, hats = RecordingListener(), RecordingListener()
    async with open_broker() as broker:
        await broker.open("tea", tea)
        await broker.open("hats", hats)
        await broker.publish("tea", b'{"n":1}')
        await broker.publish("hats", b'{"n":2}')
        await tea.until(2)
        await hats.until(2)

    assert tea.heard[1:] == [("control", {"offset": 1, "n": 1})]
    assert hats.heard[1:] == [("control", {"offset": 1, "n": 2})]


async def test_every_lane_arrives_in_the_order_it_was_sent(open_broker: OpenBroker) -> None:
    listener = RecordingListener()
    async with open_broker() as broker:
        await broker.open("tea", listener)
        await broker.say(
            "tea", Line("ann", b'{"line":"two\\nlines"}'), Line("bob", b"{}", always=True)
        )
        await broker.set("tea", "stock:a", b'{"left":3}')
        await broker.whisper(
            "tea", Whisper("ann", b'{"type":"placed"}'), Whisper("bob", b'{"type":"paid"}')
        )
        await broker.signal("tea", "rules")
        await broker.publish("tea", b'{"n":1}')
        heard = await listener.until(8)

    assert heard[1:] == [
        ("chat", Line("ann", b'{"line":"two\\nlines"}')),
        ("chat", Line("bob", b"{}", always=True)),
        ("latest", "stock:a", b'{"left":3}'),
        ("whisper", "ann", b'{"type":"placed"}'),
        ("whisper", "bob", b'{"type":"paid"}'),
        ("signal", "rules"),
        ("control", {"offset": 1, "n": 1}),
    ]


async def test_a_closed_room_is_heard_no_more(open_broker: OpenBroker) -> None:
    tea, hats = RecordingListener(), RecordingListener()
    async with open_broker() as broker:
        await broker.open("tea", tea)
        await broker.open("hats", hats)
        await broker.close("tea")
        await broker.publish("tea", b'{"n":1}')
        await broker.publish("hats", b'{"n":2}')
        await hats.until(2)

    assert len(tea.heard) == 1


async def test_viewers_and_likes_are_added_up_over_workers(open_broker: OpenBroker) -> None:
    async with open_broker() as broker:
        assert await broker.count("tea", "w1", 3, 10) == Crowd(3, 10, [b"[]"])
        assert await broker.count("tea", "w2", 4, 5) == Crowd(7, 15, [b"[]", b"[]"])
        assert await broker.count("tea", "w1", 0, 0) == Crowd(4, 15, [b"[]"])


async def test_who_came_in_is_added_up_over_workers_with_the_last_name(
    open_broker: OpenBroker,
) -> None:
    async with open_broker() as broker:
        said = [
            ("w1", Entered(3, "7 7 up")),
            ("w2", Entered(2, "小林")),
            ("w1", Entered(4)),
            ("w2", Entered()),
        ]
        came = [
            (await broker.count("tea", worker, 1, 0, entered=entered)).came
            for worker, entered in said
        ]

    last = Came(9, 5, "小林")
    assert came == [Came(3, 3, "7 7 up"), Came(5, 5, "小林"), last, last]


async def test_a_small_room_is_told_who_is_there_and_the_host_of_any_room_may_ask(
    open_broker: OpenBroker,
) -> None:
    async with open_broker() as broker:
        assert (await broker.count("tea", "w1", 1, 0, b'["ann"]')).people == [b'["ann"]']
        small = await broker.count("tea", "w2", SMALL_ROOM - 1, 0, b'["bob"]')
        big = await broker.count("tea", "w2", SMALL_ROOM, 0, b'["bob"]')
        asked = await broker.people("tea")

    assert sorted(small.people) == [b'["ann"]', b'["bob"]']
    assert big == Crowd(SMALL_ROOM + 1, 0, [])
    assert sorted(asked) == [b'["ann"]', b'["bob"]']


async def test_concurrent_publishers_leave_no_hole_and_no_double(open_broker: OpenBroker) -> None:
    listener = RecordingListener()
    async with open_broker() as one, open_broker() as other:
        await one.open("tea", listener)
        await asyncio.gather(
            *(broker.publish("tea", b'{"n":%d}' % n) for n in range(100) for broker in (one, other))
        )
        heard = await listener.until(201)

    offsets = [event[1]["offset"] for event in heard[1:]]  # type: ignore[index]
    assert offsets == list(range(1, 201))


def said(id: str, sender: str) -> Line:
    body = {"type": "chat", "id": id, "from": {"id": sender, "name": "x"}, "text": "hi", "at": 1}
    return Line(sender, msgspec.json.encode(body))


async def test_lines_that_were_taken_away_are_kept_no_longer(open_broker: OpenBroker) -> None:
    lines = [said("ann.1", "ann"), said("ben.1", "ben"), said("ann.2", "ann"), said("cy.1", "cy")]
    listener = RecordingListener()
    async with open_broker() as broker:
        for line in lines:
            await broker.say("tea", line)
        await broker.forget("tea", Removal(line="cy.1"))
        await broker.forget("tea", Removal(sender="ann"))
        await broker.forget("tea", Removal(line="nobody.1"))
        await broker.open("tea", listener)
        known = await broker.lines("tea")

    assert known == [lines[1].body]
    [past] = listener.heard
    assert isinstance(past, Past)
    assert past.chat == known


async def test_moderators_know_more_lines_than_newcomers_are_given(open_broker: OpenBroker) -> None:
    lines = [said(f"ann.{n}", "ann") for n in range(KEPT_CHAT_LINES + 10)]
    listener = RecordingListener()
    async with open_broker() as broker:
        for line in lines:
            await broker.say("tea", line)
        await broker.open("tea", listener)
        known = await broker.lines("tea")

    assert known == [line.body for line in lines]
    [past] = listener.heard
    assert isinstance(past, Past)
    assert past.chat == known[-KEPT_CHAT_LINES:]
