"""
The web process: an HTTP server with the rooms' sockets on the same port.

Told to stop, it accepts nobody new, sends its viewers to come back in a moment, lets running
requests finish and ends with code 0.
"""

import asyncio
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import structlog
import uvicorn

from live.app import running
from live.config import Config
from live.embedded import Services
from live.http import BoundedHttp
from live.lifetime import told_to_stop
from live.listener import BACKLOG, FINISH_S, Server, listen
from live.site import web

LISTEN_FD: Final = "LIVESHOP_LISTEN_FD"
"""A listening socket that a supervisor bound: it survives this process, and so do its callers."""

DRAIN_S: Final = 3.0
"""Viewers come back within this time, each after a random part of it."""

log = structlog.get_logger()


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
