"""
The worker's time for passes: one slice in each turn of the event loop, whoever has one to write.

Between two slices the loop handles all that has come in, so that a purchase never waits for more
than a slice, however many rooms are busy. Invariant: who asks gets its turn behind those who asked
before; nothing runs while nobody asks.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from time import perf_counter
from typing import Final

from rooms.passes import Passes

SLICE_S: Final = 0.003
"""About six hundred writes at 5 us each; then commands get their turn."""

Step = Callable[[float], bool]
"""Works until the given moment of the clock; returns whether something is left."""


class Turns:
    """Gives out slices; made with the loop's ``call_soon`` and ``call_later``, and a clock."""

    def __init__(
        self,
        defer: Callable[[Callable[[], None]], object],
        later: Callable[[float, Callable[[], None]], object],
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        self.later = later
        self.clock = clock
        self.passes = Passes()
        self._defer = defer
        self._waiting: deque[Step] = deque()

    def ask(self, step: Step) -> None:
        """Run ``step`` soon, and again for as long as it says that something is left."""
        self._waiting.append(step)
        if len(self._waiting) == 1:
            self._defer(self._turn)

    def _turn(self) -> None:
        waiting, clock = self._waiting, self.clock
        until = clock() + SLICE_S
        # The one at work stays in the queue, so that who asks meanwhile starts no second turn.
        for _ in range(len(waiting)):
            step = waiting[0]
            left = step(until)
            waiting.popleft()
            if left:
                waiting.append(step)
            if clock() >= until:
                break
        if waiting:
            self._defer(self._turn)


def turns_of(loop: asyncio.AbstractEventLoop) -> Turns:
    """Return the turns of an event loop; one for each worker."""
    return Turns(loop.call_soon, loop.call_later)
