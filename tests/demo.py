"""
A real ``liveshop demo`` in processes of its own, for tests that use it as people do.
"""

import asyncio
import json
import os
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
import psutil

from liveshop_client import Api

READY_S: Final = 60
INVITATION: Final = b"Ctrl-C stops everything"
STOP_S: Final = 20


class Demo:
    """A shop that was started by command; made by `running_demo`."""

    def __init__(
        self, port: int, data_dir: Path, settings: Mapping[str, str] | None = None
    ) -> None:
        self.settings = settings or {}
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.data_dir = data_dir
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, *arguments: str) -> None:
        """Run the command, and wait until it invites people in."""
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "live.cli", "demo", "--port", str(self.port)),
            *("--data-dir", str(self.data_dir), *(arguments or ("--no-crowd", "--no-video"))),
            env={**os.environ, **self.settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            stdin=asyncio.subprocess.DEVNULL,
        )
        assert self.process.stdout is not None
        said = b""
        async with asyncio.timeout(READY_S):
            while INVITATION not in said:
                line = await self.process.stdout.readline()
                assert line, f"the demo ended: {said.decode()}"
                said += line

    async def ready(self) -> None:
        """Wait until the shop says that it can serve."""
        async with asyncio.timeout(READY_S), httpx.AsyncClient(timeout=READY_S) as client:
            # The demo holds the listening socket, so a request waits for a server to come back.
            while True:
                try:
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return
                except httpx.TransportError:
                    continue

    async def interrupt(self) -> int:
        """Stop it as Ctrl-C does, and return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(STOP_S):
            # Reading to the end closes the pipe.
            await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode

    def pid_of(self, part: str) -> int:
        """Return the process id of ``demo``, ``redis``, ``postgres`` or a child (``media``)."""
        assert self.process is not None
        match part:
            case "demo":
                return self.process.pid
            case "redis":
                return int((self.data_dir / "redis" / "redis.pid").read_text())
            case "postgres":
                return int((self.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
            case _:
                children = psutil.Process(self.process.pid).children()
                [pid] = [child.pid for child in children if part in child.cmdline()]
                return int(pid)

    def kill(self, part: str) -> None:
        """Kill -9 one part of it."""
        os.kill(self.pid_of(part), signal.SIGKILL)

    def host_credentials(self) -> tuple[str, str]:
        """Return the host's address and password."""
        kept = json.loads((self.data_dir / "demo.json").read_text())
        return kept["email"], kept["password"]

    @asynccontextmanager
    async def host(self) -> AsyncIterator[Api]:
        """Give the API, signed in as the host."""
        async with Api(self.url) as api:
            await api.login(*self.host_credentials())
            yield api


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


@asynccontextmanager
async def running_demo(
    *arguments: str, settings: Mapping[str, str] | None = None
) -> AsyncIterator[Demo]:
    """Run a demo for as long as the block lasts; however it ended, nothing of it is left."""
    with tempfile.TemporaryDirectory(prefix="liveshop-") as folder:
        async with _running(Demo(free_port(), Path(folder) / "data", settings), *arguments) as demo:
            yield demo


@asynccontextmanager
async def _running(demo: Demo, *arguments: str) -> AsyncIterator[Demo]:
    try:
        await demo.start(*arguments)
        yield demo
    finally:
        if demo.process is not None and demo.process.returncode is not None:
            # It was killed: a new one adopts what it left, and stops it in order.
            await demo.start()
        await demo.interrupt()
