"""
A socket to listen on, and the HTTP server on it.
"""

import errno
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

from live.config import ConfigError
from live.http import BoundedHttp

BACKLOG: Final = 4096
"""A show that begins brings thousands within a second."""

FINISH_S: Final = 5
"""What a request that is still running gets at the end."""


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


def http_config(app: ASGIApp, *, finish_s: int = FINISH_S, **more: Any) -> uvicorn.Config:
    """
    Say how a port of ours speaks HTTP: bounded requests, our log, our loop, no ``Server`` header.

    ``finish_s``: what a request that is under way gets at the end. No sockets, unless ``more`` of
    uvicorn's settings says ``ws``.
    """
    settings: dict[str, Any] = {
        "loop": "none",
        "http": BoundedHttp,
        "ws": "none",
        "lifespan": "off",
        "access_log": False,
        "server_header": False,
        "log_config": None,
        "timeout_graceful_shutdown": finish_s,
    }
    return uvicorn.Config(app, **settings | more)


class Server(uvicorn.Server):
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
        """Capture none."""
        yield
