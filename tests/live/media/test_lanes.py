"""The numbers a viewer sees, and what is sent again."""

from aiortc.rtp import RtcpPacket, RtcpSrPacket, RtpPacket

from live.media.forwarding import REPAIRS_AT_ONCE, Feed, Lane
from live.media.keyframes import starts_keyframe
from live.media.tap import Track

H264 = Track("video", "H264", 90_000, 96, "packetization-mode=1")
KEY, DELTA = b"\x65picture", b"\x41change"


def packet(number: int, moment: int = 0, payload: bytes = DELTA) -> RtpPacket:
    return RtpPacket(96, 1, number & 0xFFFF, moment & 0xFFFFFFFF, 1, payload)


class Wire:
    """A lane, and what went out of it."""

    def __init__(self, feed: Feed, repair: int | None = 97, *, at_s: float = 0.0) -> None:
        self.sent: list[RtpPacket] = []
        self.reports: list[RtcpSrPacket] = []
        self.lane = Lane(102, repair, self._packet, self._control, at_s)
        feed.add(self.lane, at_s)

    def _packet(self, data: bytes) -> None:
        self.sent.append(RtpPacket.parse(data))

    def _control(self, data: bytes) -> None:
        report, _ = RtcpPacket.parse(data)
        assert isinstance(report, RtcpSrPacket)
        self.reports.append(report)


def feeding() -> tuple[Feed, Wire]:
    feed = Feed("video")
    feed.begin(H264)
    return feed, Wire(feed)


def test_a_viewer_begins_with_a_keyframe() -> None:
    feed, wire = feeding()

    feed.packet(packet(1), 0.0)
    feed.packet(packet(2, payload=KEY), 0.0)
    feed.packet(packet(3), 0.0)

    assert [each.payload for each in wire.sent] == [KEY, DELTA]
    assert {(each.payload_type, each.ssrc) for each in wire.sent} == {(102, wire.lane.ssrc)}
    assert wire.sent[0].sequence_number < 0x8000


def test_who_comes_right_after_a_keyframe_begins_with_it() -> None:
    feed, _ = feeding()
    feed.packet(packet(65_534, 0, DELTA), 0.9)
    feed.packet(packet(65_535, 3000, b"\x67parameters"), 1.0)
    feed.packet(packet(0, 3000, KEY), 1.0)
    feed.packet(packet(1, 6000), 1.1)

    soon, late = Wire(feed, at_s=1.4), Wire(feed, at_s=1.5)
    feed.packet(packet(2, 9000), 1.5)

    assert [each.payload for each in soon.sent] == [b"\x67parameters", KEY, DELTA, DELTA]
    numbers = [each.sequence_number - soon.sent[0].sequence_number for each in soon.sent]
    assert numbers == [0, 1, 2, 3]
    assert late.sent == []


def test_a_keyframe_with_a_hole_behind_it_is_no_beginning() -> None:
    feed, _ = feeding()
    feed.packet(packet(1, 3000, KEY), 1.0)
    feed.packet(packet(3, 6000), 1.1)

    wire = Wire(feed, at_s=1.2)
    feed.packet(packet(2, 6000), 1.2)
    assert wire.sent == []

    feed.packet(packet(4, 9000, KEY), 1.6)
    assert [each.payload for each in wire.sent] == [KEY]


def test_numbers_keep_their_distances_over_a_wrap_and_out_of_order() -> None:
    feed, wire = feeding()

    feed.packet(packet(65_535, 100, KEY), 0.0)
    feed.packet(packet(1, 3_100), 0.0)
    feed.packet(packet(0, 3_100), 0.0)

    first = wire.sent[0]
    assert [(each.sequence_number - first.sequence_number) & 0xFFFF for each in wire.sent] == [
        0,
        2,
        1,
    ]
    assert [(each.timestamp - first.timestamp) & 0xFFFFFFFF for each in wire.sent] == [
        0,
        3000,
        3000,
    ]


def test_the_next_publication_follows_the_last_without_a_hole() -> None:
    feed, wire = feeding()
    feed.packet(packet(10, 1000, KEY), 1.0)
    feed.packet(packet(11, 4000), 1.0)

    feed.begin(H264)
    feed.packet(packet(500, 777), 3.0)
    feed.packet(packet(501, 777, KEY), 3.0)

    before, after = wire.sent[-2:]
    assert len(wire.sent) == 3
    assert (after.sequence_number - before.sequence_number) & 0xFFFF == 1
    assert (after.timestamp - before.timestamp) & 0xFFFFFFFF == 2 * 90_000 + 1


def test_a_lost_packet_is_sent_again_as_it_was() -> None:
    feed, wire = feeding()
    feed.packet(packet(7, 1000, KEY), 0.0)
    [first] = wire.sent

    wire.lane.send_again(first.sequence_number, feed.ring, 0.0)

    again = wire.sent[1]
    assert (again.payload_type, again.ssrc) == (97, wire.lane.repair_ssrc)
    assert again.timestamp == first.timestamp
    assert again.payload == first.sequence_number.to_bytes(2, "big") + KEY


def test_where_retransmissions_have_no_stream_the_packet_comes_twice() -> None:
    feed, _ = feeding()
    wire = Wire(feed, repair=None)
    feed.packet(packet(7, 1000, KEY), 0.0)

    wire.lane.send_again(wire.sent[0].sequence_number, feed.ring, 0.0)

    first, again = wire.sent
    assert (again.sequence_number, again.payload) == (first.sequence_number, KEY)


def test_what_is_too_old_or_asked_for_too_often_is_not_sent_again() -> None:
    feed, wire = feeding()
    feed.packet(packet(0, payload=KEY), 0.0)
    number = wire.sent[0].sequence_number

    wire.lane.send_again(number - 1, feed.ring, 0.0)
    wire.lane.send_again(number + 1024, feed.ring, 0.0)
    assert len(wire.sent) == 1
    for _ in range(REPAIRS_AT_ONCE + 50):
        wire.lane.send_again(number, feed.ring, 0.0)

    assert len(wire.sent) == 1 + REPAIRS_AT_ONCE
    assert wire.lane.repaired == REPAIRS_AT_ONCE


def test_reports_speak_of_the_viewers_own_timestamps() -> None:
    feed, wire = feeding()
    feed.packet(packet(1, 1000, KEY), 0.0)
    offset = wire.sent[0].timestamp - 1000

    feed.report(5 << 32, 91_000, 1.0)
    late = Wire(feed, at_s=1.5)
    feed.packet(packet(2, 92_000, KEY), 1.5)

    assert wire.reports[0].sender_info.ntp_timestamp == 5 << 32
    assert wire.reports[0].sender_info.rtp_timestamp == (91_000 + offset) & 0xFFFFFFFF
    # Half a second later, whoever comes late is told what it would be by then.
    info = late.reports[0].sender_info
    assert info.ntp_timestamp == (5 << 32) + (1 << 31)
    assert info.rtp_timestamp == (91_000 + 45_000 + late.sent[0].timestamp - 92_000) & 0xFFFFFFFF


def test_a_keyframe_is_known_by_its_first_packet() -> None:
    stap = b"\x18" + b"\x00\x02\x09\x10" + b"\x00\x03\x67xx"

    assert starts_keyframe("H264", b"\x65xx")
    assert starts_keyframe("H264", b"\x67xx")
    assert starts_keyframe("H264", stap)
    assert starts_keyframe("H264", b"\x7c\x85xx")
    assert not starts_keyframe("H264", b"\x7c\x05xx")
    assert not starts_keyframe("H264", b"\x41xx")
    assert not starts_keyframe("H264", b"")
    assert starts_keyframe("VP8", b"\x10\x10")
    assert starts_keyframe("VP8", b"\x90\x80\x81\x02\x10")
    assert not starts_keyframe("VP8", b"\x10\x11")
    assert not starts_keyframe("VP8", b"\x00\x10")
    assert not starts_keyframe("VP8", b"\x90\x80\x81\x02")
