"""
A room on a real socket that does exactly what a test tells it, including to vanish.

It is scripted by hand: it does not remember, recover or deduplicate. What a real room promises is
tested where the real room is.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve

from tests.clients.golden import server_message

DEADLINE_S = 10


class Seat:
    """One connection, seen from the room."""

    def __init__(self, connection: ServerConnection) -> None:
        self.connection = connection
        self.heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    async def hear(self, kind: str) -> dict[str, Any]:
        """Return the next message of a type, passing over others."""
        async with asyncio.timeout(DEADLINE_S):
            while (message := await self.heard.get())["type"] != kind:
                pass
            return message

    async def tell(self, *messages: dict[str, Any]) -> None:
        """Send one frame."""
        await self.connection.send(json.dumps(messages))

    async def admit(self, **changes: Any) -> dict[str, Any]:
        """Let the viewer in, and return what they asked with."""
        join = await self.hear("join")
        await self.tell({**server_message("joined"), **changes})
        return join

    async def close(self, code: int, reason: str = "") -> None:
        """Close with a code."""
        await self.connection.close(code, reason)

    def vanish(self) -> None:
        """Cut the connection without a word."""
        self.connection.transport.abort()


class FakeRoom:
    """The server; connections queue up in ``seats``."""

    def __init__(self) -> None:
        self.seats: asyncio.Queue[Seat] = asyncio.Queue()

    async def seat(self) -> Seat:
        """Return the next connection."""
        async with asyncio.timeout(DEADLINE_S):
            return await self.seats.get()

    async def handle(self, connection: ServerConnection) -> None:
        """Serve one connection."""
        seat = Seat(connection)
        self.seats.put_nowait(seat)
        async for frame in connection:
            seat.heard.put_nowait(json.loads(frame))


@asynccontextmanager
async def fake_room() -> AsyncIterator[tuple[FakeRoom, str]]:
    """Run a room; give it and its address."""
    room = FakeRoom()
    async with serve(room.handle, "127.0.0.1", 0, subprotocols=None) as server:
        yield room, f"http://127.0.0.1:{port(server)}"


def port(server: Server) -> int:
    """Return where a server listens."""
    (listening,) = server.sockets
    number: int = listening.getsockname()[1]
    return number
