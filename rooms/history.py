"""
The recent past of a room's control lane, and how a returning viewer catches up with it.

Invariant: the events kept are contiguous and end at ``position``. Nothing here waits, reads a
clock or touches a socket.
"""

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Final

from msgspec import Struct

KEPT_EVENTS: Final = 1_000
"""An evening's show has a few hundred control events; a phone asleep for an hour still resumes."""


class Position(Struct, frozen=True, order=True):
    """
    A place in a room's control lane.

    ``epoch`` changes when the log was lost: offset 3 of another epoch is another event.
    """

    epoch: str
    offset: int


class History:
    """A bounded tail of events."""

    def __init__(
        self, position: Position, events: Iterable[bytes] = (), *, limit: int = KEPT_EVENTS
    ) -> None:
        self.position = position
        self._events = deque(events, maxlen=limit)

    def append(self, event: bytes) -> None:
        """Add the event that follows ``position``."""
        self.position = Position(self.position.epoch, self.position.offset + 1)
        self._events.append(event)

    def past(self) -> list[bytes]:
        """Return every event that is kept, oldest first."""
        return list(self._events)

    def since(self, position: Position) -> list[bytes] | None:
        """
        Return the events after ``position``, oldest first.

        ``None`` when some of them are gone, the epoch is another one, or the position is not
        reached yet: then only a snapshot helps.
        """
        if not self.reaches(position):
            return None
        missed = self.position.offset - position.offset
        return list(islice(self._events, len(self._events) - missed, None))

    def reaches(self, position: Position) -> bool:
        """Whether every event after ``position`` is kept; costs the same for any position."""
        missed = self.position.offset - position.offset
        return position.epoch == self.position.epoch and 0 <= missed <= len(self._events)
