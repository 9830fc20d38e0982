"""
Someone who publishes and someone who watches: aiortc as a client of its own, over real UDP.

They meet the server on the loopback address, so a machine without a network will do.
"""

import asyncio
import fractions
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import av
import httpx
from aiortc import (
    AudioStreamTrack,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCSessionDescription,
    VideoStreamTrack,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket

SDP = {"content-type": "application/sdp"}

PATIENCE_S = 10.0
"""What a test waits for at most; all of it happens within a second."""

NOBODY_ELSE = RTCConfiguration(iceServers=[])


class Picture(VideoStreamTrack):
    """A small picture thirty times a second; its brightness is a parameter, to tell two apart."""

    def __init__(self, brightness: int = 128) -> None:
        super().__init__()
        self._brightness = brightness

    async def recv(self) -> av.VideoFrame:
        pts, time_base = await self.next_timestamp()
        frame = av.VideoFrame(160, 120, "yuv420p")
        for plane, value in zip(frame.planes, (self._brightness, 128, 128), strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = pts, fractions.Fraction(time_base)
        return frame


def brightness(frame: av.VideoFrame) -> int:
    """Return how bright the middle of a picture is."""
    luma = frame.planes[0]
    return memoryview(luma)[60 * luma.line_size + 80]


class Client:
    """One peer connection, and where its session is."""

    def __init__(self, http: httpx.AsyncClient, token: str | None = None) -> None:
        self.http = http
        self.headers = {"authorization": f"Bearer {token}"} if token else {}
        self.connection = RTCPeerConnection(NOBODY_ELSE)
        self.location = ""
        self.packets: list[RtpPacket] = []
        self.frames: list[av.VideoFrame] = []
        self._changed = asyncio.Event()
        self._reading: list[asyncio.Task[None]] = []
        self.connection.on("connectionstatechange", self._changed.set)

    async def offer(self) -> str:
        """Return an offer; gathering is over."""
        await self.connection.setLocalDescription(await self.connection.createOffer())
        return self.connection.localDescription.sdp

    async def call(self, path: str) -> httpx.Response:
        """Send the offer, and take the answer if there is one."""
        response = await self.http.post(
            path, content=await self.offer(), headers={**self.headers, **SDP}
        )
        if response.status_code == 201:
            self.location = response.headers["location"]
            answer = RTCSessionDescription(response.text, "answer")
            await self.connection.setRemoteDescription(answer)
        return response

    async def until_called(self, path: str) -> None:
        """Call until somebody is there; the first packet makes a publisher."""
        async with asyncio.timeout(PATIENCE_S):
            while (response := await self.call(path)).status_code == 409:
                pass
        assert response.status_code == 201, response.text

    async def connected(self) -> None:
        """Wait until packets may flow."""
        await self.until(lambda: self.connection.connectionState == "connected")

    async def closed(self) -> None:
        """Wait until the server ended the connection."""
        await self.until(lambda: self.connection.connectionState in ("closed", "failed"))

    async def until(self, condition: Callable[[], Any]) -> None:
        """Wait until ``condition`` holds; looked at whenever something happened here."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def prefer(self, codec: str) -> None:
        """Offer this video codec alone."""
        able = RTCRtpReceiver.getCapabilities("video")
        assert able is not None
        for each in self.connection.getTransceivers():
            if each.kind == "video":
                each.setCodecPreferences([c for c in able.codecs if c.name in (codec, "rtx")])

    def listen(self) -> None:
        """Keep every packet and picture that comes."""
        for each in self.connection.getReceivers():
            taken = each._handle_rtp_packet

            async def keep(packet: RtpPacket, arrival_time_ms: int, taken: Any = taken) -> None:
                self.packets.append(packet)
                self._changed.set()
                await taken(packet, arrival_time_ms=arrival_time_ms)

            each._handle_rtp_packet = keep  # type: ignore[method-assign]

        @self.connection.on("track")
        def read(track: Any) -> None:
            self._reading.append(asyncio.create_task(self._read(track)))

    async def _read(self, track: Any) -> None:
        try:
            while True:
                frame = await track.recv()
                if track.kind == "video":
                    self.frames.append(frame)
                    self._changed.set()
        except MediaStreamError:
            return

    def vanish(self) -> None:
        """Be gone without a word, like a phone that was switched off."""
        for each in self.connection.getTransceivers():
            ice = each.receiver.transport.transport._connection
            for protocol in ice._protocols:
                protocol.transport.abort()

    async def close(self) -> None:
        await self.connection.close()
        for task in self._reading:
            task.cancel()
        await asyncio.gather(*self._reading, return_exceptions=True)


@asynccontextmanager
async def publisher(
    http: httpx.AsyncClient, token: str | None, *, codec: str = "H264", level: int = 128
) -> AsyncIterator[Client]:
    """Give someone who has a picture and a sound, and has not called yet."""
    client = Client(http, token)
    client.connection.addTrack(AudioStreamTrack())
    client.connection.addTrack(Picture(level))
    for each in client.connection.getTransceivers():
        each.direction = "sendonly"
    client.prefer(codec)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def viewer(
    http: httpx.AsyncClient, *, codec: str = "", token: str | None = None
) -> AsyncIterator[Client]:
    """Give someone who wants to watch, and has not called yet."""
    client = Client(http, token)
    client.connection.addTransceiver("audio", direction="recvonly")
    client.connection.addTransceiver("video", direction="recvonly")
    if codec:
        client.prefer(codec)
    client.listen()
    try:
        yield client
    finally:
        await client.close()
