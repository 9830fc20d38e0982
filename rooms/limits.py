"""
How often someone may do something: token buckets with an explicit ``now``.

Invariant: over any stretch of ``t`` seconds at most ``burst + rate * t`` tokens are given.
"""

from collections.abc import Hashable
from typing import Final


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

    def full(self, now: float) -> bool:
        """Whether nothing taken so far makes a difference any more."""
        return self._tokens + max(0.0, now - self._at) * self.rate >= self.burst


class Buckets:
    """
    A token bucket for each key, shared by all that go by it: a user's tabs, an address's phones.

    A bucket that is full again is as good as none: it is forgotten when there are many.
    """

    TIDY_AT: Final = 1_024
    """So many keys are kept without a look; tidying costs the same for each that was added."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: dict[Hashable, TokenBucket] = {}
        self._tidy_at = self.TIDY_AT

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: Hashable, now: float, count: float = 1.0) -> float:
        """Take from the bucket of ``key``; see `TokenBucket.take`."""
        bucket = self._buckets.get(key)
        if bucket is None:
            if len(self._buckets) >= self._tidy_at:
                self._tidy(now)
            bucket = self._buckets[key] = TokenBucket(self._rate, self._burst, now)
        return bucket.take(now, count)

    def _tidy(self, now: float) -> None:
        self._buckets = {
            key: bucket for key, bucket in self._buckets.items() if not bucket.full(now)
        }
        self._tidy_at = max(self.TIDY_AT, 2 * len(self._buckets))


class JoinGate:
    """
    How many may come in a second; those who may not are told when to come again.

    The answers are spread over the time it takes to let in all who were turned away lately, so that
    they do not come back at once.
    """

    def __init__(self, rate: float, now: float) -> None:
        self._rate = rate
        self._bucket = TokenBucket(rate, max(1.0, rate), now)
        self._away = 0.0
        self._at = now

    def knock(self, now: float) -> float:
        """Return 0 to one who may come in, or the seconds after which to knock again."""
        self._away = max(0.0, self._away - max(0.0, now - self._at) * self._rate)
        self._at = max(now, self._at)
        if self._bucket.take(now) == 0.0:
            return 0.0
        self._away += 1.0
        return self.SOONEST_S + self._away / self._rate

    SOONEST_S: Final = 0.5
    """Nobody is asked to try again before a reconnect has had time to be made."""
