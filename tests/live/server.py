"""A server and a worker on a real port, on the test's own loop, and someone who watches."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from commerce.store import outbox
from commerce.store.pool import transaction
from live.app import running
from live.config import Config
from live.embedded import Services
from live.http import BoundedHttp
from live.listener import listen
from live.shop import Shop
from live.site import web
from live.work import working
from tests.live.shops import Visitor, Web, config_for
from tests.waiting import until_it_holds

PATIENCE_S = 10.0
"""What a test waits for at most; all of it happens within a second."""


class Watcher:
    """A socket in a room."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._waiting: list[dict[str, Any]] = []

    async def send(self, **message: Any) -> None:
        await self._socket.send(json.dumps(message))

    async def greeted(self) -> dict[str, Any]:
        """Return the greeting."""
        return await self.hear("joined")

    async def answer(self, id: str) -> dict[str, Any]:
        """Return the answer to the message with this id; what comes before it can be heard yet."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for message in self._waiting:
                    if message["type"] in ("ok", "error") and message.get("to") == id:
                        self._waiting.remove(message)
                        return message
                self._waiting += json.loads(await self._socket.recv())

    async def closed(self) -> int | None:
        """Wait until the server closes the connection, and return its code."""
        async with asyncio.timeout(PATIENCE_S):
            await self._socket.wait_closed()
        return self._socket.close_code

    async def hear(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Return the next message of this kind that has these fields; skip the others."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                while not self._waiting:
                    self._waiting = json.loads(await self._socket.recv())
                message = self._waiting.pop(0)
                if message["type"] == kind and fields.items() <= message.items():
                    return message


class Live(Web):
    """A running server, with everything behind it."""

    def __init__(self, shop: Shop, client: httpx.AsyncClient, port: int) -> None:
        self.shop = shop
        self.client = client
        self.port = port

    async def selling(self, host: Visitor, **terms: Any) -> dict[str, Any]:
        """Put a new variant on sale in a new show; whoever comes in now hears no more of that."""
        offer = await super().selling(host, **terms)

        async def told() -> bool:
            async with transaction(self.shop.pool) as connection:
                return not await outbox.waiting(connection, 1)

        await until_it_holds(told)
        return offer

    @asynccontextmanager
    async def watching(
        self, room: str, visitor: Visitor | None = None, **fields: Any
    ) -> AsyncIterator[Watcher]:
        """Join ``room``; the greeting is left to be heard."""
        async with connect(f"ws://127.0.0.1:{self.port}/ws", compression=None) as socket:
            watcher = Watcher(socket)
            token = {"token": visitor.token} if visitor and visitor.token else {}
            await watcher.send(type="join", room=room, **token, **fields)
            yield watcher


@asynccontextmanager
async def open_live(services: Services, folder: Path, **settings: str) -> AsyncIterator[Live]:
    """Run a server and a worker; both are ready when the block begins."""
    with listen("127.0.0.1", 0) as listener:
        config = config_for(folder, PORT=str(listener.getsockname()[1]), **settings)
        async with working(config, services), _open(config, services, listener) as live:
            yield live


@asynccontextmanager
async def open_server(services: Services, folder: Path) -> AsyncIterator[Live]:
    """Run one more server beside what `open_live` runs."""
    with listen("127.0.0.1", 0) as listener:
        config = config_for(folder, PORT=str(listener.getsockname()[1]))
        async with _open(config, services, listener) as live:
            yield live


@asynccontextmanager
async def _open(config: Config, services: Services, listener: socket.socket) -> AsyncIterator[Live]:
    async with AsyncExitStack() as stack:
        shop = await stack.enter_async_context(running(config, services))
        await stack.enter_async_context(_served(shop, listener))
        client = await stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{config.port}")
        )
        async with asyncio.timeout(PATIENCE_S):
            while (await client.get("/readyz")).status_code != 200:
                pass  # the worker builds the gate
        yield Live(shop, client, config.port)


@asynccontextmanager
async def _served(shop: Shop, listener: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(
        uvicorn.Config(
            web(shop),
            http=BoundedHttp,
            ws=shop.node.protocol,  # type: ignore[arg-type]
            lifespan="off",
            log_config=None,
            timeout_graceful_shutdown=1,
        )
    )
    # `_serve` is `serve` without the signal handlers, which are pytest's here.
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(server._serve([listener]))
        try:
            yield
        finally:
            server.should_exit = True
            await asyncio.wait([serving])
