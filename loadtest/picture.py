"""
A host made of nothing: a face that talks before a moving background, with the time of day on it.

Pure, and cheap enough to be painted twenty times a second in Python: every row of a picture is a
few slices of bytes. A picture is three planes, luma and two of colour at half the size (I420).
"""

from functools import cache
from typing import Final

WIDTH: Final = 640
HEIGHT: Final = 360

Planes = tuple[bytearray, bytearray, bytearray]

_BANDS: Final = 320
"""Pixels until the background repeats."""

_FACE: Final = (WIDTH // 2, 150, 96)
_EYE: Final = 9
_MOUTH: Final = 34

_DIGIT: Final = (26, 44, 6)
"""Width, height and thickness of a digit."""

_SEGMENTS: Final = (
    "abcdef",
    "bc",
    "abged",
    "abgcd",
    "fgbc",
    "afgcd",
    "afgedc",
    "abc",
    "abcdefg",
    "abcdfg",
)

_FACE_LUMA, _DARK, _LIGHT = 196, 34, 235


def paint(at_s: float, loudness: float) -> Planes:
    """
    Return the picture at ``at_s`` (seconds of the day), its mouth as open as ``loudness`` (0 to 1).
    """
    luma = _background(int(at_s * 40))
    blue, red = _colours()
    x, y, radius = _FACE
    # The head nods a little, so that nobody takes it for a photograph.
    y += round(4 * _wave(at_s / 3))
    _disc(luma, x, y, radius, _FACE_LUMA)
    blinks = at_s % 4 < 0.15
    for side in (-1, 1):
        if blinks:
            _box(luma, x + side * 36 - _EYE, y - 22, 2 * _EYE, 3, _DARK)
        else:
            _disc(luma, x + side * 36, y - 22, _EYE, _DARK)
    opening = 4 + round(30 * loudness)
    _box(luma, x - _MOUTH, y + 40 - opening // 2, 2 * _MOUTH, opening, _DARK)
    _clock(luma, at_s)
    return luma, bytearray(blue), bytearray(red)


def _wave(turns: float) -> float:
    """Return a triangle between -1 and 1; nobody sees that it is not a sine."""
    return 4 * abs(turns % 1 - 0.5) - 1


@cache
def _stripe() -> bytes:
    """Return one row of the background, long enough to begin anywhere in it."""
    ramp = [70 + 60 * abs(2 * place / _BANDS - 1) for place in range(_BANDS)]
    return bytes(int(each) for each in ramp) * (WIDTH // _BANDS + 3)


def _background(shift: int) -> bytearray:
    stripe = _stripe()
    rows = []
    for row in range(HEIGHT):
        begin = (shift + row) % _BANDS
        rows.append(stripe[begin : begin + WIDTH])
    return bytearray(b"".join(rows))


@cache
def _colours() -> tuple[bytes, bytes]:
    """Return both planes of colour: a warm face on a cool ground; they never change."""
    width, height = WIDTH // 2, HEIGHT // 2
    blue, red = bytearray([150]) * (width * height), bytearray([118]) * (width * height)
    x, y, radius = (each // 2 for each in _FACE)
    for plane, value in ((blue, 108), (red, 150)):
        for row in range(-radius, radius + 1):
            half = int((radius * radius - row * row) ** 0.5)
            begin = (y + row) * width + x - half
            plane[begin : begin + 2 * half] = bytes([value]) * (2 * half)
    return bytes(blue), bytes(red)


def _disc(luma: bytearray, x: int, y: int, radius: int, value: int) -> None:
    ink = bytes([value])
    for row in range(-radius, radius + 1):
        half = int((radius * radius - row * row) ** 0.5)
        begin = (y + row) * WIDTH + x - half
        luma[begin : begin + 2 * half] = ink * (2 * half)


def _box(luma: bytearray, x: int, y: int, width: int, height: int, value: int) -> None:
    line = bytes([value]) * width
    for row in range(y, y + height):
        begin = row * WIDTH + x
        luma[begin : begin + width] = line


def _clock(luma: bytearray, at_s: float) -> None:
    """Write hours, minutes, seconds and tenths, in seven segments."""
    tenths = int(at_s * 10) % 864_000
    text = f"{tenths // 36_000:02}:{tenths // 600 % 60:02}:{tenths // 10 % 60:02}.{tenths % 10}"
    width, height, thick = _DIGIT
    x, y = (WIDTH - len(text) * (width + 8)) // 2, HEIGHT - height - 28
    for sign in text:
        if sign.isdecimal():
            for segment in _SEGMENTS[int(sign)]:
                _box(luma, *_place(segment, x, y), _LIGHT)
        else:
            for dot in (height // 3, 2 * height // 3) if sign == ":" else (height - thick,):
                _box(luma, x + width // 2 - thick // 2, y + dot, thick, thick, _LIGHT)
        x += width + 8


def _place(segment: str, x: int, y: int) -> tuple[int, int, int, int]:
    """Return where a segment is: a is the top one, clockwise to f, and g is in the middle."""
    width, height, thick = _DIGIT
    half = height // 2
    match segment:
        case "a" | "g" | "d":
            row = {"a": 0, "g": half - thick // 2, "d": height - thick}[segment]
            return x, y + row, width, thick
        case _:
            column = 0 if segment in "ef" else width - thick
            row = 0 if segment in "bf" else half
            return x + column, y + row, thick, half
