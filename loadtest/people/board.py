"""
Purchases whose effect on the stock is not on every screen yet.

A buyer's press is pinned up with the version of the stock that the buyer saw then; a number with a
newer version, on somebody else's screen, is the first that can show it. When others buy in the same
instant it may show their purchase first, so the time is what a screen is behind at most. Pure: the
caller says what time it is.
"""

from collections import deque
from typing import Final, NamedTuple

KEPT: Final = 64
"""Purchases of one offer that are waited for; a tick a few times a second clears them all."""


class Press(NamedTuple):
    """A successful press: when, by whom, and which version of the stock stood there."""

    at_ms: float
    buyer: int
    version: int


class Board:
    """The presses of one process, by offer."""

    def __init__(self) -> None:
        self._presses: dict[str, deque[Press]] = {}

    def pin(self, offer: str, press: Press) -> None:
        """Remember a press that was answered with a unit."""
        self._presses.setdefault(offer, deque(maxlen=KEPT)).append(press)

    def seen(
        self,
        offer: str,
        viewer: int,
        versions: tuple[int, int],
        times_ms: tuple[float, float],
    ) -> list[float]:
        """
        Return how old each press is that a screen shows for the first time.

        ``versions`` are the one it showed until now and the one it shows from now on, ``times_ms``
        since when it is on and now: what was bought before that, it was told in its snapshot.
        """
        before, after = versions
        since_ms, now_ms = times_ms
        return [
            now_ms - press.at_ms
            for press in self._presses.get(offer, ())
            if press.buyer != viewer and before <= press.version < after and press.at_ms > since_ms
        ]
