"""
One viewer's socket: the sans-I/O core of ``websockets`` inside an ``asyncio.Protocol``.

The HTTP protocol makes one for each upgrade request (uvicorn's ``ws=``) and hands it the head that
it has parsed. What the viewer sends goes through ``ServerProtocol``, but for the text frames that
`rooms.boundary` reads at sight; what the room sends is a prepared frame handed straight to the
kernel, and only what the kernel does not take goes to the transport. Invariant: only whole frames
are written, in order, and nothing after a close frame.
"""

import asyncio
import logging
import socket
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final, Protocol, cast

from websockets.exceptions import InvalidHandshake
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from rooms.application import Identity
from rooms.boundary import Boundary, text
from rooms.codes import GOING_AWAY, UNSUPPORTED_DATA, Disconnect
from rooms.door import Asking, Guest, Turned
from rooms.fanout import Room
from rooms.frames import text_frame
from rooms.lanes import Backlog
from rooms.messages import MAX_FRAME_BYTES
from rooms.session import Allowances, Session

PATH = "/ws"
SUBPROTOCOL = Subprotocol("liveshop.v1")

UNSENT_BYTES: Final = 64 * 1024
"""
What may wait in the kernel to be sent (``TCP_NOTSENT_LOWAT``): beyond it a viewer is slow.

Half a second of a busy room at 1 Mbit/s. Without it the kernel keeps megabytes for a phone that
does not read, and what it finally reads is minutes old.
"""

_LOGGER: Final = logging.getLogger("websockets.server")
"""One for all: looking it up takes a tenth of the time of a handshake."""

_NOTSENT_LOWAT: Final = 25
"""``TCP_NOTSENT_LOWAT`` of Linux; Python's socket module does not name it before 3.12."""


class Desk(Protocol):
    """Where connections report; the node."""

    allowances: Allowances

    def knocked(self, connection: "Connection", asking: Asking) -> Guest | Turned:
        """Judge a request for a socket."""

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
        "_boundary",
        "_clock",
        "_desk",
        "_fragments",
        "_siblings",
        "_socket",
        "_transport",
        "_ws",
        "backlog",
        "closing",
        "connection",
        "deflates",
        "full",
        "guest",
        "heard_at",
        "home",
        "opened_at",
        "session",
        "transmit",
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
        self.guest = Guest(None)
        self.session = Session(self.opened_at, desk.allowances)
        self.home: Room | None = None
        self.backlog: Backlog | None = None
        self.turn = 0
        # Set once a close frame was sent; the wheel aborts a peer that does not answer it.
        self.closing = False
        # Whether the transport holds something that the kernel did not take; set and cleared by it.
        self.full = False
        self.deflates = False
        self.transmit: Callable[[bytes], int] = len
        self._clock = clock
        self._desk = desk
        self._siblings = siblings
        self._boundary = Boundary()
        # What has come of a message in several frames; None between messages.
        self._fragments: bytes | None = None
        self._ws = ServerProtocol(
            subprotocols=[SUBPROTOCOL],
            select_subprotocol=_select_subprotocol,
            extensions=_EXTENSIONS,
            # The head was parsed already: what comes are frames.
            state=State.OPEN,
            max_size=MAX_FRAME_BYTES,
            logger=_LOGGER,
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

    def send(self, message: bytes) -> None:
        """Send one message to this viewer alone."""
        if self.home is not None and self.session.identity is not None:
            self.home.tell(self, message)
        else:
            self.write(text_frame((message,)))

    def write(self, frame: bytes) -> None:
        """Send a whole frame; dropped once the connection is closing."""
        if self.full:
            if not self.closing:
                self._transport.write(frame)
            return
        try:
            sent = self.transmit(frame)
        except OSError:
            sent = 0
        if sent != len(frame):
            self.spill(frame, sent)

    def spill(self, frame: bytes, sent: int) -> None:
        """Leave to the transport what the kernel did not take; it also finds out why."""
        self._transport.write(frame[sent:])

    def leave(self, why: Disconnect) -> None:
        """Send a close frame and wait for the peer's; idempotent."""
        if self.closing:
            return
        if self._ws.state is State.OPEN:
            self._ws.send_close(why.code, why.reason)
            self._flush()
        self._close()

    def abort(self) -> None:
        """Drop the connection without another word."""
        self._close()
        self._transport.abort()

    # -- As uvicorn sees it ---------------------------------------------------------------------

    def shutdown(self) -> None:
        """Close for a server that is going away."""
        self.leave(GOING_AWAY)
        self._transport.close()

    def requested(self, request: Request) -> None:
        """Answer the request that this connection began with."""
        answer = self._answer(request)
        if isinstance(answer, bytes):
            self.write(answer)
            self.deflates = any(isinstance(of, PerMessageDeflate) for of in self._ws.extensions)
            self._desk.connected(self)
        else:
            self.write(answer.serialize())
            self._close()
            self._transport.close()

    # -- As the transport sees it ---------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport over from the HTTP protocol."""
        self._transport = cast(asyncio.Transport, transport)
        # Full means: holds anything at all. Then, and only then, the kernel is not written to
        # past the transport, so that bytes never overtake each other.
        self._transport.set_write_buffer_limits(high=0)
        self.full = self._transport.get_write_buffer_size() > 0
        self._socket = _socket_of(self._transport)
        self.transmit = self._socket.send if self._socket is not None else _nothing
        self._siblings.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the desk, whatever ended the connection."""
        self._close()
        if self._socket is not None:
            # The transport closes the descriptor when this returns; from then on it is not ours.
            self._socket.detach()
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
        """Take a text frame at sight; feed all else to the protocol, and act on what came out."""
        self.heard_at = self._clock()
        if self._boundary.between and self._fragments is None and not self.closing:
            said = text(data)
            if said is not None:
                self._desk.received(self, said)
                return
        self._boundary.follow(data)
        self._ws.receive_data(data)
        self._act()

    def eof_received(self) -> None:
        """Answer the end of the stream as the protocol says."""
        self._ws.receive_eof()
        self._act()

    def _act(self) -> None:
        for event in self._ws.events_received():
            if isinstance(event, Frame):
                self._take(event)
        self._flush()
        if self._ws.state is not State.OPEN:
            self._close()

    def _answer(self, request: Request) -> bytes | Response:
        """Return what opens the socket, or the response that ends the connection."""
        if request.path.partition("?")[0] != PATH:
            return self._ws.reject(HTTPStatus.NOT_FOUND, f"The socket is at {PATH}.\n")
        match self._desk.knocked(self, self._asking(request)):
            case Guest() as guest:
                self.guest = guest
                self.session.address = guest.address
                return self._open(request)
            case Turned(status, detail, retry_after_s):
                response = self._ws.reject(status, f"{detail}\n")
                if retry_after_s is not None:
                    response.headers["Retry-After"] = str(retry_after_s)
                return response

    def _open(self, request: Request) -> bytes | Response:
        """
        Shake hands as `ServerProtocol.accept` does, without its ``Date`` header.

        A 1xx response need not have one (RFC 9110, section 6.6.1); formatting it and putting the
        headers together was a tenth of a join.
        """
        try:
            key, extensions, subprotocol = self._ws.process_request(request)
        except InvalidHandshake:
            # It fails there again, and finds the status and the words.
            return self._ws.accept(request)
        lines = [
            "HTTP/1.1 101 Switching Protocols",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Accept: {key}",
        ]
        if extensions is not None:
            lines.append(f"Sec-WebSocket-Extensions: {extensions}")
        if subprotocol is not None:
            lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
        return "\r\n".join([*lines, "", ""]).encode("ascii")

    def _asking(self, request: Request) -> Asking:
        peer = self._transport.get_extra_info("peername")
        origins = request.headers.get_all("Origin")
        return Asking(
            # Two of them are as good as a wrong one.
            origin=", ".join(origins) if origins else None,
            host=", ".join(request.headers.get_all("Host")),
            forwarded=", ".join(request.headers.get_all("X-Forwarded-For")),
            peer=peer[0] if isinstance(peer, tuple) else "",
        )

    def _take(self, frame: Frame) -> None:
        if self.closing:
            return
        if frame.opcode is Opcode.BINARY:
            self.leave(UNSUPPORTED_DATA)
        elif frame.opcode is Opcode.PING:
            self._desk.pinged(self)
        elif frame.opcode in (Opcode.TEXT, Opcode.CONT):
            data = (self._fragments or b"") + bytes(frame.data)
            self._fragments = None if frame.fin else data
            if frame.fin:
                self._desk.received(self, data)

    def _flush(self) -> None:
        for data in self._ws.data_to_send():
            if data:
                self.write(data)
            else:
                # The empty string is the protocol's end of stream.
                self._close()
                self._transport.close()

    def _close(self) -> None:
        """Take no more frames; those that come are dropped."""
        self.closing = True
        self.transmit = len


_EXTENSIONS: Final = [
    ServerPerMessageDeflateFactory(server_no_context_takeover=True, client_no_context_takeover=True)
]
"""No context takeover either way: frames are shared, and a connection keeps no window of 32 KiB."""


def _socket_of(transport: asyncio.Transport) -> socket.socket | None:
    """Return a socket over the transport's own descriptor; None where bytes are encrypted first."""
    if transport.get_extra_info("sslcontext") is not None:
        return None
    of_transport = transport.get_extra_info("socket")
    own = socket.socket(
        of_transport.family, of_transport.type, of_transport.proto, of_transport.fileno()
    )
    own.setblocking(False)
    if own.family in (socket.AF_INET, socket.AF_INET6):
        own.setsockopt(socket.IPPROTO_TCP, _NOTSENT_LOWAT, UNSENT_BYTES)
    return own


def _nothing(frame: bytes) -> int:
    return 0


def _select_subprotocol(
    protocol: ServerProtocol, offered: Sequence[Subprotocol]
) -> Subprotocol | None:
    # A client that offers none is welcome; the library's own choice would refuse it.
    return SUBPROTOCOL if SUBPROTOCOL in offered else None
