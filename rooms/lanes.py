"""
What leaves together in one pass, and what a viewer who cannot take it is owed.

Invariant: of the control lane a viewer is owed a position, of the latest values the newest, of chat
a count. Nothing here waits, reads a clock or touches a socket.
"""

from rooms.frames import DEFLATE_OVER_BYTES, deflated_frame, text_frame
from rooms.history import Position


class Backlog:
    """What a viewer whose socket is full is owed; control events are only a position."""

    __slots__ = ("chat", "events_bytes", "latest", "position", "since", "whispers")

    def __init__(self, position: Position, since: float) -> None:
        self.position = position
        self.since = since
        self.events_bytes = 0
        self.chat = 0
        self.latest: dict[str, bytes] = {}
        self.whispers: list[bytes] = []


class Batch:
    """What leaves together: one frame for everyone who can take it, in two encodings."""

    __slots__ = ("_deflated", "chat", "events", "events_bytes", "latest", "left_out", "plain")

    def __init__(
        self, events: list[bytes], chat: list[bytes], latest: dict[str, bytes], left_out: int
    ) -> None:
        self.events = events
        self.chat = chat
        self.latest = latest
        self.left_out = left_out
        self.events_bytes = sum(map(len, events))
        self.plain = text_frame(self._messages())
        self._deflated: bytes | None = None

    @property
    def deflated(self) -> bytes:
        """The frame for those who take compressed ones; compressed once, if it is worth it."""
        if self._deflated is None:
            worth = len(self.plain) > DEFLATE_OVER_BYTES
            self._deflated = deflated_frame(self._messages()) if worth else self.plain
        return self._deflated

    def _messages(self) -> list[bytes]:
        """Return control first: what is on sale matters before what is said about it."""
        counted = [skipped(self.left_out)] if self.left_out else []
        return [*self.events, *self.chat, *counted, *self.latest.values()]


def skipped(lines: int) -> bytes:
    """Encode that so many chat lines were left out; see `messages.Skipped`."""
    return b'{"type":"skipped","chat":%d}' % lines
