"""
A shop in processes of its own, each with its own watched way to PostgreSQL and to Redis.

Whatever part is killed comes back with what it left on the disk, as a supervisor would bring it.
"""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final, Literal
from urllib.parse import parse_qs, urlsplit

import psutil
import redis.asyncio as redis

from commerce.store.migrate import migrate
from commerce.store.pool import Pool, open_pool
from live import embedded
from live.embedded import Services
from live.lifetime import PARENT_FD, READY_FD
from tests.demo import free_port
from tests.waiting import until
from tests.watchpoint import PostgreSql, Redis, Watchpoint, open_watchpoint

Part = Literal["serve", "work", "redis", "postgres"]

START_S: Final = 30.0
STOP_S: Final = 20


class Process:
    """One ``liveshop serve`` or ``liveshop work``, and its ways to the two stores."""

    def __init__(
        self, command: str, settings: dict[str, str], postgres: Watchpoint, redis: Watchpoint
    ) -> None:
        self.postgres = postgres
        self.redis = redis
        self._command = command
        self.settings = {
            **settings,
            "LIVESHOP_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{postgres.port}/postgres",
            "LIVESHOP_REDIS_URL": f"redis://127.0.0.1:{redis.port}",
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._kept = -1

    async def start(self) -> None:
        """Run it; ``serve`` serves when this returns."""
        ready = self._spawn()
        if self._command == "serve":
            async with asyncio.timeout(START_S):
                word = await asyncio.to_thread(os.read, ready, 1)
            assert word == b"1", "liveshop serve ended"
        os.close(ready)

    def _spawn(self) -> int:
        """Begin; return where ``serve`` tells that it serves."""
        said, ready = os.pipe()
        # Nothing is left behind if the tests are killed: their end of this pipe closes with them.
        parent, self._kept = os.pipe()
        tells = {READY_FD: str(ready)} if self._command == "serve" else {}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "live.cli", self._command],
            env={**os.environ, **self.settings, **tells, PARENT_FD: str(parent)},
            stdout=subprocess.DEVNULL,
            pass_fds=(ready, parent),
        )
        os.close(ready)
        os.close(parent)
        return said

    def kill(self) -> None:
        """Kill -9, and return when it is gone."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        os.close(self._kept)

    async def stop(self) -> None:
        """End it in order; one that has only just been started is ended by the signal itself."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        # Not in this loop: its ways to the stores lead through here.
        code = await asyncio.to_thread(self._process.wait, STOP_S)
        assert code in (0, -signal.SIGTERM)
        os.close(self._kept)


class Shop:
    """Two processes and two stores; made by `running_shop`."""

    def __init__(
        self, folder: Path, services: Services, serve: Process, work: Process, port: int
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.serve = serve
        self.work = work
        self._folder = folder
        self._services = services

    async def start(self, part: Part) -> None:
        """Bring a part back after `kill`."""
        match part:
            case "serve":
                await self.serve.start()
            case "work":
                await self.work.start()
            case "redis" | "postgres":
                await asyncio.to_thread(embedded.ensure, self._folder)

    async def kill(self, part: Part) -> None:
        """Kill -9 a part, and return when it is gone."""
        match part:
            case "serve":
                self.serve.kill()
            case "work":
                self.work.kill()
            case "redis" | "postgres":
                pid = self._pid(part)
                os.kill(pid, signal.SIGKILL)
                # Until somebody has waited for it, its successor takes it for alive.
                await until(lambda: not psutil.pid_exists(pid))

    @contextmanager
    def paused(self, part: Literal["redis", "postgres"]) -> Iterator[None]:
        """Let a store answer nobody, and hang up on nobody, for as long as the block lasts."""
        pids = [self._pid(part)]
        if part == "postgres":
            # Who is connected has a server of its own.
            children = subprocess.run(
                ["ps", "-o", "pid=", "--ppid", str(pids[0])], capture_output=True, check=True
            )
            pids += [int(pid) for pid in children.stdout.split()]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    @asynccontextmanager
    async def books(self) -> AsyncIterator[Pool]:
        """Give the tests' own way to PostgreSQL."""
        async with open_pool(self._services.database_url, size=2) as pool:
            yield pool

    async def run(self, *arguments: str) -> str:
        """Run one command of liveshop on the same shop, and return what it says."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "live.cli", *arguments),
            env={**os.environ, **self.serve.settings},
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(START_S):
            said, _ = await process.communicate()
        return said.decode()

    def gate(self) -> "redis.Redis":
        """Give the tests' own way to Redis."""
        return redis.Redis.from_url(self._services.redis_url)

    def _pid(self, part: Literal["redis", "postgres"]) -> int:
        files = {"redis": "redis/redis.pid", "postgres": "postgres/postmaster.pid"}
        return int((self._folder / files[part]).read_text().split()[0])


@asynccontextmanager
async def running_shop() -> AsyncIterator[Shop]:
    """Run a shop for as long as the block lasts."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="liveshop-")))
        services = await asyncio.to_thread(embedded.ensure, folder)
        stack.callback(embedded.stop, folder)
        # Only what runs can be stopped.
        stack.callback(embedded.ensure, folder)
        await migrate(services.database_url)
        port = free_port()
        settings = {
            "LIVESHOP_DATA_DIR": str(folder),
            "LIVESHOP_PORT": str(port),
            "LIVESHOP_LOG_LEVEL": "error",
            "LIVESHOP_MEDIA": "off",
            "LIVESHOP_ROOMS_REDIS_URL": services.redis_url,
        }
        (host,) = parse_qs(urlsplit(services.database_url).query)["host"]
        enter = stack.enter_async_context
        serve, work = [
            Process(
                command,
                settings,
                await enter(open_watchpoint(f"{host}/.s.PGSQL.5432", PostgreSql)),
                await enter(open_watchpoint(urlsplit(services.redis_url).path, Redis)),
            )
            for command in ("serve", "work")
        ]
        shop = Shop(folder, services, serve, work, port)
        for process in (work, serve):
            await process.start()
            stack.push_async_callback(process.stop)
        yield shop
