"""
The real thing: ``liveshop work`` with the embedded databases, and ``liveshop serve`` beside it.

The web process has the server's core to itself; the databases, the order writer and the crowd share
the other one. Everything is done through the command line and the public API.
"""

import asyncio
import os
import re
import socket
import sys
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx
import redis

from liveshop_client import Api
from liveshop_client.messages import OfferView
from loadtest.bench.process import CROWD_CORE, SERVER_CORE, ended, on_core
from loadtest.bench.servers import ServerGone

READY_S: Final = 60.0
ASK_S: Final = 0.05
UNITS: Final = 500_000
LIMIT: Final = 100
"""The most there is. The gate says yes as long as a run lasts: a yes costs more than a no."""

GUESTS_AT_A_TIME: Final = 8

_LIVESHOP: Final = (sys.executable, "-m", "live.cli")


class Shop:
    """A data directory whose databases run; made by `open_shop`."""

    def __init__(
        self, folder: Path, worker: int, host_token: str, settings: frozenset[str]
    ) -> None:
        self.folder = folder
        # The process of the order writer.
        self.worker = worker
        self.host_token = host_token
        # The names of all settings that this version knows.
        self.settings = settings
        self._guests: list[str] = []

    @property
    def redis_socket(self) -> Path:
        """Where the embedded Redis listens."""
        return self.folder / "redis" / "redis.sock"

    @property
    def database_url(self) -> str:
        """Where the embedded PostgreSQL listens."""
        return f"postgresql://postgres@/postgres?host={self.folder / 'postgres'}"

    @property
    def pids(self) -> tuple[int, int, int]:
        """The order writer, PostgreSQL and Redis."""
        postmaster = (self.folder / "postgres" / "postmaster.pid").read_text().split()[0]
        with redis.Redis(unix_socket_path=str(self.redis_socket)) as client:
            return self.worker, int(postmaster), int(client.info("server")["process_id"])

    def redis_commands(self) -> dict[str, int]:
        """Return how many commands of each name Redis has run; those in scripts count as well."""
        with redis.Redis(unix_socket_path=str(self.redis_socket)) as client:
            statistics = client.info("commandstats")
        return {name.removeprefix("cmdstat_"): int(of["calls"]) for name, of in statistics.items()}

    @asynccontextmanager
    async def serve(self, **settings: str) -> AsyncIterator["Web"]:
        """
        Run the web process for as long as the block lasts.

        Raises:
            ServerGone: it was not ready in time.

        """
        port = _free_port()
        command = (*_LIVESHOP, "serve", "--no-work", "--port", str(port))
        log = self.folder / "serve.log"
        async with _running(command, self._environ(settings), log, SERVER_CORE) as process:
            web = Web(self, process.pid, port)
            await _ready(web.url, log)
            yield web

    @asynccontextmanager
    async def media(self, web: "Web", **settings: str) -> AsyncIterator[int]:
        """
        Run the media process behind ``web`` for as long as the block lasts; give its id.

        Raises:
            ServerGone: it was not ready in time.

        """
        log = self.folder / "media.log"
        command = (*_LIVESHOP, "media")
        async with _running(command, self._environ(settings), log, SERVER_CORE) as process:
            await _ready(web.url, log, "/metrics/media")
            yield process.pid

    async def guests(self, number: int, url: str) -> list[str]:
        """Return the tokens of so many people with names; they are asked for once."""
        queue = list(range(len(self._guests), number))

        async def arrive() -> None:
            async with Api(url) as api:
                while queue:
                    await api.guest(f"Viewer {queue.pop()}")
                    if api.token is not None:
                        self._guests.append(api.token)
                        api.token = None

        async with asyncio.TaskGroup() as tasks:
            for _ in range(GUESTS_AT_A_TIME):
                tasks.create_task(arrive())
        return self._guests[:number]

    def _environ(self, settings: Mapping[str, str]) -> dict[str, str]:
        return _environ(self.folder, settings)


class Web:
    """A web process that answers."""

    name = "liveshop"

    def __init__(self, shop: Shop, pid: int, port: int) -> None:
        self.shop = shop
        self.pid = pid
        self.port = port

    @property
    def url(self) -> str:
        """The shop's address."""
        return f"http://127.0.0.1:{self.port}"

    def host(self) -> Api:
        """Return the API as the shows' host calls it."""
        return Api(self.url, self.shop.host_token)

    async def new_show(self) -> str:
        """Begin a show and return its id; an empty room, with a log of its own."""
        async with self.host() as api:
            show = (await api.create_show("Bench", id=f"bench-{uuid4().hex[:12]}"))["id"]
            await api.start_show(show)
            return show

    async def new_sale(self, show: str, units: int = UNITS, limit: int = LIMIT) -> OfferView:
        """Open a flash sale that does not end by itself."""
        tag = uuid4().hex[:12]
        variant = {"sku": f"BENCH-{tag}", "price_minor": 1900, "currency": "USD"}
        async with self.host() as api:
            product = await api.create_product(
                {
                    "title": "Teapot",
                    "handle": f"teapot-{tag}",
                    "variants": [{**variant, "available": units}],
                }
            )
            offer = await api.create_offer(
                show,
                {
                    "variant": product["variants"][0]["id"],
                    "kind": "flash",
                    "quantity": units,
                    "limit_per_buyer": limit,
                },
            )
            return await api.open_offer(offer["id"])


@asynccontextmanager
async def open_shop() -> AsyncIterator[Shop]:
    """Run the databases and the order writer for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="liveshop-bench-") as name:
        folder = Path(name)
        environ = _environ(folder, {})
        log = folder / "work.log"
        async with _running((*_LIVESHOP, "work"), environ, log, CROWD_CORE) as worker:
            await _embedded(folder)
            token = await _said((*_LIVESHOP, "token", "--user", "Mei", "--role", "host"), environ)
            settings = re.findall(r"LIVESHOP_\w+", await _said((*_LIVESHOP, "--help"), environ))
            yield Shop(folder, worker.pid, token.strip(), frozenset(settings))


def _environ(folder: Path, settings: Mapping[str, str]) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LIVESHOP_")}
    given = {"DATA_DIR": str(folder), "LOG_FORMAT": "json", **settings}
    return {**clean, **{f"LIVESHOP_{name}": value for name, value in given.items()}}


@asynccontextmanager
async def _running(
    command: tuple[str, ...], environ: Mapping[str, str], log: Path, core: int
) -> AsyncIterator[Process]:
    with log.open("ab") as file:
        with on_core(core):
            process = await asyncio.create_subprocess_exec(
                *command, env=environ, stdin=DEVNULL, stdout=file, stderr=file
            )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.terminate()
            await ended(process)


async def _said(command: tuple[str, ...], environ: Mapping[str, str]) -> str:
    """Run a command to its end and return what it printed."""
    with on_core(CROWD_CORE):
        process = await asyncio.create_subprocess_exec(
            *command, env=environ, stdin=DEVNULL, stdout=PIPE, stderr=PIPE
        )
    out, err = await process.communicate()
    if process.returncode:
        raise ServerGone(f"{' '.join(command[1:])}: {err.decode().strip()}")
    return out.decode()


async def _embedded(folder: Path) -> None:
    """Wait until both databases run, so that whoever comes next is their guest."""
    deadline = time.monotonic() + READY_S
    log = folder / "work.log"
    while "working" not in _text(log):
        if time.monotonic() > deadline:
            raise ServerGone(f"liveshop work did not start: {_text(log)[-500:]}")
        await asyncio.sleep(ASK_S)


async def _ready(url: str, log: Path, path: str = "/readyz") -> None:
    deadline = time.monotonic() + READY_S
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        while True:
            try:
                if (await client.get(path)).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            if time.monotonic() > deadline:
                raise ServerGone(f"{url}{path} is not ready: {_text(log)[-500:]}")
            await asyncio.sleep(ASK_S)


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port
