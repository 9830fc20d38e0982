"""
When a process should end: when it is told to, or when the one that started it is gone.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

READY_FD: Final = "LIVESHOP_READY_FD"
"""The end of a pipe that the parent reads: this process writes to it once it serves."""

PARENT_FD: Final = "LIVESHOP_PARENT_FD"
"""The end of a pipe that nobody writes to: it reads as closed once the parent is dead."""


@asynccontextmanager
async def told_to_renew() -> AsyncIterator[asyncio.Event]:
    """Give an event that is set by SIGHUP; whoever acts on it clears it."""
    loop = asyncio.get_running_loop()
    renew = asyncio.Event()
    loop.add_signal_handler(signal.SIGHUP, renew.set)
    try:
        yield renew
    finally:
        loop.remove_signal_handler(signal.SIGHUP)


def tell_ready(environ: Mapping[str, str]) -> None:
    """Tell the parent, if it listens, that this process serves."""
    if READY_FD in environ:
        descriptor = int(environ[READY_FD])
        os.write(descriptor, b"1")
        os.close(descriptor)


@asynccontextmanager
async def told_to_stop(environ: Mapping[str, str]) -> AsyncIterator[asyncio.Event]:
    """
    Give an event that is set by SIGTERM, by SIGINT and by the parent's death.

    The signals end nothing by themselves as long as the block lasts.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    descriptor = int(environ.get(PARENT_FD, "-1"))

    def read_parent() -> None:
        if not os.read(descriptor, 1024):
            loop.remove_reader(descriptor)
            stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if descriptor >= 0:
        loop.add_reader(descriptor, read_parent)
    try:
        yield stop
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
        if descriptor >= 0:
            loop.remove_reader(descriptor)
