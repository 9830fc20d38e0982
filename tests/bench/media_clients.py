"""
Those who publish and watch while a media server is measured; each side in a process of its own.

``python -m tests.bench.media_clients publish|watch URL TOKEN [VIEWERS] [LOSS]``. The publisher puts
the moment of sending into each picture, in an SEI that decoders ignore; viewers read it again.
"""

import asyncio
import fractions
import statistics
import sys
import time
from random import Random
from typing import Any

import aioice.ice
import av
import httpx
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, rtcpeerconnection
from aiortc.rtcrtpreceiver import RTCRtpReceiver
from aiortc.rtp import (
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    RtcpPsfbPacket,
    RtcpRtpfbPacket,
    RtpPacket,
    unwrap_rtx,
)

from live.media.keyframes import starts_keyframe
from loadtest.whip import Refused, call
from tests.bench.media_server import SHOW, loopback, say

FPS, WIDTH, HEIGHT, BITRATE = 30, 1280, 720, 2_600_000
MAGIC = b"liveshop-bench-1"
FREEZE_S = 0.2
ASK_AGAIN_S = 0.03
"""A browser asks again after a round trip."""

LOOKING, APART_S = 4, 0.6


def pictures() -> list[Any]:
    """Return two seconds of a moving test picture."""
    graph = av.filter.Graph()
    source = graph.add("testsrc2", f"size={WIDTH}x{HEIGHT}:rate={FPS}")
    noise = graph.add("noise", "alls=9:allf=t")
    shape = graph.add("format", "yuv420p")
    sink = graph.add("buffersink")
    for before, after in ((source, noise), (noise, shape), (shape, sink)):
        before.link_to(after)
    graph.configure()
    return [graph.pull() for _ in range(2 * FPS)]


class Video(MediaStreamTrack):
    """720p at thirty pictures a second, encoded as they are needed."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._pictures = pictures()
        self._began = time.monotonic()
        self._number = 0
        self.keyframe_wanted = True
        self._encoder: Any = av.CodecContext.create("libx264", "w")
        self._encoder.width, self._encoder.height = WIDTH, HEIGHT
        self._encoder.pix_fmt, self._encoder.bit_rate = "yuv420p", BITRATE
        self._encoder.framerate = fractions.Fraction(FPS, 1)
        self._encoder.time_base = fractions.Fraction(1, FPS)
        self._encoder.gop_size = 10 * FPS
        self._encoder.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "maxrate": str(BITRATE),
            "bufsize": str(BITRATE // 4),
        }

    async def recv(self) -> Any:
        await asyncio.sleep(max(0.0, self._began + self._number / FPS - time.monotonic()))
        frame = self._pictures[self._number % len(self._pictures)]
        frame.pts, frame.time_base = self._number, self._encoder.time_base
        wanted, self.keyframe_wanted = self.keyframe_wanted, False
        kind = av.video.frame.PictureType
        frame.pict_type = kind.I if wanted else kind.NONE
        self._number += 1
        data = b"".join(bytes(each) for each in self._encoder.encode(frame))
        # An SEI of user data (ITU-T H.264, D.1.7), with the moment in hexadecimal: no zeros in it.
        stamp = MAGIC + b"%016x" % time.monotonic_ns()
        packet: Any = av.Packet(b"\x00\x00\x01\x06\x05%c%b\x80" % (len(stamp), stamp) + data)
        packet.pts, packet.time_base = frame.pts, frame.time_base
        return packet


class Sound(MediaStreamTrack):
    """Silence, which Opus sends all the same: fifty packets a second."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()
        self._number = 0
        self._noise = Random(1).randbytes(1920)

    async def recv(self) -> Any:
        await asyncio.sleep(max(0.0, self._began + self._number / 50 - time.monotonic()))
        frame: Any = av.AudioFrame("s16", "mono", 960)
        frame.planes[0].update(self._noise)
        frame.sample_rate, frame.time_base = 48_000, fractions.Fraction(1, 48_000)
        frame.pts = self._number * 960
        self._number += 1
        return frame


async def publish(url: str, token: str) -> None:
    """Publish until the input ends."""
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    video = Video()
    connection.addTrack(Sound())
    sender: Any = connection.addTrack(video)

    def want() -> None:
        video.keyframe_wanted = True

    sender._send_keyframe = want
    for each in connection.getTransceivers():
        each.direction = "sendonly"
        if each.kind == "video":
            able: Any = RTCRtpReceiver.getCapabilities("video")
            each.setCodecPreferences([c for c in able.codecs if c.name in ("H264", "rtx")])
    async with httpx.AsyncClient() as http:
        await call(http, f"{url}/whip/{SHOW}", connection, token or None)
    say(publishing=True)
    await asyncio.to_thread(sys.stdin.readline)
    await connection.close()


class Watcher(RTCRtpReceiver):
    """A receiver that decodes nothing, and knows when each picture was whole."""

    loss, counting = 0.0, False
    chance = Random(5)

    def __init__(self, kind: str, transport: Any) -> None:
        super().__init__(kind, transport)
        self.video = kind == "video"
        self.first_keyframe_at: float | None = None
        self.started = asyncio.Event()
        self._ssrc_of_media = 0
        self.latencies_ms: list[float] = []
        self.wholes: list[float] = []
        self.lost = self.repaired = 0
        self._next: int | None = None
        self._early: dict[int, RtpPacket] = {}
        self._asked: dict[int, float] = {}
        self._codecs: dict[int, Any] = {}

    async def receive(self, parameters: Any) -> None:
        self._codecs = {each.payloadType: each for each in parameters.codecs}
        self.transport._register_rtp_receiver(self, parameters)

    async def starts(self) -> None:
        """Wait for a keyframe, and ask for one: aiortc may drop what comes with the keys."""
        while not self.started.is_set():
            try:
                async with asyncio.timeout(0.6):
                    await self.started.wait()
            except TimeoutError:
                pli = RtcpPsfbPacket(RTCP_PSFB_PLI, 1, self._ssrc_of_media)
                await self.transport._send_rtp(bytes(pli))

    async def stop(self) -> None:
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
        if self.first_keyframe_at is None and starts_keyframe(name, packet.payload):
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


async def joined(http: httpx.AsyncClient, url: str) -> tuple[float, RTCPeerConnection, Any]:
    """Call, as soon as somebody is on air; return when that was."""
    while True:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        for kind in ("audio", "video"):
            connection.addTransceiver(kind, direction="recvonly")
        began = time.monotonic()
        try:
            await call(http, f"{url}/whep/{SHOW}", connection)
        except Refused as refused:
            if refused.status != 409:
                raise
            await connection.close()
            await asyncio.sleep(0.1)
        else:
            return began, connection, connection.getReceivers()[1]


async def watch(url: str, viewers: int, loss: float) -> None:
    """Watch with many; a line of input begins the count, the next one ends it."""
    patched: Any = rtcpeerconnection
    patched.RTCRtpReceiver = Watcher
    connections: list[RTCPeerConnection] = []
    receivers: list[Any] = []
    first_ms: list[float] = []
    counters: list[Counter] = []
    async with httpx.AsyncClient() as http:
        # Some come one by one, each later than the keyframe of the one before, and look at
        # everything; the others only count, so that it is the server that is measured.
        for _ in range(min(viewers, LOOKING)):
            began, connection, receiver = await joined(http, url)
            await receiver.starts()
            connections.append(connection)
            receivers.append(receiver)
            first_ms.append((receiver.first_keyframe_at - began) * 1000)
            await asyncio.sleep(APART_S)

        async def count() -> None:
            _, connection, receiver = await joined(http, url)
            connections.append(connection)
            await receiver.starts()
            counters.append(Counter(receiver))

        await asyncio.gather(*(count() for _ in range(viewers - len(receivers))))
    say(watching=viewers)
    await asyncio.to_thread(sys.stdin.readline)
    Watcher.counting, Watcher.loss = True, loss
    began = time.monotonic()
    await asyncio.to_thread(sys.stdin.readline)
    seconds = time.monotonic() - began
    Watcher.counting = False
    latencies = sorted(each for receiver in receivers for each in receiver.latencies_ms)
    gaps = [
        after - before
        for receiver in receivers
        for before, after in zip(receiver.wholes, receiver.wholes[1:], strict=False)
    ]
    say(
        fps=statistics.mean(len(each.wholes) for each in receivers) / seconds,
        p50_ms=latencies[len(latencies) // 2] if latencies else None,
        p95_ms=latencies[len(latencies) * 95 // 100] if latencies else None,
        first_p50_ms=statistics.median(first_ms),
        first_max_ms=max(first_ms),
        counted=statistics.mean(each.packets for each in counters) / seconds if counters else None,
        lost=sum(each.lost for each in receivers),
        repaired=sum(each.repaired for each in receivers),
        freezes=sum(gap > FREEZE_S for gap in gaps),
        longest_gap_ms=max(gaps, default=0.0) * 1000,
    )
    await asyncio.gather(*(each.close() for each in connections))


if __name__ == "__main__":
    aioice.ice.get_host_addresses = loopback
    _, side, url, token, *rest = sys.argv
    if side == "publish":
        asyncio.run(publish(url, token))
    else:
        asyncio.run(watch(url, int(rest[0]), float(rest[1])))
