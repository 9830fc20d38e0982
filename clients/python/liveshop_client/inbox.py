"""
The messages one reader has not read yet.

Invariant: a reader never makes the room wait; one who falls behind loses the oldest messages, and
``missed`` says how many.
"""

import asyncio
from collections import deque
from typing import Final

from liveshop_client.errors import LiveshopError
from liveshop_client.messages import Message

UNREAD_MESSAGES: Final = 1_000
"""Half a minute of a busy room; ``room.state`` is whole however far behind a reader is."""


class Inbox:
    """An async iterator over messages, for one reader."""

    def __init__(self) -> None:
        # Messages that were dropped because nobody read them in time.
        self.missed = 0
        self._unread: deque[Message] = deque()
        self._arrived = asyncio.Event()
        self._ended = False
        # Why there is no more, unless the reader left of their own accord.
        self._error: LiveshopError | None = None

    def offer(self, message: Message) -> None:
        """Add a message, dropping the oldest unread one if there is no room."""
        if len(self._unread) == UNREAD_MESSAGES:
            self._unread.popleft()
            self.missed += 1
        self._unread.append(message)
        self._arrived.set()

    def end(self, error: LiveshopError | None) -> None:
        """Say that no more will come; what was offered before can still be read."""
        self._ended, self._error = True, error
        self._arrived.set()

    def __aiter__(self) -> "Inbox":
        return self

    async def __anext__(self) -> Message:
        """Return the next message; cancelling loses none."""
        while not self._unread:
            if self._ended:
                if self._error is not None:
                    raise self._error
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        return self._unread.popleft()
