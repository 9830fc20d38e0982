import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from rooms import rulebook
from rooms.application import Unavailable
from rooms.moderation import Rules
from rooms.rulebook import Rulebook


class House:
    """A program whose answers the test decides."""

    def __init__(self) -> None:
        self.rules = Rules()
        self.answering = asyncio.Event()
        self.answering.set()
        self.fault: Exception | None = None
        self.reads: asyncio.Queue[None] = asyncio.Queue()
        self.changed: asyncio.Queue[str] = asyncio.Queue()

    async def read(self, room: str) -> Rules:
        rules = self.rules
        self.reads.put_nowait(None)
        await self.answering.wait()
        if self.fault is not None:
            raise self.fault
        return rules


@asynccontextmanager
async def keeping(house: House) -> AsyncIterator[Rulebook]:
    book = Rulebook(house.read, house.changed.put_nowait)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(book.run())
        yield book
        running.cancel()


async def test_rules_are_read_when_a_room_opens_and_again_when_in_doubt() -> None:
    house = House()
    house.rules = Rules(slow_s=5)
    async with keeping(house) as book, asyncio.timeout(5):
        floor = await book.open("tea")
        opened = floor.rules.slow_s
        house.rules = Rules(slow_s=9)
        book.doubt("tea")
        changed = await house.changed.get()

    assert (opened, changed, floor.rules.slow_s) == (5, "tea", 9)


async def test_a_doubt_while_they_are_being_read_reads_them_once_more() -> None:
    house = House()
    house.answering.clear()
    async with keeping(house) as book, asyncio.timeout(5):
        opening = asyncio.create_task(book.open("tea"))
        await house.reads.get()
        house.rules = Rules(slow_s=9)
        book.doubt("tea")
        house.answering.set()
        floor = await opening
        await house.changed.get()

    assert floor.rules.slow_s == 9


@pytest.mark.parametrize("fault", [Unavailable("away"), RuntimeError("broken")])
async def test_the_old_rules_hold_until_the_new_ones_can_be_read(
    fault: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rulebook, "RETRY_S", 0.01)
    house = House()
    house.rules = Rules(slow_s=5)
    async with keeping(house) as book, asyncio.timeout(5):
        floor = await book.open("tea")
        house.rules, house.fault = Rules(slow_s=9), fault
        book.doubt("tea")
        for _ in range(4):
            await house.reads.get()
        held = floor.rules.slow_s
        house.fault = None
        await house.changed.get()

    assert (held, floor.rules.slow_s) == (5, 9)


async def test_what_nobody_said_is_found_out_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rulebook, "AGAIN_S", 0.01)
    house = House()
    async with keeping(house) as book, asyncio.timeout(5):
        floor = await book.open("tea")
        house.rules = Rules(slow_s=9)
        while floor.rules.slow_s != 9:
            await house.changed.get()


async def test_a_room_whose_rules_cannot_be_read_does_not_open() -> None:
    house = House()
    house.fault = Unavailable("away")
    async with keeping(house) as book:
        with pytest.raises(Unavailable):
            await book.open("tea")
        book.doubt("tea")  # nobody minds

    assert house.reads.qsize() == 1


async def test_rules_that_are_the_same_are_no_news() -> None:
    house = House()
    async with keeping(house) as book, asyncio.timeout(5):
        await book.open("tea")
        await house.reads.get()
        book.doubt("tea")
        await house.reads.get()
        house.rules = Rules(slow_s=9)
        book.doubt("tea")
        await house.reads.get()
        await house.changed.get()

    assert house.changed.empty()
