"""
How a server that stands alone is told what to publish, and what it says.

The bench writes one line of JSON for each task and reads one when it is done; the end of standard
input ends the server. Every server publishes the same lines at the same pace, so that what differs
is how they reach the viewers.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Final

from loadtest.hearing import STAMP

LINE_BYTES: Final = 180
"""A chat line of some forty characters with its names and ids."""


@dataclass(frozen=True, slots=True)
class Task:
    """Publish ``messages`` at ``rate`` a second; each ``control_every``-th is a control event."""

    messages: int
    rate: float
    control_every: int = 0
    size: int = LINE_BYTES

    @property
    def duration_s(self) -> float:
        """How long that takes."""
        return self.messages / self.rate

    @property
    def events(self) -> int:
        """How many of the messages are control events."""
        return self.messages // self.control_every if self.control_every else 0


def chat_line(number: int, now: int, size: int = LINE_BYTES) -> bytes:
    """Return a chat line of ``size`` bytes, stamped with ``now``, as a room writes one."""
    begin = (
        b'{"type":"chat","id":"guest_%d.%d","from":{"id":"guest_%d","name":"Viewer %d"},'
        b'"text":"%b%d ' % (number % 97, number, number % 97, number % 97, STAMP.encode(), now)
    )
    end = b'","at":1700000000000}'
    return begin + b"." * (size - len(begin) - len(end)) + end


def notice(number: int, now: int, size: int = LINE_BYTES) -> bytes:
    """Return a control event of ``size`` bytes, before a room has placed it."""
    begin = b'{"type":"notice","text":"%b%d %d ' % (STAMP.encode(), now, number)
    return begin + b"." * (size - len(begin) - len(b'"}') - len(b'"offset":99,')) + b'"}'


async def obey(port: int, publish: Callable[[bytes, bool], Awaitable[None]]) -> None:
    """Say where the server listens, then publish as told until standard input ends."""
    reader = asyncio.StreamReader()
    with os.fdopen(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as pipe:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        _tell({"port": port})
        while told := await reader.readline():
            task = Task(**json.loads(told))
            await paced(task, publish)
            _tell(asdict(task))
        transport.close()


async def paced(task: Task, publish: Callable[[bytes, bool], Awaitable[None]]) -> None:
    """Publish the lines and control events of a task, at its rate."""
    begin = time.monotonic()
    for number in range(1, task.messages + 1):
        # Paced by the clock, not by pauses: one that comes late is not made up by a slower pace.
        await asyncio.sleep(begin + number / task.rate - time.monotonic())
        control = bool(task.control_every) and number % task.control_every == 0
        write = notice if control else chat_line
        await publish(write(number, time.monotonic_ns(), task.size), control)


def _tell(message: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
