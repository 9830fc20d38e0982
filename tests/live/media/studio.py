"""
A camera that films the clock, and a server for its HLS: pictures are encoded as they are due.

The time of each picture is written into it as blocks: whoever sees it can say how old it is.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from fractions import Fraction
from itertools import count
from pathlib import Path

import av
import uvicorn
from aiortc.codecs.h264 import H264Encoder
from aiortc.rtp import RtpPacket
from starlette.applications import Starlette
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from live.listener import listen
from live.media.hls.channels import Channels, open_channels
from live.media.hls.routes import Hls
from live.media.recording.recorder import Recorder, open_recorder
from tests.live.media.footage import OPUS_SAMPLES, Sent, tone
from tests.live.media.host import Host

FPS = 30
BLOCK = 16
BITS = 32
"""Of the time in milliseconds; with as many blocks again, inverted, so that a misread shows."""

SHOW = "tea-time"


def film(number: int, at_ms: int, width: int = 640, height: int = 360) -> av.VideoFrame:
    """Return a picture with its time in it."""
    luma = bytearray(bytes((x + 5 * number) % 200 + 20 for x in range(width)) * height)
    value = (at_ms & 2**BITS - 1) << BITS | (~at_ms & 2**BITS - 1)
    for bit in range(2 * BITS):
        x, y = bit % BITS * BLOCK, bit // BITS * BLOCK
        row = (b"\xeb" if value >> (2 * BITS - 1 - bit) & 1 else b"\x10") * BLOCK
        for line in range(y, y + BLOCK):
            luma[line * width + x : line * width + x + BLOCK] = row
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, data in zip(frame.planes, (luma, None, None), strict=True):
        plane.update(bytes(data) if data is not None else b"\x80" * plane.buffer_size)
    frame.pts, frame.time_base = number, Fraction(1, FPS)
    return frame


class Camera:
    """Films the clock in real time, and keys a picture when it is asked to."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._packer = H264Encoder()
        self._encoder = av.CodecContext.create("libx264", "w")
        assert isinstance(self._encoder, av.VideoCodecContext)
        self._encoder.width, self._encoder.height = 640, 360
        self._encoder.pix_fmt = "yuv420p"
        self._encoder.time_base, self._encoder.framerate = Fraction(1, FPS), Fraction(FPS, 1)
        self._encoder.bit_rate = 1_500_000
        self._encoder.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            "x264-params": "keyint=infinite:scenecut=0:repeat-headers=1",
        }
        self._sequence = 0

    async def run(self) -> None:
        """Film until cancelled."""
        heard = tone(50)
        began = time.monotonic()
        asked = 0
        sounds = 0
        for number in count():
            await asyncio.sleep(max(0.0, began + number / FPS - time.monotonic()))
            at_ms = time.time_ns() // 1_000_000
            frame = film(number, at_ms)
            if self._host.asked != asked:
                asked = self._host.asked
                frame.pict_type = av.video.frame.PictureType.I
            self._host.send(self._pictured(frame, number))
            while sounds * 0.02 < (number + 1) / FPS:
                self._host.send([_sounded(heard[sounds % len(heard)], sounds)])
                sounds += 1

    def _pictured(self, frame: av.VideoFrame, number: int) -> list[Sent]:
        sent = []
        assert isinstance(self._encoder, av.VideoCodecContext)
        for packet in self._encoder.encode(frame):
            payloads, _ = self._packer.pack(packet)
            for index, payload in enumerate(payloads):
                rtp = RtpPacket(
                    payload_type=102,
                    marker=int(index == len(payloads) - 1),
                    sequence_number=self._sequence % 2**16,
                    timestamp=number * 90_000 // FPS,
                    payload=payload,
                )
                self._sequence += 1
                sent.append(Sent("video", rtp, time.monotonic_ns() // 1_000_000))
        return sent


def _sounded(payload: bytes, number: int) -> Sent:
    rtp = RtpPacket(
        payload_type=111,
        sequence_number=number % 2**16,
        timestamp=number * OPUS_SAMPLES,
        payload=payload,
    )
    return Sent("audio", rtp, time.monotonic_ns() // 1_000_000)


HLS_JS = (
    Path(__file__).parents[3] / "clients" / "node_modules" / "hls.js" / "dist" / "hls.light.min.js"
)
CONFIG = {
    "lowLatencyMode": True,
    "liveSyncOnStallIncrease": 0,
    "maxLiveSyncPlaybackRate": 1.1,
    "enableWorker": False,
}
"""As in clients/viewer/src/hls.ts."""

PAGE = """<!doctype html><title>screen</title>
<video id="video" muted autoplay playsinline width="640" height="360"></video>
<script src="/hls.js"></script>
<script>
const canvas = new OffscreenCanvas(512, 32);
const pen = canvas.getContext("2d", { willReadFrequently: true });
/** The time that is written in the picture, in ms modulo 2^32; null if it cannot be read. */
window.written = () => {
  pen.drawImage(video, 0, 0, 512, 32, 0, 0, 512, 32);
  const { data } = pen.getImageData(0, 0, 512, 32);
  const bit = (x, y) => (data[4 * ((y * 16 + 8) * 512 + x * 16 + 8)] > 127 ? 1 : 0);
  let time = 0;
  for (let x = 0; x < 32; x++) {
    if (bit(x, 0) === bit(x, 1)) return null;
    time = time * 2 + bit(x, 0);
  }
  return time;
};
window.delays = [];
const look = () => {
  const time = written();
  if (time !== null) delays.push((Date.now() % 2 ** 32) - time);
  video.requestVideoFrameCallback(look);
};
video.requestVideoFrameCallback(look);
window.watch = (url, config) => {
  window.hls = new Hls(config);
  window.errors = [];
  hls.on(Hls.Events.ERROR, (_, e) => errors.push(`${e.details} ${e.fatal}`));
  hls.loadSource(url);
  hls.attachMedia(video);
};
</script>"""


class Live:
    """A show on air, and where its pages are."""

    def __init__(self, url: str, channels: Channels) -> None:
        self.url = url
        self.channels = channels


@asynccontextmanager
async def on_air(hls_js: Path, recordings: Path | None = None) -> AsyncIterator[Live]:
    """Film, package and serve for as long as the block lasts."""
    host = Host()

    async def script(request: object) -> FileResponse:
        return FileResponse(hls_js)

    async def page(request: object) -> HTMLResponse:
        return HTMLResponse(PAGE)

    def recording(request: object) -> Response:
        """Return the recording, once it is one."""
        assert recordings is not None
        found = list(recordings.glob("*/*.mp4"))
        return FileResponse(found[0]) if found else Response(status_code=404)

    async with AsyncExitStack() as stack:
        recorder: Recorder | None = None
        if recordings is not None:
            recorder = await stack.enter_async_context(open_recorder(recordings, days=1))
        channels = await stack.enter_async_context(open_channels({SHOW: host}.get, recorder))
        listener = stack.enter_context(listen("127.0.0.1", 0))
        routes = [
            *Hls(channels).routes(),
            Route("/hls.js", script),
            Route("/", page),
            Route("/recording.mp4", recording),
        ]
        server = uvicorn.Server(
            uvicorn.Config(
                Starlette(routes=routes),
                lifespan="off",
                log_config=None,
                timeout_graceful_shutdown=1,
            )
        )
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        serving = tasks.create_task(server._serve([listener]))
        filming = tasks.create_task(Camera(host).run())
        channels.changed(SHOW)
        try:
            yield Live(f"http://127.0.0.1:{listener.getsockname()[1]}", channels)
        finally:
            filming.cancel()
            server.should_exit = True
            await asyncio.wait([serving])
