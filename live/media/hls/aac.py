"""
Opus made AAC, which every player of HLS has: a decoder and an encoder for one publisher's sound.

Invariant: frames come out without a hole, each of `AAC_SAMPLES`, and a sound is never more than
`TOLERANCE` from the time it belongs at: silence fills what is missing, and what would come too soon
is left out. A packet takes 0.4 ms (measured), so it is done on the event loop.
"""

from fractions import Fraction
from typing import Final

import av
from msgspec import Struct

from live.media.hls.fmp4 import AAC_SAMPLES, AUDIO_RATE

BIT_RATE: Final = 128_000
TOLERANCE: Final = AUDIO_RATE * 15 // 1000
"""15 ms: less than an Opus packet of 20, and a third of what an ear sees as wrong lips."""

FAR: Final = AUDIO_RATE
"""A second: a sound this far from the one before it begins anew, and is not stretched to."""

PRIMING: Final = AAC_SAMPLES
"""The encoder puts this much before the first sample it is given."""


class AacFrame(Struct, frozen=True):
    """One frame; ``start`` in samples on the show's timeline."""

    start: int
    data: bytes


class Aac:
    """The sound of one publisher."""

    def __init__(self) -> None:
        self._restart(None)

    def _restart(self, start: int | None) -> None:
        self._decoder = av.CodecContext.create("libopus", "r")
        assert isinstance(self._decoder, av.AudioCodecContext)
        self._decoder.sample_rate = AUDIO_RATE
        self._decoder.layout = "stereo"
        self._decoder.format = av.AudioFormat("s16")
        self._resampler = av.AudioResampler(
            format="fltp", layout="stereo", rate=AUDIO_RATE, frame_size=AAC_SAMPLES
        )
        self._encoder = av.CodecContext.create("aac", "w")
        assert isinstance(self._encoder, av.AudioCodecContext)
        self._encoder.sample_rate = AUDIO_RATE
        self._encoder.layout = "stereo"
        self._encoder.format = av.AudioFormat("fltp")
        self._encoder.bit_rate = BIT_RATE
        self._encoder.time_base = Fraction(1, AUDIO_RATE)
        # Where the next sample given to the encoder belongs, and where its next frame does.
        self._next = start
        self._out = 0 if start is None else start - PRIMING

    def push(self, opus: bytes, start: int) -> list[AacFrame]:
        """Take the Opus packet that belongs at ``start``; a broken one counts as missing."""
        try:
            frames = self._decoder.decode(av.Packet(opus))
        except av.FFmpegError:
            return []
        if self._next is None or abs(start - self._next) > FAR:
            self._restart(start)
        out = self.silence(start - TOLERANCE, to=start)
        assert self._next is not None
        if start < self._next - TOLERANCE:
            return []
        for frame in frames:
            assert isinstance(frame, av.AudioFrame)
            out += self._encode(frame)
        return out

    def silence(self, least: int, *, to: int) -> list[AacFrame]:
        """Fill up to ``to`` with silence if there is no sound until ``least``."""
        if self._next is None:
            self._restart(to)
        assert self._next is not None
        if self._next >= least:
            return []
        return self._encode(_silence(min(to - self._next, FAR)))

    def _encode(self, frame: av.AudioFrame) -> list[AacFrame]:
        assert self._next is not None
        self._next += frame.samples
        frame.pts = None
        out = []
        for piece in self._resampler.resample(frame):
            for packet in self._encoder.encode(piece):
                out.append(AacFrame(self._out, bytes(packet)))
                self._out += AAC_SAMPLES
        return out


def _silence(samples: int) -> av.AudioFrame:
    frame = av.AudioFrame(format="s16", layout="stereo", samples=samples)
    frame.sample_rate = AUDIO_RATE
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    return frame
