"""A publisher whose packets come when a test says so."""

import asyncio

from live.media.tap import Tap, Track
from tests.live.media.footage import H264_TRACK, OPUS_TRACK, Sent


class Host:
    """A `live.media.tap.Source`."""

    def __init__(self, *tracks: Track) -> None:
        self.tracks = tracks or (H264_TRACK, OPUS_TRACK)
        self.taps: list[Tap] = []
        self.asked = 0
        self.heard = asyncio.Event()

    def attach(self, tap: Tap) -> None:
        self.taps.append(tap)
        self.heard.set()

    def detach(self, tap: Tap) -> None:
        if tap in self.taps:
            self.taps.remove(tap)

    def request_keyframe(self) -> None:
        self.asked += 1

    def send(self, packets: list[Sent]) -> None:
        for each in packets:
            for tap in list(self.taps):
                tap.packet(each.kind, each.packet, each.at_ms)

    def leave(self) -> None:
        taps, self.taps = self.taps, []
        for tap in taps:
            tap.ended()
