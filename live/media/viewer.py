"""
The sending end of a viewer: its lanes, and what it asks for.
"""

import time
from collections.abc import Callable, Sequence
from typing import Final

from aiortc.rtp import (
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
)

from live.media.forwarding import Feed, Lane
from live.media.peer import Peer
from live.media.sdp import Chosen, Sent
from live.media.tap import Kind

STREAM: Final = "liveshop"
"""The name of the one stream a show has (RFC 8830)."""


class Viewer:
    """One WHEP session."""

    def __init__(
        self,
        peer: Peer,
        chosen: Sequence[Chosen],
        feeds: dict[Kind, Feed],
        request_keyframe: Callable[[], None],
    ) -> None:
        self.peer: Final = peer
        self.codecs: Final = {each.section.kind: each.format.name.lower() for each in chosen}
        self._feeds = feeds
        self._request_keyframe = request_keyframe
        now_s = time.monotonic()
        self._lanes: dict[Kind, Lane] = {
            each.section.kind: Lane(
                each.format.payload_type,
                each.repair.payload_type if each.repair else None,
                peer.send_rtp,
                peer.send_rtcp,
                now_s,
            )
            for each in chosen
        }

    @property
    def sent(self) -> dict[Kind, Sent]:
        """What the answer says about our streams."""
        return {
            kind: Sent(STREAM, lane.ssrc, lane.repair_ssrc) for kind, lane in self._lanes.items()
        }

    @property
    def repaired(self) -> int:
        """How many packets were sent again."""
        return sum(lane.repaired for lane in self._lanes.values())

    def connected(self) -> None:
        """Join the feeds."""
        now_s = time.monotonic()
        for kind, lane in self._lanes.items():
            self._feeds[kind].add(lane, now_s)
        self._request_keyframe()

    def rtp(self, data: bytes) -> None:
        """Nobody listens to a viewer."""

    def rtcp(self, packet: AnyRtcpPacket) -> None:
        """Do what the viewer asks for."""
        match packet:
            case RtcpRtpfbPacket(fmt=fmt, media_ssrc=ssrc, lost=lost) if fmt == RTCP_RTPFB_NACK:
                now_s = time.monotonic()
                for kind, lane in self._lanes.items():
                    if lane.ssrc == ssrc:
                        for number in lost:
                            lane.send_again(number, self._feeds[kind].ring, now_s)
            case RtcpPsfbPacket(fmt=fmt) if fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
                self._request_keyframe()
            case _:
                pass

    def end(self) -> None:
        """Leave the feeds; idempotent."""
        for kind, lane in self._lanes.items():
            self._feeds[kind].remove(lane)
