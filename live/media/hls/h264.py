"""
H264 from RTP (RFC 6184): single NAL units, STAP-A and FU-A, with parameter sets in band.

Invariant: after a hole nothing comes out before the next whole keyframe. A unit whose beginning
may be in the hole is not whole: only an access unit delimiter or an SPS proves a beginning.
"""

from collections.abc import Iterator
from struct import unpack_from
from typing import Final

from aiortc.rtp import RtpPacket

from live.media.hls.units import Parameters, Unit

IDR: Final = 5
SPS: Final = 7
PPS: Final = 8
DELIMITER: Final = 9
FILLER: Final = 12
STAP_A: Final = 24
FU_A: Final = 28

_NO_PICTURE: Final = frozenset({SPS, PPS, DELIMITER, FILLER})
MAX_UNIT_BYTES: Final = 4 * 1024 * 1024
"""A keyframe of 1080p at the highest quality is under 1 MiB; what grows beyond is no picture."""


class Malformed(Exception):
    """A payload is not what RFC 6184 says; it counts as lost."""


class H264:
    """An `Assembler`."""

    def __init__(self) -> None:
        self._sps = self._pps = b""
        self.awaits_key = True
        self._begin(None, whole=False)

    def _begin(self, timestamp: int | None, *, whole: bool) -> None:
        self._timestamp = timestamp
        self._whole = whole
        self._ended = False
        self._nals: list[bytes] = []
        self._fragments: bytearray | None = None
        self._bytes = 0

    def lost(self) -> None:
        """Give up the unit at hand, and every one until a keyframe."""
        self.awaits_key = True
        self._begin(None, whole=False)

    def push(self, packet: RtpPacket) -> list[Unit]:
        """Take the next packet; return the units that it completes."""
        if not packet.payload:
            return []  # Padding, which probes for bandwidth.
        done = []
        if packet.timestamp != self._timestamp:
            # The marker is a hint (RFC 6184, 5.1); a new timestamp is the proof.
            done = self._end()
            certain = self._timestamp is not None or _begins_unit(packet.payload)
            self._begin(packet.timestamp, whole=certain)
        try:
            if self._ended:
                raise Malformed  # More of a picture that was said to be complete.
            for nal in self._nal_units(packet.payload):
                self._take(nal)
        except Malformed:
            self.lost()
            return done
        return done + self._end() if packet.marker else done

    def _nal_units(self, payload: bytes) -> Iterator[bytes]:
        kind = payload[0] & 31
        if 0 < kind < STAP_A:
            yield payload
        elif kind == STAP_A:
            at = 1
            while at < len(payload):
                if at + 2 > len(payload):
                    raise Malformed
                (size,) = unpack_from("!H", payload, at)
                if not 0 < size <= len(payload) - at - 2:
                    raise Malformed
                yield payload[at + 2 : at + 2 + size]
                at += 2 + size
        elif kind == FU_A and len(payload) > 2:
            yield from self._fragment(payload)
        else:
            raise Malformed

    def _fragment(self, payload: bytes) -> Iterator[bytes]:
        header = payload[1]
        if header & 0x80:
            self._fragments = bytearray([payload[0] & 0xE0 | header & 31])
        if self._fragments is None:
            raise Malformed
        self._fragments += payload[2:]
        if header & 0x40:
            whole, self._fragments = bytes(self._fragments), None
            yield whole

    def _take(self, nal: bytes) -> None:
        self._bytes += len(nal)
        if self._bytes > MAX_UNIT_BYTES:
            raise Malformed
        kind = nal[0] & 31
        if kind == SPS:
            self._sps = nal
        elif kind == PPS:
            self._pps = nal
        if kind not in _NO_PICTURE:
            self._nals.append(nal)

    def _end(self) -> list[Unit]:
        if self._timestamp is None or self._ended or not self._nals:
            return []
        self._ended = True
        key = any(nal[0] & 31 == IDR for nal in self._nals)
        whole = self._whole and self._fragments is None and self._sps and self._pps
        if not whole or (self.awaits_key and not key):
            self.awaits_key = True
            return []
        self.awaits_key = False
        return [Unit(self._timestamp, key, tuple(self._nals), Parameters(self._sps, self._pps))]


def _begins_unit(payload: bytes) -> bool:
    """Whether a packet is the first of its unit for certain."""
    kind = payload[0] & 31
    if kind == STAP_A and len(payload) > 3:
        kind = payload[3] & 31
    return kind in (DELIMITER, SPS)
