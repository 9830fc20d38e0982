"""
Thousands of people who press one button over HTTP at the same moment, a connection each.

The connections are there before the sale, so that what is timed is the answer and nothing else.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final, cast

PRESS_S: Final = 60.0
AT_ONCE: Final = 256


class Button(asyncio.Protocol):
    """One person's connection."""

    def __init__(self, crowd: "Buttons") -> None:
        self._crowd = crowd
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Be ready to press."""
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Take the answer; it is small and comes with its head."""
        self._head += data
        head, end, body = self._head.partition(b"\r\n\r\n")
        if end and len(body) >= _length(head):
            self._head = b""
            self._crowd.answered(int(head.split(b" ", 2)[1]))


class Buttons:
    """All of them; made by `open_buttons`."""

    def __init__(self) -> None:
        self.buttons: list[Button] = []
        self.statuses: Counter[int] = Counter()
        self.took_ns: list[int] = []
        self._began = 0
        self._done = asyncio.Event()

    async def press(self, buyers: Sequence[str]) -> None:
        """Press all buttons at once and wait for every answer."""
        self.statuses.clear()
        self.took_ns.clear()
        self._done.clear()
        requests = [
            f"POST /reserve/{buyer} HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n\r\n".encode()
            for buyer in buyers
        ]
        self._began = time.monotonic_ns()
        for button, request in zip(self.buttons, requests, strict=True):
            button.transport.write(request)
        async with asyncio.timeout(PRESS_S):
            await self._done.wait()

    def answered(self, status: int) -> None:
        """Count an answer."""
        self.took_ns.append(time.monotonic_ns() - self._began)
        self.statuses[status] += 1
        if len(self.took_ns) == len(self.buttons):
            self._done.set()


@asynccontextmanager
async def open_buttons(port: int, number: int) -> AsyncIterator[Buttons]:
    """Hold so many connections for as long as the block lasts."""
    loop = asyncio.get_running_loop()
    crowd = Buttons()
    try:
        for first in range(0, number, AT_ONCE):
            made = await asyncio.gather(
                *(
                    loop.create_connection(lambda: Button(crowd), "127.0.0.1", port)
                    for _ in range(min(AT_ONCE, number - first))
                )
            )
            crowd.buttons += [button for _, button in made]
        yield crowd
    finally:
        for button in crowd.buttons:
            button.transport.abort()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0
