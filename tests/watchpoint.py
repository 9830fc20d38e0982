"""
A way to a server that stops at one message, so that a test may kill someone at that very moment.

What passes is read as its protocol says it, connection by connection. Armed with `stop_at`, the
first message that fits is held: the question, so that the server never sees it, or its answer, so
that the server has done it and nobody knows. Everything else flows.
"""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, Literal, Protocol

from tests.waiting import PATIENCE_S

Held = Literal["question", "answer"]

CHUNK_BYTES: Final = 256 * 1024
"""Whatever a client writes at once arrives at once."""


class Reading(Protocol):
    """What a client says on one connection, message by message."""

    def read(self, data: bytes) -> list[str]:
        """Return what the messages in ``data`` say."""


class Redis:
    """Commands as they are: the script's hash, keys and arguments are all in the text."""

    def read(self, data: bytes) -> list[str]:
        return [data.decode("latin-1")]


class PostgreSql:
    """
    Statements by their text, however they were prepared.

    The end of a transaction is said as ``COMMIT`` and everything that was run in it.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._greeted = False
        self._prepared: dict[bytes, str] = {}
        self._transaction: list[str] = []

    def read(self, data: bytes) -> list[str]:
        self._rest += data
        said = []
        while (message := self._next()) is not None:
            kind, content = message
            match kind:
                case b"P":
                    name, text, _ = content.split(b"\0", 2)
                    self._prepared[name] = text.decode()
                case b"B":
                    _portal, name, _ = content.split(b"\0", 2)
                    said.append(self._prepared.get(name, ""))
                    self._transaction.append(said[-1])
                case b"Q":
                    query = content.rstrip(b"\0").decode()
                    if query.startswith("COMMIT"):
                        query = "\n".join(["COMMIT", *self._transaction])
                    if query.startswith(("BEGIN", "COMMIT", "ROLLBACK;")):
                        self._transaction = []
                    said.append(query)
                case _:
                    pass
        return said

    def _next(self) -> tuple[bytes, bytes] | None:
        """Take one whole message; those before the first query have no kind."""
        head = 5 if self._greeted else 4
        if len(self._rest) < head:
            return None
        kind = self._rest[: head - 4]
        (length,) = struct.unpack("!I", self._rest[head - 4 : head])
        end = head - 4 + length
        if len(self._rest) < end:
            return None
        content, self._rest = self._rest[head:end], self._rest[end:]
        # A request for TLS is refused by a server on a Unix socket, and asked before the greeting.
        self._greeted = self._greeted or content[:4] != struct.pack("!I", 80877103)
        return kind, content


class Stop:
    """A message that does not pass before somebody says so; made by `Watchpoint.stop_at`."""

    def __init__(self, says: str, held: Held) -> None:
        self.held: Final = held
        self._says = says
        self._reached = asyncio.Event()
        self._decided = asyncio.Event()
        self._passes = False

    def fits(self, said: list[str]) -> bool:
        """Whether it is one of these."""
        return any(self._says in text for text in said)

    async def reached(self) -> None:
        """Wait until it is held."""
        async with asyncio.timeout(PATIENCE_S):
            await self._reached.wait()

    def go_on(self) -> None:
        """Let it pass."""
        self._passes = True
        self._decided.set()

    def drop(self) -> None:
        """Let it get lost, with the connection that it came on."""
        self._decided.set()

    async def hold(self) -> None:
        """Hold it until it is decided; raise if it is lost."""
        self._reached.set()
        await self._decided.wait()
        if not self._passes:
            raise ConnectionResetError("the message is lost")


class Watchpoint:
    """A way to one Unix socket; made by `open_watchpoint`."""

    def __init__(self, target: str, reading: Callable[[], Reading]) -> None:
        self.port = 0
        self._target = target
        self._reading = reading
        self._stop: Stop | None = None

    def stop_at(self, says: str, held: Held) -> Stop:
        """Hold the next message that says so, or its answer."""
        self._stop = Stop(says, held)
        return self._stop

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection until one of its ends hangs up."""
        # The stops whose answers come next on this connection.
        answers: list[Stop] = []
        try:
            from_target, to_target = await asyncio.open_unix_connection(
                self._target, limit=CHUNK_BYTES
            )
        except OSError:
            writer.transport.abort()
            return
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._carry_questions(reader, to_target, answers))
                tasks.create_task(self._carry_answers(from_target, writer, answers))
        except* OSError:
            pass
        finally:
            for each in (writer, to_target):
                each.transport.abort()

    async def _carry_questions(
        self, reader: asyncio.StreamReader, target: asyncio.StreamWriter, answers: list[Stop]
    ) -> None:
        reading = self._reading()
        while data := await reader.read(CHUNK_BYTES):
            said = reading.read(data)
            if (stop := self._stop) is not None and stop.fits(said):
                self._stop = None
                if stop.held == "answer":
                    answers.append(stop)
                else:
                    await stop.hold()
            target.write(data)
            await target.drain()
        raise ConnectionResetError("the client has hung up")

    async def _carry_answers(
        self, reader: asyncio.StreamReader, client: asyncio.StreamWriter, answers: list[Stop]
    ) -> None:
        while data := await reader.read(CHUNK_BYTES):
            while answers:
                await answers.pop().hold()
            client.write(data)
            await client.drain()
        raise ConnectionResetError("the server has hung up")


@asynccontextmanager
async def open_watchpoint(target: str, reading: Callable[[], Reading]) -> AsyncIterator[Watchpoint]:
    """Run a way to the Unix socket ``target`` for as long as the block lasts."""
    watchpoint = Watchpoint(target, reading)
    server = await asyncio.start_server(watchpoint.serve, "127.0.0.1", 0, limit=CHUNK_BYTES)
    async with server:
        watchpoint.port = server.sockets[0].getsockname()[1]
        yield watchpoint
