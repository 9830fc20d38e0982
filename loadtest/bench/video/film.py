"""
A publisher of 720p30 H264 at 2.6 Mbit/s with Opus.

``python -m loadtest.bench.video.film URL TOKEN``. Into each picture goes the moment of sending, in
an SEI that decoders ignore.
"""

import asyncio
import fractions
import sys
import time
from random import Random
from typing import Any, Final

import av
import httpx
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection
from aiortc.rtcrtpreceiver import RTCRtpReceiver

from loadtest.bench.video.actor import cued, say
from loadtest.loopback import reach_loopback
from loadtest.whip import call

FPS: Final = 30
WIDTH: Final = 1280
HEIGHT: Final = 720
BITRATE: Final = 2_600_000
MAGIC: Final = b"liveshop-bench-1"
"""Before the moment, sixteen hexadecimal digits of nanoseconds."""


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
        """Return the next picture when its time has come."""
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
    """Noise, fifty packets a second."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._began = time.monotonic()
        self._number = 0
        self._noise = Random(1).randbytes(1920)

    async def recv(self) -> Any:
        """Return the next 20 ms when their time has come."""
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
    async with httpx.AsyncClient(trust_env=False) as http:
        await call(http, url, connection, token or None)
    say(publishing=True)
    while await cued() is not None:
        continue
    await connection.close()


if __name__ == "__main__":
    reach_loopback(sys.argv[1])
    asyncio.run(publish(*sys.argv[1:]))
