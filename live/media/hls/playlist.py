"""
The media playlist of low-latency HLS (RFC 8216bis), and what a player may wait for.

Nothing here waits: `Wanted` says whether a request can be answered, must wait, or asks too much.
"""

from datetime import UTC, datetime
from enum import Enum
from math import ceil
from typing import Final

from msgspec import Struct

from live.media.hls.fmp4 import VIDEO_RATE
from live.media.hls.segmenter import PART_TARGET_S, TARGET_DURATION_S
from live.media.hls.shelf import Segment, Shelf

MEDIA_TYPE: Final = "application/vnd.apple.mpegurl"

HOLD_BACK: Final = 3
"""Parts that a player stays behind (RFC 8216bis, 4.4.3.8: at least two, and should be three)."""

PARTS_LISTED_S: Final = 3 * TARGET_DURATION_S
"""Older segments are listed without their parts (RFC 8216bis, 6.2.2)."""

ADVANCE_PARTS: Final = ceil(3 / PART_TARGET_S)
"""How far ahead a part may be asked for (RFC 8216bis, 6.2.5.2)."""


def playlist(shelf: Shelf) -> str:
    """Return the playlist of now; there is a part on the shelf."""
    listed = shelf.listed
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:9",
        f"#EXT-X-TARGETDURATION:{TARGET_DURATION_S}",
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,"
        f"PART-HOLD-BACK={HOLD_BACK * PART_TARGET_S:.3f}",
        f"#EXT-X-PART-INF:PART-TARGET={PART_TARGET_S:.3f}",
        f"#EXT-X-MEDIA-SEQUENCE:{listed[0].number}",
        f"#EXT-X-DISCONTINUITY-SEQUENCE:{shelf.discontinuities}",
    ]
    behind_s = sum(segment.duration_s for segment in listed)
    init = None
    for segment in listed:
        if segment.discontinuity:
            lines.append("#EXT-X-DISCONTINUITY")
        if segment.init != init:
            lines.append(f'#EXT-X-MAP:URI="init-{segment.init}.mp4"')
            init = segment.init
        lines.append(f"#EXT-X-PROGRAM-DATE-TIME:{_moment(segment.at_ms)}")
        if behind_s <= PARTS_LISTED_S:
            lines += _parts(segment)
        if segment.done:
            lines += [f"#EXTINF:{segment.duration_s:.5f},", f"seg-{segment.number}.m4s"]
        behind_s -= segment.duration_s
    if shelf.ended:
        lines.append("#EXT-X-ENDLIST")
    else:
        number, index = shelf.next
        lines.append(f'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-{number}.{index}.m4s"')
    return "\n".join(lines) + "\n"


def _parts(segment: Segment) -> list[str]:
    return [
        f"#EXT-X-PART:DURATION={part.duration / VIDEO_RATE:.5f},"
        f'URI="part-{segment.number}.{index}.m4s"' + (",INDEPENDENT=YES" * part.independent)
        for index, part in enumerate(segment.parts)
    ]


def _moment(at_ms: int) -> str:
    moment = datetime.fromtimestamp(at_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


class When(Enum):
    """When a request can be answered."""

    NOW = "now"
    LATER = "when what it waits for is there"
    NEVER = "it asks for what is too far ahead"


class Wanted(Struct, frozen=True):
    """
    What a player waits for: ``_HLS_msn`` and ``_HLS_part`` (RFC 8216bis, 6.2.5.2).

    Without ``part`` it is the whole segment: the first part of the next one would be listed then.
    """

    segment: int
    part: int | None

    def when(self, shelf: Shelf) -> When:
        """Return when the playlist has it."""
        number, index = shelf.next
        if shelf.ended:
            return When.NOW
        if self.segment > number + 1:
            return When.NEVER
        if self.part is None:
            return When.NOW if self.segment < number else When.LATER
        if shelf.has(self.segment, self.part):
            return When.NOW
        ahead = self.part - (index if self.segment == number else 0)
        return When.NEVER if ahead > ADVANCE_PARTS else When.LATER
