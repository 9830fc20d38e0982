"""
A process of the bench that is spoken to in lines, and answers in lines of JSON.

It goes on when it gets a line and ends with its input, so nobody is left behind.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from loadtest.bench.process import CROWD_CORE, ended, on_core, threads
from loadtest.bench.servers import ServerGone

PATIENCE_S: Final = 60.0


class Actor:
    """A process; made by `open_actor`."""

    def __init__(self, name: str, process: Process) -> None:
        self.name = name
        self.pid = process.pid
        self._process = process

    async def hear(self) -> dict[str, Any]:
        """
        Return what it says next.

        Raises:
            ServerGone: it ended instead.
            TimeoutError: it is silent.

        """
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            line = await self._process.stdout.readline()
        if not line:
            raise ServerGone(f"{self.name} ended early; its error is above")
        heard: dict[str, Any] = json.loads(line)
        return heard

    def step_back(self) -> None:
        """
        Let it run only where nobody else would.

        Niceness is a share, not a queue: beside a nice one Redis would still wait for its slice.
        """
        for thread in threads(self.pid):
            os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))

    async def cue(self, word: str = "") -> dict[str, Any]:
        """Let it go on, and return what it says then. Raises as `hear`."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n".encode())
        return await self.hear()


@asynccontextmanager
async def open_actor(
    module: str, *arguments: object, core: int = CROWD_CORE
) -> AsyncIterator[Actor]:
    """Run a module of the bench on a core for as long as the block lasts."""
    with on_core(core):
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", f"loadtest.bench.{module}", *map(str, arguments)),
            stdin=PIPE,
            stdout=PIPE,
        )
    try:
        yield Actor(module, process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await ended(process)


def say(**values: object) -> None:
    """Write a line, as an actor does."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


async def cued() -> str | None:
    """Wait for the next line, as an actor does; None at the end."""
    line = await asyncio.to_thread(sys.stdin.readline)
    return line.strip() if line else None
