"""From packets to parts that a decoder takes."""

from itertools import pairwise

import pytest

from live.media.hls.packager import Unsupported
from live.media.hls.segmenter import PART_LEAST, PART_TARGET_S, Opened
from live.media.tap import Track
from tests.live.media.footage import (
    H264_TRACK,
    NTP_2026,
    OPUS_TRACK,
    h264,
    pictures,
    sound,
    together,
    tone,
    video,
)
from tests.live.media.packaging import (
    WALL_MS,
    boxes,
    packaged,
    packager,
    parts,
    runs,
    seconds,
    seen,
)

LIPS_S = 0.040
"""What a viewer does not notice."""


def test_a_show_becomes_parts_of_even_length_that_decode() -> None:
    cuts = packaged(together(h264(150), sound(tone(250))))
    [file] = runs(cuts)
    watched = seen(file)
    made = parts(cuts)

    assert [type(cut) for cut in cuts[:2]] == [Opened, type(made[0])]
    assert len(watched.pictures) == 150
    assert watched.size == (320, 240)
    assert {round(b - a, 4) for a, b in pairwise(watched.pictures)} == {0.0333}
    # 11 pictures of 33 ms: the fewest that are 85 % of the target.
    assert {round(seconds(part), 3) for part in made if not part.last} == {0.367}
    assert [n for n, part in enumerate(made) if part.independent] == [0, 6, 12]
    assert [round(sum(seconds(p) for p in made[a:b]), 3) for a, b in ((0, 6), (6, 12))] == [2, 2]
    assert all(PART_LEAST * PART_TARGET_S < seconds(p) <= PART_TARGET_S for p in made if not p.last)


def test_every_part_is_one_moof_with_its_mdat() -> None:
    cuts = packaged(together(h264(60), sound(tone(100))))
    opened, *made = cuts

    assert isinstance(opened, Opened)
    assert [kind for kind, _body in boxes(opened.init)] == ["ftyp", "moov"]
    for part in parts(made):
        assert [kind for kind, _body in boxes(part.data)] == ["moof", "mdat"]


def test_a_picture_that_is_hurt_is_left_out_and_what_follows_begins_anew() -> None:
    sent = h264(150)
    hurt = next(n for n, each in enumerate(sent) if each.at_ms == 1000)
    cuts = packaged(together(sent[:hurt] + sent[hurt + 1 :], sound(tone(250))))
    first, second = map(seen, runs(cuts))

    assert len(first.pictures) == 30
    assert len(second.pictures) == 90
    assert second.pictures[0] == pytest.approx(2.0, abs=0.001)


def test_new_parameters_begin_anew() -> None:
    small = h264(60)
    large = tuple(payloads for _key, payloads in pictures(60, width=640, height=480))
    sequence = small[-1].packet.sequence_number + 1
    timestamp = small[0].packet.timestamp + 60 * 3000
    grown = video(large, sequence=sequence, timestamp=timestamp, begins_ms=2000)
    first, second = map(seen, runs(packaged(together(small + grown, sound(tone(200))))))

    assert (first.size, second.size) == ((320, 240), (640, 480))
    assert (len(first.pictures), len(second.pictures)) == (60, 60)


def test_the_servers_time_of_a_part_is_when_its_first_picture_came_with_the_least_delay() -> None:
    sent = h264(150, begins_ms=5000)
    for each in sent:
        each.at_ms += 80 if 1000 < each.at_ms - 5000 < 4000 else 30
    made = parts(packaged(sent, H264_TRACK))

    begun = [part.at_ms - WALL_MS - 5030 for part in made]
    wanted = [sum(map(seconds, made[:n])) * 1000 for n in range(len(made))]
    # Within a millisecond of rounding, and of the 100 ppm that the clocks may part.
    assert begun == pytest.approx(wanted, abs=1.1)


CLICKS = (75, 150, 225)


def loud(file: bytes) -> list[float]:
    """Return when the clicks begin."""
    heard = [at for at, loudest in seen(file).sounds if loudest > 0.2]
    return [at for n, at in enumerate(heard) if n == 0 or at - heard[n - 1] > 0.5]


@pytest.mark.parametrize("late_ms", [0, 120, 400])
def test_sender_reports_bring_sound_to_where_it_belongs(late_ms: int) -> None:
    """The sound is sent later than its picture; only the reports know."""
    pictured, heard = h264(150), sound(tone(250, clicks=CLICKS), begins_ms=late_ms)
    into = packager()
    zero = (NTP_2026 << 32, NTP_2026 << 32)
    into.report("video", zero[0], pictured[0].packet.timestamp)
    into.report("audio", zero[1], heard[0].packet.timestamp)
    cuts = [
        cut
        for each in together(pictured, heard)
        for cut in into.packet(each.kind, each.packet, WALL_MS + each.at_ms)
    ]
    [file] = runs(cuts + into.end())

    # A frame of AAC is 21 ms, and the click is somewhere in it.
    clicks = loud(file)
    assert len(clicks) == len(CLICKS)
    assert all(abs(at - click * 0.02) < LIPS_S for at, click in zip(clicks, CLICKS, strict=True))


def test_a_report_in_the_middle_moves_the_sound_once_and_never_back_in_time() -> None:
    for shift_ms in (-300, 300):
        pictured, heard = h264(300), sound(tone(500, clicks=(100, 300, 400)))
        into = packager()
        cuts = []
        for each in together(pictured, heard):
            if each.at_ms == 3000 and each.packet.marker:
                shifted = NTP_2026 * 2**32 + shift_ms * 2**32 // 1000
                into.report("video", NTP_2026 << 32, pictured[0].packet.timestamp)
                into.report("audio", shifted, heard[0].packet.timestamp)
            cuts += into.packet(each.kind, each.packet, WALL_MS + each.at_ms)
        [file] = runs(cuts + into.end())
        watched = seen(file)
        clicks = loud(file)

        assert all(a < b for (a, _), (b, _) in pairwise(watched.sounds))
        assert len(watched.pictures) == 300
        expected = (2.0, 6.0 + shift_ms / 1000, 8.0 + shift_ms / 1000)
        assert len(clicks) == 3
        assert all(abs(at - wanted) < LIPS_S for at, wanted in zip(clicks, expected, strict=True))


def test_without_reports_the_least_delayed_packets_decide() -> None:
    heard = sound(tone(250, clicks=CLICKS))
    for number, each in enumerate(heard):
        each.at_ms += (0, 45, 90)[number % 3]
    [file] = runs(packaged(together(h264(150), sorted(heard, key=lambda sent: sent.at_ms))))
    clicks = loud(file)

    assert len(clicks) == 3
    assert all(abs(at - click * 0.02) < LIPS_S for at, click in zip(clicks, CLICKS, strict=True))


def test_lost_sound_is_silence_and_what_follows_stays_in_place() -> None:
    heard = sound(tone(250, clicks=CLICKS))
    holes = {*range(30, 42), *range(100, 103), 180}
    kept = [each for number, each in enumerate(heard) if number not in holes]
    [file] = runs(packaged(together(h264(150), kept)))
    watched = seen(file)

    assert {round(b - a, 3) for (a, _), (b, _) in pairwise(watched.sounds)} <= {0.021, 0.022}
    assert all(
        abs(at - click * 0.02) < LIPS_S for at, click in zip(loud(file), CLICKS, strict=True)
    )


def test_a_microphone_that_says_nothing_is_heard_as_silence() -> None:
    """A player would wait for ever for the sound that the initialisation segment promised."""
    [file] = runs(packaged(h264(150), H264_TRACK, OPUS_TRACK))
    watched = seen(file)

    assert watched.sounds[-1][0] > 3.5
    assert max(loudest for _at, loudest in watched.sounds) < 0.001


def test_a_publisher_without_sound_has_no_track_for_it() -> None:
    [file] = runs(packaged(h264(60), H264_TRACK))

    assert seen(file).sounds == []


def test_a_keyframe_is_wanted_after_two_seconds_and_after_a_hole() -> None:
    into = packager(H264_TRACK)
    sent = video(tuple(payloads for _key, payloads in pictures(120, every=1000)))
    wishes = []
    assert into.wants_key
    for each in sent:
        into.packet(each.kind, each.packet, WALL_MS + each.at_ms)
        wishes.append((each.at_ms, into.wants_key))

    assert not any(wish for at_ms, wish in wishes if 0 < at_ms < 2000)
    assert all(wish for at_ms, wish in wishes if at_ms > 2034)

    into = packager(H264_TRACK)
    for each in [*sent[:30], *sent[31:]]:
        into.packet(each.kind, each.packet, WALL_MS + each.at_ms)
    assert into.wants_key


def test_a_segment_without_a_keyframe_ends_all_the_same() -> None:
    sent = video(tuple(payloads for _key, payloads in pictures(300, every=1000)))
    made = parts(packaged(sent, H264_TRACK))
    ends = [n + 1 for n, part in enumerate(made) if part.last]
    durations = [sum(map(seconds, made[a:b])) for a, b in pairwise([0, *ends])]

    assert all(duration <= 4.3 for duration in durations)
    assert [part.independent for part in made].count(True) == 1


def test_what_is_no_video_is_refused_with_a_reason() -> None:
    with pytest.raises(Unsupported, match="there is no video"):
        packager(OPUS_TRACK)
    with pytest.raises(Unsupported, match="AV1 is neither H264 nor VP8"):
        packager(Track("video", "AV1", 90_000, 45, ""))
