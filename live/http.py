"""
HTTP connections that cannot hold the server up: a bounded head, and a deadline for it.

uvicorn bounds neither. Invariant: between two pieces of body a connection makes the server keep at
most `MAX_HEAD_BYTES`, and one on which nothing is being answered ends or sends a whole head within
`HEAD_S` of its first byte.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState
from websockets.datastructures import Headers
from websockets.http11 import Request

from live.api.problems import ApiError, problem
from rooms.connection import Connection

MAX_HEAD_BYTES: Final = 64 * 1024
"""Request line and headers. Browsers send 1 KiB, and 8 KiB of cookies from a shared domain."""

MAX_HEADERS: Final = 100
"""As Apache allows; browsers behind two proxies send 30. Each costs far more than its bytes."""

HEAD_S: Final = 10.0
"""A head is a packet or two: this is for a phone that loses one and sends it again, thrice."""

LINGER_S: Final = 1.0
"""Closed with unread bytes, a socket is reset, and the answer lost: so much is read and dropped."""

PIECE_BYTES: Final = 4096
"""What the parser gets at a time: of a pipelined head, as much may go uncounted."""


MakeConnection = Callable[[Config, ServerState, dict[str, Any]], Connection]
"""What uvicorn's ``ws=`` is here: `rooms.node.Node.protocol`."""


class BoundedHttp(HttpToolsProtocol):
    """An HTTP connection; what is too large is answered 431, what is too slow 408."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        # Since the last head or piece of body: a head, the size of a chunk, or trailers.
        self._unfinished_bytes = 0
        self._in_head = False
        self._deadline: asyncio.TimerHandle | None = None
        # Refused, or a WebSocket by now: what still comes is not HTTP.
        self._over = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Expect a head from now on."""
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the deadline."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser as much as may come."""
        if not self._answering:
            # Also what is no head yet: else a line feed now and then would keep it open for ever.
            self._expect_head()
        at = 0
        while at < len(data) and not self._over and not self.transport.is_closing():
            room = MAX_HEAD_BYTES - self._unfinished_bytes
            if room <= 0:
                return self._refuse(_too_large())
            piece = data[at : at + min(room, PIECE_BYTES)]
            at += len(piece)
            self._unfinished_bytes += len(piece)
            super().data_received(piece)
        return None

    def handle_websocket_upgrade(self) -> None:
        """
        Leave the connection to the rooms, which have deadlines of their own.

        They get the head as it was parsed here; uvicorn would write it out again, to be parsed once
        more, which was a sixth of a join in its profile.
        """
        if self._over:
            return
        self._over = True
        self._stop_waiting()
        self.connections.discard(self)
        headers = Headers()
        for name, value in self.headers:
            headers.set_insecure(name.decode("latin-1"), value.decode("latin-1"))
        request = Request(
            self.url.decode("latin-1"),
            headers,
            self.parser.get_method().decode("latin-1"),
            f"HTTP/{self.parser.get_http_version()}",
        )
        make = cast(MakeConnection, self.ws_protocol_class)
        socket = make(self.config, self.server_state, self.app_state)
        socket.connection_made(self.transport)
        socket.requested(request)
        self.transport.set_protocol(socket)

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP; after a refusal there is nothing more to say."""
        if not self._over:
            super().send_400_response(msg)

    # -- What the parser found --------------------------------------------------------------

    def on_message_begin(self) -> None:
        """Begin a head; one that is pipelined has its deadline too."""
        self._in_head = True
        self._expect_head()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header. Trailers are dropped: they come after the headers were judged."""
        if not self._in_head or self._over:
            return
        if len(self.headers) == MAX_HEADERS:
            self._refuse(_too_large())
            return
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Answer the request."""
        self._in_head = False
        self._unfinished_bytes = 0
        if self._over:
            return
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Hand a piece of the body on."""
        self._unfinished_bytes = 0
        if not self._over:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request."""
        self._unfinished_bytes = 0
        if not self._over:
            super().on_message_complete()

    # -- Deadline and refusal ---------------------------------------------------------------

    @property
    def _answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _expect_head(self) -> None:
        if self._deadline is None and not self._over:
            self._deadline = self.loop.call_later(HEAD_S, self._head_is_late)

    def _stop_waiting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _head_is_late(self) -> None:
        self._deadline = None
        if self.flow.read_paused:
            # It is we who do not read: a pipelined request waits for an answer before it.
            self._expect_head()
        elif self._in_head:
            self._refuse(ApiError("too_slow", f"the request did not arrive in {HEAD_S:g} s"))
        else:
            self.transport.close()

    def _refuse(self, error: ApiError) -> None:
        """Say why, once, and close; in the middle of another answer only close."""
        self._over = True
        self._stop_waiting()
        if self._answering or self.transport.is_closing():
            self.transport.close()
            return
        response = problem(error)
        lines = [
            b"HTTP/1.1 %d %s" % (response.status_code, _PHRASES[error.code]),
            *(b"%s: %s" % header for header in response.raw_headers),
            b"connection: close",
        ]
        self.transport.write(b"\r\n".join([*lines, b"", bytes(response.body)]))
        self.transport.write_eof()
        self._deadline = self.loop.call_later(LINGER_S, self.transport.close)


_PHRASES: Final = {
    "head_too_large": b"Request Header Fields Too Large",
    "too_slow": b"Request Timeout",
}


def _too_large() -> ApiError:
    return ApiError(
        "head_too_large",
        f"the request line and the headers have at most {MAX_HEAD_BYTES} bytes and "
        f"{MAX_HEADERS} headers",
    )
