"""
The last chat lines of a room: what those who come in late are given, and what replies quote.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Final

from rooms.brokers import KEPT_CHAT_LINES, KNOWN_CHAT_LINES
from rooms.frames import Shared
from rooms.quotes import IS_REPLY, with_quote
from rooms.removal import Removal


class Tail:
    """
    The last lines, oldest first, encoded.

    Newcomers are given ``KEPT_CHAT_LINES`` of them; replies may quote ``KNOWN_CHAT_LINES``.
    """

    __slots__ = ("_shared", "lines")

    def __init__(self, lines: Iterable[bytes] = ()) -> None:
        self.lines: Final = deque[bytes](maxlen=KNOWN_CHAT_LINES)
        self._shared: Shared | None = None
        for line in lines:
            self.lines.append(self.quoting(line))

    @property
    def shared(self) -> Shared:
        """The last lines, separated by commas: made once for all who come between two changes."""
        if self._shared is None:
            earlier = max(0, len(self.lines) - KEPT_CHAT_LINES)
            self._shared = Shared(b",".join(islice(self.lines, earlier, None)))
        return self._shared

    def quoting(self, line: bytes, coming: Sequence[bytes] = ()) -> bytes:
        """Return ``line`` with what it quotes of the last lines, or of those ``coming`` after."""
        if line.rfind(IS_REPLY) < 0:
            return line
        return with_quote(line, chain(reversed(coming), reversed(self.lines)))

    def extend(self, lines: Sequence[bytes]) -> None:
        """Add what was said since."""
        if lines:
            self.lines.extend(lines)
            self._shared = None

    def take_away(self, removal: Removal) -> None:
        """Forget what a moderator took away."""
        spared = removal.spared(self.lines)
        self.lines.clear()
        self.lines.extend(spared)
        self._shared = None
