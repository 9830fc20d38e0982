"""
A host made of nothing: a face that talks before a moving background, with the time of day on it.

Pure, and cheap enough to be painted twenty times a second in Python: every row of a picture is a
few slices of bytes. A picture is three planes, luma and two of colour at half the size (I420).
"""

from functools import cache
from typing import Final

WIDTH: Final = 384
HEIGHT: Final = 640
"""Upright, as people hold their phones; both widths of a row are what FFmpeg aligns rows to."""

Planes = tuple[bytearray, bytearray, bytearray]

_BANDS: Final = 360
"""Pixels until the background repeats."""

_FACE: Final = (WIDTH // 2, 236, 84)
_HAIR: Final = (WIDTH // 2, 214, 96)
_BODY: Final = (WIDTH // 2, 520, 178)
_EYE: Final = 8
_MOUTH: Final = 26

_APART: Final = 6
_DIGIT: Final = (20, 34, 4)
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

_FACE_LUMA, _BODY_LUMA, _DARK, _LIGHT = 190, 96, 38, 235


def paint(at_s: float, loudness: float) -> Planes:
    """
    Return the picture at ``at_s`` (seconds of the day), its mouth as open as ``loudness`` (0 to 1).
    """
    luma = _background(int(at_s * 30))
    blue, red = _colours()
    x, y, radius = _FACE
    _disc(luma, *_HAIR, _DARK)
    _disc(luma, *_BODY, _BODY_LUMA)
    _disc(luma, x, y, radius, _FACE_LUMA)
    # The eyes wander, so that nobody takes it for a photograph.
    looks = round(4 * _wave(at_s / 5))
    blinks = at_s % 4 < 0.15
    for side in (-1, 1):
        if blinks:
            _box(luma, x + side * 32 - _EYE + looks, y - 14, 2 * _EYE, 3, _DARK)
        else:
            _disc(luma, x + side * 32 + looks, y - 14, _EYE, _DARK)
    _mouth(luma, x, y + 34, 3 + round(24 * loudness))
    _clock(luma, at_s)
    return luma, bytearray(blue), bytearray(red)


def _mouth(luma: bytearray, x: int, y: int, opening: int) -> None:
    """Draw a mouth that is narrower at its corners, and a little higher: it smiles."""
    for column in range(-_MOUTH, _MOUTH):
        bend = 1 - (column / _MOUTH) ** 2
        height = max(3, round(opening * bend))
        _box(luma, x + column, y + round(6 * bend) - height // 2, 1, height, _DARK)


def _wave(turns: float) -> float:
    """Return a triangle between -1 and 1; nobody sees that it is not a sine."""
    return 4 * abs(turns % 1 - 0.5) - 1


@cache
def _stripe() -> bytes:
    """Return one row of the background, long enough to begin anywhere in it."""
    ramp = [70 + 50 * abs(2 * place / _BANDS - 1) for place in range(_BANDS)]
    return bytes(int(each) for each in ramp) * (WIDTH // _BANDS + 2)


def _background(shift: int) -> bytearray:
    stripe = _stripe()
    rows = []
    for row in range(HEIGHT):
        begin = (shift + row) % _BANDS
        rows.append(stripe[begin : begin + WIDTH])
    return bytearray(b"".join(rows))


@cache
def _colours() -> tuple[bytes, bytes]:
    """Return both planes of colour: a warm face and a red apron on a cool ground."""
    width, height = WIDTH // 2, HEIGHT // 2
    blue, red = bytearray([142]) * (width * height), bytearray([120]) * (width * height)
    for (x, y, radius), for_blue, for_red in (
        (_HAIR, 122, 140),
        (_BODY, 112, 178),
        (_FACE, 108, 150),
    ):
        for row in range(-radius // 2, radius // 2 + 1):
            half = int(((radius / 2) ** 2 - row * row) ** 0.5)
            if not 0 <= y // 2 + row < height:
                continue
            begin = (y // 2 + row) * width + x // 2 - half
            for plane, value in ((blue, for_blue), (red, for_red)):
                plane[begin : begin + 2 * half] = bytes([value]) * (2 * half)
    return bytes(blue), bytes(red)


def _disc(luma: bytearray, x: int, y: int, radius: int, value: int) -> None:
    ink = bytes([value])
    for row in range(-radius, radius + 1):
        half = int((radius * radius - row * row) ** 0.5)
        if y + row >= HEIGHT:
            break
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
    x, y = (WIDTH - len(text) * (width + _APART)) // 2, 392
    for sign in text:
        if sign.isdecimal():
            for segment in _SEGMENTS[int(sign)]:
                _box(luma, *_place(segment, x, y), _LIGHT)
        else:
            for dot in (height // 3, 2 * height // 3) if sign == ":" else (height - thick,):
                _box(luma, x + width // 2 - thick // 2, y + dot, thick, thick, _LIGHT)
        x += width + _APART


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
