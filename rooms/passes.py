"""
What the passes of a worker came to: how long they took, and what became of those they were for.

Plain numbers, changed once a pass and once for each viewer who is sent away, so that a delivery
costs nothing more; whoever shows them reads them when asked. They only grow.
"""

from bisect import bisect_left
from typing import Final

BOUNDS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""A pass over ten viewers takes 0.1 ms, over ten thousand 50; people notice a quarter second."""


class Durations:
    """How often something took how long, as a Prometheus histogram has it."""

    __slots__ = ("counts", "total_s")

    def __init__(self) -> None:
        # One more than there are bounds: what took longer than all of them.
        self.counts = [0] * (len(BOUNDS_S) + 1)
        self.total_s = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BOUNDS_S, seconds)] += 1
        self.total_s += seconds


class Passes:
    """
    What is counted of all rooms of a worker.

    ``reached`` is how long the first message of a pass waited until its last viewer was written to:
    what a viewer waits for at most in this process. ``took`` is the pass alone.
    """

    __slots__ = ("deliveries", "left_out", "reached", "slow", "took")

    def __init__(self) -> None:
        self.reached = Durations()
        self.took = Durations()
        self.deliveries = 0
        self.left_out = 0
        self.slow = 0

    def begun(self, viewers: int, left_out: int) -> None:
        """Count the viewers of a pass, and the chat lines that it only counts."""
        self.deliveries += viewers
        self.left_out += left_out

    def ended(self, asked: float, began: float, now: float) -> None:
        """Count a pass that is over; moments of one clock."""
        self.reached.add(now - asked)
        self.took.add(now - began)
