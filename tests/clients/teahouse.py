"""A room of the real node, behind a real uvicorn; only the shop is made up."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from msgspec import Struct

from commerce.messages import Refused, Reserve, Reserved
from live.http import BoundedHttp
from live.wire import decode_client_message, encode
from rooms.application import Identity, Viewer
from rooms.brokers.memory import MemoryBroker
from rooms.messages import Error
from rooms.node import Node, open_node
from tests.clients.golden import server_message
from tests.rooms.open_floor import OpenFloor


class Teahouse(OpenFloor):
    """A shop with one show, one unit, and tokens that are names."""

    def __init__(self) -> None:
        self.answers: dict[str, Reserved | Refused] = {}

    def decode(self, frame: bytes) -> object:
        return decode_client_message(frame)

    async def admit(self, room: str, token: str | None, device: object = None) -> Identity | Error:
        if room != "tea-time":
            return Error(code="unknown_show", detail=f"there is no show {room}")
        return Identity(id=token or "nobody", name=token or "", may_speak=token is not None)

    async def you(self, room: str, identity: Identity) -> bytes:
        return encode({"id": identity.id, "name": identity.name, "role": "viewer"})

    async def snapshot(self, room: str, viewers: int, likes: int) -> bytes:
        return encode(server_message("joined")["snapshot"])

    def handle(self, viewer: Viewer, message: object) -> None:
        assert isinstance(message, Reserve)
        answer = self.answers.get(message.id) or self._sell(message)
        self.answers[message.id] = answer
        viewer.send(encode(answer))

    def _sell(self, wanted: Reserve) -> Reserved | Refused:
        if any(isinstance(answer, Reserved) for answer in self.answers.values()):
            return Refused(to=wanted.id, offer=wanted.offer, reason="sold_out")
        return Reserved(
            to=wanted.id, offer=wanted.offer, hold="hld_1", quantity=1, expires_at=2**41
        )


class House(Struct):
    """A running server."""

    url: str
    port: int
    node: Node
    broker: MemoryBroker

    async def publish(self, **event: object) -> None:
        await self.broker.publish("tea-time", encode(event))


async def nothing_here(scope: Any, receive: Any, send: Any) -> None:
    raise AssertionError("the SDK's rooms make no HTTP request")


@asynccontextmanager
async def running(broker: MemoryBroker, shop: Teahouse, port: int = 0) -> AsyncIterator[House]:
    """Run one server; another one later, with the same broker, is the same shop restarted."""
    async with open_node(broker, shop) as node:
        protocol: Any = node.protocol
        config = uvicorn.Config(
            nothing_here, http=BoundedHttp, ws=protocol, lifespan="off", log_level="warning"
        )
        server = uvicorn.Server(config)
        with socket.create_server(("127.0.0.1", port)) as listening:
            port = listening.getsockname()[1]
            serving = asyncio.create_task(server.serve([listening]))
            yield House(f"http://127.0.0.1:{port}", port, node, broker)
            await node.drain(0.1)
            server.should_exit = True
            await serving
