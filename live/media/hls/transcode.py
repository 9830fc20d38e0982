"""
VP8 made H264, for players of HLS and for recordings: the one thing here that is dear.

One thread a show decodes and encodes. Invariant: pictures come back on the event loop, in the order
they went. No more than `BACKLOG` ever wait: a thread that does not keep up skips to a keyframe.
"""

import asyncio
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Final

import av
import structlog

from live.media.hls.fmp4 import VIDEO_RATE
from live.media.hls.h264 import DELIMITER, IDR, PPS, SPS
from live.media.hls.segmenter import SEGMENT_S
from live.media.hls.units import Parameters, Unit

BACKLOG: Final = 15
"""Half a second of pictures; more behind is never caught up."""

_OPTIONS: Final = {
    # A quarter of a core for 720p30 at 2.6 Mbit/s, decoding included (measured).
    "preset": "superfast",
    "tune": "zerolatency",
    "profile": "main",
    "crf": "23",
    "maxrate": "3M",
    "bufsize": "3M",
    "x264-params": "repeat-headers=1:scenecut=0:keyint=infinite",
}

_START_CODE: Final = re.compile(rb"\x00\x00\x00?\x01")

log = structlog.get_logger()

Deliver = Callable[[Unit, int, float], None]


class Transcoder:
    """The transcoder of one publisher; pictures come by ``deliver``."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="transcode")
        self._encoding = _Encoding()
        self._waiting = 0
        self._awaits_key = True
        self._closed = False

    @property
    def wants_key(self) -> bool:
        """Whether a keyframe should be asked of the publisher."""
        return self._awaits_key

    def offer(self, unit: Unit, at: int, wall_ms: float) -> None:
        """Take a VP8 frame; it is dropped if too many wait."""
        if self._awaits_key and not unit.key:
            return
        if self._waiting >= BACKLOG:
            log.warning("transcoder_behind", waiting=self._waiting)
            self._awaits_key = True
            return
        self._awaits_key = False
        self._waiting += 1
        done = self._loop.run_in_executor(self._thread, self._encoding.encode, unit, at)
        done.add_done_callback(lambda encoded: self._take(encoded, at, wall_ms))

    def close(self) -> None:
        """Deliver nothing more; what the thread has begun it ends."""
        self._closed = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _take(self, encoded: asyncio.Future[Unit | None], at: int, wall_ms: float) -> None:
        self._waiting -= 1
        if self._closed or encoded.cancelled():
            return
        if (error := encoded.exception()) is not None:
            log.warning("frame_not_transcoded", error=repr(error))
            self._awaits_key = True
        elif (unit := encoded.result()) is not None:
            self._deliver(unit, at, wall_ms)


class _Encoding:
    """A decoder and an encoder; used by one thread."""

    def __init__(self) -> None:
        self._decoder = av.CodecContext.create("vp8", "r")
        self._encoder: av.VideoCodecContext | None = None
        self._key_at = 0

    def encode(self, unit: Unit, at: int) -> Unit | None:
        """Return the frame as H264; None if the decoder does not show it."""
        assert isinstance(self._decoder, av.VideoCodecContext)
        shown = self._decoder.decode(av.Packet(unit.parts[0]))
        if not shown:
            return None
        encoder, frame = self._sized(shown[-1])
        frame.pts, frame.time_base = at, Fraction(1, VIDEO_RATE)
        frame.pict_type = av.video.frame.PictureType.NONE
        if at - self._key_at >= SEGMENT_S * VIDEO_RATE:
            frame.pict_type = av.video.frame.PictureType.I
            self._key_at = at
        data = b"".join(bytes(packet) for packet in encoder.encode(frame))
        return _unit(unit.timestamp, [nal for nal in _START_CODE.split(data) if nal])

    def _sized(self, frame: av.VideoFrame) -> tuple[av.VideoCodecContext, av.VideoFrame]:
        """
        Return an encoder, and the frame in its size.

        A publisher who finds the network slow sends smaller pictures for a while. They are made
        large again: every change of size would have players start anew.
        """
        encoder = self._encoder
        if encoder is None or frame.width * frame.height > encoder.width * encoder.height:
            encoder = self._encoder = _encoder(frame.width, frame.height)
        if (frame.width, frame.height) != (encoder.width, encoder.height):
            frame = frame.reformat(encoder.width, encoder.height)
        return encoder, frame


def _encoder(width: int, height: int) -> av.VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height = width, height
    encoder.pix_fmt = "yuv420p"
    encoder.time_base = Fraction(1, VIDEO_RATE)
    encoder.framerate = Fraction(30, 1)
    encoder.thread_count = 1
    encoder.options = dict(_OPTIONS)
    return encoder


def _unit(timestamp: int, nals: list[bytes]) -> Unit | None:
    by_kind = {nal[0] & 31: nal for nal in nals}
    parts = tuple(nal for nal in nals if nal[0] & 31 not in (SPS, PPS, DELIMITER))
    if not parts:
        return None
    key = IDR in by_kind
    parameters = Parameters(by_kind[SPS], by_kind[PPS]) if key else None
    return Unit(timestamp, key, parts, parameters)
