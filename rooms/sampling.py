"""
Which chat lines a room shows when it talks faster than people can read.

Invariant: over any stretch of ``t`` seconds at most ``burst + rate * t`` lines pass by the rate;
the lines of hosts, moderators and buyers always pass, and take no one's place. Pure.
"""

from rooms.brokers import Line
from rooms.limits import TokenBucket

BURST_S = 2.0
"""A burst of so many seconds' lines still scrolls by readably: it is followed by a pause."""


class Sampler:
    """Lets through ``rate`` lines a second and counts the others."""

    __slots__ = ("_bucket", "left_out")

    def __init__(self, rate: float, now: float) -> None:
        self.left_out = 0
        self._bucket = TokenBucket(rate, max(1.0, BURST_S * rate), now)

    def admits(self, line: Line, now: float) -> bool:
        """Whether the room is shown ``line``; if not, it is counted in ``left_out``."""
        if line.always or self._bucket.take(now) == 0.0:
            return True
        self.left_out += 1
        return False

    def told(self) -> int:
        """Return how many lines were left out since the last call."""
        left_out, self.left_out = self.left_out, 0
        return left_out
