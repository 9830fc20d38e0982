"""
The web process: an HTTP server with the rooms' sockets on the same port.

Told to stop, it accepts nobody new, sends its viewers to come back in a moment, lets running
requests finish and ends with code 0.
"""

import asyncio
import errno
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import structlog
import uvicorn

from live.app import running
from live.config import Config, ConfigError
from live.embedded import Services
from live.http import BoundedHttp
from live.lifetime import told_to_stop
from live.site import web

LISTEN_FD: Final = "LIVESHOP_LISTEN_FD"
"""A listening socket that a supervisor bound: it survives this process, and so do its callers."""

BACKLOG: Final = 4096
"""A show that begins brings thousands within a second."""

DRAIN_S: Final = 3.0
"""Viewers come back within this time, each after a random part of it."""

FINISH_S: Final = 5
"""What a request that is still running gets at the end."""

log = structlog.get_logger()


class AddressInUse(Exception):
    """Something else listens there; ``str`` says what to do."""


def listen(host: str, port: int) -> socket.socket:
    """
    Bind the address, so that it is ours before anything else starts.

    Raises:
        AddressInUse: something else listens there.
        ConfigError: the address cannot be used at all.

    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as error:
        raise ConfigError(
            f"LIVESHOP_HOST is {host!r}, which is no address of this machine: {error.strerror}; "
            "for example LIVESHOP_HOST=127.0.0.1"
        ) from error
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise AddressInUse(
                f"port {port} on {host} is in use; stop what listens there, or choose another "
                f"with --port {port + 1}"
            ) from error
        raise ConfigError(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another address with "
            "--host and --port"
        ) from error
    return listener


@contextmanager
def listening(config: Config, environ: Mapping[str, str]) -> Iterator[socket.socket]:
    """Give the socket a supervisor bound, or bind one; see `listen`."""
    if LISTEN_FD in environ:
        listener = socket.socket(fileno=os.dup(int(environ[LISTEN_FD])))
    else:
        listener = listen(config.host, config.port)
    with listener:
        yield listener


async def serve(
    config: Config, services: Services, listener: socket.socket, environ: Mapping[str, str]
) -> None:
    """
    Serve until told to stop.

    Raises:
        StoreUnavailable, BrokerUnavailable, ConfigError: see `live.app.running`.

    """
    async with told_to_stop(environ) as stop, running(config, services) as shop:
        server = Server(
            uvicorn.Config(
                web(shop),
                loop="none",
                http=BoundedHttp,
                ws=shop.node.protocol,  # type: ignore[arg-type]  # a factory is as good as a class
                lifespan="off",
                access_log=False,
                server_header=False,
                log_config=None,
                backlog=BACKLOG,
                timeout_graceful_shutdown=FINISH_S,
            )
        )
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve([listener]))
            stopping = tasks.create_task(stop.wait())
            log.info("serving", url=config.base_url)
            await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            await shop.node.drain(DRAIN_S)
            server.should_exit = True
    log.info("stopped")


class Server(uvicorn.Server):
    """A server that leaves the signals to `told_to_stop`: viewers are sent away first."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield
