"""
A TCP proxy that fails on demand: it cuts, it stalls, it heals.

What passes through it is not looked at. While stalled it accepts connections and passes nothing
on, like a network that drops packets; what it held back arrives when it heals.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress


class Proxy:
    """A way to one port of this machine; made by `open_proxy`."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.connections = 0
        self._target = target
        self._open: set[asyncio.StreamWriter] = set()
        self._refusing = False
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._answer_bytes: int | None = None

    def cut(self) -> None:
        """Hang up on everyone, and on whoever comes."""
        self._refusing = True
        self._hang_up()

    def cut_after(self, answer_bytes: int) -> None:
        """Hang up once so much more was answered: as a rule in the middle of a message."""
        self._answer_bytes = answer_bytes

    def stall(self) -> None:
        """Pass nothing on, and hang up on nobody."""
        self._flowing.clear()

    def heal(self) -> None:
        """Be a good way again."""
        self._refusing = False
        self._answer_bytes = None
        self._flowing.set()

    def _hang_up(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection for as long as both ends hold."""
        if self._refusing:
            writer.transport.abort()
            return
        self.connections += 1
        with suppress(OSError):
            to_target = await asyncio.open_connection("127.0.0.1", self._target)
            writers = {writer, to_target[1]}
            self._open |= writers
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._carry(reader, to_target[1], answers=False))
                    tasks.create_task(self._carry(to_target[0], writer, answers=True))
            except* OSError:
                pass
            finally:
                self._open -= writers
                for each in writers:
                    each.transport.abort()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        while data := await reader.read(4096):
            await self._flowing.wait()
            if answers and self._answer_bytes is not None:
                data = data[: self._answer_bytes]
                self._answer_bytes -= len(data)
            writer.write(data)
            await writer.drain()
            if self._answer_bytes == 0:
                self.cut()
        raise ConnectionResetError("one end has hung up")


@asynccontextmanager
async def open_proxy(target: int) -> AsyncIterator[Proxy]:
    """Run a proxy to ``target`` for as long as the block lasts."""
    proxy = Proxy(target)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    async with server:
        proxy.port = server.sockets[0].getsockname()[1]
        yield proxy
        proxy.heal()
        proxy.cut()
