"""
One publisher's packets, made into parts: reordered, put together, timed, and cut.

Invariant: no broken picture reaches a part, and sound stands where the publisher's clocks say. The
caller tells the time; nothing here waits.
"""

from collections.abc import Callable, Sequence
from typing import Final

from aiortc.rtp import RtpPacket

from live.media.hls.aac import Aac
from live.media.hls.clock import Clock
from live.media.hls.fmp4 import AUDIO_RATE, VIDEO_RATE
from live.media.hls.h264 import H264
from live.media.hls.opus import Opus
from live.media.hls.reorder import Lost, Reorder
from live.media.hls.segmenter import Opened, Part, Segmenter
from live.media.hls.units import Assembler, Unit
from live.media.hls.vp8 import VP8
from live.media.tap import Kind, Track

SILENT: Final = AUDIO_RATE
"""A microphone that says nothing for a second: players would wait for its sound."""

Transcode = Callable[[Unit, int, float], None]
"""Takes a VP8 frame, where it belongs and when it was; the picture comes by `Packager.picture`."""


class Unsupported(Exception):
    """The publisher sends nothing that can be packaged; ``str`` says why."""


class Packager:
    """
    Packages what one publisher sends.

    Args:
        transcode: where VP8 goes; it is not called for H264.

    Raises:
        Unsupported: there is no video, or none of H264 and VP8.

    """

    def __init__(self, tracks: Sequence[Track], transcode: Transcode) -> None:
        by_kind: dict[Kind, Track] = {track.kind: track for track in tracks}
        if "video" not in by_kind:
            raise Unsupported("there is no video to package")
        self._assemblers: dict[Kind, Assembler] = {"video": _video(by_kind["video"])}
        if "audio" in by_kind and by_kind["audio"].codec.lower() == "opus":
            self._assemblers["audio"] = Opus()
        self._orders: dict[Kind, Reorder] = {kind: Reorder() for kind in self._assemblers}
        self._clock = Clock(by_kind["video"].clock_rate, AUDIO_RATE)
        self._aac = Aac()
        self._transcode = transcode if by_kind["video"].codec == "VP8" else None
        self._segmenter = Segmenter(sound="audio" in self._assemblers)
        self._zero: int | None = None

    @property
    def transcodes(self) -> bool:
        """Whether the video is encoded anew, which costs a quarter of a core or more."""
        return self._transcode is not None

    @property
    def wants_key(self) -> bool:
        """Whether a keyframe should be asked of the publisher."""
        return self._assemblers["video"].awaits_key or self._segmenter.wants_key

    def packet(self, kind: Kind, packet: RtpPacket, arrived_ms: int) -> list[Opened | Part]:
        """Take a packet that came at a Unix time of ours, and return what it completes."""
        if kind not in self._orders:
            return []
        cuts = self._take(kind, self._orders[kind].push(packet, arrived_ms), arrived_ms)
        for other, order in self._orders.items():
            if other != kind:
                cuts += self._take(other, order.overdue(arrived_ms), arrived_ms)
        return cuts

    def report(self, kind: Kind, ntp_time: int, rtp_timestamp: int) -> None:
        """Take a sender report."""
        self._clock.report(kind, ntp_time, rtp_timestamp)

    def end(self) -> list[Opened | Part]:
        """Return what is left."""
        return self._segmenter.end()

    def picture(self, unit: Unit, at: int, wall_ms: float) -> list[Opened | Part]:
        """Take an H264 picture that belongs at ``at``, in units of `VIDEO_RATE`."""
        cuts = self._segmenter.picture(at, unit, wall_ms)
        heard = at * AUDIO_RATE // VIDEO_RATE
        if "audio" in self._assemblers and heard > SILENT:
            for frame in self._aac.silence(heard - SILENT, to=heard - SILENT // 2):
                self._segmenter.sound(frame)
        return cuts

    def _take(
        self, kind: Kind, packets: list[RtpPacket | Lost], arrived_ms: int
    ) -> list[Opened | Part]:
        cuts: list[Opened | Part] = []
        assembler = self._assemblers[kind]
        for packet in packets:
            if isinstance(packet, Lost):
                assembler.lost()
                continue
            for unit in assembler.push(packet):
                at = self._clock.seen(kind, unit.timestamp, arrived_ms)
                if kind == "video":
                    cuts += self._pictured(unit, at)
                else:
                    self._sounded(unit, at)
        return cuts

    def _pictured(self, unit: Unit, timestamp: int) -> list[Opened | Part]:
        if self._zero is None:
            self._zero = timestamp
        at = timestamp - self._zero
        wall_ms = self._clock.picture_ms(timestamp)
        if self._transcode is None:
            return self.picture(unit, at, wall_ms)
        self._transcode(unit, at, wall_ms)
        return []

    def _sounded(self, unit: Unit, timestamp: int) -> None:
        at_s = self._clock.sound_at(timestamp)
        if self._zero is None or at_s is None or not self._segmenter.open:
            return
        start = round((at_s - self._zero / VIDEO_RATE) * AUDIO_RATE)
        if start >= 0:
            for frame in self._aac.push(unit.parts[0], start):
                self._segmenter.sound(frame)


def _video(track: Track) -> Assembler:
    match track.codec:
        case "H264":
            return H264()
        case "VP8":
            return VP8()
        case other:
            raise Unsupported(f"{other} is neither H264 nor VP8")
