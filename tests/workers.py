"""
Two real web processes under one supervisor, and viewers who come back to where they were.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpx
import msgspec
import psutil
import websockets

from rooms.history import Position
from tests.demo import READY_S, STOP_S
from tests.waiting import PATIENCE_S
from tests.witness import Witness


class Viewer:
    """Watches a room through the bare protocol, and comes back to where it was."""

    def __init__(self) -> None:
        self.witness = Witness()
        self.entrances: list[bool] = []

    async def watch(self, url: str, room: str) -> None:
        """Stay, however often the connection breaks."""
        while True:
            try:
                async with websockets.connect(url, close_timeout=1) as connection:
                    await connection.send(msgspec.json.encode(self._join(room)).decode())
                    async for frame in connection:
                        for message in msgspec.json.decode(frame):
                            self._take(message)
            except (OSError, websockets.WebSocketException):
                pass
            await asyncio.sleep(0.1)

    async def inside(self) -> None:
        """Wait for the first entrance."""
        await self.witness.until(lambda: self.entrances)

    def _join(self, room: str) -> dict[str, Any]:
        position = self.witness.position
        since = {"since": msgspec.to_builtins(position)} if position.epoch else {}
        return {"type": "join", "room": room, **since}

    def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "joined":
            position = Position(message["epoch"], message["offset"])
            recovered = message.get("recovered", False)
            self.entrances.append(recovered)
            if recovered:
                assert position == self.witness.position
            else:
                self.witness.start_at(position)
        elif "offset" in message:
            assert message["offset"] == self.witness.position.offset + 1
            self.witness.control(msgspec.json.encode(message))


@asynccontextmanager
async def two_workers(settings: dict[str, str]) -> AsyncIterator[psutil.Process]:
    """Run ``liveshop serve`` with two web processes; give the process that keeps them running."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "live.cli", "serve", "--workers", "2"),
        env={**os.environ, **settings},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(STOP_S):
            await process.communicate()


def serving(supervisor: psutil.Process) -> set[int]:
    """Return the process ids of the web processes that live."""
    found = set()
    for child in supervisor.children():
        # One that has just ended is a zombie, or nothing any more.
        with suppress(psutil.NoSuchProcess):
            if "serve" in child.cmdline():
                found.add(int(child.pid))
    return found


async def both_serve(supervisor: psutil.Process, url: str) -> list[int]:
    """Wait until the rooms of two workers are open, and return their process ids."""
    async with asyncio.timeout(READY_S), httpx.AsyncClient() as client:
        while True:
            try:
                checks = (await client.get(f"{url}/readyz")).json()["checks"]
            except httpx.TransportError:
                continue
            workers = sorted(serving(supervisor))
            if checks["rooms"] == "ok" and len(workers) == 2:
                return workers


async def all_see(viewers: Sequence[Viewer], position: Position) -> None:
    """Wait until every viewer stands at ``position``."""
    async with asyncio.timeout(PATIENCE_S):
        for viewer in viewers:
            await viewer.witness.reaches(position)
