"""
Group commit: attempts that arrive together go to the gate in one call.

An attempt is answered exactly once, whatever happens to Redis, and at the latest one call's
deadline after its turn came. A call decides its attempts in the order in which they were submitted.
While calls are under way, newcomers gather for the next one: the busier the sale, the larger the
batches. What is sold out is answered without a call: see `latch`.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final

from commerce.ids import OfferId, ShowId
from commerce.offers.latch import Latches
from commerce.offers.outcomes import (
    Attempt,
    Closed,
    Held,
    NotAdmitted,
    NotOpen,
    Outcome,
    SoldOut,
    Unavailable,
)
from commerce.offers.stock import RETRY_AFTER_MS, Gate, Sold

BATCH: Final = 256
"""Attempts in a call. One a call makes 18,000/s, 64 make 89,000, 256 make 104,000."""

FLIGHTS: Final = 2
"""Calls under way: one is being decided by Redis while the next is being written."""

WAITING: Final = 10_000
"""Attempts that may wait: half a second of work at 20,000/s; more should come back later."""

OnStock = Callable[[ShowId, OfferId, int, int], None]
"""Hears show, offer, units left and version whenever a call took units."""

Answer = Callable[[Outcome], None]

OnCall = Callable[[float], object]
"""Hears how many seconds a call to the gate took, whatever came of it."""


class Batcher:
    """Attempts on their way to the gate; made by `open_batcher`."""

    def __init__(
        self,
        gate: Gate,
        on_stock: OnStock,
        on_call: OnCall = lambda seconds: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._gate = gate
        self._on_stock = on_stock
        self._on_call = on_call
        self._clock = clock
        self._latches = Latches()
        self._waiting: dict[OfferId, deque[tuple[Attempt, Answer]]] = {}
        self._count = 0
        self._some = asyncio.Event()
        self._closed = False
        self._decided: deque[tuple[Answer, Outcome]] = deque()

    def submit(self, attempt: Attempt, answer: Answer) -> None:
        """
        Queue an attempt; ``answer`` is called once, from the event loop, never from in here.

        A full queue is an answer, too: `Unavailable`.
        """
        if self._is_sold_out(attempt):
            self._answer(answer, SoldOut())
            return
        if attempt.admission is None and self._latches.has_queue(attempt.offer):
            # Whoever hammers on the door of a queue costs the gate nothing.
            self._answer(answer, NotAdmitted(why="not_admitted"))
            return
        if self._count >= WAITING or self._closed:
            self._answer(answer, Unavailable(RETRY_AFTER_MS))
            return
        self._waiting.setdefault(attempt.offer, deque()).append((attempt, answer))
        self._count += 1
        self._some.set()

    async def reserve(self, attempt: Attempt) -> Outcome:
        """
        Submit an attempt and wait for its answer.

        When cancelled, the attempt may still succeed; sent again, it gets its answer.
        """
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()

        def answer(outcome: Outcome) -> None:
            if not answered.done():
                answered.set_result(outcome)

        self.submit(attempt, answer)
        return await answered

    @property
    def waiting(self) -> int:
        """How many attempts wait for their call."""
        return self._count

    async def fly(self) -> None:
        """Take batches to the gate, one after the other, until cancelled."""
        while True:
            while not self._waiting:  # the other flight may have taken everything
                await self._some.wait()
            offer, batch = self._take()
            if not batch:
                continue
            asked_at, began = self._clock(), time.perf_counter()
            try:
                sold = await self._gate.reserve(offer, [attempt for attempt, _ in batch])
            except BaseException:
                self._give_up(batch)
                raise
            self._on_call(time.perf_counter() - began)
            if isinstance(sold, Unavailable):
                # What waits behind a call that stalled would only stall as well.
                self._give_up(batch)
                self.give_up()
                continue
            if _tells_what_is_left(sold):
                self._latches.hear(offer, sold.left, sold.version, asked_at)
            if NotAdmitted(why="not_admitted") in sold.outcomes:
                self._latches.hear_of_queue(offer)
            for (_, answer), outcome in zip(batch, sold.outcomes, strict=True):
                self._answer(answer, outcome)
            if sold.changed:
                self._on_stock(sold.show, offer, sold.left, sold.version)

    def hear(self, offer: OfferId, left: int, version: int) -> None:
        """Take in that anyone told of an offer's stock; late, twice or out of order is harmless."""
        self._latches.hear(offer, left, version, self._clock())

    def give_up(self) -> None:
        """Answer everything that waits with `Unavailable`."""
        for queue in self._waiting.values():
            self._give_up(queue)
        self._waiting.clear()
        self._count = 0
        self._some.clear()

    def close(self) -> None:
        """Accept nothing more, and answer everything that waits."""
        self._closed = True
        self.give_up()

    def _take(self) -> tuple[OfferId, list[tuple[Attempt, Answer]]]:
        """
        Take a batch of the offer that waited longest; its rest goes to the end of the line.

        What was sold out while it waited is answered, and left out.
        """
        offer = next(iter(self._waiting))
        queue = self._waiting.pop(offer)
        batch = [queue.popleft() for _ in range(min(BATCH, len(queue)))]
        if queue:
            self._waiting[offer] = queue
        self._count -= len(batch)
        if not self._waiting:
            self._some.clear()
        asking = []
        for entry in batch:
            if self._is_sold_out(entry[0]):
                self._answer(entry[1], SoldOut())
            else:
                asking.append(entry)
        return offer, asking

    def _is_sold_out(self, attempt: Attempt) -> bool:
        standing = self._gate.fence.standing
        return (
            attempt.fresh
            and standing is not None
            and self._latches.sold_out(attempt.offer, standing.epoch, self._clock())
        )

    def _give_up(self, entries: Iterable[tuple[Attempt, Answer]]) -> None:
        for _, answer in entries:
            self._answer(answer, Unavailable(RETRY_AFTER_MS))

    def _answer(self, answer: Answer, outcome: Outcome) -> None:
        # What is decided in one turn of the loop is told in one callback: one for each was a
        # fourteenth of what an attempt cost.
        if not self._decided:
            asyncio.get_running_loop().call_soon(self._tell)
        self._decided.append((answer, outcome))

    def _tell(self) -> None:
        try:
            while self._decided:
                answer, outcome = self._decided.popleft()
                answer(outcome)
        finally:
            # One that raises is reported by the loop, and harms no one behind it.
            if self._decided:
                asyncio.get_running_loop().call_soon(self._tell)


def _tells_what_is_left(sold: Sold) -> bool:
    """Whether the offer was on sale: one that is not has nothing left, and is not sold out."""
    return not any(isinstance(outcome, Closed | NotOpen) for outcome in sold.outcomes) and any(
        isinstance(outcome, Held | SoldOut) for outcome in sold.outcomes
    )


@asynccontextmanager
async def open_batcher(
    gate: Gate,
    on_stock: OnStock,
    on_call: OnCall = lambda seconds: None,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[Batcher]:
    """Run a batcher; leaving answers what still waits with `Unavailable`."""
    batcher = Batcher(gate, on_stock, on_call, clock)
    try:
        async with asyncio.TaskGroup() as flights:
            tasks = [flights.create_task(batcher.fly()) for _ in range(FLIGHTS)]
            yield batcher
            batcher.close()
            for task in tasks:
                task.cancel()
    finally:
        batcher.close()
