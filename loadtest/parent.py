"""
Whether the program that started this one is still there.

A supervisor keeps the other end of a pipe; when it dies, however it dies, the kernel closes that
end, and whoever reads this one knows. No polling, and nothing to clean up.
"""

import asyncio
import os
import stat
import sys
from typing import Final

FD_VARIABLE: Final = "LIVESHOP_PARENT_FD"
"""Names the descriptor of such a pipe, for a supervisor that keeps standard input for itself."""


async def parent_gone() -> None:
    """
    Return when the parent is gone; never, if there is no pipe to tell by.

    Without ``LIVESHOP_PARENT_FD`` it is standard input, if that is a pipe and not a terminal, a
    file or nothing.
    """
    named = os.environ.get(FD_VARIABLE)
    fd = int(named) if named else sys.stdin.fileno()
    if not stat.S_ISFIFO(os.fstat(fd).st_mode) and not stat.S_ISSOCK(os.fstat(fd).st_mode):
        await asyncio.Event().wait()
    reader = asyncio.StreamReader()
    with os.fdopen(fd, "rb", buffering=0, closefd=False) as pipe:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), pipe
        )
        try:
            while await reader.read(4096):
                pass
        finally:
            transport.close()
