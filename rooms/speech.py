"""
Chat lines on their way to the broker: those of one room together and in order.

While one batch is under way the next one gathers, so a storm costs the broker a call a round trip
and not a call a line. Rooms do not wait for each other. Invariant: a speaker hears ``ok`` once the
line was brought, or an error, exactly once.
"""

import asyncio
from collections import defaultdict
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from rooms.application import Viewer
from rooms.brokers import Broker, BrokerUnavailable, Line
from rooms.messages import Error, Message, Ok

WAITING_LINES: Final = 10_000
"""Lines that may wait, of all rooms: more means that the broker is away."""

BATCH_LINES: Final = 128
"""Lines brought at once: it holds Redis for half a millisecond."""

log = structlog.get_logger()
encode = msgspec.json.Encoder().encode


class Speech(Struct, frozen=True):
    """A line, who says it, and what they are answered."""

    line: Line
    speaker: Viewer
    reply: Ok


class Speeches:
    """Brings the lines of one worker."""

    def __init__(self, broker: Broker, tasks: asyncio.TaskGroup) -> None:
        self._broker = broker
        self._tasks = tasks
        self._waiting: defaultdict[str, list[Speech]] = defaultdict(list)
        self._lines = 0
        self._silent = asyncio.Event()
        self._silent.set()

    def post(self, room: str, speech: Speech) -> None:
        """Bring a line soon; with too many before it, its speaker hears that at once."""
        if self._lines >= WAITING_LINES:
            speech.speaker.send(encode(_unheard(speech)))
            return
        self._lines += 1
        self._silent.clear()
        begins = room not in self._waiting
        self._waiting[room].append(speech)
        if begins:
            self._tasks.create_task(self._bring(room))

    async def all_brought(self) -> None:
        """Wait until no line waits."""
        await self._silent.wait()

    async def _bring(self, room: str) -> None:
        waiting = self._waiting[room]
        while waiting:
            batch = waiting[:BATCH_LINES]
            del waiting[:BATCH_LINES]
            try:
                await self._broker.say(room, *(speech.line for speech in batch))
            except BrokerUnavailable as error:
                log.warning("lines_not_delivered", room=room, lines=len(batch), error=str(error))
                answers: list[Message] = [_unheard(speech) for speech in batch]
            else:
                answers = [speech.reply for speech in batch]
            for speech, answer in zip(batch, answers, strict=True):
                speech.speaker.send(encode(answer))
            self._lines -= len(batch)
        del self._waiting[room]
        if not self._waiting:
            self._silent.set()


def _unheard(speech: Speech) -> Error:
    detail = "the line could not be delivered; send it again"
    return Error(code="unavailable", detail=detail, to=speech.reply.to)
