"""
VP8 from RTP (RFC 7741): one frame a timestamp, its first partition marked by the S bit.

Invariant: after a hole nothing comes out before the next whole keyframe.
"""

from typing import Final

from aiortc.rtp import RtpPacket

from live.media.hls.units import Unit

MAX_FRAME_BYTES: Final = 4 * 1024 * 1024
"""See `live.media.hls.h264`."""


class VP8:
    """An `Assembler`."""

    def __init__(self) -> None:
        self.awaits_key = True
        self._timestamp: int | None = None
        self._frame: bytearray | None = None

    def lost(self) -> None:
        """Give up the frame at hand, and every one until a keyframe."""
        self.awaits_key = True
        self._timestamp = self._frame = None

    def push(self, packet: RtpPacket) -> list[Unit]:
        """Take the next packet; return the frame that it completes."""
        if not packet.payload:
            return []
        begins, at = _descriptor(packet.payload)
        done = self._end() if packet.timestamp != self._timestamp else []
        if begins and packet.timestamp != self._timestamp:
            self._timestamp, self._frame = packet.timestamp, bytearray()
        if self._frame is None or at >= len(packet.payload):
            self.lost()
            return done
        self._frame += packet.payload[at:]
        if len(self._frame) > MAX_FRAME_BYTES:
            self.lost()
            return done
        return done + self._end() if packet.marker else done

    def _end(self) -> list[Unit]:
        timestamp, frame = self._timestamp, self._frame
        self._frame = None
        if timestamp is None or not frame:
            return []
        key = frame[0] & 1 == 0  # RFC 6386, 9.1: the inverse key frame flag
        if self.awaits_key and not key:
            return []
        self.awaits_key = False
        return [Unit(timestamp, key, (bytes(frame),))]


def _descriptor(payload: bytes) -> tuple[bool, int]:
    """Return whether a frame begins here, and where its bytes begin (RFC 7741, 4.2)."""
    first, at = payload[0], 1
    begins = bool(first & 0x10) and first & 0x07 == 0
    if first & 0x80 and len(payload) > 1:
        extension, at = payload[1], 2
        if extension & 0x80 and len(payload) > 2:  # picture id, of 7 or of 15 bits
            at += 2 if payload[2] & 0x80 else 1
        if extension & 0x40:  # TL0PICIDX
            at += 1
        if extension & 0x30:  # TID, Y, KEYIDX
            at += 1
    return begins, at
