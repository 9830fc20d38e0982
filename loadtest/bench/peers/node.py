"""
``ws`` and Socket.IO on Node: installed where they are first measured, pinned by a lock file.

The packages go into ``.cache`` beside a copy of the lock, never into the repository.
"""

import asyncio
import hashlib
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from clients.build import npm
from loadtest.bench.servers import Server, open_server

WS: Final = "ws (Node)"
SOCKET_IO: Final = "Socket.IO (Node)"
SOCKET_IO_PATH: Final = "/socket.io/?EIO=4&transport=websocket"
SOCKET_IO_HELLO: Final = "40"
"""Engine.IO's "message", Socket.IO's "connect": from then on a viewer hears what is emitted."""

INSTALL_S: Final = 180.0

_HERE: Final = Path(__file__).parent / "npm"
_CACHE: Final = Path(__file__).parents[3] / ".cache" / "bench-peers"
_STAMP: Final = _CACHE / ".digest"
_FILES: Final = ("package.json", "package-lock.json", "serve.mjs")


class NoNode(Exception):
    """Node or its packages cannot be had; ``str`` says why."""


async def installed() -> Path:
    """
    Return the folder of the server, after installing what it needs if it is not there.

    Raises:
        NoNode: it cannot be installed.

    """
    return await asyncio.to_thread(_install)


def ready() -> bool:
    """Whether what is installed is what the lock says, and there is a Node to run it."""
    installed = _STAMP.exists() and _STAMP.read_text() == _digest()
    return installed and shutil.which("node") is not None


def _digest() -> str:
    return hashlib.sha256(b"".join((_HERE / name).read_bytes() for name in _FILES)).hexdigest()


def _install() -> Path:
    try:
        # First: where the machine has no Node, this finds or installs one and names it in PATH.
        command = npm()
        if ready():
            return _CACHE
        _CACHE.mkdir(parents=True, exist_ok=True)
        for name in _FILES:
            shutil.copy(_HERE / name, _CACHE / name)
        subprocess.run(
            [*command, "ci", "--silent", "--no-audit", "--no-fund"],
            cwd=_CACHE,
            check=True,
            capture_output=True,
            timeout=INSTALL_S,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NoNode(f"npm could not install ws and socket.io: {error}") from error
    _STAMP.write_text(_digest())
    return _CACHE


@asynccontextmanager
async def open_node(name: str, folder: Path) -> AsyncIterator[Server]:
    """Run `WS` or `SOCKET_IO` for as long as the block lasts."""
    kind = "ws" if name == WS else "socketio"
    command = (str(folder / "serve.mjs"), kind)
    async with open_server(name, command, program=shutil.which("node") or "node") as server:
        yield server
