"""
A way to a server that changes what the server says: what a broken one would do to its viewers.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

Edit = Callable[[bytes], bytes]
"""Changes what was answered; its length stays, as frames say how long they are."""

READ_BYTES: Final = 64 * 1024


class Liar:
    """A proxy to one port of this machine; made by `open_liar`."""

    def __init__(self, target: int, edit: Edit) -> None:
        self.port = 0
        self._target = target
        self._edit = edit

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection, edited, for as long as both ends hold."""
        with suppress(OSError):
            answers, to_target = await asyncio.open_connection("127.0.0.1", self._target)
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._carry(reader, to_target, bytes))
                    tasks.create_task(self._carry(answers, writer, self._edit))
            except* OSError:
                pass
            finally:
                to_target.transport.abort()
                writer.transport.abort()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, edit: Edit
    ) -> None:
        while data := await reader.read(READ_BYTES):
            edited = edit(data)
            assert len(edited) == len(data)
            writer.write(edited)
            await writer.drain()
        raise ConnectionResetError("one end has hung up")


@asynccontextmanager
async def open_liar(target: int, edit: Edit) -> AsyncIterator[Liar]:
    """Run the proxy for as long as the block lasts."""
    liar = Liar(target, edit)
    async with await asyncio.start_server(liar.serve, "127.0.0.1", 0) as server:
        liar.port = server.sockets[0].getsockname()[1]
        yield liar
