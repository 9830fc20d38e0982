"""
A timing wheel: what is due in some seconds, for any number of things, with one timer for all.

Putting, moving and taking out cost the same however many there are (Varghese and Lauck, "Hashed
and hierarchical timing wheels", 1987, scheme 4). Pure: whoever owns it turns it once a second.
"""

from collections.abc import Hashable
from typing import Final, Generic, TypeVar

SPOKES: Final = 64
"""Seconds one turn takes; nothing is put further ahead."""

T = TypeVar("T", bound=Hashable)


class Wheel(Generic[T]):
    """Things and the second they are due in."""

    def __init__(self) -> None:
        self._spokes: list[set[T]] = [set() for _ in range(SPOKES)]
        self._spoke_of: dict[T, set[T]] = {}
        self._now = 0

    def __len__(self) -> int:
        return len(self._spoke_of)

    def __contains__(self, thing: T) -> bool:
        return thing in self._spoke_of

    def things(self) -> list[T]:
        """Return everything on the wheel."""
        return list(self._spoke_of)

    def put(self, thing: T, in_s: int) -> None:
        """Make ``thing`` due in 1 to 63 seconds, in place of when it was due before."""
        if not 0 < in_s < SPOKES:
            raise ValueError(f"{in_s} s is not within one turn of the wheel")
        self.take_out(thing)
        spoke = self._spokes[(self._now + in_s) % SPOKES]
        spoke.add(thing)
        self._spoke_of[thing] = spoke

    def take_out(self, thing: T) -> None:
        """Forget ``thing``; idempotent."""
        spoke = self._spoke_of.pop(thing, None)
        if spoke is not None:
            spoke.discard(thing)

    def turn(self) -> list[T]:
        """Go on by a second; return what is due now, which is no longer on the wheel."""
        self._now = (self._now + 1) % SPOKES
        due = list(self._spokes[self._now])
        for thing in due:
            self.take_out(thing)
        return due
