"""
Encode once: a batch of messages becomes one WebSocket frame that every viewer is sent.

Server frames are not masked (RFC 6455 section 5.1), so the bytes are the same for everyone and
one ``bytes`` object is shared by all transports. With permessage-deflate and no context takeover
(RFC 7692 section 7.1.1) that holds for a compressed frame as well, and even for a part of one: what
many frames carry is compressed once, and what differs stands beside it uncompressed.
"""

import zlib
from collections.abc import Sequence
from struct import pack
from typing import Final

PING: Final = b"\x89\x00"
"""An empty ping (RFC 6455 section 5.5.2)."""

DEFLATE_OVER_BYTES: Final = 256
"""A single chat line shrinks by a third at most: not worth a phone's work to inflate it."""

_TEXT: Final = 0x81
_DEFLATED_TEXT: Final = 0xC1
"""FIN, RSV1 (RFC 7692 section 6) and the opcode of text."""

_STORED_BYTES: Final = 65_535
"""The most that one stored block of DEFLATE holds (RFC 1951 section 3.2.4)."""


class Shared:
    """Text that many frames carry: compressed at most once, when somebody needs it so."""

    __slots__ = ("_blocks", "text")

    def __init__(self, text: bytes) -> None:
        self.text = text
        self._blocks: bytes | None = None

    @property
    def blocks(self) -> bytes:
        """The text as whole blocks of DEFLATE, none of them the last, ending on a full byte."""
        if self._blocks is None:
            self._blocks = _deflate(self.text, level=6)
        return self._blocks


def text_frame(messages: Sequence[bytes]) -> bytes:
    """Return the frame that carries ``messages``, each a JSON object, as one JSON array."""
    return _frame(_TEXT, b"".join((b"[", b",".join(messages), b"]")))


def deflated_frame(messages: Sequence[bytes]) -> bytes:
    """Return the compressed frame of ``messages``."""
    # The receiver adds the four bytes that end a flush (RFC 7692 section 7.2.2).
    return _frame(
        _DEFLATED_TEXT, _deflate(b"".join((b"[", b",".join(messages), b"]")), level=1)[:-4]
    )


def spliced_frame(parts: Sequence[bytes | Shared], *, deflated: bool) -> bytes:
    """Return the frame that carries ``parts`` one after another, shared ones compressed or not."""
    if not deflated:
        return _frame(
            _TEXT, b"".join(part.text if isinstance(part, Shared) else part for part in parts)
        )
    blocks = b"".join(part.blocks if isinstance(part, Shared) else _store(part) for part in parts)
    # The first byte of an empty block; its other four are what the receiver adds.
    return _frame(_DEFLATED_TEXT, blocks + b"\x00")


def _frame(first: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return pack("!BB", first, size) + payload
    if size < 65536:
        return pack("!BBH", first, 126, size) + payload
    return pack("!BBQ", first, 127, size) + payload


def _deflate(text: bytes, *, level: int) -> bytes:
    squeezer = zlib.compressobj(level, wbits=-15)
    return squeezer.compress(text) + squeezer.flush(zlib.Z_SYNC_FLUSH)


def _store(text: bytes) -> bytes:
    """Return ``text`` as blocks that are not compressed."""
    pieces = (text[at : at + _STORED_BYTES] for at in range(0, len(text), _STORED_BYTES))
    return b"".join(pack("<BHH", 0, len(piece), len(piece) ^ 0xFFFF) + piece for piece in pieces)
