"""The playlist: every one of a show follows the rules, and follows the one before."""

import gc

import pytest

from live.media.hls.fmp4 import VIDEO_RATE
from live.media.hls.playlist import ADVANCE_PARTS, Wanted, When, playlist
from live.media.hls.segmenter import Opened, Part
from live.media.hls.shelf import KEPT, LISTED, Shelf
from tests.live.media.footage import H264_TRACK, h264, pictures, sound, together, tone, video
from tests.live.media.packaging import WALL_MS, packaged, packager
from tests.live.media.rules import Read, follows_the_rules

PART = round(0.367 * VIDEO_RATE)


def part(number: int, *, last: bool = False) -> Part:
    return Part(b"part %d" % number, PART, WALL_MS + 367 * number, number % 6 == 0, last)


def shelf_with(count: int, first: int = 100) -> Shelf:
    """Return a shelf with ``count`` parts, six to a segment."""
    shelf = Shelf(first)
    shelf.put(Opened(b"init"))
    for number in range(count):
        shelf.put(part(number, last=number % 6 == 5))
    return shelf


def test_every_playlist_of_a_show_follows_the_rules_and_the_one_before() -> None:
    sent = h264(600)
    at = next(n for n, each in enumerate(sent) if each.at_ms == 1000)
    cuts = packaged(together(sent[:at] + sent[at + 1 :], sound(tone(1000))))
    shelf, before = Shelf(100), None
    for cut in cuts:
        shelf.put(cut)
        if isinstance(cut, Part):
            before = follows_the_rules(playlist(shelf), before)
    shelf.end()
    final = follows_the_rules(playlist(shelf), before)

    assert final.ended
    assert final.sequence == 100 + 10 - LISTED  # 19 seconds, and one hole that begins anew
    assert final.breaks == 1


def test_a_slow_publishers_playlist_follows_the_rules_too() -> None:
    units = tuple(payloads for _key, payloads in pictures(80, fps=8, every=16))
    shelf, before = Shelf(100), None
    for cut in packaged(video(units, fps=8), H264_TRACK):
        shelf.put(cut)
        if isinstance(cut, Part):
            before = follows_the_rules(playlist(shelf), before)

    assert isinstance(before, Read)
    assert len(before.segments) == 5


def test_the_playlist_says_what_a_player_needs() -> None:
    assert playlist(shelf_with(8)) == (
        "#EXTM3U\n"
        "#EXT-X-VERSION:9\n"
        "#EXT-X-TARGETDURATION:4\n"
        "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.200\n"
        "#EXT-X-PART-INF:PART-TARGET=0.400\n"
        "#EXT-X-MEDIA-SEQUENCE:100\n"
        "#EXT-X-DISCONTINUITY-SEQUENCE:0\n"
        '#EXT-X-MAP:URI="init-100.mp4"\n'
        "#EXT-X-PROGRAM-DATE-TIME:2027-01-15T08:00:00.000Z\n"
        '#EXT-X-PART:DURATION=0.36700,URI="part-100.0.m4s",INDEPENDENT=YES\n'
        '#EXT-X-PART:DURATION=0.36700,URI="part-100.1.m4s"\n'
        '#EXT-X-PART:DURATION=0.36700,URI="part-100.2.m4s"\n'
        '#EXT-X-PART:DURATION=0.36700,URI="part-100.3.m4s"\n'
        '#EXT-X-PART:DURATION=0.36700,URI="part-100.4.m4s"\n'
        '#EXT-X-PART:DURATION=0.36700,URI="part-100.5.m4s"\n'
        "#EXTINF:2.20200,\n"
        "seg-100.m4s\n"
        "#EXT-X-PROGRAM-DATE-TIME:2027-01-15T08:00:02.202Z\n"
        '#EXT-X-PART:DURATION=0.36700,URI="part-101.0.m4s",INDEPENDENT=YES\n'
        '#EXT-X-PART:DURATION=0.36700,URI="part-101.1.m4s"\n'
        '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-101.2.m4s"\n'
    )


def test_what_is_listed_is_served_and_what_is_old_is_gone() -> None:
    shelf = shelf_with(6 * 40 + 2)

    assert shelf.next == (140, 2)
    assert shelf.part(140, 1) == b"part 241"
    assert shelf.part(140, 2) is None
    assert shelf.segment(140) is None  # it is not complete
    assert shelf.segment(139) == b"".join(b"part %d" % n for n in range(234, 240))
    assert shelf.segment(141 - KEPT) is not None
    assert shelf.segment(140 - KEPT) is None
    assert shelf.part(140 - KEPT, 0) is None
    assert shelf.init(100) == b"init"
    assert shelf.segment(141) is None


def test_an_old_initialisation_segment_goes_with_the_last_segment_that_needs_it() -> None:
    shelf = shelf_with(6)
    shelf.put(Opened(b"second"))
    for number in range(6, 6 + 6 * KEPT):
        assert shelf.init(100) == b"init"
        shelf.put(part(number, last=number % 6 == 5))
        if shelf.segment(100) is None:
            break

    assert (shelf.init(100), shelf.init(101)) == (None, b"second")


@pytest.mark.parametrize(
    ("parts", "segment", "index", "when"),
    [
        (8, 101, 1, When.NOW),
        (8, 101, 2, When.LATER),
        (8, 101, 2 + ADVANCE_PARTS, When.LATER),
        (8, 101, 3 + ADVANCE_PARTS, When.NEVER),
        (8, 100, None, When.NOW),
        (8, 101, None, When.LATER),
        (8, 102, 0, When.LATER),
        (8, 103, 0, When.NEVER),
        (8, 103, None, When.NEVER),
        (8, 3, 99, When.NOW),
        # Behind the last part of a complete segment is the first of the next one.
        (6, 100, 6, When.LATER),
        (7, 100, 6, When.NOW),
        (0, 100, 0, When.LATER),
        (0, 100, None, When.LATER),
    ],
)
def test_a_reload_waits_for_what_comes_and_refuses_what_is_far(
    parts: int, segment: int, index: int | None, when: When
) -> None:
    assert Wanted(segment, index).when(shelf_with(parts)) is when


def test_after_the_end_nothing_waits() -> None:
    shelf = shelf_with(8)
    shelf.end()

    assert Wanted(109, None).when(shelf) is When.NOW
    assert playlist(shelf).endswith("seg-101.m4s\n#EXT-X-ENDLIST\n")


def test_an_hour_takes_no_more_memory_than_a_minute() -> None:
    into, shelf = packager(H264_TRACK), Shelf(100)
    units = tuple(payloads for _key, payloads in pictures(60, width=64, height=48))
    weights = []
    for turn in range(1800):
        for each in video(
            units,
            sequence=turn * sum(map(len, units)),
            timestamp=turn * 180_000,
            begins_ms=turn * 2000,
        ):
            for cut in into.packet(each.kind, each.packet, WALL_MS + each.at_ms):
                shelf.put(cut)
        if turn in (30, 1799):
            gc.collect()
            kept = [shelf.segment(number) or b"" for number in range(100, shelf.next[0] + 1)]
            weights.append((len(gc.get_objects()), sum(map(len, kept))))
    (objects, size), (objects_later, size_later) = weights

    assert shelf.next[0] >= 100 + 1790
    assert size_later <= 1.05 * size
    assert objects_later <= objects + 500
