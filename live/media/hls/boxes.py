"""Boxes of ISO/IEC 14496-12, the format that MP4 and fragmented MP4 are written in."""

from struct import pack
from typing import Final

IDENTITY: Final = pack("!9L", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
"""The matrix of a picture that is shown as it is."""


def box(kind: bytes, *contents: bytes) -> bytes:
    """Return a box."""
    body = b"".join(contents)
    return pack("!L4s", 8 + len(body), kind) + body


def full_box(kind: bytes, version: int, flags: int, *contents: bytes) -> bytes:
    """Return a box that has a version and flags."""
    return box(kind, pack("!L", version << 24 | flags), *contents)
