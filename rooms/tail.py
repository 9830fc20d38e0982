"""
The last chat lines of a room: what those who come in late are given.
"""

from collections import deque
from collections.abc import Iterable, Sequence

from rooms.brokers import KEPT_CHAT_LINES
from rooms.frames import Shared
from rooms.removal import Removal


class Tail:
    """The last lines, oldest first, encoded."""

    __slots__ = ("_shared", "lines")

    def __init__(self, lines: Iterable[bytes] = ()) -> None:
        self.lines = deque(lines, maxlen=KEPT_CHAT_LINES)
        self._shared: Shared | None = None

    @property
    def shared(self) -> Shared:
        """The lines, separated by commas: made once for all who come in between two changes."""
        if self._shared is None:
            self._shared = Shared(b",".join(self.lines))
        return self._shared

    def extend(self, lines: Sequence[bytes]) -> None:
        """Add what was said since."""
        if lines:
            self.lines.extend(lines)
            self._shared = None

    def take_away(self, removal: Removal) -> None:
        """Forget what a moderator took away."""
        self.lines = deque(removal.spared(self.lines), maxlen=KEPT_CHAT_LINES)
        self._shared = None
