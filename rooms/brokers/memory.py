"""
A broker for one process: what the Redis broker promises, without leaving it.

Delivery happens inside the call, so an event has reached its listener when ``publish`` returns.
"""

from collections import deque
from secrets import token_hex

from rooms.brokers import (
    KEPT_CHAT_LINES,
    KNOWN_CHAT_LINES,
    NOBODY_ENTERED,
    SMALL_ROOM,
    Crowd,
    Line,
    Listener,
    Past,
    Whisper,
    with_offset,
)
from rooms.history import History, Position
from rooms.removal import Removal
from rooms.turnstile import Came, Entered


class _Room:
    def __init__(self) -> None:
        self.history = History(Position(token_hex(8), 0))
        self.chat: deque[bytes] = deque(maxlen=KNOWN_CHAT_LINES)
        self.listener: Listener | None = None
        self.viewers: dict[str, tuple[int, bytes]] = {}
        self.likes = 0
        self.came = Came()


class MemoryBroker:
    """The log of every room, in memory; it ends with the process."""

    def __init__(self) -> None:
        self._rooms: dict[str, _Room] = {}

    @property
    def ready(self) -> bool:
        """Always: there is nothing to lose touch with."""
        return self.deaf_since is None

    @property
    def deaf_since(self) -> float | None:
        """Never."""
        return None

    async def publish(self, room: str, event: bytes) -> Position:
        """Append and deliver ``event``."""
        state = self._room(room)
        placed = with_offset(event, state.history.position.offset + 1)
        state.history.append(placed)
        if state.listener is not None:
            state.listener.control(placed)
        return state.history.position

    async def say(self, room: str, *lines: Line) -> None:
        """Deliver chat lines and keep them among the last."""
        state = self._room(room)
        state.chat.extend(line.body for line in lines)
        if state.listener is not None:
            for line in lines:
                state.listener.chat(line)

    async def lines(self, room: str) -> list[bytes]:
        """Return the chat lines that are known still."""
        return list(self._room(room).chat)

    async def forget(self, room: str, removal: Removal) -> None:
        """Keep the lines that ``removal`` takes no longer."""
        state = self._room(room)
        spared = removal.spared(state.chat)
        state.chat.clear()
        state.chat.extend(spared)

    async def set(self, room: str, key: str, value: bytes) -> None:
        """Deliver the latest value of ``key``."""
        if (listener := self._room(room).listener) is not None:
            listener.latest(key, value)

    async def whisper(self, room: str, *whispers: Whisper) -> None:
        """Deliver messages to one user each."""
        if (listener := self._room(room).listener) is not None:
            for whisper in whispers:
                listener.whisper(whisper.user, whisper.body)

    async def signal(self, room: str, topic: str) -> None:
        """Tell the worker that what ``topic`` names has changed."""
        if (listener := self._room(room).listener) is not None:
            listener.signal(topic)

    async def count(
        self,
        room: str,
        worker: str,
        viewers: int,
        likes: int,
        people: bytes = b"[]",
        entered: Entered = NOBODY_ENTERED,
    ) -> Crowd:
        """Add up viewers, likes and those who came in."""
        state = self._room(room)
        if viewers:
            state.viewers[worker] = (viewers, people)
        else:
            state.viewers.pop(worker, None)
        state.likes += likes
        came = state.came.total + entered.count
        named = (came, entered.newest) if entered.newest else (state.came.named, state.came.newest)
        state.came = Came(came, *named)
        total = sum(of_worker for of_worker, _ in state.viewers.values())
        people_of = await self.people(room) if total <= SMALL_ROOM else []
        return Crowd(total, state.likes, people_of, state.came)

    async def people(self, room: str) -> list[bytes]:
        """Return what each worker said last of who is there."""
        return [people for _, people in self._room(room).viewers.values()]

    async def open(self, room: str, listener: Listener) -> None:
        """Begin to deliver to ``listener``."""
        state = self._room(room)
        state.listener = listener
        listener.reset(
            Past(state.history.position, state.history.past(), list(state.chat)[-KEPT_CHAT_LINES:])
        )

    async def close(self, room: str) -> None:
        """Stop delivering what happens in ``room``."""
        self._room(room).listener = None

    def _room(self, room: str) -> _Room:
        return self._rooms.setdefault(room, _Room())
