"""
The web process: an HTTP server with the rooms' sockets on the same port.

Told to stop, it accepts nobody new, sends its viewers to come back in a moment, lets running
requests finish and ends with code 0.
"""

import asyncio
import errno
import gc
import resource
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

import structlog
import uvicorn

from live.app import running
from live.config import Config, ConfigError
from live.embedded import Services
from live.http import BoundedHttp
from live.lifetime import tell_ready, told_to_stop
from live.site import web

LISTEN_FD: Final = "LIVESHOP_LISTEN_FD"
"""A listening socket that a supervisor bound: it survives this process, and so do its callers."""

BACKLOG: Final = 4096
"""A show that begins brings thousands within a second."""

FILES_BESIDE: Final = 500
"""Open files that are no viewer's: the database's, Redis', pages, requests."""

FINISH_S: Final = 5
"""What a request that is still running gets at the end."""

COLLECT_AT: Final = (50_000, 20, 100)
"""Objects made before the youngest are looked through; then how often the older and the oldest."""

log = structlog.get_logger()


class AddressInUse(Exception):
    """Something else listens there; ``str`` says what to do."""


def listen(host: str, port: int) -> socket.socket:
    """
    Bind the address, so that it is ours before anything else starts.

    Others of ours may share it afterwards (`listen_beside`), but no other program.

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
        # Only now: two who both share from the start would not see that the port is taken.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
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


def listen_beside(listener: socket.socket) -> socket.socket:
    """
    Listen on the same address with a queue of one's own (``SO_REUSEPORT``).

    The kernel deals connections out evenly, where workers that share one queue leave most of them
    to whichever wakes first.
    """
    beside = socket.socket(listener.family, listener.type, listener.proto)
    beside.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    beside.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    beside.bind(listener.getsockname())
    beside.listen(BACKLOG)
    return beside


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
    async with told_to_stop(environ) as stop, running(config, services) as shop:
        server = _Server(
            lambda: tell_ready(environ),
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
                forwarded_allow_ips=list(config.trusted_proxies),
                timeout_graceful_shutdown=FINISH_S,
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


class _Server(uvicorn.Server):
    """A server that leaves the signals to `told_to_stop`: viewers are sent away first."""

    def __init__(self, accepting: Callable[[], None], config: uvicorn.Config) -> None:
        super().__init__(config)
        self._accepting = accepting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._accepting()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
