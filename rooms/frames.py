"""
Encode once: a batch of messages becomes one WebSocket frame that every viewer is sent.

Server frames are not masked (RFC 6455 section 5.1), so the bytes are the same for everyone and
one ``bytes`` object is shared by all transports.
"""

from collections.abc import Sequence
from struct import pack
from typing import Final

PING: Final = b"\x89\x00"
"""An empty ping (RFC 6455 section 5.5.2)."""


def text_frame(messages: Sequence[bytes]) -> bytes:
    """Return the frame that carries ``messages``, each a JSON object, as one JSON array."""
    size = sum(map(len, messages)) + max(len(messages) - 1, 0) + 2
    if size < 126:
        header = pack("!BB", 0x81, size)
    elif size < 65536:
        header = pack("!BBH", 0x81, 126, size)
    else:
        header = pack("!BBQ", 0x81, 127, size)
    return b"".join((header, b"[", b",".join(messages), b"]"))
