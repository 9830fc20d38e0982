"""
A tap that packages: from a publisher's packets to parts on a shelf and on tape.

It keeps asking for a keyframe while one is wanted. Nothing here waits; an error of one publisher's
packets ends that publisher's feed and nothing else.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import structlog
from aiortc.rtp import RtpPacket

from live.media.hls.packager import Packager
from live.media.hls.segmenter import Opened, Part
from live.media.hls.transcode import Transcoder
from live.media.hls.units import Unit
from live.media.tap import Kind, Source

ASK_MS: Final = 250
"""A keyframe is asked for this often while one is wanted; a publisher answers within a picture."""

log = structlog.get_logger()

Put = Callable[[Opened | Part], None]


class Intake:
    """
    A `live.media.tap.Tap` on one publisher.

    Raises:
        Unsupported: what the publisher sends cannot be packaged.

    """

    def __init__(self, show: str, source: Source, put: Put) -> None:
        self._show = show
        self._source = source
        self._put = put
        self._transcoder = Transcoder(self._transcoded)
        self._packager = Packager(source.tracks, self._transcoder.offer)
        # What turns the clock of arrivals into ours; set by the first packet.
        self._ahead_ms: int | None = None
        self._asked_ms = 0
        self._over = False

    @property
    def transcodes(self) -> bool:
        """Whether this publisher costs an encoder."""
        return self._packager.transcodes

    def packet(self, kind: Kind, packet: RtpPacket, arrived_ms: int) -> None:
        """Package a packet; see `Tap.packet`."""
        if self._over:
            return
        if self._ahead_ms is None:
            self._ahead_ms = time.time_ns() // 1_000_000 - arrived_ms
        try:
            cuts = self._packager.packet(kind, packet, self._ahead_ms + arrived_ms)
        except Exception:  # A tap must not raise: the viewers' packets come next.
            log.exception("packaging_failed", show=self._show)
            # Not now: the source is going through its taps.
            asyncio.get_running_loop().call_soon(self.close)
            return
        for cut in cuts:
            self._put(cut)
        wanted = self._packager.wants_key or (self.transcodes and self._transcoder.wants_key)
        if wanted and arrived_ms - self._asked_ms >= ASK_MS:
            self._asked_ms = arrived_ms
            self._source.request_keyframe()

    def report(self, kind: Kind, ntp_time: int, rtp_timestamp: int) -> None:
        """Take a sender report; see `Tap.report`."""
        self._packager.report(kind, ntp_time, rtp_timestamp)

    def ended(self) -> None:
        """Package what is left; see `Tap.ended`."""
        if self._over:
            return
        self._over = True
        self._transcoder.close()
        for cut in self._packager.end():
            self._put(cut)

    def close(self) -> None:
        """Stop listening, and package what is left."""
        self._source.detach(self)
        self.ended()

    def _transcoded(self, unit: Unit, at: int, wall_ms: float) -> None:
        for cut in self._packager.picture(unit, at, wall_ms):
            self._put(cut)
