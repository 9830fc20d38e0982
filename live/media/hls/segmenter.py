"""
Pictures and sounds, cut into the parts and segments of low-latency HLS.

::

    Opened ─▶ Part ─▶ Part(last) ─▶ Part ─▶ ... ─▶ Opened ─▶ ...

Invariant: a part begins where the one before it ended, or `Opened` comes between them: then players
start their decoders anew (new parameter sets, or a hole in the pictures that a part cannot span).
Times never go backwards. A part is no longer than `PART_TARGET_S` unless single pictures are.
"""

from collections import deque
from typing import Final

from msgspec import Struct

from live.media.hls.aac import AacFrame
from live.media.hls.fmp4 import (
    AAC_SAMPLES,
    AUDIO_RATE,
    VIDEO_RATE,
    Run,
    Sample,
    fragment,
    init,
    length_prefixed,
)
from live.media.hls.sps import BadParameters
from live.media.hls.units import Parameters, Unit

PART_TARGET_S: Final = 0.4
"""Players stay three of them behind: 1.2 s. Shorter parts cost each viewer more requests."""

PART_LEAST: Final = 0.85
"""Of the target: what a part should have at least (RFC 8216bis, section 4.4.4.9)."""

SEGMENT_S: Final = 2.0
"""After this long a keyframe is wanted."""

SEGMENT_LEAST_S: Final = 1.5
"""A keyframe that comes by itself ends a segment from here on."""

SEGMENT_MOST_S: Final = 4.3
"""Where no keyframe comes, a segment begins without one; rounded it is no more than the target."""

TARGET_DURATION_S: Final = 4
"""Longer than segments are, for publishers who send a keyframe every four seconds and no other."""

AHEAD: Final = 5 * AUDIO_RATE // AAC_SAMPLES
"""Sound that is more than five seconds ahead of the picture is not kept."""

_PART: Final = round(PART_TARGET_S * VIDEO_RATE)


class Opened(Struct, frozen=True):
    """What follows needs this initialisation segment."""

    init: bytes


class Part(Struct, frozen=True):
    """
    A fragment; ``duration`` in units of `VIDEO_RATE`, ``at_ms`` the server's time of its picture.

    ``independent``: it begins with a keyframe. ``last``: its segment ends with it.
    """

    data: bytes
    duration: int
    at_ms: int
    independent: bool
    last: bool


class _Picture(Struct, frozen=True):
    at: int
    wall_ms: float
    sample: bytes
    key: bool


class Segmenter:
    """Cuts what one publisher sends."""

    def __init__(self, *, sound: bool) -> None:
        self._sound = sound
        self._number = 0
        self._parameters: Parameters | None = None
        self._pending: _Picture | None = None
        self._pictures: list[tuple[_Picture, int]] = []
        self._sounds: deque[AacFrame] = deque(maxlen=AHEAD)
        self._sound_end = 0
        self._part = self._segment = 0
        self._usual = VIDEO_RATE // 30

    @property
    def wants_key(self) -> bool:
        """Whether the next picture had better be a keyframe."""
        return self._pending is None or self._segment >= SEGMENT_S * VIDEO_RATE

    @property
    def open(self) -> bool:
        """Whether there was a picture to begin with."""
        return self._pending is not None

    def sound(self, frame: AacFrame) -> None:
        """Take a frame of sound; one that is older than the last is left out."""
        while self._sounds and self._sounds[-1].start >= frame.start:
            self._sounds.pop()
        if self._pending is not None and frame.start >= self._sound_end:
            self._sounds.append(frame)

    def picture(self, at: int, unit: Unit, wall_ms: float) -> list[Opened | Part]:
        """
        Take the picture at ``at``, in units of `VIDEO_RATE`, and return what it completes.

        ``wall_ms`` is the server's time of it.
        """
        picture = _Picture(at, wall_ms, length_prefixed(unit.parts), unit.key)
        pending = self._pending
        if pending is None:
            return self._open(picture, unit) if unit.key else []
        gap = at - pending.at
        if gap <= 0:
            return []
        hole = unit.key and gap > _PART
        if hole or (unit.key and unit.parameters != self._parameters):
            return [*self.end(), *self._open(picture, unit)]
        self._add(pending, gap)
        self._pending, self._usual = picture, gap
        longest = self._segment + gap > SEGMENT_MOST_S * VIDEO_RATE
        if (unit.key and self._segment >= SEGMENT_LEAST_S * VIDEO_RATE) or longest:
            return self._cut(last=True)
        if self._part >= PART_LEAST * _PART or self._part + gap > _PART:
            return self._cut(last=False)
        return []

    def end(self) -> list[Opened | Part]:
        """Return what is left; the segment ends with it."""
        if self._pending is None:
            return []
        self._add(self._pending, self._usual)
        self._pending = None
        return self._cut(last=True)

    def _open(self, picture: _Picture, unit: Unit) -> list[Opened | Part]:
        assert unit.parameters is not None
        try:
            begun = init(unit.parameters, sound=self._sound)
        except BadParameters:
            return []
        self._parameters, self._pending = unit.parameters, picture
        self._sound_end = max(self._sound_end, picture.at * AUDIO_RATE // VIDEO_RATE)
        self._sounds.clear()
        return [Opened(begun)]

    def _add(self, picture: _Picture, duration: int) -> None:
        self._pictures.append((picture, duration))
        self._part += duration
        self._segment += duration

    def _cut(self, *, last: bool) -> list[Opened | Part]:
        pictures, self._pictures = self._pictures, []
        first = pictures[0][0]
        samples = [Sample(each.sample, duration, each.key) for each, duration in pictures]
        self._number += 1
        data = fragment(
            self._number, Run(first.at, samples), self._sounds_until(first.at + self._part)
        )
        part = Part(data, self._part, round(first.wall_ms), first.key, last)
        self._part = 0
        if last:
            self._segment = 0
        return [part]

    def _sounds_until(self, end: int) -> Run:
        """Take the sounds that begin before ``end``, as far as they follow one another."""
        start = at = self._sounds[0].start if self._sounds else 0
        samples = []
        while self._sounds and self._sounds[0].start == at:
            if at * VIDEO_RATE >= end * AUDIO_RATE:
                break
            samples.append(Sample(self._sounds.popleft().data, AAC_SAMPLES))
            at += AAC_SAMPLES
        if samples:
            self._sound_end = at
        return Run(start, samples)
