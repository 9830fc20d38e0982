import msgspec
import pytest
from hypothesis import given, strategies as st
from websockets.frames import Frame, Opcode
from websockets.streams import StreamReader

from rooms.frames import text_frame


def parsed(data: bytes) -> Frame:
    """Read a frame as a client's WebSocket library does."""
    reader = StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    parsing = Frame.parse(reader.read_exact, mask=False)
    with pytest.raises(StopIteration) as stopped:
        next(parsing)
    frame = stopped.value.value
    assert isinstance(frame, Frame)
    return frame


@given(st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=300)), max_size=12))
def test_a_frame_is_one_json_array_that_a_websocket_client_reads(
    messages: list[dict[str, str]],
) -> None:
    frame = parsed(text_frame([msgspec.json.encode(message) for message in messages]))

    assert frame.opcode is Opcode.TEXT
    assert frame.fin
    assert msgspec.json.decode(frame.data) == messages


@pytest.mark.parametrize("size", [0, 1, 121, 122, 123, 124, 65_530, 65_531, 65_532, 70_000])
def test_every_length_has_the_right_header(size: int) -> None:
    message = b'"' + b"x" * size + b'"'

    assert parsed(text_frame([message])).data == b"[" + message + b"]"
