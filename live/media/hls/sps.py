"""The size of the picture, read from H264's sequence parameter set (ITU-T H.264, 7.3.2.1.1)."""

from typing import Final

from msgspec import Struct

_WITH_CHROMA: Final = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 138, 139, 244})


class Size(Struct, frozen=True):
    """In pixels, cropped as a player shows it."""

    width: int
    height: int


class BadParameters(Exception):
    """It is no sequence parameter set."""


class _Bits:
    """Bits, first the highest; Exp-Golomb codes as in clause 9.1."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = 8 * len(data)

    def read(self, count: int) -> int:
        if count > self._left:
            raise BadParameters
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def unsigned(self) -> int:
        zeros = 0
        while self.read(1) == 0:
            zeros += 1
        return (1 << zeros) - 1 + self.read(zeros)

    def signed(self) -> int:
        code = self.unsigned()
        return (code + 1) // 2 if code & 1 else -(code // 2)


def size(sps: bytes) -> Size:
    """
    Return the size of the picture.

    Raises:
        BadParameters: it ends too early.

    """
    bits = _Bits(sps[1:].replace(b"\x00\x00\x03", b"\x00\x00"))
    profile = bits.read(8)
    bits.read(16)
    bits.unsigned()
    chroma = 1
    if profile in _WITH_CHROMA:
        chroma = bits.unsigned()
        if chroma == 3:
            bits.read(1)
        bits.unsigned()
        bits.unsigned()
        bits.read(1)
        if bits.read(1):
            for number in range(12 if chroma == 3 else 8):
                if bits.read(1):
                    _skip_scaling_list(bits, 16 if number < 6 else 64)
    bits.unsigned()
    counting = bits.unsigned()
    if counting == 0:
        bits.unsigned()
    elif counting == 1:
        bits.read(1)
        bits.signed()
        bits.signed()
        for _ in range(bits.unsigned()):
            bits.signed()
    bits.unsigned()
    bits.read(1)
    width = 16 * (bits.unsigned() + 1)
    rows = 16 * (bits.unsigned() + 1)
    frames_only = bits.read(1)
    if not frames_only:
        bits.read(1)
    bits.read(1)
    height = rows * (2 - frames_only)
    if bits.read(1):
        left, right, top, bottom = (bits.unsigned() for _ in range(4))
        across = 2 if chroma in (1, 2) else 1
        down = (2 if chroma == 1 else 1) * (2 - frames_only)
        width -= across * (left + right)
        height -= down * (top + bottom)
    return Size(width, height)


def _skip_scaling_list(bits: _Bits, entries: int) -> None:
    last = following = 8
    for _ in range(entries):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last
