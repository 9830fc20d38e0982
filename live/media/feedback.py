"""
What a publisher is told about its packets: which arrived when, and which should come again.

Pure: moments are handed in. Transport-wide feedback lets a browser send at full quality within a
second (draft-holmer-rmcat-transport-wide-cc-extensions-01); without, it would grow for half a
minute. Invariant: both books are bounded however the packets come.
"""

from struct import Struct as Layout
from typing import Final

TICK_US: Final = 250
"""The unit of an arrival's delta."""

REFERENCE_TICKS: Final = 256
"""The unit of the reference time: 64 ms."""

REPORTED_MOST: Final = 1024
"""Packets a report speaks of at most: 50 ms at 200 Mbit/s."""

MISSING_MOST: Final = 256
"""Packets waited for at once. Who loses more has lost everything, and needs a keyframe."""

ASK_AGAIN_S: Final = 0.1
"""A round trip within a continent: what was sent again is here by then, or was lost again."""

ASKS: Final = 5
"""After half a second the picture has been frozen longer than a keyframe would take."""

_HALF: Final = 1 << 15
_RTPFB: Final = 205
_TRANSPORT_CC: Final = 15
_HEADER: Final = Layout("!BBHLL")
_BASE: Final = Layout("!HH")
_CHUNK: Final = Layout("!H")
_WIDE: Final = Layout("!h")


class Unwrapped:
    """Counts 16-bit numbers on: 65,535 is followed by 65,536."""

    def __init__(self) -> None:
        self.latest: int | None = None

    def __call__(self, number: int) -> int:
        """Return ``number`` as near to the latest one as it can be."""
        if self.latest is None:
            self.latest = number
            return number
        ahead = (number - self.latest) & 0xFFFF
        at = self.latest + (ahead if ahead < _HALF else ahead - 0x10000)
        self.latest = max(self.latest, at)
        return at


class Arrivals:
    """The packets that arrived since the last report, by transport-wide number."""

    def __init__(self) -> None:
        self._count_on = Unwrapped()
        self._arrived: dict[int, int] = {}
        self._next: int | None = None
        self._reports = 0

    def add(self, number: int, now_us: int) -> None:
        """Note an arrival; one that was reported already is not reported again."""
        at = self._count_on(number)
        if self._next is None:
            self._next = at
        if self._next <= at < self._next + REPORTED_MOST:
            self._arrived.setdefault(at, now_us // TICK_US)
        elif at >= self._next + REPORTED_MOST:
            # A leap: what is between was never sent, or is lost beyond telling.
            self._next, self._arrived = at, {at: now_us // TICK_US}

    def report(self, sender: int, media: int) -> bytes | None:
        """Return the RTCP packet for what arrived since the last one, or None if nothing did."""
        if not self._arrived or self._next is None:
            return None
        base, last = self._next, max(self._arrived)
        reference = self._arrived[min(self._arrived)] // REFERENCE_TICKS
        at = reference * REFERENCE_TICKS
        symbols, deltas = [], bytearray()
        for number in range(base, last + 1):
            arrived = self._arrived.get(number)
            if arrived is None:
                symbols.append(0)
                continue
            delta, at = arrived - at, arrived
            if 0 <= delta <= 0xFF:
                symbols.append(1)
                deltas.append(delta)
            else:
                symbols.append(2)
                deltas += _WIDE.pack(max(-_HALF, min(_HALF - 1, delta)))
        body = bytearray(_BASE.pack(base & 0xFFFF, len(symbols)))
        body += (reference & 0xFFFFFF).to_bytes(3, "big") + bytes([self._reports & 0xFF])
        for first in range(0, len(symbols), 7):
            # A status vector of two-bit symbols: the first one in the highest bits.
            chunk = 0xC000
            for place, symbol in enumerate(symbols[first : first + 7]):
                chunk |= symbol << (12 - 2 * place)
            body += _CHUNK.pack(chunk)
        body += deltas
        padding = -len(body) % 4
        if padding:
            body += bytes(padding - 1) + bytes([padding])
        self._reports += 1
        self._next, self._arrived = last + 1, {}
        first_byte = 0x80 | (0x20 if padding else 0) | _TRANSPORT_CC
        return _HEADER.pack(first_byte, _RTPFB, 2 + len(body) // 4, sender, media) + body


class Gaps:
    """The sequence numbers that are missing, and when each was asked for last."""

    def __init__(self) -> None:
        self._count_on = Unwrapped()
        self._missing: dict[int, tuple[int, float]] = {}

    def add(self, number: int, now_s: float) -> list[int]:
        """Note a packet, and return the numbers that its arrival shows to be missing."""
        before = self._count_on.latest
        at = self._count_on(number)
        self._missing.pop(at, None)
        if before is None or at <= before + 1:
            return []
        new = range(max(before + 1, at - MISSING_MOST), at)
        for each in new:
            self._missing[each] = (1, now_s)
        while len(self._missing) > MISSING_MOST:
            del self._missing[next(iter(self._missing))]
        return [each & 0xFFFF for each in new]

    def due(self, now_s: float) -> tuple[list[int], bool]:
        """Return what to ask for again, and whether some were given up: then ask for a keyframe."""
        again, given_up = [], False
        for number, (asks, asked_at) in list(self._missing.items()):
            if now_s - asked_at < ASK_AGAIN_S:
                continue
            if asks == ASKS:
                del self._missing[number]
                given_up = True
            else:
                self._missing[number] = (asks + 1, now_s)
                again.append(number & 0xFFFF)
        return again, given_up
