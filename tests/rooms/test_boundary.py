"""However a stream of frames is cut, its boundaries are found, and each text is heard once."""

import asyncio
import os
import random
import socket
from typing import Final

from hypothesis import given, strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from rooms.boundary import Boundary, text
from rooms.connection import Connection
from rooms.door import Asking, Guest
from rooms.session import Allowances

KINDS: Final = [Opcode.TEXT, Opcode.BINARY, Opcode.PING, Opcode.PONG]
# Around the lengths at which a head gets longer (RFC 6455, section 5.2).
SIZES: Final = [0, 1, 5, 124, 125, 126, 127, 65_535, 65_536]
RSV1: Final = 0x40

frames = st.builds(
    lambda opcode, size: Frame(opcode, os.urandom(min(size, 125 if opcode >= 8 else size))),
    st.sampled_from(KINDS),
    st.sampled_from(SIZES),
)


@given(st.lists(frames, max_size=6), st.lists(st.integers(1, 300), max_size=40))
def test_a_boundary_is_where_the_frames_end_however_they_are_cut(
    sent: list[Frame], cuts: list[int]
) -> None:
    stream, ends = b"", {0}
    for frame in sent:
        stream += frame.serialize(mask=True)
        ends.add(len(stream))
    boundary, at = Boundary(), 0
    for size in [*cuts, len(stream)]:
        boundary.follow(stream[at : at + size])
        at = min(at + size, len(stream))
        assert boundary.between == (at in ends)


@given(frames, st.booleans(), st.booleans())
def test_a_text_is_read_at_sight_as_the_library_reads_it(
    frame: Frame, fin: bool, deflated: bool
) -> None:
    frame.fin = fin or frame.opcode >= 8
    data = frame.serialize(mask=True)
    data = bytes([data[0] | RSV1 * deflated]) + data[1:]
    if frame.opcode is Opcode.TEXT and frame.fin and not deflated and len(frame.data) < 126:
        library = ServerProtocol(state=State.OPEN)
        library.receive_data(data)
        (read,) = library.events_received()
        assert isinstance(read, Frame)
        assert text(data) == bytes(read.data) == bytes(frame.data)
    else:
        assert text(data) is None


@given(frames, st.binary(min_size=1, max_size=8))
def test_what_is_more_or_less_than_one_frame_is_not_read_at_sight(
    frame: Frame, more: bytes
) -> None:
    data = frame.serialize(mask=True)
    assert text(data + more) is None
    assert text(data[:-1]) is None


def test_a_text_without_a_mask_is_left_to_the_library() -> None:
    assert text(Frame(Opcode.TEXT, b"[1]").serialize(mask=False)) is None


class Ear:
    """A desk that keeps what connections say."""

    def __init__(self) -> None:
        self.allowances = Allowances()
        self.heard: list[bytes] = []

    def knocked(self, connection: Connection, asking: Asking) -> Guest:
        return Guest(None)

    def received(self, connection: Connection, frame: bytes) -> None:
        self.heard.append(frame)

    def connected(self, connection: Connection) -> None: ...
    def pinged(self, connection: Connection) -> None: ...
    def disconnected(self, connection: Connection) -> None: ...


async def test_a_connection_hears_every_text_once_and_in_order_however_it_is_cut() -> None:
    chance = random.Random(20)
    for _ in range(200):
        stream, said = b"", []
        for number in range(chance.randint(1, 8)):
            words = str(number).encode() * chance.choice([1, 100, 130])
            said.append(words)
            match chance.choice(["whole", "pieces", "ping"]):
                case "whole":
                    stream += Frame(Opcode.TEXT, words).serialize(mask=True)
                case "pieces":
                    half = chance.choice([0, len(words) // 2])
                    stream += Frame(Opcode.TEXT, words[:half], fin=False).serialize(mask=True)
                    stream += Frame(Opcode.PING, b"").serialize(mask=True)
                    stream += Frame(Opcode.CONT, words[half:]).serialize(mask=True)
                case _:
                    stream += Frame(Opcode.PING, b"").serialize(mask=True)
                    stream += Frame(Opcode.TEXT, words).serialize(mask=True)
        assert await heard(_cut(stream, chance)) == said


async def test_a_text_in_the_middle_of_another_ends_the_connection() -> None:
    begun = Frame(Opcode.TEXT, b"", fin=False).serialize(mask=True)
    whole = Frame(Opcode.TEXT, b"[]").serialize(mask=True)
    assert await heard([begun, whole, whole]) == []


async def heard(chunks: list[bytes]) -> list[bytes]:
    """Return what the desk hears of a connection that reads these."""
    ear, (ours, theirs) = Ear(), socket.socketpair()
    with theirs:
        connection = Connection(ear, "c1", lambda: 0.0, set())
        await asyncio.get_running_loop().create_connection(lambda: connection, sock=ours)
        for chunk in chunks:
            connection.data_received(chunk)
        connection.abort()
    return ear.heard


def _cut(stream: bytes, chance: random.Random) -> list[bytes]:
    at, chunks = 0, []
    while at < len(stream):
        size = chance.choice([1, 2, 5, 7, 60, 107, 200])
        chunks.append(stream[at : at + size])
        at += size
    return chunks
