"""
A real evening for those who watch the server: the demo's processes, each with its metrics port.
"""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
from msgspec import Struct

from tests.demo import Demo, running_demo

PROCESSES: Final = ("serve", "work", "media")
"""In the order of their ports."""


class Evening(Struct, frozen=True):
    """A demo with a crowd, and where its processes are asked."""

    demo: Demo
    targets: dict[str, str]

    async def text(self, process: str) -> str:
        """Return what a process tells Prometheus."""
        async with httpx.AsyncClient() as client:
            return (await client.get(f"http://{self.targets[process]}/metrics")).text


@asynccontextmanager
async def evening(viewers: int) -> AsyncIterator[Evening]:
    """Run a show with a crowd for as long as the block lasts."""
    first = free_ports(len(PROCESSES))
    targets = {name: f"127.0.0.1:{first + n}" for n, name in enumerate(PROCESSES)}
    settings = {"LIVESHOP_METRICS_PORT": str(first)}
    arguments = ("--viewers", str(viewers), "--no-video")
    async with running_demo(*arguments, settings=settings) as demo:
        yield Evening(demo, targets)


def free_ports(count: int) -> int:
    """Return the first of so many ports that follow each other and that nobody uses now."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            first: int = taken.getsockname()[1]
        if first + count < 65_535 and all(_free(first + n) for n in range(count)):
            return first


def _free(port: int) -> bool:
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) != 0
