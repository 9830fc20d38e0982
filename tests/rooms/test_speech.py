"""Lines on their way to a broker that the test holds up."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from rooms import speech
from rooms.application import Identity
from rooms.brokers import BrokerUnavailable, Line
from rooms.brokers.memory import MemoryBroker
from rooms.messages import Ok
from rooms.speech import Speech, Speeches
from tests.waiting import until


class HeldBroker(MemoryBroker):
    """Brings nothing to a room that is held, until it is let go or fails."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, list[str]]] = []
        self.held: dict[str, asyncio.Future[None]] = {}

    async def say(self, room: str, *lines: Line) -> None:
        self.calls.append((room, [line.body.decode() for line in lines]))
        if room in self.held:
            await self.held[room]


class Speaker:
    """Someone who keeps what they are answered."""

    def __init__(self) -> None:
        self.room, self.connection = "tea", "1"
        self.identity = Identity(id="ann", name="Ann")
        self.heard: list[dict[str, Any]] = []

    def send(self, message: bytes) -> None:
        self.heard.append(msgspec.json.decode(message))


@asynccontextmanager
async def speaking() -> AsyncIterator[tuple[HeldBroker, Speeches]]:
    broker = HeldBroker()
    async with asyncio.TaskGroup() as tasks:
        yield broker, Speeches(broker, tasks)


def line(number: int, speaker: Speaker) -> Speech:
    return Speech(Line("ann", b"%d" % number), speaker, Ok(to=str(number)))


async def test_what_is_said_while_a_batch_is_under_way_goes_together_in_the_next() -> None:
    async with speaking() as (broker, speeches):
        ann = Speaker()
        held = broker.held["tea"] = asyncio.get_running_loop().create_future()
        speeches.post("tea", line(0, ann))
        await asyncio.sleep(0)
        for number in range(1, 5):
            speeches.post("tea", line(number, ann))
        assert ann.heard == []
        held.set_result(None)
        await speeches.all_brought()

    assert broker.calls == [("tea", ["0"]), ("tea", ["1", "2", "3", "4"])]
    assert [answer["to"] for answer in ann.heard] == ["0", "1", "2", "3", "4"]


async def test_a_room_does_not_wait_for_another() -> None:
    async with speaking() as (broker, speeches):
        ann = Speaker()
        held = broker.held["tea"] = asyncio.get_running_loop().create_future()
        speeches.post("tea", line(1, ann))
        speeches.post("hats", line(2, ann))
        await until(lambda: ann.heard)
        assert [answer["to"] for answer in ann.heard] == ["2"]
        held.set_result(None)


async def test_lines_that_could_not_be_brought_are_said_so_and_the_next_are_tried() -> None:
    async with speaking() as (broker, speeches):
        ann = Speaker()
        held = broker.held["tea"] = asyncio.get_running_loop().create_future()
        speeches.post("tea", line(1, ann))
        await asyncio.sleep(0)
        speeches.post("tea", line(2, ann))
        del broker.held["tea"]
        held.set_exception(BrokerUnavailable("away"))
        await speeches.all_brought()

    assert [(answer["type"], answer["to"]) for answer in ann.heard] == [("error", "1"), ("ok", "2")]
    assert ann.heard[0]["code"] == "unavailable"


async def test_with_too_many_lines_waiting_the_next_is_refused_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(speech, "WAITING_LINES", 3)
    async with speaking() as (broker, speeches):
        ann = Speaker()
        held = broker.held["tea"] = asyncio.get_running_loop().create_future()
        for number in range(4):
            speeches.post("tea", line(number, ann))
        assert [(answer["type"], answer["to"]) for answer in ann.heard] == [("error", "3")]
        held.set_result(None)
        await speeches.all_brought()

    assert [answer["to"] for answer in ann.heard] == ["3", "0", "1", "2"]


async def test_a_batch_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech, "BATCH_LINES", 2)
    async with speaking() as (broker, speeches):
        for number in range(5):
            speeches.post("tea", line(number, Speaker()))
        await speeches.all_brought()

    assert [len(lines) for _, lines in broker.calls] == [2, 2, 1]
