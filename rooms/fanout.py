"""
One room on this worker: gathers what is said and makes passes over its viewers.

An idle room sends at once. While a pass runs, new messages gather and leave together in the next
one, so a storm costs no more writes than a trickle. A pass is cut into slices that give the loop
back, so that a purchase never waits for chat. Invariant: ``history`` ends with the last event that
was cut into a pass; a viewer who stands there and is in the next pass misses nothing.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from time import perf_counter
from typing import Final, Protocol

from rooms.brokers import KEPT_CHAT_LINES, Line, Past
from rooms.codes import SLOW, Disconnect
from rooms.frames import text_frame
from rooms.history import History, Position

SLICE_S: Final = 0.003
"""About 300 writes at 9 us each; then commands get their turn."""

WRITES_A_CLOCK: Final = 32
"""Reading the clock costs 50 ns, a write 9000: one reading in 32 writes is not seen."""

BACKLOG_BYTES: Final = 256 * 1024
"""Control events a slow viewer may owe before it must come back: a thousand of 256 bytes."""

BACKLOG_WHISPERS: Final = 64
"""Messages to one slow viewer that may wait; a buyer gets a handful an evening."""

LATEST_KEYS: Final = 4_096
"""Different latest values a room keeps: a show of 200 offers needs 201."""

Defer = Callable[[Callable[[], None]], object]


class Member(Protocol):
    """
    A viewer as the room sees one.

    ``backlog`` is what it is owed while its socket is full, ``turn`` the last pass it had its turn
    in; both are the room's to write.
    """

    backlog: "Backlog | None"
    turn: int

    @property
    def full(self) -> bool:
        """Whether its socket takes no more for now."""

    @property
    def user(self) -> str:
        """Whose connection it is."""

    def write(self, frame: bytes) -> None:
        """Hand a frame to the socket."""

    def leave(self, why: Disconnect) -> None:
        """End the connection; the room has let go of it already."""


class Backlog:
    """What a viewer whose socket is full is owed; control events are only a position."""

    __slots__ = ("chat", "latest", "position", "whispers")

    def __init__(self, position: Position) -> None:
        self.position = position
        self.chat = 0
        self.latest: dict[str, bytes] = {}
        self.whispers: list[bytes] = []


class Batch:
    """What leaves together: one frame for everyone who can take it."""

    __slots__ = ("chat", "events", "latest")

    def __init__(self) -> None:
        self.events: list[bytes] = []
        self.chat: list[bytes] = []
        self.latest: dict[str, bytes] = {}

    def __bool__(self) -> bool:
        return bool(self.events or self.chat or self.latest)

    def messages(self) -> Iterator[bytes]:
        """Return control first: what is on sale matters before what is said about it."""
        return chain(self.events, self.chat, self.latest.values())


class Room:
    """
    The viewers of one room on this worker, and what they are to be told.

    Every method is synchronous, so none can be seen half done. Implements ``brokers.Listener``.
    """

    def __init__(
        self,
        name: str,
        defer: Defer | None = None,
        signalled: Callable[[str], object] = lambda topic: None,
    ) -> None:
        self.name = name
        self._signalled = signalled
        self.history = History(Position("", 0))
        self.chat_tail: deque[bytes] = deque(maxlen=KEPT_CHAT_LINES)
        self.latest_values: dict[str, bytes] = {}
        # In order of entrance, so that a pass can begin anywhere and miss nobody.
        self.members: dict[Member, None] = {}
        self.by_user: dict[str, set[Member]] = {}
        self.passes = 0
        self._defer = defer or (lambda call: asyncio.get_running_loop().call_soon(call))
        self._gathered = Batch()
        self._writing: Iterator[Member] | None = None
        self._frame = b""
        self._batch = Batch()
        self._before = self.history.position
        self._scheduled = False

    # -- What the broker says -------------------------------------------------------------------

    def reset(self, past: Past) -> None:
        """Start from ``past``; whoever stood elsewhere must come back for a snapshot."""
        moved = list(self.members) if self.history.position.epoch else []
        self.history = History(past.position, past.events)
        self.chat_tail = deque(past.chat, maxlen=KEPT_CHAT_LINES)
        self.latest_values.clear()
        self._gathered = Batch()
        for member in moved:
            self._expel(member, SLOW)

    def control(self, event: bytes) -> None:
        """Gather a control event."""
        self._gathered.events.append(event)
        self._schedule()

    def chat(self, line: Line) -> None:
        """Gather a chat line."""
        self._gathered.chat.append(line.body)
        self._schedule()

    def latest(self, key: str, value: bytes) -> None:
        """Gather a latest value, in place of one that has not left yet."""
        if key in self.latest_values or len(self.latest_values) < LATEST_KEYS:
            self.latest_values[key] = value
        self._gathered.latest[key] = value
        self._schedule()

    def whisper(self, user: str, message: bytes) -> None:
        """Send ``message`` to every connection of ``user`` on this worker, at once."""
        for member in list(self.by_user.get(user, ())):
            self.tell(member, message)

    def signal(self, topic: str) -> None:
        """Pass on a word for the worker itself."""
        self._signalled(topic)

    # -- Who is here ----------------------------------------------------------------------------

    def expect(self, member: Member) -> None:
        """Keep what is whispered to ``member`` until it enters."""
        member.backlog = Backlog(self.history.position)
        self.by_user.setdefault(member.user, set()).add(member)

    def enter(self, member: Member, greeting: Sequence[bytes]) -> None:
        """
        Send ``greeting`` and make the expected ``member`` one of the viewers.

        The greeting must bring it to ``history.position``; what follows comes with the passes.
        """
        backlog, member.backlog = member.backlog, None
        whispers = backlog.whispers if backlog is not None else []
        self.members[member] = None
        member.turn = self.passes
        member.write(text_frame([*greeting, *self.latest_values.values(), *whispers]))
        if member.full:
            # It was before it came in, and will not say so again.
            self.pause(member)

    def forget(self, member: Member) -> None:
        """Let go of ``member``; idempotent."""
        self.members.pop(member, None)
        others = self.by_user.get(member.user)
        if others is not None:
            others.discard(member)
            if not others:
                del self.by_user[member.user]

    def tell(self, member: Member, message: bytes) -> None:
        """Send one message to one viewer, behind what it is owed already."""
        backlog = member.backlog
        if backlog is None:
            member.write(text_frame((message,)))
        elif len(backlog.whispers) < BACKLOG_WHISPERS:
            backlog.whispers.append(message)
        else:
            self._expel(member, SLOW)

    def pause(self, member: Member) -> None:
        """Take ``member`` out of the passes: its socket is full."""
        if member.backlog is None:
            member.backlog = Backlog(self._reached(member))

    def resume(self, member: Member) -> None:
        """Send what ``member`` is owed in one frame, and take it in again."""
        if member.backlog is None or member not in self.members:
            return
        backlog, member.backlog = member.backlog, None
        events = self.history.since(backlog.position)
        if events is None:
            self._expel(member, SLOW)
            return
        # Where its turn in the running pass is still to come, the pass brings the last events.
        coming = self.history.position.offset - self._reached(member).offset
        skipped = [b'{"type":"skipped","chat":%d}' % backlog.chat] if backlog.chat else []
        owed = [
            *events[: len(events) - coming],
            *skipped,
            *backlog.latest.values(),
            *backlog.whispers,
        ]
        if owed:
            member.write(text_frame(owed))

    def _reached(self, member: Member) -> Position:
        """Return where ``member`` stands, having had its turn in the running pass or not."""
        waiting = self._writing is not None and member.turn != self.passes
        return self._before if waiting else self.history.position

    # -- Passes ---------------------------------------------------------------------------------

    def _schedule(self) -> None:
        if not self._scheduled and self._writing is None:
            self._scheduled = True
            self._defer(self._begin_pass)

    def _begin_pass(self) -> None:
        self._scheduled = False
        if not self._gathered:
            return
        batch, self._gathered = self._gathered, Batch()
        self._before = self.history.position
        for event in batch.events:
            self.history.append(event)
        self.chat_tail.extend(batch.chat)
        if not self.members:
            return
        self._batch, self._frame = batch, text_frame(tuple(batch.messages()))
        self._writing = self._rotated()
        self.passes += 1
        self._write_slice()

    def _rotated(self) -> Iterator[Member]:
        """Return today's viewers, beginning elsewhere each pass: nobody is always last."""
        everyone = list(self.members)
        first = self.passes * 7919 % len(everyone)
        return chain(islice(everyone, first, None), islice(everyone, first))

    def _write_slice(self) -> None:
        writing, frame, members = self._writing, self._frame, self.members
        if writing is None:
            return
        turn = self.passes
        until = perf_counter() + SLICE_S
        while True:
            member = None
            for member in islice(writing, WRITES_A_CLOCK):
                if member not in members:
                    continue
                member.turn = turn
                if member.backlog is None:
                    member.write(frame)
                else:
                    self._owe(member, member.backlog)
            if member is None:
                self._end_pass()
                return
            if perf_counter() >= until:
                self._defer(self._write_slice)
                return

    def _end_pass(self) -> None:
        self._writing = None
        if self._gathered:
            self._schedule()

    def _owe(self, member: Member, backlog: Backlog) -> None:
        backlog.chat += len(self._batch.chat)
        backlog.latest.update(self._batch.latest)
        events = self.history.since(backlog.position)
        if events is None or sum(map(len, events)) > BACKLOG_BYTES:
            self._expel(member, SLOW)

    def _expel(self, member: Member, why: Disconnect) -> None:
        self.forget(member)
        member.leave(why)
