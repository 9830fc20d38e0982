"""
The receiving end of a publisher: order in its packets, and what it must be told about them.

Packets that came twice are dropped here, so nobody behind has to care. Invariant: a request for a
keyframe is never lost, only put off to the end of the half second that must lie between two.
"""

import asyncio
import struct
import time
from collections.abc import Callable, Sequence
from secrets import randbits
from typing import Final

import structlog
from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    HeaderExtensionsMap,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
    unwrap_rtx,
)

from live.media.feedback import Arrivals, Gaps
from live.media.forwarding import RING, Feed
from live.media.keyframes import KEYFRAME_EVERY_S
from live.media.peer import Peer
from live.media.sdp import TRANSPORT_CC, Chosen, profile_of
from live.media.tap import Kind, Tap, Track

FEEDBACK_S: Final = 0.05
"""A browser's own receivers report as often."""

REPORT_S: Final = 1.0
"""Receiver reports, from which the publisher learns its round trip (RFC 3550, section 6.2)."""

log = structlog.get_logger()


class Publisher:
    """A `tap.Source`: what one peer publishes, forwarded to feeds and told to taps."""

    def __init__(
        self,
        peer: Peer,
        chosen: Sequence[Chosen],
        feeds: dict[Kind, Feed],
        arrived: Callable[[], None],
    ) -> None:
        self.tracks = tuple(track_of(each) for each in chosen)
        self.profile: Final = next(
            (profile_of(each.format) for each in chosen if each.section.kind == "video"), ""
        )
        self.peer: Final = peer
        self.live = False
        self.ended = False
        self._feeds = feeds
        self._arrived = arrived
        self._taps: list[Tap] = []
        self._ssrc = 1 + randbits(31)
        self._incoming: dict[int, _Incoming] = {}
        self._repairs: dict[int, _Incoming] = {}
        self._extensions = HeaderExtensionsMap()
        self._arrivals = Arrivals()
        for each, track in zip(chosen, self.tracks, strict=True):
            incoming = _Incoming(track)
            self._incoming[track.payload_type] = incoming
            if each.repair is not None:
                self._repairs[each.repair.payload_type] = incoming
            if number := each.section.extensions.get(TRANSPORT_CC):
                wanted = RTCRtpHeaderExtensionParameters(id=number, uri=TRANSPORT_CC)
                self._extensions.configure(RTCRtpParameters(headerExtensions=[wanted]))
        self._asked_at = float("-inf")
        self._ask_later: asyncio.TimerHandle | None = None

    # -- What a tap may do ------------------------------------------------------------------------

    def attach(self, tap: Tap) -> None:
        """Let ``tap`` hear what comes from now on; see `live.media.tap.Source`."""
        if self.ended:
            tap.ended()
        elif tap not in self._taps:
            self._taps.append(tap)

    def detach(self, tap: Tap) -> None:
        """Tell ``tap`` nothing more; idempotent."""
        if tap in self._taps:
            self._taps.remove(tap)

    def request_keyframe(self) -> None:
        """Ask for a keyframe, now or as soon as it may be asked for again."""
        if self._ask_later is not None or self.ended:
            return
        wait_s = self._asked_at + KEYFRAME_EVERY_S - time.monotonic()
        if wait_s <= 0:
            self._ask()
        else:
            self._ask_later = asyncio.get_running_loop().call_later(wait_s, self._ask)

    def _ask(self) -> None:
        self._ask_later = None
        for incoming in self._incoming.values():
            if incoming.track.kind == "video" and incoming.ssrc is not None:
                self._asked_at = time.monotonic()
                pli = RtcpPsfbPacket(RTCP_PSFB_PLI, self._ssrc, incoming.ssrc)
                self.peer.send_rtcp(bytes(pli))

    # -- What the connection brings ---------------------------------------------------------------

    def connected(self) -> None:
        """Nothing to do: a publisher is live with its first packet."""

    def rtp(self, data: bytes) -> None:
        """Take a decrypted packet."""
        now_s = time.monotonic()
        try:
            packet = RtpPacket.parse(data, self._extensions)
        except (ValueError, struct.error):
            return
        if (number := packet.extensions.transport_sequence_number) is not None:
            self._arrivals.add(number, int(now_s * 1e6))
        incoming = self._incoming.get(packet.payload_type)
        if incoming is None:
            incoming = self._repairs.get(packet.payload_type)
            # Shorter ones are padding that probes the path.
            if incoming is None or incoming.ssrc is None or len(packet.payload) < 3:
                return
            packet = unwrap_rtx(packet, incoming.track.payload_type, incoming.ssrc)
        elif packet.ssrc != incoming.ssrc:
            self._begin(incoming, packet.ssrc)
        if not packet.payload or not incoming.is_new(packet):
            return
        self._take(incoming, packet, now_s)

    def _begin(self, incoming: "_Incoming", ssrc: int) -> None:
        incoming.begin(ssrc)
        self._feeds[incoming.track.kind].begin(incoming.track)
        if not self.live:
            self.live = True
            self._arrived()
        if self._feeds[incoming.track.kind].has_waiting and incoming.track.kind == "video":
            self.request_keyframe()

    def _take(self, incoming: "_Incoming", packet: RtpPacket, now_s: float) -> None:
        if self.ended:
            return
        kind = incoming.track.kind
        incoming.statistics.add(packet)
        if kind == "video" and (lost := incoming.gaps.add(packet.sequence_number, now_s)):
            self._ask_for(incoming, lost)
        for tap in tuple(self._taps):
            tap.packet(kind, packet, int(now_s * 1000))
        self._feeds[kind].packet(packet, now_s)

    def rtcp(self, packet: AnyRtcpPacket) -> None:
        """Take the publisher's reports."""
        if not isinstance(packet, RtcpSrPacket):
            return
        for incoming in self._incoming.values():
            if incoming.ssrc == packet.ssrc:
                now_s = time.monotonic()
                ntp_time = packet.sender_info.ntp_timestamp
                moment = packet.sender_info.rtp_timestamp
                incoming.reported = (ntp_time >> 16 & 0xFFFFFFFF, now_s)
                for tap in tuple(self._taps):
                    tap.report(incoming.track.kind, ntp_time, moment)
                self._feeds[incoming.track.kind].report(ntp_time, moment, now_s)

    # -- What the publisher is told ---------------------------------------------------------------

    async def tell(self) -> None:
        """Send feedback until cancelled."""
        report_at = time.monotonic() + REPORT_S
        while True:
            await asyncio.sleep(FEEDBACK_S)
            now_s = time.monotonic()
            media = next((each.ssrc for each in self._incoming.values() if each.ssrc), 0)
            if (report := self._arrivals.report(self._ssrc, media)) is not None:
                self.peer.send_rtcp(report)
            for incoming in self._incoming.values():
                again, given_up = incoming.gaps.due(now_s)
                if again:
                    self._ask_for(incoming, again)
                if given_up:
                    self.request_keyframe()
            if now_s >= report_at:
                report_at = now_s + REPORT_S
                self._report(now_s)

    def _ask_for(self, incoming: "_Incoming", numbers: list[int]) -> None:
        assert incoming.ssrc is not None
        # Sorted, because the packet's bitmask only looks ahead; they may wrap.
        nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, self._ssrc, incoming.ssrc, sorted(numbers))
        self.peer.send_rtcp(bytes(nack))

    def _report(self, now_s: float) -> None:
        reports = [
            RtcpReceiverInfo(
                ssrc=each.ssrc,
                fraction_lost=each.statistics.fraction_lost,
                packets_lost=each.statistics.packets_lost,
                highest_sequence=each.highest & 0xFFFFFFFF,
                jitter=each.statistics.jitter,
                lsr=each.reported[0] if each.reported else 0,
                dlsr=int((now_s - each.reported[1]) * 65_536) if each.reported else 0,
            )
            for each in self._incoming.values()
            if each.ssrc is not None and each.statistics.packets_received
        ]
        if reports:
            self.peer.send_rtcp(bytes(RtcpRrPacket(ssrc=self._ssrc, reports=reports)))

    def end(self) -> None:
        """Tell the taps that nothing follows; idempotent."""
        self.ended = True
        if self._ask_later is not None:
            self._ask_later.cancel()
            self._ask_later = None
        for tap in self._taps:
            tap.ended()
        self._taps = []


class _Incoming:
    """The state of one published track."""

    def __init__(self, track: Track) -> None:
        self.track: Final = track
        self.ssrc: int | None = None
        self.begin(0)
        self.ssrc = None

    def begin(self, ssrc: int) -> None:
        """Expect another stream's numbers."""
        self.ssrc = ssrc
        self.gaps = Gaps()
        self.statistics = StreamStatistics(self.track.clock_rate)
        self.reported: tuple[int, float] | None = None
        self._seen: list[int | None] = [None] * RING

    @property
    def highest(self) -> int:
        """The highest number so far, with the wraps before it (RFC 3550, section 6.4.1)."""
        return self.statistics.cycles + (self.statistics.max_seq or 0)

    def is_new(self, packet: RtpPacket) -> bool:
        """Say whether the packet comes for the first time."""
        place = packet.sequence_number % RING
        if self._seen[place] == packet.sequence_number:
            return False
        self._seen[place] = packet.sequence_number
        return True


def track_of(chosen: Chosen) -> Track:
    """Return what was agreed on as a tap sees it."""
    found = chosen.format
    codec = {"h264": "H264", "vp8": "VP8", "opus": "opus"}[found.name.lower()]
    return Track(chosen.section.kind, codec, found.clock_rate, found.payload_type, found.fmtp)
