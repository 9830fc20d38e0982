"""
The hot path: one publisher's packets to every viewer, each under the viewer's own numbers.

A packet is decrypted once, stored once, and for each viewer gets twelve bytes of header and its
encryption: 8 to 12 us in all, of which the kernel's ``sendto`` is half. Invariant: to a viewer the
stream never restarts. Whoever publishes, sequence numbers and timestamps go on, and what is sent
after a change begins with a keyframe.
"""

from collections.abc import Callable
from secrets import randbelow
from struct import Struct as Layout
from typing import Final

from aiortc.rtp import (
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    RtpPacket,
)

from live.media.keyframes import KEYFRAME_EVERY_S, starts_keyframe
from live.media.tap import Kind, Track
from rooms.limits import TokenBucket

RING: Final = 1024
"""Packets that can be sent again: three seconds of 2.6 Mbit/s. A power of two."""

REPAIRS_A_SECOND: Final = 500
REPAIRS_AT_ONCE: Final = 250
"""A viewer who loses more than the stream has is not helped by getting it twice."""

_NUMBERS: Final = 1 << 16
_MOMENTS: Final = 1 << 32
_HEADER: Final = Layout("!BBHLL").pack
_ORIGINAL: Final = Layout("!H").pack

Ring = list[RtpPacket | None]


class Lane:
    """One kind of media on its way to one viewer."""

    __slots__ = (
        "_budget",
        "_moment_offset",
        "_next_moment",
        "_next_number",
        "_number_offset",
        "_octets",
        "_packets",
        "_paused_at",
        "_payload_type",
        "_repair_number",
        "_repair_payload_type",
        "_send",
        "_send_control",
        "repair_ssrc",
        "repaired",
        "ssrc",
    )

    def __init__(
        self,
        payload_type: int,
        repair_payload_type: int | None,
        send: Callable[[bytes], None],
        send_control: Callable[[bytes], None],
        now_s: float,
    ) -> None:
        self.ssrc: Final = 1 + randbelow(_MOMENTS // 2)
        self.repair_ssrc: Final = self.ssrc + 1
        # Both in the lower half: a number that wraps before the first packet has arrived leaves
        # the receiver with another rollover counter than ours, and deaf (RFC 3711, section 3.3.1).
        self._next_number = randbelow(_NUMBERS // 2)
        self._repair_number = randbelow(_NUMBERS // 2)
        self._next_moment = randbelow(_MOMENTS)
        self._paused_at: float | None = None
        self._number_offset = 0
        self._moment_offset = 0
        self.repaired = 0
        self._payload_type = payload_type
        self._repair_payload_type = repair_payload_type
        self._send = send
        self._send_control = send_control
        self._budget = TokenBucket(REPAIRS_A_SECOND, REPAIRS_AT_ONCE, now_s)
        self._packets = 0
        self._octets = 0

    def start(self, packet: RtpPacket, clock_rate: int, now_s: float) -> None:
        """Let ``packet`` follow what was sent last: no hole in the numbers, time has passed."""
        passed_s = now_s - self._paused_at if self._paused_at is not None else 0.0
        self._number_offset = self._next_number - packet.sequence_number
        self._moment_offset = (
            self._next_moment + round(passed_s * clock_rate) - packet.timestamp
        ) & 0xFFFFFFFF

    def pause(self, last: RtpPacket, last_at_s: float) -> None:
        """Remember where the stream stands after ``last``."""
        self._next_number = last.sequence_number + 1 + self._number_offset
        self._next_moment = last.timestamp + 1 + self._moment_offset
        self._paused_at = last_at_s

    def forward(self, packet: RtpPacket) -> None:
        """Send a packet."""
        payload = packet.payload
        self._packets += 1
        self._octets += len(payload)
        self._send(
            _HEADER(
                0x80,
                packet.marker << 7 | self._payload_type,
                (packet.sequence_number + self._number_offset) & 0xFFFF,
                (packet.timestamp + self._moment_offset) & 0xFFFFFFFF,
                self.ssrc,
            )
            + payload
        )

    def send_again(self, number: int, ring: Ring, now_s: float) -> None:
        """Send what the viewer knows as ``number`` once more, if it is still there."""
        original = (number - self._number_offset) & 0xFFFF
        packet = ring[original % RING]
        if packet is None or packet.sequence_number != original or self._budget.take(now_s):
            return
        self.repaired += 1
        if self._repair_payload_type is None:
            self.forward(packet)
            return
        self._send(
            _HEADER(
                0x80,
                packet.marker << 7 | self._repair_payload_type,
                self._repair_number,
                (packet.timestamp + self._moment_offset) & 0xFFFFFFFF,
                self.repair_ssrc,
            )
            + _ORIGINAL(number)
            + packet.payload
        )
        self._repair_number = (self._repair_number + 1) & 0xFFFF

    def report(self, ntp_time: int, moment: int) -> None:
        """Tell how the publisher's clock and the timestamps go together (RFC 3550, 6.4.1)."""
        info = RtcpSenderInfo(
            ntp_timestamp=ntp_time,
            rtp_timestamp=(moment + self._moment_offset) & 0xFFFFFFFF,
            packet_count=self._packets & 0xFFFFFFFF,
            octet_count=self._octets & 0xFFFFFFFF,
        )
        name = RtcpSourceInfo(ssrc=self.ssrc, items=[(1, b"liveshop")])
        self._send_control(
            bytes(RtcpSrPacket(ssrc=self.ssrc, sender_info=info))
            + bytes(RtcpSdesPacket(chunks=[name]))
        )


class Feed:
    """One kind of media of a stage, whoever publishes it."""

    def __init__(self, kind: Kind) -> None:
        self.kind: Final = kind
        self.ring: Ring = [None] * RING
        self.forwarded = 0
        self._codec = ""
        self._clock_rate = 90_000
        self._flowing: list[Lane] = []
        # They start with the next keyframe; where every packet is one, at once.
        self._waiting: list[Lane] = []
        self._last: RtpPacket | None = None
        self._last_at = 0.0
        # Where the newest keyframe begins, and when it came.
        self._key: RtpPacket | None = None
        self._key_at = 0.0
        self._reported: tuple[int, int, float] | None = None

    @property
    def lanes(self) -> int:
        """How many viewers there are."""
        return len(self._flowing) + len(self._waiting)

    @property
    def has_waiting(self) -> bool:
        """Whether someone waits for a keyframe."""
        return bool(self._waiting)

    def begin(self, track: Track) -> None:
        """Expect another publication's packets from now on."""
        if self._last is not None:
            for lane in self._flowing:
                lane.pause(self._last, self._last_at)
        self._waiting += self._flowing
        self._flowing = []
        self.ring = [None] * RING
        self._codec, self._clock_rate = track.codec, track.clock_rate
        self._last, self._key, self._reported = None, None, None

    def add(self, lane: Lane, now_s: float) -> None:
        """
        Serve one viewer more.

        Who comes while no other keyframe may be asked for gets the newest one, and what followed
        it: half a second of packets at once, instead of half a second without a picture.
        """
        self._waiting.append(lane)
        if self._key is None or now_s - self._key_at >= KEYFRAME_EVERY_S:
            return
        missed = self._since(self._key)
        if missed:
            self._waiting.remove(lane)
            self._begin(lane, missed[0], now_s)
            for packet in missed:
                lane.forward(packet)
            self._flowing.append(lane)
            self.forwarded += len(missed)

    def _since(self, first: RtpPacket) -> list[RtpPacket]:
        """Return what came from ``first`` on; nothing if a packet of it is missing."""
        assert self._last is not None
        count = ((self._last.sequence_number - first.sequence_number) & 0xFFFF) + 1
        numbers = [(first.sequence_number + ahead) & 0xFFFF for ahead in range(min(count, RING))]
        found = [
            packet
            for number in numbers
            if (packet := self.ring[number % RING]) is not None and packet.sequence_number == number
        ]
        return found if len(found) == count else []

    def remove(self, lane: Lane) -> None:
        """Serve one viewer less; idempotent."""
        for lanes in (self._flowing, self._waiting):
            if lane in lanes:
                lanes.remove(lane)

    def packet(self, packet: RtpPacket, now_s: float) -> None:
        """Forward a packet to everyone who has started, or starts with it."""
        self.ring[packet.sequence_number % RING] = packet
        last = self._last
        if last is None or (packet.sequence_number - last.sequence_number) & 0xFFFF < 0x8000:
            self._last, self._last_at = packet, now_s
        begins = self.kind == "audio"
        if not begins and starts_keyframe(self._codec, packet.payload):
            begins = True
            # Parameters and slices of one picture have one timestamp; it begins with the first.
            if self._key is None or self._key.timestamp != packet.timestamp:
                self._key, self._key_at = packet, now_s
        if begins and self._waiting:
            self._start(packet, now_s)
        for lane in self._flowing:
            lane.forward(packet)
        self.forwarded += len(self._flowing)

    def report(self, ntp_time: int, moment: int, now_s: float) -> None:
        """Pass the publisher's report on."""
        self._reported = (ntp_time, moment, now_s)
        for lane in self._flowing:
            lane.report(ntp_time, moment)

    def _start(self, packet: RtpPacket, now_s: float) -> None:
        for lane in self._waiting:
            self._begin(lane, packet, now_s)
        self._flowing += self._waiting
        self._waiting = []

    def _begin(self, lane: Lane, packet: RtpPacket, now_s: float) -> None:
        lane.start(packet, self._clock_rate, now_s)
        if self._reported is not None:
            self._report_now(lane, now_s)

    def _report_now(self, lane: Lane, now_s: float) -> None:
        """Tell a viewer who just started where the publisher's clock must be by now."""
        assert self._reported is not None
        ntp_time, moment, reported_at = self._reported
        passed_s = now_s - reported_at
        lane.report(
            (ntp_time + int(passed_s * _MOMENTS)) & 0xFFFFFFFF_FFFFFFFF,
            moment + round(passed_s * self._clock_rate),
        )
