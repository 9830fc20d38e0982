"""
One room on this worker: gathers what is said and makes passes over its viewers.

An idle room sends at once. While a pass runs, and for a moment after it, new messages gather and
leave together in the next one, so a storm costs no more writes than a trickle. A pass is cut into
slices that give the loop back (``turns``), so that a purchase never waits for chat. Invariant:
``history`` ends with the last event that was cut into a pass; a viewer who stands there and is in
the next pass misses nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain, islice
from math import inf
from typing import Final, Protocol

from rooms.application import Identity
from rooms.brokers import RESUMED, Line, Past
from rooms.codes import SLOW, Disconnect
from rooms.frames import Shared, deflated_frame, spliced_frame, text_frame
from rooms.history import History, Position
from rooms.lanes import Backlog, Batch, skipped
from rooms.removal import removal_of
from rooms.sampling import Sampler
from rooms.tail import Tail
from rooms.turns import Turns

WRITES_A_CLOCK: Final = 32
"""Reading the clock costs 50 ns, a write 5000: one reading in 32 writes is not seen."""

PASS_EVERY_S: Final = 1 / 60
"""
From one pass to the next, as often as a screen shows something new.

Without it a storm of 200 lines a second was 130 frames a second to each viewer, of 1.5 lines: half
of the work, the server's and the phone's, for what nobody can see.
"""

LATEST_EVERY_S: Final = 0.2
"""Numbers that change five times a second look alive; more would only cost."""

RIDE_S: Final = 1.0
"""How long a number that is in no hurry waits for a pass that something else causes."""

BACKLOG_BYTES: Final = 256 * 1024
"""Control events a slow viewer may owe before it must come back: a thousand of 256 bytes."""

BACKLOG_S: Final = 15.0
"""How long something may be owed: what is older than a sale's countdown is no help to anyone."""

BACKLOG_WHISPERS: Final = 64
"""Messages to one slow viewer that may wait; a buyer gets a handful an evening."""

LATEST_KEYS: Final = 4_096
"""Different latest values a room keeps: a show of 200 offers needs 201."""


class Member(Protocol):
    """
    A viewer as the room sees one.

    ``backlog`` is what it is owed while its socket is full, ``turn`` the last pass it had its turn
    in; both are the room's to write. A member that was told to leave takes frames and drops them.
    """

    backlog: Backlog | None
    turn: int

    @property
    def transmit(self) -> Callable[[bytes], int]:
        """Hand bytes to the kernel, return how many it took; ``OSError``: none. Not while full."""

    @property
    def deflates(self) -> bool:
        """Whether it takes compressed frames."""

    @property
    def full(self) -> bool:
        """Whether its socket takes no more for now."""

    @property
    def identity(self) -> Identity:
        """Whose connection it is."""

    def spill(self, frame: bytes, sent: int) -> None:
        """Keep what the kernel did not take of ``frame``, and be full until it did."""

    def write(self, frame: bytes) -> None:
        """Send a frame, full or not."""

    def leave(self, why: Disconnect) -> None:
        """End the connection; the room has let go of it already."""


class Room:
    """
    The viewers of one room on this worker, and what they are to be told.

    Every method is synchronous, so none can be seen half done. Implements ``brokers.Listener``.
    """

    def __init__(
        self,
        name: str,
        turns: Turns,
        *,
        lines_a_second: float,
        signalled: Callable[[str], object] = lambda topic: None,
        noticed: Callable[[str, bytes], object] = lambda key, value: None,
    ) -> None:
        self.name = name
        self.history = History(Position("", 0))
        self.tail = Tail()
        self.latest_values: dict[str, bytes] = {}
        # In order of entrance, so that a pass can begin anywhere and miss nobody.
        self.members: dict[Member, None] = {}
        self.by_user: dict[str, set[Member]] = {}
        self.passes = 0
        self._deflating = 0
        self._turns = turns
        self._signalled = signalled
        self._noticed = noticed
        self._sampler = Sampler(lines_a_second, turns.clock())
        # What has gathered for the next pass; latest values and counts wait until they are due.
        self._events: list[bytes] = []
        self._chat: list[bytes] = []
        self._latest: dict[str, bytes] = {}
        self._latest_due = 0.0
        self._rings_at = inf
        # Whether a step will run by itself; and from when on the next pass may begin.
        self._asked = False
        self._asked_at = self._pass_due = 0.0
        # The pass that runs, since when its first message has waited, and when it began.
        self._since = self._began = 0.0
        self._writing: Iterator[Member] | None = None
        self._batch = Batch([], [], {}, 0)
        self._before = self.history.position

    # -- What the broker says -------------------------------------------------------------------

    def reset(self, past: Past) -> None:
        """Start from ``past``; whoever stood elsewhere must come back for a snapshot."""
        moved = list(self.members) if self.history.position.epoch else []
        self.history = History(past.position, past.events)
        self.tail = Tail(past.chat)
        self.latest_values.clear()
        self._events, self._chat, self._latest = [], [], {}
        for member in moved:
            self.forget(member)
            member.leave(SLOW)
        self._signalled(RESUMED)

    def control(self, event: bytes) -> None:
        """Gather a control event; what it takes away from the chat is not said any more."""
        if (removal := removal_of(event)) is not None:
            self.tail.take_away(removal)
            # Control leaves before chat: a line that has not left yet would come after its end.
            self._chat = removal.spared(self._chat)
        self._events.append(event)
        self._ask()

    def chat(self, line: Line) -> None:
        """Gather a chat line; one too many is shown to nobody but its speaker."""
        body = self.tail.quoting(line.body, self._chat)
        if self._sampler.admits(line, self._turns.clock()):
            self._chat.append(body)
            self._ask()
        else:
            self.whisper(line.speaker, body)
            self._ask_when_due()

    def latest(self, key: str, value: bytes, *, hurry: bool = True, kept: bool = True) -> None:
        """
        Gather a latest value, in place of one that has not left yet.

        Those who come later are told it too, unless it is not ``kept``. Without ``hurry`` it rides
        along with what leaves next, where something does in a second: to thousands of viewers a
        pass of its own costs as much as any other.
        """
        if kept and (key in self.latest_values or len(self.latest_values) < LATEST_KEYS):
            self.latest_values[key] = value
        self._latest[key] = value
        self._noticed(key, value)
        if hurry:
            self._ask_when_due()
        else:
            self._ring(RIDE_S)

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
        member.backlog = Backlog(self.history.position, self._turns.clock())
        self.by_user.setdefault(member.identity.id, set()).add(member)

    def enter(self, member: Member, greeting: Sequence[bytes | Shared]) -> None:
        """
        Send ``greeting`` and make the expected ``member`` one of the viewers.

        The greeting is the parts of messages separated by commas. It must bring the member to
        ``history.position``; what follows comes with the passes.
        """
        backlog, member.backlog = member.backlog, None
        whispers = backlog.whispers if backlog is not None else []
        self.members[member] = None
        self._deflating += member.deflates
        member.turn = self.passes
        rest = b"".join(b"," + message for message in [*self.latest_values.values(), *whispers])
        member.write(spliced_frame([b"[", *greeting, rest + b"]"], deflated=member.deflates))
        if member.full:
            # It was before it came in, and will not say so again.
            self.pause(member)

    def forget(self, member: Member) -> None:
        """Let go of ``member``; idempotent."""
        if member in self.members:
            del self.members[member]
            self._deflating -= member.deflates
        others = self.by_user.get(member.identity.id)
        if others is not None:
            others.discard(member)
            if not others:
                del self.by_user[member.identity.id]

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
            member.backlog = Backlog(self._reached(member), self._turns.clock())

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
        owed = [
            *events[: len(events) - coming],
            *([skipped(backlog.chat)] if backlog.chat else []),
            *backlog.latest.values(),
            *backlog.whispers,
        ]
        if owed:
            member.write(deflated_frame(owed) if member.deflates else text_frame(owed))

    def _reached(self, member: Member) -> Position:
        """Return where ``member`` stands, having had its turn in the running pass or not."""
        waiting = self._writing is not None and member.turn != self.passes
        return self._before if waiting else self.history.position

    # -- Passes ---------------------------------------------------------------------------------

    def _ask(self, since: float = 0.0) -> None:
        if self._asked:
            return
        self._asked, now = True, self._turns.clock()
        self._asked_at = since or now
        wait_s = self._pass_due - now
        if wait_s > 0:
            self._turns.later(wait_s, self._take_turn)
        else:
            self._take_turn()

    def _take_turn(self) -> None:
        self._turns.ask(self._step)

    def _ask_when_due(self) -> None:
        """Ask for a pass at once if the last values left long enough ago, or else in time."""
        now = self._turns.clock()
        if now >= self._latest_due:
            self._ask()
        else:
            self._ring(self._latest_due - now)

    def _ring(self, in_s: float) -> None:
        """Ask for a pass in ``in_s`` seconds for what still waits then."""
        at = self._turns.clock() + in_s
        if at < self._rings_at:
            self._rings_at = at
            self._turns.later(in_s, self._rang)

    def _rang(self) -> None:
        self._rings_at = inf
        if self._paced:
            self._ask_when_due()

    @property
    def _paced(self) -> bool:
        """Whether something waits that leaves only a few times a second."""
        return bool(self._latest or self._sampler.left_out)

    def _step(self, until: float) -> bool:
        if self._writing is not None or self._begin_pass():
            self._write(until)
        if self._writing is not None:
            return True
        self._asked = False
        if self._events or self._chat:
            # The first of what gathered may have come as early as the pass began.
            self._ask(self._asked_at)
        elif self._paced:
            self._ask_when_due()
        return False

    def _begin_pass(self) -> bool:
        """Cut a batch of what has gathered; False: nothing has, or nobody is here to hear it."""
        now = self._turns.clock()
        latest: dict[str, bytes] = {}
        left_out = 0
        if self._paced and now >= self._latest_due:
            latest, self._latest = self._latest, {}
            left_out = self._sampler.told()
            self._latest_due = now + LATEST_EVERY_S
        events, chat = self._events, self._chat
        if not (events or chat or latest or left_out):
            return False
        self._events, self._chat = [], []
        self._before = self.history.position
        for event in events:
            self.history.append(event)
        self.tail.extend(chat)
        if not self.members:
            return False
        self._batch = Batch(events, chat, latest, left_out)
        self._since, self._began, self._asked_at = self._asked_at, now, now
        self._turns.passes.begun(len(self.members), left_out)
        self._writing = self._rotated()
        self._pass_due = now + PASS_EVERY_S
        self.passes += 1
        return True

    def _rotated(self) -> Iterator[Member]:
        """Return today's viewers, beginning elsewhere each pass: nobody is always last."""
        everyone = list(self.members)
        first = self.passes * 7919 % len(everyone)
        return chain(islice(everyone, first, None), islice(everyone, first))

    def _write(self, until: float) -> None:
        """
        Go on with the pass, to its end or until the slice is over.

        This loop is what a viewer costs: 10 to 13 % above a bare loop over ``socket.send``
        (``loadtest/results/rooms.md``).
        """
        writing, clock, turn = self._writing, self._turns.clock, self.passes
        assert writing is not None
        plain = self._batch.plain
        deflated = self._batch.deflated if self._deflating else plain
        while True:
            member = None
            for member in islice(writing, WRITES_A_CLOCK):
                member.turn = turn
                if member.backlog is None:
                    frame = deflated if member.deflates else plain
                    try:
                        sent = member.transmit(frame)
                    except OSError:
                        sent = 0
                    if sent != len(frame):
                        member.spill(frame, sent)
                elif member in self.members:
                    self._owe(member, member.backlog)
            if member is None:
                self._writing = None
                self._turns.passes.ended(self._since, self._began, clock())
                return
            if clock() >= until:
                return

    def _owe(self, member: Member, backlog: Backlog) -> None:
        batch = self._batch
        backlog.chat += len(batch.chat) + batch.left_out
        backlog.latest.update(batch.latest)
        backlog.events_bytes += batch.events_bytes
        if (
            backlog.events_bytes > BACKLOG_BYTES
            or self._turns.clock() - backlog.since > BACKLOG_S
            or not self.history.reaches(backlog.position)
        ):
            self._expel(member, SLOW)

    def _expel(self, member: Member, why: Disconnect) -> None:
        self._turns.passes.slow += why is SLOW
        self.forget(member)
        member.leave(why)
