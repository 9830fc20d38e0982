"""
Thousands of viewers in one process: one epoll, no task and no timer a socket.

A frame that was heard before is recognised by its bytes, so a reception costs a system call, a
dictionary and two additions; what a frame tells is searched once (`hearing`). The swarm's epoll is
itself a file that the event loop waits for, so timers, HTTP and load share one loop. Invariant:
whoever is ``live`` has an unbroken record of its control lane, in ``lane``.
"""

import asyncio
import select
import sys
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Final

from loadtest.frames import CLOSE, PING, PONG, TEXT, Frame, close_code, masked
from loadtest.hearing import Heard, inflated, refusal
from loadtest.spectator import ABNORMAL, Door, Phase, Spectator, text

ADDRESSES: Final = 250
"""Sources 127.0.0.1 to .250: a crowd does not come from one address, and ports are not short."""

IN_FLIGHT: Final = 512
"""Handshakes at a time in a storm; a listening queue holds some thousands."""

READ_BYTES: Final = 64 * 1024

EVENTS_A_TURN: Final = 1_024
"""About 5 ms of receptions, then timers get their turn."""

KNOWN_FRAMES: Final = 1_024
"""Frames that are recognised: a pass over the viewers repeats one; a second of passes, some 100."""

RETRY_S: Final = 0.5
"""Whoever is sent away before it was let in comes back after this time."""

COME_BACK: Final = range(3000, 3500)
"""Close codes that ask for it."""


class Swarm:
    """The viewers of one door; made by `open_swarm`."""

    def __init__(self, door: Door, *, in_flight: int = IN_FLIGHT, deflate: bool = False) -> None:
        self.door = door
        self.spectators: list[Spectator] = []
        self.live = 0
        # Receptions of text frames, and of chat lines in them or told to be left out.
        self.frames = 0
        self.lines = 0
        self.skipped = 0
        # Greetings that went on from where a viewer stood.
        self.recoveries = 0
        self.closes: Counter[int] = Counter()
        # Upgrades that were answered with another HTTP status.
        self.turned_away: Counter[int] = Counter()
        self.faults: Counter[str] = Counter()
        # Answers by kind (``ok``, ``reserved``, ``refused``), and why others were not given.
        self.answers: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        # Nanoseconds each answer took, by kind.
        self.answered: dict[str, list[int]] = {}
        # Nanoseconds from hearing that a unit is held to hearing that its order is written.
        self.placed: list[int] = []
        # Every frame with stamps, with its receptions, since `forget_frames`.
        self.stamped: list[Heard] = []
        self._deflate = deflate
        self._in_flight = in_flight
        self._flying = 0
        self._asked: dict[str, int] = {}
        self._held: dict[str, int] = {}
        self._queue: deque[Spectator] = deque()
        self._epoll = select.epoll()
        self._seats: dict[int, Spectator] = {}
        self._number = 0
        self._upgrade = door.upgrade(deflate=deflate)
        # Findings by the bytes as they came, where those were one whole frame, and by payload.
        self._chunks: dict[bytes, Heard] = {}
        self._payloads: dict[bytes, Heard] = {}
        self._changed = asyncio.Event()

    @property
    def fileno(self) -> int:
        """What the event loop waits for."""
        return self._epoll.fileno()

    # -- What a bench asks for --------------------------------------------------------------------

    def admit(self, spectators: Iterable[Spectator]) -> None:
        """Let ``spectators`` enter, at most ``in_flight`` at a time; those outside only."""
        known = set(map(id, self.spectators))
        for spectator in spectators:
            if id(spectator) not in known:
                self.spectators.append(spectator)
            self._queue.append(spectator)
        self._fill()

    async def until(self, condition: Callable[[], bool], timeout: float) -> None:
        """
        Wait until ``condition`` holds; it is looked at after every turn.

        Raises:
            TimeoutError: it did not within ``timeout`` seconds.

        """
        async with asyncio.timeout(timeout):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def until_live(self, number: int, timeout: float) -> None:
        """
        Wait until ``number`` are live.

        Raises:
            TimeoutError: fewer are after ``timeout`` seconds; its text says what happened.

        """
        try:
            await self.until(lambda: self.live >= number, timeout)
        except TimeoutError:
            detail = f"{self.live} of {number} viewers are live after {timeout:.0f} s"
            raise TimeoutError(f"{detail}; {self.trouble() or 'nobody was refused'}") from None

    def say(self, spectator: Spectator, id: str, line: str) -> None:
        """Post a chat line."""
        self._ask(spectator, id, text({"type": "chat", "id": id, "text": line}))

    def reserve(self, spectator: Spectator, id: str, offer: str) -> None:
        """Try for a unit."""
        # As `text` would: in a sale, encoding was a tenth of what the crowd cost.
        wish = f'{{"type":"reserve","id":"{id}","offer":"{offer}","fresh":true}}'
        self._ask(spectator, id, masked(TEXT, wish.encode()))

    def stop_reading(self, spectators: Iterable[Spectator]) -> None:
        """Leave what comes for ``spectators`` in the kernel, and do not count it."""
        for spectator in spectators:
            spectator.counted = False
            self._epoll.modify(spectator.fd, 0)

    def read_again(self, spectators: Iterable[Spectator]) -> None:
        """Read on; what was late still does not count for the latency."""
        for spectator in spectators:
            if spectator.sock is not None:
                self._epoll.modify(spectator.fd, select.EPOLLIN)

    def hang_up(self, spectators: Iterable[Spectator]) -> None:
        """Cut connections, as a network that is gone does."""
        for spectator in spectators:
            self._end(spectator, ABNORMAL)

    @property
    def unanswered(self) -> int:
        """How many lines and attempts were not answered yet."""
        return len(self._asked)

    def forget_answers(self) -> None:
        """Begin a new measurement of answers."""
        self.answers.clear()
        self.reasons.clear()
        self.answered.clear()
        self.placed.clear()

    def forget_frames(self) -> None:
        """Begin a new measurement of latency; frames still on their way count to the new one."""
        self.stamped.clear()
        self._chunks.clear()
        self._payloads.clear()

    def in_step(self) -> bool:
        """Whether everyone who is live stands at the same place of the control lane."""
        return len({each.lane.offset for each in self._seats.values()}) <= 1

    def broken(self) -> list[str]:
        """Return what was not as a room promises, a sentence each; nothing, when all is well."""
        lanes = [spectator.lane for spectator in self.spectators]
        holes = sum(lane.holes for lane in lanes)
        duplicates = sum(lane.duplicates for lane in lanes)
        top = max((lane.offset for lane in lanes), default=0)
        behind = sum(each.lane.offset < top for each in self._seats.values())
        found = [f"{holes} control events were never seen"] if holes else []
        found += [f"{duplicates} control events came twice"] if duplicates else []
        found += [f"{behind} viewers did not reach event {top}"] if behind else []
        return found + [f"{count} × {fault}" for fault, count in self.faults.items()]

    def trouble(self) -> str:
        """Return what went wrong so far, as a sentence; nothing, when all is well."""
        parts = [f"{count} closed with {code}" for code, count in self.closes.items()]
        parts += [f"{count} got HTTP {status}" for status, count in self.turned_away.items()]
        parts += [f"{count} × {fault}" for fault, count in self.faults.items()]
        return ", ".join(parts)

    # -- What the event loop calls ----------------------------------------------------------------

    def turn(self) -> None:
        """Read what is there, once around at most."""
        seats, chunks, clock = self._seats, self._chunks, time.monotonic_ns
        frames = lines = skipped = 0
        for fd, mask in self._epoll.poll(0, EVENTS_A_TURN):
            spectator = seats.get(fd)
            if spectator is None or spectator.sock is None:
                continue
            if spectator.phase is Phase.CONNECTING:
                self._connected(spectator, mask)
                continue
            try:
                data = spectator.sock.recv(READ_BYTES)
            except BlockingIOError:
                continue
            except OSError:
                data = b""
            now = clock()
            heard = chunks.get(data)
            if heard is not None and spectator.reader.between_frames:
                frames += 1
                lines += heard.lines
                spectator.frames += 1
                spectator.lines += heard.lines
                if heard.skipped:
                    skipped += heard.skipped
                    spectator.skipped += heard.skipped
                if heard.first:
                    spectator.lane.hear(heard)
                if heard.stamps and spectator.counted:
                    heard.times.append(now)
            elif (no := refusal(data)) is not None and spectator.reader.between_frames:
                frames += 1
                spectator.frames += 1
                self._answered("refused", no[0], now)
                self.reasons[no[1]] += 1
            elif data:
                self._read(spectator, data, now)
            else:
                self._end(spectator, ABNORMAL)
        self.frames += frames
        self.lines += lines
        self.skipped += skipped
        self._fill()
        self._changed.set()

    def _read(self, spectator: Spectator, data: bytes, now: int) -> None:
        """Read what was not recognised at sight."""
        if spectator.phase is Phase.UPGRADING:
            match spectator.upgraded(data):
                case bytes() as rest:
                    data = rest
                    self._upgraded(spectator, now)
                case int() as status:
                    self.turned_away[status] += 1
                    self._end(spectator, ABNORMAL)
                    return
                case None:
                    return
        fresh = spectator.reader.between_frames
        frames = spectator.reader.feed(data)
        for frame in frames:
            if spectator.sock is None:
                return
            if frame.opcode == TEXT:
                heard = self._heard(frame)
                alone = fresh and len(frames) == 1 and spectator.reader.between_frames
                if alone and heard.is_everyones:
                    _remember(self._chunks, data, heard)
                self._take(spectator, heard, now)
            elif frame.opcode == PING:
                spectator.write(masked(PONG, frame.payload))
            elif frame.opcode == CLOSE:
                spectator.write(masked(CLOSE, frame.payload))
                self._end(spectator, close_code(frame.payload))
            elif frame.opcode != PONG:
                self._fault(spectator, "a binary frame")
        if spectator.reader.fault is not None and spectator.sock is not None:
            self._fault(spectator, spectator.reader.fault)

    def _heard(self, frame: Frame) -> Heard:
        heard = self._payloads.get(frame.payload)
        if heard is None:
            heard = Heard(inflated(frame.payload) if frame.deflated else frame.payload)
            _remember(self._payloads, frame.payload, heard)
            if heard.stamps:
                self.stamped.append(heard)
        return heard

    def _take(self, spectator: Spectator, heard: Heard, now: int) -> None:
        if heard.greeting is not None:
            spectator.lane.greet(heard.greeting)
            self.recoveries += heard.greeting.recovered
            self._let_in(spectator, now)
        if heard.first:
            spectator.lane.hear(heard)
        self.frames += 1
        self.lines += heard.lines
        self.skipped += heard.skipped
        spectator.frames += 1
        spectator.lines += heard.lines
        spectator.skipped += heard.skipped
        if heard.stamps and spectator.counted:
            heard.times.append(now)
        for kind, to in heard.answers:
            self._answered(kind, to, now)
        self.reasons.update(heard.reasons)
        for kind, hold in heard.holds:
            # They come by different ways: the order writer's news may be there first.
            if (other := self._held.pop(hold, None)) is not None:
                self.placed.append(max(0, now - other) if kind == "placed" else 0)
            else:
                self._held[hold] = now

    def _answered(self, kind: str, to: str, now: int) -> None:
        self.answers[kind] += 1
        if (asked := self._asked.pop(to, None)) is not None:
            self.answered.setdefault(kind, []).append(now - asked)

    # -- Coming and going -------------------------------------------------------------------------

    def _fill(self) -> None:
        while self._queue and self._flying < self._in_flight:
            spectator = self._queue.popleft()
            source = f"127.0.0.{1 + self._number % ADDRESSES}"
            self._number += 1
            spectator.connect(self.door, source, time.monotonic_ns(), deflate=self._deflate)
            self._flying += 1
            self._seats[spectator.fd] = spectator
            self._epoll.register(spectator.fd, select.EPOLLOUT)

    def _connected(self, spectator: Spectator, mask: int) -> None:
        if mask & (select.EPOLLERR | select.EPOLLHUP) or not spectator.write(self._upgrade):
            self._end(spectator, ABNORMAL)
            return
        spectator.phase = Phase.UPGRADING
        self._epoll.modify(spectator.fd, select.EPOLLIN)

    def _upgraded(self, spectator: Spectator, now: int) -> None:
        if self.door.room is None:
            if self.door.hello is not None:
                spectator.write(masked(TEXT, self.door.hello.encode()))
            self._let_in(spectator, now)
        else:
            spectator.phase = Phase.JOINING
            spectator.write(spectator.join(self.door.room))

    def _let_in(self, spectator: Spectator, now: int) -> None:
        if spectator.phase is not Phase.LIVE:
            spectator.phase = Phase.LIVE
            spectator.joined_at = now
            self.live += 1
            self._flying -= 1

    def _end(self, spectator: Spectator, code: int) -> None:
        if spectator.sock is None:
            return
        was_live = spectator.phase is Phase.LIVE
        del self._seats[spectator.fd]
        spectator.hang_up(code)
        self.closes[code] += 1
        if was_live:
            self.live -= 1
            return
        self._flying -= 1
        if code in COME_BACK or code == ABNORMAL:
            asyncio.get_running_loop().call_later(RETRY_S, self._again, spectator)

    def _again(self, spectator: Spectator) -> None:
        if not self._epoll.closed:
            self._queue.append(spectator)
            self._fill()

    def _fault(self, spectator: Spectator, fault: str) -> None:
        self.faults[fault] += 1
        self._end(spectator, ABNORMAL)

    def _ask(self, spectator: Spectator, id: str, frame: bytes) -> None:
        self._asked[id] = time.monotonic_ns()
        if not spectator.write(frame):
            self.faults["a message that could not be sent"] += 1

    def close(self) -> None:
        """Hang up on everybody."""
        self._queue.clear()
        for spectator in self.spectators:
            spectator.hang_up(ABNORMAL)
        self._epoll.close()


def _remember(known: dict[bytes, Heard], data: bytes, heard: Heard) -> None:
    if len(known) >= KNOWN_FRAMES:
        del known[next(iter(known))]
    known[data] = heard


@asynccontextmanager
async def open_swarm(
    door: Door, *, in_flight: int = IN_FLIGHT, deflate: bool = False
) -> AsyncIterator[Swarm]:
    """Hold a swarm before ``door`` for as long as the block lasts."""
    swarm = Swarm(door, in_flight=in_flight, deflate=deflate)
    loop = asyncio.get_running_loop()
    loop.add_reader(swarm.fileno, swarm.turn)
    try:
        yield swarm
    finally:
        loop.remove_reader(swarm.fileno)
        swarm.close()


if __name__ == "__main__":
    from loadtest.arena import main

    sys.exit(main())
