"""
How often a room hears what is left of an offer: at once, and then at most five times a second.

Newer numbers replace older ones that have not left yet. Nothing here waits or reads a clock.
"""

from typing import Final

from msgspec import Struct

from commerce.ids import OfferId, ShowId

PAUSE_S: Final = 0.2
"""A stock bar that moves five times a second looks alive; more would only cost."""


class Tick(Struct, frozen=True):
    """What is left of an offer, as of ``version``."""

    show: ShowId
    offer: OfferId
    left: int
    version: int


class Ticker:
    """The numbers that wait to be told; ``now`` in seconds, monotonic."""

    def __init__(self) -> None:
        self._waiting: dict[OfferId, Tick] = {}
        # When an offer that was told lately may be told again.
        self._pausing_until: dict[OfferId, float] = {}

    def note(self, tick: Tick) -> None:
        """Take a number; an older version than the one that waits is ignored."""
        waiting = self._waiting.get(tick.offer)
        if waiting is None or waiting.version <= tick.version:
            self._waiting[tick.offer] = tick

    def due(self, now: float) -> list[Tick]:
        """Take what may be told now."""
        self._pausing_until = {
            offer: until for offer, until in self._pausing_until.items() if now < until
        }
        due = [tick for offer, tick in self._waiting.items() if offer not in self._pausing_until]
        for tick in due:
            del self._waiting[tick.offer]
            self._pausing_until[tick.offer] = now + PAUSE_S
        return due

    def wait_s(self, now: float) -> float | None:
        """Return how long until something is due; None when nothing waits."""
        if not self._waiting:
            return None
        first = min(self._pausing_until.get(offer, now) for offer in self._waiting)
        return max(0.0, first - now)
