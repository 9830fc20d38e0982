"""Frames as a client meets them."""

from struct import pack

import pytest
from hypothesis import given, strategies as st
from websockets.frames import Frame as Written, Opcode

from loadtest.frames import (
    BINARY,
    CLOSE,
    MAX_PAYLOAD_BYTES,
    PING,
    PONG,
    TEXT,
    Frame,
    FrameReader,
    close_code,
    masked,
)


def written(frame: Frame) -> bytes:
    """Return a frame as the library that serves us writes it."""
    data = Written(Opcode(frame.opcode), frame.payload).serialize(mask=False)
    # What an extension would do to the first byte (RFC 7692 section 6).
    return bytes([data[0] | 0x40]) + data[1:] if frame.deflated else data


TOO_MANY = MAX_PAYLOAD_BYTES + 1

sizes = st.sampled_from([0, 1, 125, 126, 127, 200, 65_535, 65_536, 70_000])
frames = st.one_of(
    st.builds(
        lambda opcode, size, deflated: Frame(opcode, b"y" * size, deflated),
        st.sampled_from([TEXT, BINARY]),
        sizes,
        st.booleans(),
    ),
    st.builds(Frame, st.sampled_from([CLOSE, PING, PONG]), st.binary(max_size=125), st.just(False)),
)


@given(st.lists(frames, max_size=5), st.data())
def test_however_the_bytes_were_cut_they_make_the_same_frames(
    sent: list[Frame], data: st.DataObject
) -> None:
    stream = b"".join(map(written, sent))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    reader = FrameReader(deflate=True)

    read = []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        read += reader.feed(stream[begin:end])

    assert read == sent
    assert reader.between_frames


@given(st.binary(max_size=40), st.integers(0, 40))
def test_noise_ends_alike_however_it_was_cut(noise: bytes, cut: int) -> None:
    whole, pieces = FrameReader(), FrameReader()

    read = pieces.feed(noise[:cut])
    read += pieces.feed(noise[cut:])

    assert read == whole.feed(noise)
    assert (pieces.fault, pieces.between_frames) == (whole.fault, whole.between_frames)


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"\xc1\x00", "a reserved bit"),
        (b"\xa1\x00", "a reserved bit"),
        (b"\x81\x80", "a masked frame"),
        (b"\x01\x00", "a fragment"),
        (b"\x80\x00", "a fragment"),
        (b"\x83\x00", "unknown opcode 3"),
        (b"\x89\x7e", "a control frame that is too long"),
        (b"\x81\x7f" + pack("!Q", TOO_MANY), f"a frame of {TOO_MANY} bytes"),
    ],
)
def test_what_breaks_the_protocol_ends_the_reading(data: bytes, fault: str) -> None:
    reader = FrameReader()

    assert reader.feed(b"\x81\x02ok" + data) == [Frame(TEXT, b"ok")]
    assert reader.fault == fault
    assert reader.feed(b"\x81\x02no") == []
    assert not reader.between_frames


def test_a_compressed_frame_is_read_only_by_those_who_asked_for_it() -> None:
    compressed = b"\xc1\x01z"

    assert FrameReader(deflate=True).feed(compressed) == [Frame(TEXT, b"z", deflated=True)]
    assert FrameReader().feed(compressed) == []


def test_a_compressed_ping_is_a_fault_whoever_asked() -> None:
    reader = FrameReader(deflate=True)

    assert reader.feed(b"\xc9\x00") == []
    assert reader.fault == "a reserved bit"


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_what_a_client_writes_is_masked_and_as_long_as_it_says(size: int) -> None:
    payload = b"p" * size
    frame = Written(Opcode.TEXT, payload).serialize(mask=True)

    ours = masked(TEXT, payload)
    begin = len(ours) - size

    # The same header as the library writes; the mask itself is random there and zero here.
    assert ours[: begin - 4] == frame[: begin - 4]
    assert ours[begin:] == payload


def test_a_close_frame_without_a_code_says_so() -> None:
    assert close_code(b"\x0b\xc0too slow") == 3008
    assert close_code(b"") == 1005
