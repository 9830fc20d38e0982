"""
A server that stands alone on its own core, told what to publish over a pipe.

Entered, it listens; left, it is gone: the end of its standard input asks it to stop, and whoever
does not within a few seconds is killed.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final, Protocol

from loadtest.bench.process import SERVER_CORE, ended, on_core
from loadtest.bench.publisher import Task

START_S: Final = 15.0
LATE_S: Final = 30.0
"""What a server may take longer to publish than it was told to, before that is a failure."""

BARE_ROOMS: Final = Path(__file__).parents[2] / "tests" / "bench" / "bare_rooms.py"
"""The rooms alone; run by its path, because load does not import the server."""

BARE_ROOM: Final = "bench"


class Publisher(Protocol):
    """A server that can be told to publish."""

    name: str

    @property
    def pid(self) -> int:
        """Its process."""

    @property
    def port(self) -> int:
        """Where viewers connect."""

    async def publish(self, task: Task) -> None:
        """Do as told; returns when the last message was given to the sockets."""


class Server:
    """A process that obeys; made by `open_server`."""

    def __init__(self, name: str, process: Process, port: int) -> None:
        self.name = name
        self.port = port
        self._process = process

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    async def publish(self, task: Task) -> None:
        """Do as told; returns when the last message was given to the sockets."""
        pipe, answers = self._process.stdin, self._process.stdout
        if pipe is None or answers is None:
            raise AssertionError("a server without pipes cannot be told anything")
        pipe.write(json.dumps(asdict(task)).encode() + b"\n")
        async with asyncio.timeout(task.duration_s + LATE_S):
            if not await answers.readline():
                raise ServerGone(f"{self.name} ended while it published")


class ServerGone(Exception):
    """A server ended, or never began; ``str`` says which."""


@asynccontextmanager
async def open_server(
    name: str, command: Sequence[str], *, program: str = sys.executable
) -> AsyncIterator[Server]:
    """
    Run a server for as long as the block lasts, as a command of ``program``.

    Raises:
        ServerGone: it did not say where it listens.

    """
    with on_core(SERVER_CORE):
        process = await asyncio.create_subprocess_exec(program, *command, stdin=PIPE, stdout=PIPE)
    try:
        async with asyncio.timeout(START_S):
            first = await process.stdout.readline() if process.stdout else b""
        if not first:
            raise ServerGone(f"{name} did not start")
        yield Server(name, process, json.loads(first)["port"])
    finally:
        if process.stdin is not None:
            process.stdin.close()
        await ended(process)


def peer(module: str) -> tuple[str, ...]:
    """Return how to run a peer."""
    return ("-m", f"loadtest.bench.peers.{module}")


def bare_rooms(*, send_buffer: int | None = None) -> tuple[str, ...]:
    """Return how to run the rooms alone, with small system buffers where they matter."""
    return (str(BARE_ROOMS), *([] if send_buffer is None else [str(send_buffer)]))
