"""
WebSocket frames as a client meets them: read piece by piece, written masked.

Invariant: how the bytes were cut on their way changes nothing about the frames they make. What
breaks RFC 6455 ends the reading with a ``fault``; the frames before it still count.
"""

from struct import pack, unpack_from
from typing import Final, NamedTuple

TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

_KNOWN: Final = frozenset({TEXT, BINARY, CLOSE, PING, PONG})
_FIN: Final = 0x80
_RSV1: Final = 0x40
_RSV: Final = 0x70
_CONTROL: Final = 0x08

MAX_PAYLOAD_BYTES: Final = 16 * 1024 * 1024
"""No honest frame comes near: a snapshot with a thousand offers is 500 KiB."""

MASK: Final = b"\x00\x00\x00\x00"
"""A mask that changes nothing is a mask, too (RFC 6455 section 5.3), and costs no loop."""


class Frame(NamedTuple):
    """One frame; ``deflated`` says that its payload is compressed (RFC 7692)."""

    opcode: int
    payload: bytes
    deflated: bool = False


class FrameReader:
    """
    What a server sent, as frames.

    Without ``deflate`` a compressed frame is a fault, as nobody asked for one. Fragments are a
    fault as well: no server under test sends any.
    """

    __slots__ = ("_deflate", "_rest", "fault")

    def __init__(self, *, deflate: bool = False) -> None:
        # Why reading ended; nothing is read after it.
        self.fault: str | None = None
        self._deflate = deflate
        self._rest = b""

    @property
    def between_frames(self) -> bool:
        """Whether the next byte begins a frame."""
        return not self._rest and self.fault is None

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that ``data`` completes."""
        if self.fault is not None:
            return []
        rest = self._rest + data if self._rest else data
        frames: list[Frame] = []
        at, size = 0, len(rest)
        while size - at >= 2:
            head, length, begin = rest[at], rest[at + 1], at + 2
            self.fault = self._fault(head, length)
            if self.fault is not None:
                break
            if length == 126:
                begin += 2
                if size < begin:
                    break
                (length,) = unpack_from("!H", rest, at + 2)
            elif length == 127:
                begin += 8
                if size < begin:
                    break
                (length,) = unpack_from("!Q", rest, at + 2)
                if length > MAX_PAYLOAD_BYTES:
                    self.fault = f"a frame of {length} bytes"
                    break
            end = begin + length
            if size < end:
                break
            frames.append(Frame(head & 0x0F, rest[begin:end], bool(head & _RSV1)))
            at = end
        self._rest = rest[at:]
        return frames

    def _fault(self, head: int, length: int) -> str | None:
        opcode = head & 0x0F
        if length & 0x80:
            return "a masked frame"
        if not head & _FIN or opcode == 0:
            return "a fragment"
        if opcode not in _KNOWN:
            return f"unknown opcode {opcode}"
        if head & _RSV & ~(_RSV1 if self._deflate and not opcode & _CONTROL else 0):
            return "a reserved bit"
        if opcode & _CONTROL and length > 125:
            return "a control frame that is too long"
        return None


def masked(opcode: int, payload: bytes) -> bytes:
    """Return a whole client frame."""
    size = len(payload)
    if size < 126:
        header = pack("!BB", _FIN | opcode, 0x80 | size)
    elif size < 65536:
        header = pack("!BBH", _FIN | opcode, 0x80 | 126, size)
    else:
        header = pack("!BBQ", _FIN | opcode, 0x80 | 127, size)
    return header + MASK + payload


def close_code(payload: bytes) -> int:
    """Return the code of a close frame; 1005 without one (RFC 6455 section 7.4.1)."""
    return int(unpack_from("!H", payload)[0]) if len(payload) >= 2 else 1005
