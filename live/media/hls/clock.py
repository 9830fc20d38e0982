"""
Where a publisher's two tracks stand against each other, and against the server's clock.

Each track counts in its own units from a random start. Sender reports tie both to the publisher's
clock (RFC 3550, 6.4.1); until both tracks have one, arrival decides, of which the least delayed
packet is believed. Invariant: the picture's time only follows its own timestamps, so a report moves
the sound against the picture and never the picture. Nothing here reads a clock.
"""

from typing import Final

from live.media.hls.reorder import Unwrap
from live.media.tap import Kind

DRIFT: Final = 1e-4
"""What two clocks may part: twice the 50 ppm of a cheap crystal, for each of them."""

NTP_FRACTION: Final = 2**32


class _Track:
    """One track's timestamps, continued, and what is known of their zero."""

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.unwrap = Unwrap(32)
        # Seconds to add to `timestamp / rate`: for the server's clock of arrivals, and for the
        # publisher's own.
        self.arrival_s: float | None = None
        self.heard_s = 0.0
        self.report: tuple[int, int] | None = None

    def seen(self, timestamp: int, arrived_ms: int) -> int:
        """Return the timestamp continued, and believe it if it came with less delay."""
        extended = self.unwrap(timestamp)
        now_s = arrived_ms / 1000
        offset_s = now_s - extended / self.rate
        if self.arrival_s is not None:
            offset_s = min(offset_s, self.arrival_s + (now_s - self.heard_s) * DRIFT)
        self.arrival_s, self.heard_s = offset_s, now_s
        return extended

    def publisher_s(self) -> float | None:
        """Return the offset to the publisher's clock, once it is known."""
        if self.report is None:
            return None
        ntp_time, rtp_timestamp = self.report
        return ntp_time / NTP_FRACTION - self.unwrap.near(rtp_timestamp) / self.rate


class Clock:
    """The clock of one publisher."""

    def __init__(self, video_rate: int, audio_rate: int) -> None:
        self._tracks: dict[Kind, _Track] = {
            "video": _Track(video_rate),
            "audio": _Track(audio_rate),
        }

    def seen(self, kind: Kind, timestamp: int, arrived_ms: int) -> int:
        """Take note of a unit's arrival, in order, and return its timestamp without wraps."""
        return self._tracks[kind].seen(timestamp, arrived_ms)

    def report(self, kind: Kind, ntp_time: int, rtp_timestamp: int) -> None:
        """Take a sender report; one whose sender knows no time of day says 0, and nothing."""
        if ntp_time == 0:
            return
        self._tracks[kind].report = (ntp_time, rtp_timestamp)

    def picture_ms(self, timestamp: int) -> float:
        """Return when a picture was there to be sent, on the clock that `seen` is told."""
        video = self._tracks["video"]
        return (timestamp / video.rate + (video.arrival_s or 0.0)) * 1000

    def sound_at(self, timestamp: int) -> float | None:
        """Return the picture's time, in seconds of its timestamps, at which a sound belongs."""
        audio, video = self._tracks["audio"], self._tracks["video"]
        ours, theirs = audio.publisher_s(), video.publisher_s()
        if ours is None or theirs is None:
            ours, theirs = audio.arrival_s, video.arrival_s
        if ours is None or theirs is None:
            return None
        return timestamp / audio.rate + (ours - theirs)
