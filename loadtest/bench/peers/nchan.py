"""
nginx with nchan, the fastest hub in C that Debian packages: one worker, told over HTTP.

Where ``nginx`` or ``libnginx-mod-nchan`` is not installed, `installed` says so and the peer is left
out by name.
"""

import asyncio
import os
import pwd
import shutil
import socket
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from loadtest.bench.process import SERVER_CORE, ended, on_core
from loadtest.bench.publisher import Task, paced

MODULE: Final = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
START_S: Final = 10.0

_CONFIGURATION: Final = """
load_module {module};
user {user};
worker_processes 1;
worker_rlimit_nofile 20000;
daemon off;
pid {folder}/pid;
error_log stderr error;
events {{ worker_connections 16000; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  nchan_max_reserved_memory 64M;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    keepalive_requests 1000000;
    nchan_channel_id bench;
    nchan_message_buffer_length 10;
    location = /ws {{ nchan_subscriber websocket; nchan_subscriber_first_message newest; }}
    location = /publish {{ nchan_publisher http; }}
  }}
}}
"""


def installed() -> bool:
    """Whether nginx and its module are there."""
    return shutil.which("nginx") is not None and MODULE.exists()


class Nchan:
    """A running nginx; made by `open_nchan`."""

    name = "nginx + nchan"

    def __init__(
        self,
        process: Process,
        port: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.port = port
        self._process = process
        self._reader = reader
        self._writer = writer

    @property
    def pid(self) -> int:
        """Its master process."""
        return self._process.pid

    async def publish(self, task: Task) -> None:
        """Post each message; returns when nginx has taken the last."""
        await paced(task, self._post)

    async def _post(self, line: bytes, control: bool) -> None:
        self._writer.write(
            b"POST /publish HTTP/1.1\r\nHost: bench\r\nContent-Length: %d\r\n\r\n[%b]"
            % (len(line) + 2, line)
        )
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(
            int(header.split(b":")[1])
            for header in head.split(b"\r\n")
            if header.lower().startswith(b"content-length:")
        )
        await self._reader.readexactly(length)


@asynccontextmanager
async def open_nchan() -> AsyncIterator[Nchan]:
    """Run nginx on the server's core for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="liveshop-nchan-") as folder:
        port = _free_port()
        user = pwd.getpwuid(os.getuid()).pw_name
        path = Path(folder) / "nginx.conf"
        path.write_text(_CONFIGURATION.format(module=MODULE, user=user, folder=folder, port=port))
        with on_core(SERVER_CORE):
            process = await asyncio.create_subprocess_exec(
                "nginx", "-p", folder, "-c", str(path), stdin=DEVNULL, stdout=PIPE
            )
        try:
            reader, writer = await _connected(port)
            yield Nchan(process, port, reader, writer)
            writer.close()
        finally:
            process.terminate()
            await ended(process)


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(START_S):
        while True:
            try:
                return await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.05)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port
