"""
Where a picture begins that needs no other: the only place where a viewer can start.
"""

from typing import Final

_IDR: Final = 5
_SPS: Final = 7
KEYFRAME_EVERY_S: Final = 0.5
"""A keyframe is worth ten frames: viewers who keep asking must not turn the stream into them."""

_STAP_A: Final = 24
_FU_A: Final = 28


def starts_keyframe(codec: str, payload: bytes) -> bool:
    """Say whether a keyframe begins in this RTP payload (H264: RFC 6184, VP8: RFC 7741)."""
    match codec:
        case "H264":
            return _h264(payload)
        case "VP8":
            return _vp8(payload)
        case _:
            return False


def _h264(payload: bytes) -> bool:
    if not payload:
        return False
    unit = payload[0] & 0x1F
    if unit == _STAP_A:
        at = 1
        while at + 2 < len(payload):
            if payload[at + 2] & 0x1F in (_IDR, _SPS):
                return True
            at += 2 + int.from_bytes(payload[at : at + 2], "big")
        return False
    if unit == _FU_A:
        return len(payload) > 1 and payload[1] & 0x80 != 0 and payload[1] & 0x1F in (_IDR, _SPS)
    return unit in (_IDR, _SPS)


def _vp8(payload: bytes) -> bool:
    # Only the first packet of the first partition (S = 1, PID = 0) has the frame's header.
    if not payload or not payload[0] & 0x10 or payload[0] & 0x07:
        return False
    at = 1
    if payload[0] & 0x80:
        if len(payload) < 2:
            return False
        present = payload[1]
        at = 2
        if present & 0x80 and len(payload) > at:
            at += 2 if payload[at] & 0x80 else 1
        at += bool(present & 0x40) + bool(present & 0x30)
    return at < len(payload) and not payload[at] & 0x01
