"""From packets to pictures: whatever the network does, what comes out is whole and in order."""

from itertools import pairwise

import av
from aiortc.rtp import RtpPacket
from hypothesis import given, settings, strategies as st

from live.media.hls.h264 import H264
from live.media.hls.reorder import Lost, Reorder
from live.media.hls.units import Assembler, Unit
from live.media.hls.vp8 import VP8
from tests.live.media.footage import Sent, h264, pictures, video, vp8

COUNT = 150
"""Five seconds, three keyframes."""


def arrivals(sent: list[Sent], lost: set[int], late: dict[int, int]) -> list[tuple[RtpPacket, int]]:
    """Return what comes, and when: some packets never, some after others."""
    came = [
        (each.at_ms + late.get(number, 0), number, each.packet)
        for number, each in enumerate(sent)
        if number not in lost
    ]
    return [(packet, at_ms) for at_ms, _number, packet in sorted(came, key=lambda c: c[:2])]


def assembled(assembler: Assembler, came: list[tuple[RtpPacket, int]]) -> list[Unit]:
    order = Reorder()
    units = []
    for packet, at_ms in came:
        for each in order.push(packet, at_ms):
            if isinstance(each, Lost):
                assembler.lost()
            else:
                units += assembler.push(each)
    return units


def h264_units(came: list[tuple[RtpPacket, int]]) -> list[Unit]:
    return assembled(H264(), came)


def annexb(unit: Unit) -> bytes:
    assert unit.parameters is not None
    nals = (unit.parameters.sps, unit.parameters.pps, *unit.parts) if unit.key else unit.parts
    return b"".join(b"\0\0\0\1" + nal for nal in nals)


def test_every_picture_comes_out_once_and_in_order() -> None:
    units = h264_units(arrivals(h264(COUNT), set(), {}))

    assert len(units) == COUNT
    assert [number for number, unit in enumerate(units) if unit.key] == [0, 60, 120]
    assert {(b.timestamp - a.timestamp) % 2**32 for a, b in pairwise(units)} == {3000}


def test_a_hole_takes_everything_with_it_until_the_next_keyframe() -> None:
    sent = h264(COUNT)
    hole = next(n for n, each in enumerate(sent) if each.at_ms == 1000 and not each.packet.marker)
    units = h264_units(arrivals(sent, {hole}, {}))
    whole = h264_units(arrivals(sent, set(), {}))

    assert units == whole[:30] + whole[60:]


def test_a_keyframe_whose_first_packet_is_missing_is_no_keyframe() -> None:
    sent = h264(COUNT)
    first = next(n for n, each in enumerate(sent) if each.at_ms == 2000)
    units = h264_units(arrivals(sent, {first}, {}))
    whole = h264_units(arrivals(sent, set(), {}))

    assert units == whole[:60] + whole[120:]


def test_a_packet_that_comes_within_the_patience_is_not_lost() -> None:
    sent = h264(COUNT)
    assert h264_units(arrivals(sent, set(), {40: 200, 41: 190, 90: 240})) == h264_units(
        arrivals(sent, set(), {})
    )


def test_a_publisher_whose_numbers_begin_anew_is_followed() -> None:
    sent = h264(60) + h264(60, sequence=20_000, timestamp=5_000_000, begins_ms=2000)
    units = h264_units(arrivals(sent, set(), {}))

    assert [number for number, unit in enumerate(units) if unit.key] == [0, 60]
    assert len(units) == 120


def test_a_payload_that_is_no_h264_is_a_hole() -> None:
    sent = h264(COUNT)
    whole = h264_units(arrivals(sent, set(), {}))
    for payload in (b"\x18\x00", b"\x18\x00\x09\x67", b"\x1c\x05\x00", b"\x1c", b"\x1f\x00"):
        broken = h264(COUNT)
        at = next(n for n, each in enumerate(broken) if each.at_ms == 1000)
        broken[at].packet.payload = payload
        units = h264_units(arrivals(broken, set(), {}))

        assert units[-30:] == whole[-30:]
        assert len(units) <= COUNT - 30


def test_padding_is_no_picture() -> None:
    sent = h264(COUNT)
    whole = h264_units(arrivals(sent, set(), {}))
    probe = RtpPacket(payload_type=102, timestamp=sent[50].packet.timestamp, payload=b"")
    probed = [each.packet for each in sent[:51]] + [probe] + [each.packet for each in sent[51:]]
    for number, packet in enumerate(probed):
        packet.sequence_number = number

    assert h264_units([(packet, 0) for packet in probed]) == whole


PACKETS = len(h264(COUNT))
LOSS = st.sets(st.integers(0, PACKETS - 1), max_size=40)
DELAY = st.dictionaries(st.integers(0, PACKETS - 1), st.integers(0, 600), max_size=60)


@settings(max_examples=60, deadline=None)
@given(lost=LOSS, late=DELAY)
def test_what_comes_out_is_whole_and_in_order_and_decodes(
    lost: set[int], late: dict[int, int]
) -> None:
    sent = h264(COUNT)
    whole = h264_units(arrivals(sent, set(), {}))
    units = h264_units(arrivals(sent, lost, late))

    places = [whole.index(unit) for unit in units]  # every unit is one that was sent, as sent
    assert places == sorted(set(places))
    after = [(a, b) for a, b in pairwise(places) if b != a + 1]
    assert all(whole[b].key for _a, b in after)
    assert not units or units[0].key

    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.options = {"err_detect": "explode"}
    decoded = [f for unit in units for f in decoder.decode(av.Packet(annexb(unit)))]
    decoded += decoder.decode(None)
    assert len(decoded) == len(units)
    assert not any(frame.is_corrupt for frame in decoded)


VP8_SENT = len(video(vp8(90)))


@settings(max_examples=40, deadline=None)
@given(
    lost=st.sets(st.integers(0, VP8_SENT - 1), max_size=20),
    late=st.dictionaries(st.integers(0, VP8_SENT - 1), st.integers(0, 600), max_size=30),
)
def test_vp8_comes_out_whole_and_in_order(lost: set[int], late: dict[int, int]) -> None:
    sent = video(vp8(90))
    whole = assembled(VP8(), arrivals(sent, set(), {}))
    units = assembled(VP8(), arrivals(sent, lost, late))

    assert len(whole) == 90
    places = [whole.index(unit) for unit in units]
    assert places == sorted(set(places))
    assert all(whole[b].key for a, b in pairwise(places) if b != a + 1)
    assert not units or units[0].key


def test_the_footage_is_what_the_tests_think() -> None:
    assert [n for n, (key, _payloads) in enumerate(pictures(COUNT)) if key] == [0, 60, 120]
    assert any(len(payloads) > 2 for _key, payloads in pictures(COUNT))


def stap(*nals: bytes) -> bytes:
    return b"\x18" + b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)


def test_a_picture_that_begins_with_a_delimiter_is_whole_and_still_needs_the_one_before() -> None:
    assembler = H264()
    key = stap(b"\x09\x10", b"\x67\x42\xc0\x1f", b"\x68\xce", b"\x65\x88")
    following = stap(b"\x09\x30", b"\x41\x9a")
    [first] = assembler.push(RtpPacket(timestamp=0, marker=1, payload=key))
    [second] = assembler.push(RtpPacket(timestamp=3000, marker=1, payload=following))
    assembler.lost()
    orphaned = assembler.push(RtpPacket(timestamp=9000, marker=1, payload=following))
    [anew] = assembler.push(RtpPacket(timestamp=12000, marker=1, payload=key))

    assert (first.key, first.parts) == (True, (b"\x65\x88",))
    assert (second.key, second.parts) == (False, (b"\x41\x9a",))
    assert orphaned == []
    assert anew.key
