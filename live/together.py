"""
Questions that are asked while another answer is awaited, answered together.

A query costs a round trip whether one viewer comes in or a hundred. While one is under way the
next questions gather; an idle loader asks at once. Invariant: an answer is read after its question
was asked, and each question gets one answer or the error that the reading ended in.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Final, Generic, TypeVar

MOST: Final = 500
"""Questions answered at once: a query that takes some 10 ms."""

Question = TypeVar("Question", bound=Hashable)
Answer = TypeVar("Answer")


class Together(Generic[Question, Answer]):
    """Asks ``read`` for the answers to many questions."""

    def __init__(
        self,
        read: Callable[[Sequence[Question]], Awaitable[Mapping[Question, Answer]]],
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._read = read
        self._tasks = tasks
        self._asked: dict[Question, asyncio.Future[Answer]] = {}
        self._reading = False

    async def ask(self, question: Question) -> Answer:
        """Return the answer; raises what ``read`` raises."""
        answer = self._asked.get(question)
        if answer is None:
            answer = self._asked[question] = asyncio.get_running_loop().create_future()
            if not self._reading:
                self._reading = True
                self._tasks.create_task(self._answer())
        # Whoever stops waiting leaves the answer to the others who asked the same.
        return await asyncio.shield(answer)

    async def _answer(self) -> None:
        while self._asked:
            taken = {question: self._asked.pop(question) for question in list(self._asked)[:MOST]}
            try:
                answers = await self._read(list(taken))
            except Exception as error:  # noqa: BLE001 - raised to those who asked
                for asked in taken.values():
                    asked.set_exception(error)
                    # Nobody may be left who waits for it.
                    asked.exception()
            else:
                for question, asked in taken.items():
                    asked.set_result(answers[question])
        self._reading = False
