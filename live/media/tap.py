"""
What listens to a publisher's packets as they come in: a packager of HLS, a recorder.

A tap is called on the event loop, in the order of arrival, before the viewers are served: it may
keep the packet (nobody changes one after it was received), and it must not wait or take long.
"""

from typing import Literal, Protocol

from aiortc.rtp import RtpPacket
from msgspec import Struct

Kind = Literal["video", "audio"]


class Track(Struct, frozen=True):
    """
    One published track, as the publisher's offer and our answer agreed on it.

    ``codec`` is ``H264``, ``VP8`` or ``opus``; ``clock_rate`` is in Hz; ``fmtp`` is the format's
    parameters as SDP writes them (RFC 8866, section 6.15), ``""`` if there are none.
    """

    kind: Kind
    codec: str
    clock_rate: int
    payload_type: int
    fmtp: str


class Tap(Protocol):
    """Someone who listens; every call returns at once, and none of them raises."""

    def packet(self, kind: Kind, packet: RtpPacket, arrived_ms: int) -> None:
        """
        Take one media packet, already unwrapped if it came as a retransmission (RFC 4588).

        Packets come as the network brought them: late, twice, or never. ``arrived_ms`` grows and
        has no epoch; only differences mean something.
        """
        ...

    def report(self, kind: Kind, ntp_time: int, rtp_timestamp: int) -> None:
        """Take a sender report: both clocks at one moment (RFC 3550, section 6.4.1)."""
        ...

    def ended(self) -> None:
        """Hear that the publisher is gone; no other call follows."""
        ...


class Source(Protocol):
    """A publisher to listen to; it lasts as long as the publisher's connection."""

    tracks: tuple[Track, ...]

    def attach(self, tap: Tap) -> None:
        """Let ``tap`` hear what comes from now on; a source that has ended says so at once."""
        ...

    def detach(self, tap: Tap) -> None:
        """Tell ``tap`` nothing more; harmless if it was not attached."""
        ...

    def request_keyframe(self) -> None:
        """Ask the publisher for a keyframe; asked often, at most one request per half second."""
        ...
