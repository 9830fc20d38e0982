"""
One of thousands: a socket, how far it has come, and what it has seen.

A spectator decides nothing and waits for nothing; the swarm reads for it. What it has seen
outlives its connections, so that a spectator who comes back can prove that nothing was missed.
"""

import json
import socket
from contextlib import suppress
from enum import Enum, auto
from struct import pack
from typing import Final, NamedTuple

from loadtest.contiguity import Lane
from loadtest.frames import TEXT, FrameReader, masked

_KEY: Final = "dGhlIHNhbXBsZSBub25jZQ=="
_ACCEPT: Final = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
"""The key of RFC 6455 section 1.3 and what a server makes of it; no cache stands in between."""

_BIND_ADDRESS_NO_PORT: Final = getattr(socket, "IP_BIND_ADDRESS_NO_PORT", 24)
"""Let the kernel choose the port when the destination is known: 28,000 a pair, not in all."""

_AT_ONCE: Final = pack("ii", 1, 0)
"""SO_LINGER: reset instead of a goodbye, as a phone that lost its network, and no TIME_WAIT."""

ABNORMAL: Final = 1006
"""The connection ended without a close frame (RFC 6455 section 7.1.5)."""


class Phase(Enum):
    """How far a spectator has come."""

    OUTSIDE = auto()
    CONNECTING = auto()
    UPGRADING = auto()
    JOINING = auto()
    LIVE = auto()


class Door(NamedTuple):
    """Where to enter; without a ``room`` the open socket is all there is to reach."""

    host: str
    port: int
    path: str = "/ws"
    room: str | None = None
    # What a peer wants to hear before it sends anything, where that is not ``join``.
    hello: str | None = None

    def upgrade(self, *, deflate: bool) -> bytes:
        """Return the request that begins a WebSocket."""
        offer = (
            "Sec-WebSocket-Extensions: permessage-deflate; "
            "server_no_context_takeover; client_no_context_takeover\r\n"
        )
        return (
            f"GET {self.path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
            "Upgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {_KEY}\r\nSec-WebSocket-Version: 13\r\n"
            f"{offer if deflate else ''}\r\n"
        ).encode()


class Spectator:
    """Someone who watches; ``token`` says who, and without one it is nobody in particular."""

    __slots__ = (
        "code",
        "counted",
        "entered_at",
        "frames",
        "head",
        "joined_at",
        "lane",
        "lines",
        "phase",
        "reader",
        "receive_buffer",
        "skipped",
        "sock",
        "token",
    )

    def __init__(self, token: str | None = None, *, receive_buffer: int | None = None) -> None:
        self.token = token
        self.receive_buffer = receive_buffer
        self.phase = Phase.OUTSIDE
        self.sock: socket.socket | None = None
        self.reader = FrameReader()
        # What has come of the answer to the upgrade.
        self.head = b""
        self.lane = Lane()
        self.frames = 0
        self.lines = 0
        self.skipped = 0
        # Whether its receptions count for the latency; not those of one who does not read.
        self.counted = True
        # Nanoseconds of ``time.monotonic_ns``; 0 until then.
        self.entered_at = 0
        self.joined_at = 0
        # How the last connection ended.
        self.code: int | None = None

    @property
    def fd(self) -> int:
        """The socket's number, -1 without one."""
        return -1 if self.sock is None else self.sock.fileno()

    def connect(self, door: Door, source: str, now: int, *, deflate: bool) -> None:
        """
        Begin to connect.

        Raises:
            OSError: the machine has no more sockets or ports.

        """
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self.sock, self.phase, self.entered_at = sock, Phase.CONNECTING, now
        self.reader, self.head = FrameReader(deflate=deflate), b""
        self.code, self.joined_at = None, 0
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.receive_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        sock.setsockopt(socket.IPPROTO_IP, _BIND_ADDRESS_NO_PORT, 1)
        sock.bind((source, 0))
        with suppress(BlockingIOError):
            sock.connect((door.host, door.port))

    def write(self, data: bytes) -> bool:
        """Hand ``data`` to the kernel; false if it does not take the whole of it."""
        if self.sock is None:
            return False
        try:
            return self.sock.send(data) == len(data)
        except OSError:
            return False

    def upgraded(self, data: bytes) -> int | bytes | None:
        """Take the answer to the upgrade: what follows it, its status if it is no, or not yet."""
        self.head += data
        head, end, rest = self.head.partition(b"\r\n\r\n")
        if not end:
            return None
        self.head = b""
        status = int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/1.1 ") else 0
        return rest if status == 101 and _ACCEPT in head else status

    def join(self, room: str) -> bytes:
        """Return the frame that enters ``room``, from where this spectator stood."""
        message: dict[str, object] = {"type": "join", "room": room}
        if self.token is not None:
            message["token"] = self.token
        if self.lane.epoch:
            message["since"] = {"epoch": self.lane.epoch, "offset": self.lane.offset}
        return text(message)

    def hang_up(self, code: int) -> None:
        """Be outside, without a goodbye; idempotent."""
        self.phase = Phase.OUTSIDE
        if self.sock is not None:
            self.code = code
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            self.sock.close()
            self.sock = None


def text(message: dict[str, object]) -> bytes:
    """Return the frame that carries ``message``."""
    return masked(TEXT, json.dumps(message, separators=(",", ":")).encode())
