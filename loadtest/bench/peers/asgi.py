"""Starlette on uvicorn: a send through ASGI for each viewer, as most Python services do it."""

import asyncio
import socket

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from loadtest.bench.publisher import obey


async def main() -> None:
    """Accept, and send what is published to one viewer after the other."""
    viewers: set[WebSocket] = set()

    async def stay(viewer: WebSocket) -> None:
        await viewer.accept()
        viewers.add(viewer)
        try:
            while True:
                await viewer.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            viewers.discard(viewer)

    async def publish(line: bytes, control: bool) -> None:
        text = "[" + line.decode() + "]"
        for viewer in list(viewers):
            await viewer.send_text(text)

    server = uvicorn.Server(
        uvicorn.Config(
            Starlette(routes=[WebSocketRoute("/ws", stay)]),
            ws="websockets-sansio",
            ws_per_message_deflate=False,
            ws_ping_interval=None,
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=1,
        )
    )
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve([listener]))
            await obey(listener.getsockname()[1], publish)
            server.should_exit = True


if __name__ == "__main__":
    uvloop.run(main())
