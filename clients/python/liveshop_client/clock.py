"""
The server's clock, as well as pings and pongs can tell.

Of the latest samples the one with the shortest round trip is believed: what it does not know is
at most half its round trip. Local times are milliseconds of any clock that never jumps.
"""

from collections import deque
from typing import Final

SAMPLES: Final = 8
"""Enough to outlive a burst of delay, few enough to follow a drifting clock within minutes."""


class Clock:
    """An estimate of the server's Unix time; local time until the first sample."""

    def __init__(self) -> None:
        # (round trip, server minus local), oldest first.
        self._samples: deque[tuple[float, float]] = deque(maxlen=SAMPLES)

    def sample(self, *, sent_at: float, received_at: float, server_at: float) -> None:
        """Learn from a pong; one that seems to arrive before its ping is ignored."""
        round_trip = received_at - sent_at
        if round_trip >= 0:
            self._samples.append((round_trip, server_at - (sent_at + received_at) / 2))

    @property
    def synchronised(self) -> bool:
        """Whether any sample was taken yet."""
        return bool(self._samples)

    @property
    def offset_ms(self) -> float:
        """Server time minus local time, by the best sample; 0 before the first."""
        return min(self._samples)[1] if self._samples else 0.0

    @property
    def uncertainty_ms(self) -> float:
        """How far off ``offset_ms`` can be; infinite before the first sample."""
        return min(self._samples)[0] / 2 if self._samples else float("inf")

    def now(self, local_ms: float) -> float:
        """Return the server's time in Unix milliseconds."""
        return local_ms + self.offset_ms
