"""
The web process: an HTTP server with the rooms' sockets on the same port.

Told to stop, it accepts nobody new, sends its viewers to come back in a moment, lets running
requests finish and ends with code 0.
"""

import asyncio
import gc
import resource
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import structlog

from live.api.health import readiness_of
from live.app import running
from live.config import Config
from live.embedded import Services
from live.lifetime import tell_ready, told_to_stop
from live.listener import BACKLOG, Server, http_config, listen
from live.metrics_port import open_metrics_port
from live.site import web

LISTEN_FD: Final = "LIVESHOP_LISTEN_FD"
"""A listening socket that a supervisor bound: it survives this process, and so do its callers."""

FILES_BESIDE: Final = 500
"""Open files that are no viewer's: the database's, Redis', pages, requests."""

COLLECT_AT: Final = (50_000, 20, 100)
"""Objects made before the youngest are looked through; then how often the older and the oldest."""

log = structlog.get_logger()


@contextmanager
def listening(config: Config, environ: Mapping[str, str]) -> Iterator[socket.socket]:
    """Give the socket a supervisor bound, or bind one; see `listen`."""
    if LISTEN_FD in environ:
        listener = socket.socket(fileno=int(environ[LISTEN_FD]))
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
    allow_open_files(config.connections + FILES_BESIDE)
    collect_rarely()
    async with (
        told_to_stop(environ) as stop,
        running(config, services) as shop,
        open_metrics_port(config, shop.metrics.registry, lambda: readiness_of(shop)),
    ):
        server = Server(
            lambda: tell_ready(environ),
            http_config(
                web(shop),
                ws=shop.node.protocol,
                backlog=BACKLOG,
                forwarded_allow_ips=list(config.trusted_proxies),
            ),
        )
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve([listener]))
            stopping = tasks.create_task(stop.wait())
            log.info("serving", url=config.base_url)
            await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            # Nobody new from here on; and the address is free for whoever serves next.
            for accepting in server.servers:
                accepting.close()
            listener.close()
            await shop.node.drain(config.drain_seconds)
            server.should_exit = True
    log.info("stopped")


def collect_rarely() -> None:
    """
    Keep the garbage collector off what lives as long as the process.

    Ten thousand viewers are a million objects that it would look through, for a tenth of a second
    in which nobody is served; what they leave behind is freed by counting references.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AT)


def allow_open_files(wanted: int) -> None:
    """Raise the process's own bound of open files, as far as the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
        if most < wanted:
            log.warning("few_open_files", allowed=most, wanted=wanted)
