"""
How often someone may do something: a token bucket with an explicit ``now``.

Invariant: over any stretch of ``t`` seconds at most ``burst + rate * t`` tokens are given.
"""


class TokenBucket:
    """``rate`` tokens a second, at most ``burst`` saved up; ``now`` in seconds, monotonic."""

    __slots__ = ("_at", "_tokens", "burst", "rate")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self.rate = rate
        self.burst = burst
        self._tokens = burst
        self._at = now

    def take(self, now: float, count: float = 1.0) -> float:
        """
        Take ``count`` tokens and return 0, or take nothing and return the seconds to wait.

        More than ``burst`` tokens are never there at once; that answer is ``inf``.
        """
        self._tokens = min(self.burst, self._tokens + max(0.0, now - self._at) * self.rate)
        self._at = max(now, self._at)
        if count <= self._tokens:
            self._tokens -= count
            return 0.0
        if count > self.burst:
            return float("inf")
        return (count - self._tokens) / self.rate
