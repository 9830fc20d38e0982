"""
Ends of viewers, as cheap as can be: what is measured is the server, on a machine of two cores.

`Watcher` takes the place of aiortc's receiver; `Counter` comes before its decryption.
"""

import asyncio
import time
from random import Random
from typing import Any, Final

from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtpPacket,
    unwrap_rtx,
)

from loadtest.bench.video.film import MAGIC

ASK_AGAIN_S: Final = 0.03
"""A browser asks again after a round trip."""

ASK_KEYFRAME_S: Final = 0.6
"""Longer than the half second that must lie between two keyframes."""

_WHOLE: Final = frozenset((5, 7))
"""IDR slices and sequence parameters, which come before one (ITU-T H.264, table 7-1)."""

_STAP_A: Final = 24
_FU_A: Final = 28


def starts_keyframe(payload: bytes) -> bool:
    """Say whether an H264 packet begins a keyframe (RFC 6184)."""
    kind = payload[0] & 31
    if kind == _STAP_A and len(payload) > 3:
        return payload[3] & 31 in _WHOLE
    if kind == _FU_A and len(payload) > 1:
        return bool(payload[1] & 0x80) and payload[1] & 31 in _WHOLE
    return kind in _WHOLE


class Watcher(RTCRtpReceiver):
    """A receiver that decodes nothing, and knows when each picture was whole."""

    loss = 0.0
    counting = False
    chance = Random(5)

    def __init__(self, kind: str, transport: Any) -> None:
        super().__init__(kind, transport)
        self.video = kind == "video"
        self.first_keyframe_at: float | None = None
        self.started = asyncio.Event()
        self._ssrc_of_media = 0
        self.latencies_ms: list[float] = []
        # When each picture was whole, in seconds.
        self.wholes: list[float] = []
        self.lost = self.repaired = 0
        self._next: int | None = None
        self._early: dict[int, RtpPacket] = {}
        self._asked: dict[int, float] = {}
        self._codecs: dict[int, Any] = {}

    def begin(self) -> None:
        """Count from nothing."""
        self.latencies_ms, self.wholes = [], []
        self.lost = self.repaired = 0

    async def receive(self, parameters: Any) -> None:
        """Take packets, instead of decoding them."""
        self._codecs = {each.payloadType: each for each in parameters.codecs}
        self.transport._register_rtp_receiver(self, parameters)

    async def starts(self) -> None:
        """Wait for a keyframe, and ask for one: aiortc may drop what comes with the keys."""
        while not self.started.is_set():
            try:
                async with asyncio.timeout(ASK_KEYFRAME_S):
                    await self.started.wait()
            except TimeoutError:
                pli = RtcpPsfbPacket(RTCP_PSFB_PLI, 1, self._ssrc_of_media)
                await self.transport._send_rtp(bytes(pli))

    async def stop(self) -> None:
        """Take none any more."""
        self.transport._unregister_rtp_receiver(self)

    def _handle_disconnect(self) -> None: ...

    async def _handle_rtp_packet(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        if not self.video:
            return
        codec, now = self._codecs.get(packet.payload_type), time.monotonic()
        if codec is not None and codec.name == "rtx":
            self.repaired += self.counting
            packet = unwrap_rtx(packet, codec.parameters["apt"], self._ssrc_of_media)
        else:
            self._ssrc_of_media = packet.ssrc
        if self.counting and self.chance.random() < self.loss:
            self.lost += 1
            return
        name = codec.name if codec is not None else ""
        # The relay beside us sends VP8, of which the first picture is a keyframe.
        begins = name == "VP8" or (name == "H264" and starts_keyframe(packet.payload))
        if self.first_keyframe_at is None and begins:
            self.first_keyframe_at = now
            self.started.set()
        at = packet.payload.find(MAGIC)
        if self.counting and at >= 0 and packet.sequence_number not in self._asked:
            sent = int(packet.payload[at + 16 : at + 32], 16)
            self.latencies_ms.append((time.monotonic_ns() - sent) / 1e6)
        await self._in_order(packet, now)

    async def _in_order(self, packet: RtpPacket, now: float) -> None:
        number = packet.sequence_number
        if self._next is None:
            self._next = number
        if (number - self._next) & 0xFFFF >= 0x8000:
            return
        self._early[number] = packet
        while (ready := self._early.pop(self._next, None)) is not None:
            self._asked.pop(self._next, None)
            self._next = (self._next + 1) & 0xFFFF
            if ready.marker and self.counting:
                self.wholes.append(now)
        if self._early:
            await self._ask(number, now)

    async def _ask(self, newest: int, now: float) -> None:
        assert self._next is not None
        missing = [
            each & 0xFFFF
            for each in range(self._next, self._next + ((newest - self._next) & 0xFFFF))
            if each & 0xFFFF not in self._early
        ][:64]
        due = [each for each in missing if now - self._asked.get(each, 0.0) > ASK_AGAIN_S]
        if due:
            self._asked |= dict.fromkeys(due, now)
            nack = RtcpRtpfbPacket(RTCP_RTPFB_NACK, 1, self._ssrc_of_media, sorted(due))
            await self.transport._send_rtp(bytes(nack))


class Counter:
    """Takes a viewer's packets as they come from the socket, and only counts them."""

    def __init__(self, receiver: Any) -> None:
        self.packets = 0
        protocol: Any = receiver.transport.transport._connection._nominated[1].protocol
        self._others = protocol.datagram_received
        protocol.datagram_received = self._count

    def _count(self, data: bytes, address: Any) -> None:
        if data[0] < 128:
            self._others(data, address)
        else:
            self.packets += Watcher.counting
