"""The room's promise under every order of writes, pauses, joins and slices."""

import zlib
from collections import deque
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from rooms import fanout, turns
from rooms.application import Identity
from rooms.brokers import Line, Past, with_offset
from rooms.codes import SLOW, Disconnect
from rooms.fanout import PASS_EVERY_S, Room
from rooms.history import Position
from rooms.lanes import Backlog
from rooms.turns import Turns


def messages(frame: bytes) -> list[dict[str, Any]]:
    """Decode a frame by its header's length."""
    payload = frame[{126: 4, 127: 10}.get(frame[1], 2) :]
    if frame[0] & 0x40:
        payload = zlib.decompressobj(-15).decompress(payload + b"\x00\x00\xff\xff")
    decoded = msgspec.json.decode(payload)
    assert isinstance(decoded, list)
    return decoded


class FakeMember:
    """A viewer that records what it was sent, and may be full after some frames."""

    def __init__(self, user: str, *, deflates: bool = False) -> None:
        self.identity = Identity(id=user, name=user)
        self.deflates = deflates
        # Set: the kernel takes so many bytes of the next frame, and the room pauses the viewer.
        self.takes: int | None = None
        self.spilled = b""
        self.room: Room | None = None
        self.backlog: Backlog | None = None
        self.turn = 0
        self.full = False
        self.heard: list[dict[str, Any]] = []
        self.left: Disconnect | None = None
        self.on_write: Callable[[], None] = lambda: None

    def transmit(self, frame: bytes) -> int:
        if self.left is None:
            self.frame = frame
            if self.takes is not None:
                return self.takes
            self.heard += messages(frame)
            self.on_write()
        return len(frame)

    def spill(self, frame: bytes, sent: int) -> None:
        assert self.room is not None
        self.spilled = frame[sent:]
        self.full = True
        self.room.pause(self)

    def write(self, frame: bytes) -> None:
        self.transmit(frame)

    def leave(self, why: Disconnect) -> None:
        self.left = why

    def offsets(self) -> list[int]:
        return [message["offset"] for message in self.heard if "offset" in message]

    def lines(self) -> list[int]:
        return [message["line"] for message in self.heard if "line" in message]


class Loop:
    """The event loop's queue and clock, moved on by the test."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: deque[Callable[[], None]] = deque()
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.turns = Turns(self.calls.append, self._later, lambda: self.now)

    def _later(self, delay_s: float, call: Callable[[], None]) -> None:
        self.timers.append((self.now + delay_s, call))

    def step(self) -> None:
        if self.calls:
            self.calls.popleft()()

    def drain(self) -> None:
        """Run what is due now and before a screen has shown two more frames."""
        while True:
            while self.calls:
                self.step()
            soon = [at for at, _ in self.timers if at - self.now < 2 * PASS_EVERY_S]
            if not soon:
                return
            self._reach(min(soon))

    def pass_time(self, seconds: float) -> None:
        self._reach(self.now + seconds)

    def _reach(self, moment: float) -> None:
        self.now = moment
        due = [call for at, call in self.timers if at <= self.now]
        self.timers = [(at, call) for at, call in self.timers if at > self.now]
        for call in due:
            call()


def opened(loop: Loop, *, lines_a_second: float = 1_000_000.0) -> Room:
    room = Room("tea", loop.turns, lines_a_second=lines_a_second)
    room.reset(Past(Position("e1", 0), [], []))
    return room


def arrive(room: Room, user: str = "ann") -> FakeMember:
    member = FakeMember(user)
    member.room = room
    room.expect(member)
    room.enter(member, [b'{"joined":%d}' % room.history.position.offset])
    return member


class Storm(RuleBasedStateMachine):
    """Everything that can happen to a room, one write a slice."""

    def __init__(self) -> None:
        super().__init__()
        self.slices = pytest.MonkeyPatch()
        self.slices.setattr(turns, "SLICE_S", 0.0)
        self.slices.setattr(fanout, "WRITES_A_CLOCK", 1)
        self.loop = Loop()
        self.room = opened(self.loop)
        self.members: list[FakeMember] = []
        self.published = 0
        self.said = 0

    def teardown(self) -> None:
        for member in self.members:
            member.on_write = lambda: None
            self.room.resume(member)
        self.loop.drain()
        self.loop.pass_time(fanout.LATEST_EVERY_S)
        self.loop.drain()
        for member in self.members:
            assert member.left is None
            first = member.heard[0]["joined"]
            assert member.offsets() == list(range(first + 1, self.published + 1))
            left_out = sum(m["chat"] for m in member.heard if m.get("type") == "skipped")
            begun = self.said_before[id(member)]
            assert len(member.lines()) + left_out == self.said - begun
            values = [m["value"] for m in member.heard if "value" in m]
            assert values == sorted(values)
            if self.room.latest_values:
                assert values[-1] == self.newest
        self.slices.undo()

    @property
    def said_before(self) -> dict[int, int]:
        return {id(member): member.heard[0]["said"] for member in self.members}

    @rule()
    def join(self) -> None:
        member = FakeMember(f"user-{len(self.members)}")
        self.room.expect(member)
        offset = self.room.history.position.offset
        cut = self.said - len(self.room._chat)
        self.room.enter(member, [b'{"joined":%d,"said":%d}' % (offset, cut)])
        self.members.append(member)

    @rule()
    def publish(self) -> None:
        self.published += 1
        self.room.control(with_offset(b'{"type":"notice"}', self.published))

    @rule()
    def say(self) -> None:
        self.said += 1
        self.room.chat(Line("ann", b'{"line":%d}' % self.said))

    @rule()
    def replace(self) -> None:
        self.newest = getattr(self, "newest", 0) + 1
        self.room.latest("stock", b'{"value":%d}' % self.newest)

    @rule()
    def let_the_loop_turn(self) -> None:
        self.loop.step()

    @rule(seconds=st.floats(0.0, 0.5))
    def let_time_pass(self, seconds: float) -> None:
        self.loop.pass_time(seconds)

    @precondition(lambda self: self.members)
    @rule(pick=st.integers(0, 99))
    def pause(self, pick: int) -> None:
        self.room.pause(self.members[pick % len(self.members)])

    @precondition(lambda self: self.members)
    @rule(pick=st.integers(0, 99))
    def resume(self, pick: int) -> None:
        self.room.resume(self.members[pick % len(self.members)])

    @precondition(lambda self: self.members)
    @rule(pick=st.integers(0, 99))
    def fill_the_socket_with_the_next_write(self, pick: int) -> None:
        member = self.members[pick % len(self.members)]

        def full() -> None:
            member.on_write = lambda: None
            self.room.pause(member)

        member.on_write = full

    @invariant()
    def nobody_sees_a_hole_or_an_event_twice(self) -> None:
        for member in self.members:
            first = member.heard[0]["joined"]
            seen = member.offsets()
            assert seen == list(range(first + 1, first + 1 + len(seen)))


TestStorm = Storm.TestCase
TestStorm.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def test_an_idle_room_sends_in_the_same_turn_of_the_loop() -> None:
    loop = Loop()
    room = opened(loop)
    member = arrive(room)

    room.control(with_offset(b'{"type":"notice"}', 1))
    loop.step()

    assert member.offsets() == [1]


def test_what_arrives_during_a_pass_leaves_together_in_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "SLICE_S", 0.0)
    monkeypatch.setattr(fanout, "WRITES_A_CLOCK", 1)
    loop = Loop()
    room = opened(loop)
    members = [arrive(room, f"user-{n}") for n in range(3)]

    room.chat(Line("ann", b'{"line":1}'))
    loop.step()
    for line in range(2, 10):
        room.chat(Line("ann", b'{"line":%d}' % line))
    loop.drain()

    assert room.passes == 2
    assert [member.lines() for member in members] == [list(range(1, 10))] * 3


def test_passes_are_no_more_frequent_than_a_screen_shows_them() -> None:
    loop = Loop()
    room = opened(loop)
    ann = arrive(room)

    say(room, "ben", 0)
    loop.step()
    assert ann.lines() == [0], "an idle room waited"
    for line in range(1, 4):
        loop.pass_time(PASS_EVERY_S / 4)
        say(room, "ben", line)
        assert not loop.calls, "a pass began too soon"
    loop.pass_time(PASS_EVERY_S / 4)
    loop.step()

    assert ann.lines() == [0, 1, 2, 3]
    assert room.passes == 2


def test_everyone_gets_the_same_bytes_object() -> None:
    loop = Loop()
    room = opened(loop)
    members = [arrive(room, f"user-{n}") for n in range(3)]

    room.chat(Line("ann", b'{"line":1}'))
    loop.drain()

    assert len({id(member.frame) for member in members}) == 1
    assert [member.lines() for member in members] == [[1]] * 3


def test_a_viewer_whose_backlog_outgrows_its_bound_must_come_back() -> None:
    loop = Loop()
    room = opened(loop)
    slow, quick = arrive(room, "slow"), arrive(room, "quick")
    room.pause(slow)

    event = b'{"type":"notice","text":"%b"}' % (b"x" * 1024)
    needed = fanout.BACKLOG_BYTES // len(event) + 1
    for offset in range(1, needed + 1):
        room.control(with_offset(event, offset))
        loop.drain()

    assert slow.left == SLOW
    assert slow not in room.members
    assert quick.left is None
    assert quick.offsets() == list(range(1, needed + 1))


def test_whispers_to_a_viewer_who_is_still_arriving_follow_the_greeting() -> None:
    room = opened(Loop())
    member = FakeMember("ann")

    room.expect(member)
    room.whisper("ann", b'{"type":"placed"}')
    room.whisper("bob", b'{"type":"paid"}')
    room.enter(member, [b'{"type":"joined"}'])

    assert [message["type"] for message in member.heard] == ["joined", "placed"]


def test_a_whisper_reaches_every_connection_of_the_user_and_nobody_else() -> None:
    room = opened(Loop())
    phone, laptop, other = arrive(room, "ann"), arrive(room, "ann"), arrive(room, "bob")

    room.whisper("ann", b'{"type":"paid"}')

    assert phone.heard[1:] == laptop.heard[1:] == [{"type": "paid"}]
    assert other.heard[1:] == []


def test_someone_who_comes_late_hears_the_latest_values() -> None:
    loop = Loop()
    room = opened(loop)
    room.latest("stock:a", b'{"left":3}')
    room.latest("stock:a", b'{"left":2}')
    loop.drain()

    assert arrive(room).heard[1:] == [{"left": 2}]


def test_a_new_epoch_sends_everyone_back_for_a_snapshot() -> None:
    loop = Loop()
    room = opened(loop)
    member = arrive(room)

    room.reset(Past(Position("e2", 0), [], []))

    assert member.left == SLOW
    assert room.members == {}
    assert room.by_user == {}


def test_a_viewer_who_left_is_written_nothing_more() -> None:
    loop = Loop()
    room = opened(loop)
    member, other = arrive(room, "ann"), arrive(room, "bob")

    room.chat(Line("ann", b'{"line":1}'))
    room.forget(member)
    room.forget(member)
    loop.drain()

    assert (member.lines(), other.lines()) == ([], [1])


def test_a_viewer_whose_socket_was_full_before_it_came_in_is_owed_from_the_start() -> None:
    loop = Loop()
    room = opened(loop)
    member = FakeMember("ann")
    member.full = True
    room.expect(member)
    room.enter(member, [b'{"type":"joined"}'])

    for line in range(3):
        room.chat(Line("ann", b'{"line":%d}' % line))
        loop.drain()
    assert member.lines() == []
    room.resume(member)

    assert member.heard[-1] == {"type": "skipped", "chat": 3}


def say(room: Room, speaker: str, number: int, *, always: bool = False) -> None:
    room.chat(Line(speaker, b'{"line":%d}' % number, always=always))


def test_of_chat_that_is_too_fast_a_sample_is_shown_and_the_rest_counted() -> None:
    loop = Loop()
    room = opened(loop, lines_a_second=10.0)
    reader = arrive(room, "reader")

    for number in range(100):
        say(room, "ann", number)
    loop.drain()
    loop.pass_time(fanout.LATEST_EVERY_S)
    loop.drain()

    assert reader.lines() == list(range(20))
    assert [m["chat"] for m in reader.heard if m.get("type") == "skipped"] == [80]
    assert list(room.tail.lines) == [b'{"line":%d}' % number for number in range(20)]


def test_who_speaks_sees_their_own_line_and_everyone_those_that_are_never_left_out() -> None:
    loop = Loop()
    room = opened(loop, lines_a_second=1.0)
    reader, ann = arrive(room, "reader"), arrive(room, "ann")
    say(room, "bob", 0)
    say(room, "bob", 1)

    say(room, "ann", 2)
    say(room, "host", 3, always=True)
    loop.drain()

    assert reader.lines() == [0, 1, 3]
    assert sorted(ann.lines()) == [0, 1, 2, 3]


def test_latest_values_leave_at_once_and_then_a_few_times_a_second() -> None:
    loop = Loop()
    room = opened(loop)
    member = arrive(room)

    for value in range(1_000):
        room.latest("stock", b'{"value":%d}' % value)
        loop.drain()
        loop.pass_time(0.001)
    loop.pass_time(fanout.LATEST_EVERY_S)
    loop.drain()

    values = [m["value"] for m in member.heard if "value" in m]
    assert (values[0], values[-1]) == (0, 999)
    assert len(values) <= 1 + 1.0 / fanout.LATEST_EVERY_S + 1


def test_latest_values_do_not_wait_behind_chat_nor_ride_on_each_line() -> None:
    loop = Loop()
    room = opened(loop)
    member = arrive(room)

    for number in range(10):
        room.latest("stock", b'{"value":%d}' % number)
        say(room, "ann", number)
        loop.drain()

    assert member.lines() == list(range(10))
    assert [m["value"] for m in member.heard if "value" in m] == [0]


def test_a_viewer_who_owes_something_for_too_long_must_come_back() -> None:
    loop = Loop()
    room = opened(loop)
    slow = arrive(room, "slow")
    room.pause(slow)
    say(room, "ann", 1)
    loop.drain()
    assert slow.left is None

    loop.pass_time(fanout.BACKLOG_S + 1)
    say(room, "ann", 2)
    loop.drain()

    assert slow.left == SLOW


def test_those_who_deflate_share_one_compressed_frame_and_the_others_a_plain_one() -> None:
    loop = Loop()
    room = opened(loop)
    members = [FakeMember(f"user-{number}", deflates=number % 2 == 1) for number in range(4)]
    for member in members:
        room.expect(member)
        room.enter(member, [b'{"type":"joined"}'])

    room.chat(Line("ann", b'{"line":7,"text":"%b"}' % (b"hello " * 100)))
    loop.drain()

    assert [member.lines() for member in members] == [[7]] * 4
    frames = [member.frame for member in members]
    assert frames[0] is frames[2]
    assert frames[1] is frames[3]
    assert (frames[0][0], frames[1][0]) == (0x81, 0xC1)
    assert len(frames[1]) < len(frames[0]) / 4


def test_what_is_too_short_to_be_worth_it_is_not_compressed() -> None:
    loop = Loop()
    room = opened(loop)
    member = FakeMember("ann", deflates=True)
    room.expect(member)
    room.enter(member, [b'{"type":"joined"}'])

    room.chat(Line("ann", b'{"line":7}'))
    loop.drain()

    assert (member.frame[0], member.lines()) == (0x81, [7])


def test_a_frame_that_the_kernel_takes_in_part_is_finished_by_the_transport() -> None:
    loop = Loop()
    room = opened(loop)
    slow, quick = arrive(room, "slow"), arrive(room, "quick")
    slow.takes = 3

    say(room, "ann", 1)
    loop.drain()
    say(room, "ann", 2)
    loop.drain()

    assert slow.spilled == slow.frame[3:]
    assert slow.backlog is not None
    assert quick.lines() == [1, 2]


def said(id: str, sender: str) -> Line:
    body = {"type": "chat", "id": id, "from": {"id": sender, "name": "x"}, "text": "hi", "at": 1}
    return Line(sender, msgspec.json.encode(body))


def test_a_removed_line_leaves_the_tail_and_is_not_said_after_its_removal() -> None:
    loop = Loop()
    room = opened(loop)
    ann = arrive(room)
    room.chat(said("cy.1", "cy"))
    loop.drain()
    room.chat(said("cy.2", "cy"))
    room.chat(said("ben.1", "ben"))
    room.control(with_offset(b'{"type":"chat_removed","id":"cy.2"}', 1))
    loop.drain()

    assert [message.get("id") for message in ann.heard[1:]] == ["cy.1", "cy.2", "ben.1"]
    assert [message["type"] for message in ann.heard[1:]] == ["chat", "chat_removed", "chat"]
    assert [msgspec.json.decode(line)["id"] for line in room.tail.lines] == ["cy.1", "ben.1"]


def test_a_cleared_sender_has_no_line_in_the_tail_any_more() -> None:
    loop = Loop()
    room = opened(loop)
    ann = arrive(room)
    for line in (said("cy.1", "cy"), said("ben.1", "ben"), said("cy.2", "cy")):
        room.chat(line)
    room.control(with_offset(b'{"type":"chat_cleared","sender":"cy"}', 1))
    loop.drain()

    assert [message.get("id") for message in ann.heard[1:]] == [None, "ben.1"]
    assert [msgspec.json.decode(line)["id"] for line in room.tail.lines] == ["ben.1"]


def test_a_number_in_no_hurry_rides_along_or_leaves_within_a_second() -> None:
    loop = Loop()
    room = opened(loop)
    member = arrive(room)

    room.latest("pulse", b'{"value":1}', hurry=False)
    loop.drain()
    assert room.passes == 0
    say(room, "ann", 1)
    loop.drain()
    assert room.passes == 1
    assert [m["value"] for m in member.heard if "value" in m] == [1]

    room.latest("pulse", b'{"value":2}', hurry=False)
    loop.pass_time(fanout.RIDE_S)
    loop.drain()
    assert room.passes == 2
    assert [m["value"] for m in member.heard if "value" in m] == [1, 2]


def test_a_number_in_a_hurry_does_not_wait_for_one_that_is_in_none() -> None:
    loop = Loop()
    room = opened(loop)
    member = arrive(room)
    room.latest("stock", b'{"value":1}')
    loop.drain()

    room.latest("pulse", b'{"value":2}', hurry=False)
    room.latest("stock", b'{"value":3}')
    loop.pass_time(fanout.LATEST_EVERY_S)
    loop.drain()

    assert [m["value"] for m in member.heard if "value" in m] == [1, 2, 3]
