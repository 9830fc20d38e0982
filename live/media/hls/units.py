"""
What a track consists of once its packets are put together: pictures and pieces of sound.

An assembler gets packets in order and is told of every hole. Invariant: a `Unit` that comes out is
whole, and a picture that is no keyframe follows the picture it was made from.
"""

from typing import Protocol

from aiortc.rtp import RtpPacket
from msgspec import Struct


class Parameters(Struct, frozen=True):
    """What a decoder of H264 must know before the first picture (ITU-T H.264, 7.3.2.1 and .2)."""

    sps: bytes
    pps: bytes


class Unit(Struct, frozen=True):
    """
    One picture or piece of sound at one timestamp of its track (RTP's, as it was sent).

    ``parts`` are H264's NAL units without start codes and without parameter sets; of VP8 and Opus
    there is one. ``parameters`` stand with every H264 picture.
    """

    timestamp: int
    key: bool
    parts: tuple[bytes, ...]
    parameters: Parameters | None = None


class Assembler(Protocol):
    """Puts one track's packets together."""

    awaits_key: bool
    """Whether nothing comes out before the next keyframe."""

    def push(self, packet: RtpPacket) -> list[Unit]:
        """Take the next packet; return the units that it completes."""
        ...

    def lost(self) -> None:
        """Hear that packets are missing here."""
        ...
