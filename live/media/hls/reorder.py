"""
The order of a track's packets, restored: the network brings them late, twice, or never.

Invariant: what comes out is in the order of the sequence numbers, each packet once, and every hole
is told as `Lost` before the packet that follows it. Nothing here reads a clock.
"""

from typing import Final

from aiortc.rtp import RtpPacket
from msgspec import Struct

PATIENCE_MS: Final = 250
"""A hole is waited for this long: two retransmissions over a phone's 100 ms."""

LIMIT: Final = 512
"""Packets kept behind a hole: more than `PATIENCE_MS` of 8 Mbit/s."""

STRANGE: Final = 3000
"""A jump this wide is a publisher that began anew (RFC 3550, appendix A.1: MAX_DROPOUT)."""


class Unwrap:
    """A counter of so many bits, continued where it wraps."""

    def __init__(self, bits: int) -> None:
        self._half: Final = 1 << (bits - 1)
        self._mask: Final = (1 << bits) - 1
        self._last: int | None = None

    def near(self, value: int) -> int:
        """Return the continued value that is nearest to the last one; remember nothing."""
        if self._last is None:
            return value
        step = (value - self._last + self._half & self._mask) - self._half
        return self._last + step

    def __call__(self, value: int) -> int:
        """Return the continued value, and go on from it."""
        self._last = self.near(value)
        return self._last


class Lost(Struct, frozen=True):
    """Packets that are missing here, and will not be waited for any more."""


class Reorder:
    """The packets of one track, waiting for those before them."""

    def __init__(self, *, patience_ms: int = PATIENCE_MS, limit: int = LIMIT) -> None:
        self._patience_ms = patience_ms
        self._limit = limit
        self._unwrap = Unwrap(16)
        self._waiting: dict[int, tuple[RtpPacket, int]] = {}
        self._next: int | None = None

    def push(self, packet: RtpPacket, now_ms: int) -> list[RtpPacket | Lost]:
        """Take a packet, and return what is in order by now."""
        number = self._unwrap.near(packet.sequence_number)
        if self._next is None:
            self._next = number
        out: list[RtpPacket | Lost] = []
        if abs(number - self._next) > STRANGE:
            out = [*self._all(), Lost()]
            self._next = number
        if number < self._next:
            return out
        self._unwrap(packet.sequence_number)
        self._waiting.setdefault(number, (packet, now_ms))
        out += self._ready()
        while len(self._waiting) > self._limit:
            out += self._give_up()
        return out + self.overdue(now_ms)

    def overdue(self, now_ms: int) -> list[RtpPacket | Lost]:
        """Give up holes that were waited for long enough, and return what stood behind them."""
        out: list[RtpPacket | Lost] = []
        while self._waiting:
            _packet, came_ms = self._waiting[min(self._waiting)]
            if now_ms - came_ms < self._patience_ms:
                break
            out += self._give_up()
        return out

    def _give_up(self) -> list[RtpPacket | Lost]:
        self._next = min(self._waiting)
        return [Lost(), *self._ready()]

    def _all(self) -> list[RtpPacket | Lost]:
        out: list[RtpPacket | Lost] = []
        while self._waiting:
            out += self._give_up()
        return out

    def _ready(self) -> list[RtpPacket | Lost]:
        out: list[RtpPacket | Lost] = []
        while self._next is not None and self._next in self._waiting:
            out.append(self._waiting.pop(self._next)[0])
            self._next += 1
        return out
