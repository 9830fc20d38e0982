"""
The last segments of a show, as players may ask for them.

Invariant: segments are numbered without a hole, and a number is never used again, not even by a
packager that starts anew: it begins at the second of its start, and segments last longer than that.
Memory is bounded: what is listed, and as much again for those who have an older playlist.
"""

from typing import Final

from live.media.hls.fmp4 import VIDEO_RATE
from live.media.hls.segmenter import Opened, Part

LISTED: Final = 8
"""Sixteen seconds: four target durations; a playlist must have three (RFC 8216bis, 6.2.2)."""

KEPT: Final = 2 * LISTED
"""A segment that was unlisted is served for as long as a playlist is (RFC 8216bis, 6.2.2)."""


class Segment:
    """One segment; ``init`` is the number of its initialisation segment."""

    __slots__ = ("discontinuity", "done", "init", "number", "parts")

    def __init__(self, number: int, init: int, *, discontinuity: bool) -> None:
        self.number = number
        self.init = init
        self.discontinuity = discontinuity
        self.parts: list[Part] = []
        self.done = False

    @property
    def duration_s(self) -> float:
        """How long it is by now."""
        return sum(part.duration for part in self.parts) / VIDEO_RATE

    @property
    def at_ms(self) -> int:
        """The server's time of its first picture."""
        return self.parts[0].at_ms


class Shelf:
    """The segments of one show."""

    def __init__(self, first: int) -> None:
        self._next = first
        self._init: int | None = None
        self._inits: dict[int, bytes] = {}
        self._segments: list[Segment] = []
        self._breaks = False
        self.discontinuities = 0
        self.ended = False

    @property
    def listed(self) -> list[Segment]:
        """The segments of the playlist, oldest first; none has no part."""
        return self._segments[-LISTED:]

    @property
    def next(self) -> tuple[int, int]:
        """The segment and the part of it that comes next."""
        if not self._segments or self._segments[-1].done:
            return self._next, 0
        return self._segments[-1].number, len(self._segments[-1].parts)

    def put(self, cut: Opened | Part) -> None:
        """Put up what comes next."""
        if isinstance(cut, Opened):
            self._breaks = self._init is not None
            if self._segments:
                self._segments[-1].done = True
            self._init = self._next
            self._inits[self._next] = cut.init
            return
        assert self._init is not None
        if not self._segments or self._segments[-1].done:
            segment = Segment(self._next, self._init, discontinuity=self._breaks)
            self._breaks = False
            self._next += 1
            self._segments.append(segment)
            self._forget()
        self._segments[-1].parts.append(cut)
        self._segments[-1].done = cut.last

    def end(self) -> None:
        """Say that nothing more comes."""
        if self._segments:
            self._segments[-1].done = True
        self.ended = True

    def has(self, segment: int, part: int) -> bool:
        """
        Whether a playlist of now lists this part, or one behind it.

        A part behind the last of a complete segment is the first of the next one (RFC 8216bis,
        6.2.5.2).
        """
        newest = self._segments[-1] if self._segments else None
        if newest and newest.done and segment == newest.number and part >= len(newest.parts):
            segment, part = segment + 1, 0
        return (segment, part) < self.next

    def init(self, number: int) -> bytes | None:
        """Return an initialisation segment."""
        return self._inits.get(number)

    def segment(self, number: int) -> bytes | None:
        """Return a segment that is complete."""
        found = self._find(number)
        return b"".join(part.data for part in found.parts) if found and found.done else None

    def part(self, number: int, index: int) -> bytes | None:
        """Return a part."""
        found = self._find(number)
        return found.parts[index].data if found and index < len(found.parts) else None

    def _find(self, number: int) -> Segment | None:
        at = number - self._segments[0].number if self._segments else -1
        return self._segments[at] if 0 <= at < len(self._segments) else None

    def _forget(self) -> None:
        unlisted = self._segments[-LISTED - 1 : -LISTED]
        self.discontinuities += sum(segment.discontinuity for segment in unlisted)
        del self._segments[:-KEPT]
        needed = {segment.init for segment in self._segments}
        for number in [number for number in self._inits if number not in needed]:
            del self._inits[number]
