"""
Why a connection ends, as values.

The range says whether to come back: 3000-3499 reconnect (and resume), 3500-3999 do not. Codes
below 3000 are the protocol's own (RFC 6455 section 7.4.1).
"""

from typing import Final

from msgspec import Struct


class Disconnect(Struct, frozen=True):
    """A reason to close a connection: a value to return, not an exception to raise."""

    code: int
    reason: str

    @property
    def final(self) -> bool:
        """Whether the client should give up instead of reconnecting."""
        return self.code in (1003, 1007, 1009) or 3500 <= self.code < 4000


UNSUPPORTED_DATA: Final = Disconnect(1003, "only text frames are accepted")

GOING_AWAY: Final = Disconnect(3001, "the server is going away; come back")
IDLE: Final = Disconnect(3002, "nothing was heard for too long")
SLOW: Final = Disconnect(3008, "too slow; resume")
UNAVAILABLE: Final = Disconnect(3013, "the room cannot be opened now; come back")

NOT_ADMITTED: Final = Disconnect(3501, "the room does not admit you")
MISUSE: Final = Disconnect(3502, "the first message must be join, and join comes once")
FLOOD: Final = Disconnect(3503, "far too many messages")
BANNED: Final = Disconnect(3504, "you are banned here")
