import msgspec
import pytest
from hypothesis import given, strategies as st
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from rooms.frames import Shared, deflated_frame, spliced_frame, text_frame

json_objects = st.dictionaries(st.text(max_size=5), st.text(max_size=300))
batches = st.lists(json_objects, max_size=12)


def parsed(data: bytes, *, deflated: bool = False) -> Frame:
    """Read a frame as a client's WebSocket library does."""
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    extensions = [PerMessageDeflate(True, True, 15, 15)] if deflated else []
    parsing = Frame.parse(reader.read_exact, mask=False, extensions=extensions)
    with pytest.raises(StopIteration) as stopped:
        next(parsing)
    frame = stopped.value.value
    assert isinstance(frame, Frame)
    return frame


def encoded(messages: list[dict[str, str]]) -> list[bytes]:
    return [msgspec.json.encode(message) for message in messages]


@given(batches)
def test_a_frame_is_one_json_array_that_a_websocket_client_reads(
    messages: list[dict[str, str]],
) -> None:
    frame = parsed(text_frame(encoded(messages)))

    assert frame.opcode is Opcode.TEXT
    assert frame.fin
    assert msgspec.json.decode(frame.data) == messages


@given(batches)
def test_a_compressed_frame_says_the_same(messages: list[dict[str, str]]) -> None:
    frame = parsed(deflated_frame(encoded(messages)), deflated=True)

    assert (frame.opcode, frame.fin) == (Opcode.TEXT, True)
    assert msgspec.json.decode(frame.data) == messages


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=400)), max_size=8))
def test_a_spliced_frame_is_its_parts_one_after_another(parts: list[tuple[bool, bytes]]) -> None:
    spliced = [Shared(text) if shared else text for shared, text in parts]
    whole = b"".join(text for _, text in parts)

    assert parsed(spliced_frame(spliced, deflated=False)).data == whole
    assert bytes(parsed(spliced_frame(spliced, deflated=True), deflated=True).data) == whole


def test_what_is_longer_than_a_stored_block_is_spliced_as_several() -> None:
    own, shared = b"x" * 150_000, Shared(b"y" * 150_000)

    frame = spliced_frame([own, shared, own], deflated=True)

    assert bytes(parsed(frame, deflated=True).data) == own + shared.text + own
    assert len(frame) < 2 * len(own) + 1_000


def test_what_is_shared_is_compressed_once() -> None:
    shared = Shared(b"much the same " * 1_000)

    assert shared.blocks is shared.blocks
    assert len(shared.blocks) < 200


@pytest.mark.parametrize("size", [0, 1, 121, 122, 123, 124, 65_530, 65_531, 65_532, 70_000])
def test_every_length_has_the_right_header(size: int) -> None:
    message = b'"' + b"x" * size + b'"'

    assert parsed(text_frame([message])).data == b"[" + message + b"]"
