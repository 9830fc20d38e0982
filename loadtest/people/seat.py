"""
A seat in a room, on gevent: one greenlet reads, the SDK's `Session` decides.

The frames are the swarm's, the conversation is the SDK's, and only the socket is gevent's, so a
seat behaves as a program on the SDK does: it reconnects with the same waits, resumes, and asks
again for what was not answered. Invariant: ``lane`` has heard every control event that came, also
those that the session would skip, and so proves what the room promises.
"""

import random
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, Protocol, TypeVar
from urllib.parse import urlsplit
from uuid import uuid4

import gevent
import msgspec
from gevent.event import AsyncResult, Event

from liveshop_client.codes import ABNORMAL
from liveshop_client.errors import LiveshopError, Unconfirmed, Unreachable
from liveshop_client.messages import Message
from liveshop_client.session import (
    Abandon,
    Deliver,
    Effect,
    End,
    Hangup,
    Phase,
    Reconnect,
    Send,
    Session,
    Settle,
)
from liveshop_client.state import RoomState
from liveshop_client.transport import socket_url
from loadtest.contiguity import Lane
from loadtest.frames import CLOSE, PING, PONG, TEXT, FrameReader, close_code, masked
from loadtest.people.readings import Readings
from loadtest.spectator import Door

OPEN_S: Final = 15.0
"""TCP, TLS and the handshake; a storm of arrivals waits in the server's listening queue."""

JOIN_S: Final = 30.0
"""How long a person waits to be let in before they give up."""

ANSWER_S: Final = 30.0
"""How long a request waits for its answer, over as many connections as that takes."""

READ_BYTES: Final = 64 * 1024
HEAD_BYTES: Final = 16 * 1024

Found = TypeVar("Found")


class Ears(Protocol):
    """Whoever is told what happens to a seat; nothing here may wait."""

    def joined(self, took_ms: float, *, again: bool) -> None:
        """The seat is live: for the first time, or again ``took_ms`` after it was lost."""

    def delivered(self, message: Message) -> None:
        """The room said something; the state holds it already."""

    def turned_away(self, status: int, detail: str) -> None:
        """The server answered the handshake with another HTTP status."""

    def ended(self, error: LiveshopError) -> None:
        """The conversation is over for good."""


class Lost(Exception):
    """The connection is over; ``code`` is the close code, or 1006 without one."""

    def __init__(self, code: int = ABNORMAL, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason


class Seat:
    """A viewer's seat; `enter` takes it, `leave` gives it up."""

    def __init__(
        self,
        url: str,
        room: str,
        token: str | None,
        ears: Ears,
        readings: Readings,
        *,
        receive_buffer: int | None = None,
    ) -> None:
        self.lane = Lane()
        # How the last connection ended.
        self.trouble = "there was no answer"
        self._session = Session(room, token)
        self._url = url
        self._ears = ears
        self._readings = readings
        self._receive_buffer = receive_buffer
        self._sock: socket.socket | None = None
        self._changed = Event()
        # Set while the seat reads what comes.
        self._reading = Event()
        self._reading.set()
        self._answers: dict[str, AsyncResult] = {}
        self._end: LiveshopError | None = None
        # When the seat was asked for, or lost; the next greeting ends that time.
        self._since = time.monotonic()
        self._greenlet: gevent.Greenlet | None = None

    @property
    def state(self) -> RoomState:
        """The room as it is now."""
        return self._session.state

    @property
    def live(self) -> bool:
        """Whether the seat is in the room at the moment."""
        return self._session.phase is Phase.LIVE

    @property
    def reconnects(self) -> int:
        """How often the room was entered again."""
        return self._session.reconnects

    def server_ms(self) -> float:
        """Return the server's Unix time, as well as pings can tell."""
        return self._session.clock.now(_local_ms())

    # -- What a person does ---------------------------------------------------------------------

    def enter(self, timeout: float = JOIN_S) -> None:
        """
        Take the seat, and return once it is live.

        Raises:
            LiveshopError: the room does not admit this person, or not in time.

        """
        self._greenlet = gevent.spawn(self._stay)
        try:
            with gevent.Timeout(timeout):
                while not self.live:
                    self._change()
        except gevent.Timeout:
            self.leave()
            detail = f"could not enter within {timeout:g} s: {self.trouble}"
            raise Unreachable("unreachable", detail) from None

    def leave(self) -> None:
        """Give the seat up, without waiting; idempotent."""
        self._session.leave()
        if self._greenlet is not None:
            self._greenlet.kill(block=False)
        self._close()

    def cut(self) -> None:
        """Lose the network; the seat comes back as the SDK would."""
        if self._sock is not None:
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)

    def look_away(self) -> None:
        """Stop reading: what comes stays in the kernel."""
        self._reading.clear()

    def look_again(self) -> None:
        """Read on."""
        self._reading.set()

    def say(self, id: str, text: str, timeout: float = ANSWER_S) -> Message:
        """Post a line and return ``ok`` or ``error``; `LiveshopError` if nobody says either."""
        return self._ask(id, self._session.say(id, text), timeout)

    def like(self, count: int) -> None:
        """Like what is on screen."""
        self._do(self._session.like(count))

    def reserve(
        self, offer: str, quantity: int = 1, *, id: str | None = None, timeout: float = ANSWER_S
    ) -> Message:
        """Try for units and return the gate's answer, over as many connections as it takes."""
        id = id or uuid4().hex
        return self._ask(id, self._session.reserve(id, offer, quantity), timeout)

    def queue_up(self, offer: str, timeout: float = ANSWER_S) -> Message:
        """Enter the queue of an offer; the turn is told later, or at once."""
        id = uuid4().hex
        return self._ask(id, self._session.enter(id, offer), timeout)

    def until(self, condition: Callable[[RoomState], Found | None], timeout: float) -> Found | None:
        """Wait until ``condition`` holds and return what it said; ``None`` if it did not."""
        with gevent.Timeout(timeout, exception=False):
            while not (found := condition(self.state)):
                self._change()
            return found
        return None

    def until_at(self, offset: int, timeout: float) -> bool:
        """Wait until the lane has reached ``offset``; return whether it did, or is not live."""
        self.until(lambda _: self.lane.offset >= offset or not self.live, timeout)
        return self.lane.offset >= offset or not self.live

    # -- The conversation -----------------------------------------------------------------------

    def _stay(self) -> None:
        while self._end is None:
            code, reason = self._connection()
            was_live = self.live
            self._close()
            self.trouble = reason or f"the connection closed with code {code}"
            if was_live:
                self._since = time.monotonic()
            effects = self._session.lost(code, reason, _local_ms(), random.random())
            self._wake()
            for effect in effects:
                match effect:
                    case Reconnect(wait_s):
                        gevent.sleep(wait_s)
                    case End(error):
                        self._end = error
                        self._ears.ended(error)
                    case _:
                        self._do([effect])
            self._wake()
        for answer in self._answers.values():
            answer.set_exception(self._end)

    def _connection(self) -> tuple[int, str]:
        """Hold one connection from beginning to end, and return how it ended."""
        try:
            with gevent.Timeout(OPEN_S, Lost(reason="no answer to the handshake")):
                rest = self._open()
            reader = FrameReader()
            self._do(self._session.opened(_local_ms()))
            while True:
                self._take(reader, rest)
                rest = self._receive()
        except Lost as lost:
            return lost.code, lost.reason
        except OSError as error:
            return ABNORMAL, str(error) or type(error).__name__

    def _open(self) -> bytes:
        """Connect and shake hands; return what came after the answer."""
        parts = urlsplit(socket_url(self._url))
        secure = parts.scheme == "wss"
        port = parts.port or (443 if secure else 80)
        door = Door(parts.hostname or "", port, parts.path)
        family, kind, protocol, _, address = socket.getaddrinfo(
            door.host, port, type=socket.SOCK_STREAM
        )[0]
        sock = socket.socket(family, kind, protocol)
        self._sock = sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._receive_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        sock.connect(address)
        if secure:
            sock = self._sock = ssl.create_default_context().wrap_socket(
                sock, server_hostname=door.host
            )
        sock.sendall(door.upgrade(deflate=False))
        return self._upgraded(sock)

    def _upgraded(self, sock: socket.socket) -> bytes:
        head = b""
        while b"\r\n\r\n" not in head:
            data = sock.recv(READ_BYTES)
            if not data or len(head) > HEAD_BYTES:
                raise Lost(reason="the server hung up during the handshake")
            head += data
        head, _, rest = head.partition(b"\r\n\r\n")
        status = int(head.split(b" ", 2)[1]) if head.startswith(b"HTTP/1.1 ") else 0
        if status != 101:
            detail = rest.decode(errors="replace").strip()
            self._ears.turned_away(status, detail)
            raise Lost(reason=f"HTTP {status}: {detail}")
        return rest

    def _receive(self) -> bytes:
        """Return what comes next, sending the pings that fall due meanwhile."""
        while True:
            self._reading.wait()
            due = self._session.ping_at
            sock = self._sock
            if sock is None:
                raise Lost
            sock.settimeout(None if due is None else max((due - _local_ms()) / 1000, 0.001))
            try:
                data = sock.recv(READ_BYTES)
            except TimeoutError:
                self._do(self._session.tick(_local_ms()))
                continue
            if not data:
                raise Lost
            return data

    def _take(self, reader: FrameReader, data: bytes) -> None:
        """Take in what came."""
        for frame in reader.feed(data):
            if frame.opcode == TEXT:
                self._read(frame.payload)
            elif frame.opcode == PING:
                self._write(masked(PONG, frame.payload))
            elif frame.opcode == CLOSE:
                reason = frame.payload[2:].decode(errors="replace")
                raise Lost(close_code(frame.payload), reason)
        if reader.fault is not None:
            raise Lost(reason=f"the server sent {reader.fault}")

    def _read(self, payload: bytes) -> None:
        heard, messages = self._readings.read(payload)
        if heard.greeting is not None:
            self.lane.greet(heard.greeting)
        if heard.first:
            self.lane.hear(heard)
        was_live = self.live
        again = self._session.position is not None
        effects = self._session.received(messages, _local_ms())
        if self.live and not was_live:
            self._ears.joined((time.monotonic() - self._since) * 1000, again=again)
        self._do(effects)
        self._wake()

    # -- Asking and answering -------------------------------------------------------------------

    def _ask(self, id: str, effects: list[Effect], timeout: float) -> Message:
        if self._end is not None:
            raise self._end
        answer = self._answers[id] = AsyncResult()
        try:
            self._do(effects)
            message: Message = answer.get(timeout=timeout)
            return message
        except gevent.Timeout:
            raise Unreachable("no_answer", f"no answer within {timeout:g} s") from None
        finally:
            self._answers.pop(id, None)
            self._session.forget(id)

    def _do(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Send(message):
                    self._write(masked(TEXT, msgspec.json.encode(message)))
                case Deliver(message):
                    self._ears.delivered(message)
                case Settle(id, answer) if id in self._answers:
                    self._answers[id].set(answer)
                case Abandon(id) if id in self._answers:
                    detail = "the connection broke before the answer"
                    self._answers[id].set_exception(Unconfirmed("unconfirmed", detail))
                case Hangup():
                    # The hole is counted; what follows it is asked for again.
                    if self._session.position is not None:
                        self.lane.offset = self._session.position.offset
                    raise Lost(reason="a control event was missing")
                case _:
                    pass

    def _write(self, data: bytes) -> None:
        """Send a frame; one that cannot be sent is lost with the connection."""
        if self._sock is not None:
            with suppress(OSError):
                self._sock.sendall(data)

    def _close(self) -> None:
        sock, self._sock = self._sock, None
        if sock is not None:
            with suppress(OSError):
                sock.close()

    # -- Waiting --------------------------------------------------------------------------------

    def _change(self) -> None:
        if self._end is not None:
            raise self._end
        self._changed.wait()

    def _wake(self) -> None:
        changed, self._changed = self._changed, Event()
        changed.set()


def _local_ms() -> float:
    return time.monotonic() * 1000
