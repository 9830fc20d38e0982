"""
Where Prometheus and probes ask a process how it is: a port of its own, with ``/metrics``,
``/healthz`` and ``/readyz``.

Each process has one, each of several workers, too: a worker is a loop and a core, and a sum over
workers hides the one that is late. It is never the public port, on which the kernel deals a scrape
to whichever worker it likes.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Final

import msgspec
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from live.api.bodies import Health, Readiness
from live.config import Config, ConfigError
from live.listener import Server, http_config, listen
from live.telemetry import exposition

METRICS_FD: Final = "LIVESHOP_METRICS_FD"
"""A listening socket that a supervisor bound: who is renewed has the same port as before."""

FINISH_S: Final = 1
"""What a scrape that is under way gets at the end."""

HIGHEST: Final = 65_535


class Queues:
    """The listening sockets of a supervisor's children: one a child, on ports that follow."""

    def __init__(self, config: Config, stack: ExitStack) -> None:
        self._config = config
        self._stack = stack
        self._given = 0

    def next(self) -> tuple[dict[str, str], tuple[int, ...]]:
        """Return what a child is told and the descriptors it is given; nothing where it is off."""
        if self._config.metrics_port == 0:
            return {}, ()
        port = self._config.metrics_port + self._given
        self._given += 1
        if port > HIGHEST:
            raise ConfigError(
                f"LIVESHOP_METRICS_PORT is {self._config.metrics_port}, and there is a process for "
                "each of the ports from there on; for example LIVESHOP_METRICS_PORT=9464"
            )
        queue = self._stack.enter_context(listen(self._config.host, port))
        return {METRICS_FD: str(queue.fileno())}, (queue.fileno(),)


@contextmanager
def queues(config: Config) -> Iterator[Queues]:
    """
    Listen for children for as long as the block lasts; see `Queues.next` for what it raises.

    Raises:
        AddressInUse: something else listens on one of the ports.

    """
    with ExitStack() as stack:
        yield Queues(config, stack)


@contextmanager
def listening(config: Config, environ: Mapping[str, str]) -> Iterator[socket.socket | None]:
    """Give the socket a supervisor bound, or bind one; None where no port is set."""
    if METRICS_FD in environ:
        with socket.socket(fileno=int(environ[METRICS_FD])) as queue:
            yield queue
    elif config.metrics_port == 0:
        yield None
    else:
        with listen(config.host, config.metrics_port) as queue:
            yield queue


@asynccontextmanager
async def open_metrics_port(
    config: Config,
    registry: CollectorRegistry,
    readiness: Callable[[], Awaitable[Readiness]],
) -> AsyncIterator[None]:
    """Answer for as long as the block lasts, where the settings name a port."""
    with listening(config, os.environ) as queue:
        if queue is None:
            yield
            return
        app = asking(registry, readiness)
        server = Server(lambda: None, http_config(app, finish_s=FINISH_S))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(server.serve([queue]))
            try:
                yield
            finally:
                server.should_exit = True


def asking(registry: CollectorRegistry, readiness: Callable[[], Awaitable[Readiness]]) -> Starlette:
    """Return the application of the port."""

    async def metrics(request: Request) -> Response:
        return exposition(registry)

    async def healthz(request: Request) -> Response:
        return answer(Health(status="ok"), 200)

    async def readyz(request: Request) -> Response:
        ready = await readiness()
        return answer(ready, 200 if ready.ready else 503)

    return Starlette(
        routes=[
            Route("/metrics", metrics),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
        ]
    )


def answer(body: Health | Readiness, status: int) -> Response:
    """Answer a probe; it is never kept."""
    return Response(
        msgspec.json.encode(body), status, {"Cache-Control": "no-store"}, "application/json"
    )
