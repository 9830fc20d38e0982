import asyncio
from collections.abc import Mapping, Sequence

import pytest

from live import together
from live.together import Together
from tests.waiting import until


class Books:
    """Answers with twice the number, when the test lets it."""

    def __init__(self) -> None:
        self.readings: list[list[int]] = []
        self.shut = asyncio.Event()
        self.shut.set()

    async def read(self, questions: Sequence[int]) -> Mapping[int, int]:
        self.readings.append(list(questions))
        await self.shut.wait()
        if 13 in questions:
            raise LookupError("not this one")
        return {question: 2 * question for question in questions}


async def test_what_is_asked_while_one_reads_is_answered_by_the_next_reading() -> None:
    books = Books()
    async with asyncio.TaskGroup() as tasks:
        asking = Together(books.read, tasks)
        books.shut.clear()
        first = tasks.create_task(asking.ask(1))
        await until(lambda: books.readings)
        others = [tasks.create_task(asking.ask(number)) for number in (1, 2, 3, 2)]
        await asyncio.sleep(0)
        books.shut.set()

    # Someone who asks the same a second time is not answered by what was read before.
    assert books.readings == [[1], [1, 2, 3]]
    assert [task.result() for task in (first, *others)] == [2, 2, 4, 6, 4]


async def test_a_reading_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST", 2)
    books = Books()
    async with asyncio.TaskGroup() as tasks:
        asking = Together(books.read, tasks)
        answers = await asyncio.gather(*(asking.ask(number) for number in range(5)))

    assert answers == [0, 2, 4, 6, 8]
    assert books.readings == [[0, 1], [2, 3], [4]]


async def test_a_reading_that_fails_is_told_to_those_who_asked_and_to_nobody_else() -> None:
    books = Books()
    async with asyncio.TaskGroup() as tasks:
        asking = Together(books.read, tasks)
        with pytest.raises(LookupError, match="not this one"):
            await asking.ask(13)
        assert await asking.ask(7) == 14


async def test_who_stops_waiting_takes_nobodys_answer() -> None:
    books = Books()
    async with asyncio.TaskGroup() as tasks:
        asking = Together(books.read, tasks)
        books.shut.clear()
        impatient, patient = (tasks.create_task(asking.ask(5)) for _ in range(2))
        await until(lambda: books.readings)
        impatient.cancel()
        books.shut.set()

    assert patient.result() == 10
