"""
The rooms and nothing else: no shop, no PostgreSQL, no Redis; a memory broker behind a real port.

``python tests/bench/bare_rooms.py`` is told what to publish as the peers are, so that a delivery
can be weighed by itself. It lives among the tests because load may not import the server.
"""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import uvicorn
import uvloop

from live.http import BoundedHttp
from live.wire import decode_client_message
from loadtest.bench.publisher import obey
from rooms.application import Identity, Viewer
from rooms.brokers import Line
from rooms.brokers.memory import MemoryBroker
from rooms.messages import Error
from rooms.node import open_node
from tests.rooms.open_floor import OpenFloor

ROOM: Final = "bench"
BACKLOG: Final = 4096


class Hall(OpenFloor):
    """An application with one room that anyone may enter."""

    def decode(self, frame: bytes) -> object:
        """Decode a client's frame."""
        return decode_client_message(frame)

    async def admit(self, room: str, token: str | None, device: object = None) -> Identity | Error:
        """Let everyone in."""
        return Identity(id=token or "nobody", name=token or "", may_speak=token is not None)

    async def you(self, room: str, identity: Identity) -> bytes:
        """Return nothing in particular."""
        return b'{"id":"nobody","name":"","role":"anonymous"}'

    async def snapshot(self, room: str, viewers: int, likes: int) -> bytes:
        """Return a show without offers."""
        return b'{"show":{"id":"bench"},"offers":[],"viewers":%d,"likes":%d}' % (viewers, likes)

    def handle(self, viewer: Viewer, message: object) -> None:
        """Do nothing: there is no shop."""


@asynccontextmanager
async def open_rooms(broker: MemoryBroker, send_buffer: int | None = None) -> AsyncIterator[int]:
    """Serve the room for as long as the block lasts, and say at which port."""
    async with open_node(broker, Hall()) as node:
        server = uvicorn.Server(
            uvicorn.Config(
                _nothing_here,
                http=BoundedHttp,
                ws=node.protocol,  # type: ignore[arg-type]  # a factory is as good as a class
                lifespan="off",
                log_config=None,
                timeout_graceful_shutdown=1,
            )
        )
        with socket.create_server(("127.0.0.1", 0), backlog=BACKLOG) as listener:
            if send_buffer is not None:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
            async with asyncio.TaskGroup() as tasks:
                # `_serve` is `serve` without signal handlers: the end of standard input ends it.
                serving = tasks.create_task(server._serve([listener]))
                try:
                    yield listener.getsockname()[1]
                finally:
                    server.should_exit = True
                    await asyncio.wait([serving])


async def main(send_buffer: int | None) -> None:
    """Serve the room, and publish what is asked for."""
    broker = MemoryBroker()

    async def publish(line: bytes, control: bool) -> None:
        if control:
            await broker.publish(ROOM, line)
        else:
            # Always: every line is to be delivered, however fast the room talks.
            await broker.say(ROOM, Line("bench", line, always=True))

    async with open_rooms(broker, send_buffer) as port:
        await obey(port, publish)


async def _nothing_here(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else None))
