"""
How a room's events reach every worker, and how they are kept.

Two implementations, one contract (``tests/contracts/test_broker.py``): ``memory`` for one process
and for tests, ``redis`` for real. Under it ``topology`` knows where Redis is (one server, a master
under sentinels, a Redis Cluster), ``servers`` brings a script to the one that has the room, and
``subscription`` listens to one of them.
"""

from typing import Protocol

from msgspec import Struct

from rooms.history import Position
from rooms.removal import Removal
from rooms.turnstile import Came, Entered

KEPT_CHAT_LINES = 50
"""What someone who comes in late gets to read: about two screens of a phone."""

KNOWN_CHAT_LINES = 500
"""Lines that moderators may still pin or find by id: what a busy room says in a minute; 150 KiB."""

RESUMED = "resumed"
"""The topic of the signal after a break in which other signals may have been lost."""

NOBODY_ENTERED = Entered()

SMALL_ROOM = 50
"""Up to so many viewers a room is told who is there: more names nobody reads."""


class Past(Struct, frozen=True):
    """A room's log as it was at ``position``: the tail of events that ends there, and of chat."""

    position: Position
    events: list[bytes]
    chat: list[bytes]


class Line(Struct, frozen=True):
    """A chat line on its way; ``always``: it is never left out, however fast the room talks."""

    speaker: str
    body: bytes
    always: bool = False


class Whisper(Struct, frozen=True):
    """A message for every connection of ``user`` in a room, as it goes to them."""

    user: str
    body: bytes


class Crowd(Struct, frozen=True):
    """
    How many watch a room on all workers, and how often it was liked.

    ``people`` is what each worker said of who is there; empty in a room that is not small. ``came``
    counts all who ever came in.
    """

    viewers: int
    likes: int
    people: list[bytes] = []
    came: Came = Came()


class Listener(Protocol):
    """A room on this worker. Every method is synchronous, and called in the order of the log."""

    def reset(self, past: Past) -> None:
        """Start from ``past``; first of all calls, and again whenever the log cannot go on."""

    def control(self, event: bytes) -> None:
        """Take the event that follows the last one."""

    def chat(self, line: Line) -> None:
        """Take a chat line."""

    def latest(self, key: str, value: bytes) -> None:
        """Take a value that replaces the one before it under ``key``."""

    def whisper(self, user: str, message: bytes) -> None:
        """Take a message for every connection of ``user``."""

    def signal(self, topic: str) -> None:
        """Take a word for the worker itself: what ``topic`` names has changed."""


class Broker(Protocol):
    """
    The log of every room, and its delivery.

    - ``publish`` assigns the offset, appends and delivers in one atomic step, so the order of
      delivery is the order of offsets, on every worker.
    - A listener sees every event after its ``reset`` exactly once, in order; where that cannot be
      kept, it is reset again. Never a silent hole.
    - Chat, latest values, whispers and signals are delivered at most once, in order with the
      events. What must not be missed is current state, read again after every ``reset`` and
      after every signal ``RESUMED``.
    """

    @property
    def ready(self) -> bool:
        """Whether subscriptions are alive; a worker that cannot hear must not take viewers."""

    @property
    def deaf_since(self) -> float | None:
        """Since when it has not been ``ready``, on the loop's clock; None while it is."""

    async def publish(self, room: str, event: bytes) -> Position:
        """
        Append ``event``, a JSON object without an offset, and deliver it with its offset in it.

        Raises:
            BrokerUnavailable: nothing is known about whether it was appended.

        """

    async def say(self, room: str, *lines: Line) -> None:
        """Deliver chat lines in their order and keep them among the last; all or none."""

    async def lines(self, room: str) -> list[bytes]:
        """Return the chat lines that are known still, oldest first: more than newcomers get."""

    async def forget(self, room: str, removal: Removal) -> None:
        """
        Keep the lines that ``removal`` takes no longer; idempotent.

        Workers that have the room open learn it from the control event that says so.
        """

    async def set(self, room: str, key: str, value: bytes) -> None:
        """Deliver a value that replaces the one before it under ``key``."""

    async def whisper(self, room: str, *whispers: Whisper) -> None:
        """Deliver each to the connections of its user, on whichever worker, in the order given."""

    async def signal(self, room: str, topic: str) -> None:
        """Tell every worker that has the room open that what ``topic`` names has changed."""

    async def count(
        self,
        room: str,
        worker: str,
        viewers: int,
        likes: int,
        people: bytes = b"[]",
        entered: Entered = NOBODY_ENTERED,
    ) -> Crowd:
        """
        Say that ``worker`` has so many viewers, ``likes`` more, who ``people`` are, who came in.

        Return the totals. A worker that is silent for five seconds no longer counts.
        """

    async def people(self, room: str) -> list[bytes]:
        """Return what each worker said last of who is there, in a room of any size."""

    async def open(self, room: str, listener: Listener) -> None:
        """Begin to deliver to ``listener``; returns after its first ``reset``."""

    async def close(self, room: str) -> None:
        """Stop delivering what happens in ``room``."""


class BrokerUnavailable(Exception):
    """The broker could not be reached, or did not answer in time."""


def with_offset(event: bytes, offset: int) -> bytes:
    """Write ``offset`` into an encoded event, as its first field."""
    return b'{"offset":%d,%b' % (offset, event[1:])
