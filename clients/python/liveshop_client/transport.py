"""
A connection to a room: text frames in both directions, and one way to end.

Invariant: however a connection ends, whoever reads or writes learns it as ``ConnectionLost``.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Protocol
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from liveshop_client.codes import ABNORMAL, LEAVING
from liveshop_client.messages import Message

SUBPROTOCOL: Final = "liveshop.v1"

MAX_FRAME_BYTES: Final = 1024 * 1024
"""A snapshot with a thousand offers is 500 KiB."""

OPEN_S: Final = 10.0
"""TCP, TLS and the handshake over a bad mobile network."""

SEND_S: Final = 10.0
"""A message waits this long for room in the socket's buffer; then nobody is at the other end."""

CLOSE_S: Final = 2.0
"""Leaving is a courtesy: the server notices a vanished viewer by itself."""


class ConnectionLost(Exception):
    """The connection is over; ``code`` is the close code, or 1006 without one."""

    def __init__(self, code: int = ABNORMAL, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Transport(Protocol):
    """What a session needs of a connection."""

    async def send(self, message: Message) -> None:
        """Send one message; raise ``ConnectionLost`` when it cannot be."""

    async def receive(self) -> list[Message]:
        """Return the messages of the next frame; cancelling loses none."""

    async def close(self) -> None:
        """Say goodbye; idempotent."""


class WebSocketTransport:
    """A transport over a WebSocket."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, message: Message) -> None:
        """Send one message; raise ``ConnectionLost`` when it cannot be."""
        try:
            async with asyncio.timeout(SEND_S):
                await self._connection.send(json.dumps(message, ensure_ascii=False))
        except ConnectionClosed as closed:
            raise _lost(closed) from closed
        except TimeoutError as error:
            raise ConnectionLost(reason="the server takes no more messages") from error

    async def receive(self) -> list[Message]:
        """Return the messages of the next frame; cancelling loses none."""
        try:
            frame = await self._connection.recv()
        except ConnectionClosed as closed:
            raise _lost(closed) from closed
        messages: list[Message] = json.loads(frame)
        return messages

    async def close(self) -> None:
        """Say goodbye; idempotent."""
        await self._connection.close(LEAVING)


@asynccontextmanager
async def open_websocket(url: str) -> AsyncIterator[Transport]:
    """
    Connect for as long as the block lasts.

    Raises:
        ConnectionLost: there is no server, or it does not speak WebSocket at this address.

    """
    try:
        connection = await connect(
            url,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            # A line of chat deflates badly, and a thousand viewers in one process pay for it.
            compression=None,
            max_size=MAX_FRAME_BYTES,
            open_timeout=OPEN_S,
            close_timeout=CLOSE_S,
            proxy=None if is_local(url) else True,
        )
    except (OSError, InvalidHandshake) as error:
        raise ConnectionLost(reason=str(error) or type(error).__name__) from error
    try:
        yield WebSocketTransport(connection)
    finally:
        await connection.close(LEAVING)


def socket_url(base_url: str) -> str:
    """Return where the sockets of the shop at ``base_url`` are."""
    parts = urlsplit(base_url)
    scheme = {"http": "ws", "https": "wss"}.get(parts.scheme, parts.scheme)
    return parts._replace(scheme=scheme, path=parts.path.rstrip("/") + "/ws").geturl()


def is_local(url: str) -> bool:
    """Return whether ``url`` is this machine, where no proxy leads."""
    return urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")


def _lost(closed: ConnectionClosed) -> ConnectionLost:
    received = closed.rcvd
    if received is None:
        return ConnectionLost()
    return ConnectionLost(received.code, received.reason)
