"""
One viewer's socket: the sans-I/O core of ``websockets`` inside an ``asyncio.Protocol``.

uvicorn makes one for each upgrade request (its ``ws=`` class). What the viewer sends goes through
``ServerProtocol``; what the room sends is a prepared frame handed straight to the transport.
Invariant: nothing but whole frames is written, and nothing after a close frame.
"""

import asyncio
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Protocol, cast

from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from rooms.application import Identity
from rooms.codes import GOING_AWAY, UNSUPPORTED_DATA, Disconnect
from rooms.fanout import Backlog, Room
from rooms.frames import text_frame
from rooms.messages import MAX_FRAME_BYTES
from rooms.session import Session

PATH = "/ws"
SUBPROTOCOL = Subprotocol("liveshop.v1")

WRITE_BUFFER_BYTES = 64 * 1024
"""Beyond it a viewer is slow: half a second of a busy room at 1 Mbit/s."""


class Desk(Protocol):
    """Where connections report; the node."""

    def connected(self, connection: "Connection") -> None:
        """Take note of a connection whose handshake is done."""

    def received(self, connection: "Connection", frame: bytes) -> None:
        """Act on one text frame."""

    def pinged(self, connection: "Connection") -> None:
        """Take note of a ping, which was answered."""

    def disconnected(self, connection: "Connection") -> None:
        """Forget the connection; called once, whether or not ``connected`` was."""


class Connection(asyncio.Protocol):
    """A viewer's socket; a ``fanout.Member`` and an ``application.Viewer``."""

    __slots__ = (
        "_clock",
        "_desk",
        "_fragments",
        "_siblings",
        "_transport",
        "_ws",
        "backlog",
        "closing",
        "connection",
        "full",
        "heard_at",
        "home",
        "opened_at",
        "session",
        "turn",
    )

    def __init__(
        self,
        desk: Desk,
        name: str,
        clock: Callable[[], float],
        siblings: "set[asyncio.Protocol]",
    ) -> None:
        self.connection = name
        self.opened_at = self.heard_at = clock()
        self.session = Session(self.opened_at)
        self.home: Room | None = None
        self.backlog: Backlog | None = None
        self.turn = 0
        # Set once a close frame was sent; the wheel aborts a peer that does not answer it.
        self.closing = False
        # Whether the transport holds more than it should; set and cleared by the transport.
        self.full = False
        self._clock = clock
        self._desk = desk
        self._siblings = siblings
        self._fragments = b""
        self._ws = ServerProtocol(
            subprotocols=[SUBPROTOCOL],
            select_subprotocol=_select_subprotocol,
            max_size=MAX_FRAME_BYTES,
        )

    # -- As a viewer ----------------------------------------------------------------------------

    @property
    def room(self) -> str:
        """The name of the room it is in, or nothing."""
        return self.home.name if self.home is not None else ""

    @property
    def identity(self) -> Identity:
        """Who it is; only asked of a viewer that was admitted."""
        if self.session.identity is None:
            raise AssertionError("a viewer has no identity before it is admitted")
        return self.session.identity

    @property
    def user(self) -> str:
        """Whose connection it is."""
        return self.identity.id

    def send(self, message: bytes) -> None:
        """Send one message to this viewer alone."""
        if self.home is not None and self.session.identity is not None:
            self.home.tell(self, message)
        else:
            self.write(text_frame((message,)))

    def write(self, frame: bytes) -> None:
        """Hand a whole frame to the transport; dropped once the connection is closing."""
        if not self.closing:
            self._transport.write(frame)

    def leave(self, why: Disconnect) -> None:
        """Send a close frame and wait for the peer's; idempotent."""
        if self.closing:
            return
        if self._ws.state is State.OPEN:
            self._ws.send_close(why.code, why.reason)
            self._flush()
        self.closing = True

    def abort(self) -> None:
        """Drop the connection without another word."""
        self._transport.abort()

    # -- As uvicorn sees it ---------------------------------------------------------------------

    def shutdown(self) -> None:
        """Close for a server that is going away."""
        self.leave(GOING_AWAY)
        self._transport.close()

    # -- As the transport sees it ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with the handshake."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        self._siblings.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the desk, whatever ended the connection."""
        self.closing = True
        self._siblings.discard(self)
        self._desk.disconnected(self)

    def pause_writing(self) -> None:
        """Take a viewer whose socket is full out of the passes, and hear it no more."""
        self.full = True
        # Every frame it sends could make us write another: nothing may grow that it does not read.
        self._transport.pause_reading()
        if self.home is not None and self.session.identity is not None:
            self.home.pause(self)

    def resume_writing(self) -> None:
        """Take it in again."""
        self.full = False
        self._transport.resume_reading()
        if self.home is not None:
            self.home.resume(self)

    def data_received(self, data: bytes) -> None:
        """Feed the protocol, and act on what came out."""
        self.heard_at = self._clock()
        self._ws.receive_data(data)
        self._act()

    def eof_received(self) -> None:
        """Answer the end of the stream as the protocol says."""
        self._ws.receive_eof()
        self._act()

    def _act(self) -> None:
        for event in self._ws.events_received():
            if isinstance(event, Request):
                self._open(event)
            elif isinstance(event, Frame):
                self._take(event)
        if self._ws.state is not State.OPEN and not self.closing:
            self._flush()
            self.closing = True
        self._flush()

    def _open(self, request: Request) -> None:
        if request.path.partition("?")[0] == PATH:
            response = self._ws.accept(request)
        else:
            response = self._ws.reject(HTTPStatus.NOT_FOUND, f"The socket is at {PATH}.\n")
        self._ws.send_response(response)
        self._flush()
        if self._ws.state is State.OPEN:
            self._desk.connected(self)

    def _take(self, frame: Frame) -> None:
        if self.closing:
            return
        if frame.opcode is Opcode.BINARY:
            self.leave(UNSUPPORTED_DATA)
        elif frame.opcode is Opcode.PING:
            self._desk.pinged(self)
        elif frame.opcode in (Opcode.TEXT, Opcode.CONT):
            data = self._fragments + bytes(frame.data)
            self._fragments = b"" if frame.fin else data
            if frame.fin:
                self._desk.received(self, data)

    def _flush(self) -> None:
        for data in self._ws.data_to_send():
            if data:
                self._transport.write(data)
            else:
                # The empty string is the protocol's end of stream.
                self._transport.close()


def _select_subprotocol(
    protocol: ServerProtocol, offered: Sequence[Subprotocol]
) -> Subprotocol | None:
    # A client that offers none is welcome; the library's own choice would refuse it.
    return SUBPROTOCOL if SUBPROTOCOL in offered else None
