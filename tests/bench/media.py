"""
What a viewer over WHEP costs: ``make bench-media``, ``ARGS="--viewers 40 --seconds 5"``.

Three processes on the loopback address: a publisher of 720p30 H264 at 2.6 Mbit/s with Opus, the
server, and the viewers. Beside it, in the same run, aiortc's own relay with one viewer.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from rich.console import Console
from rich.table import Table

AIMS = {
    "CPU a viewer, % of a core": "≤ 1.2 (relay ~71)",
    "latency p50 / p95, ms": "≤ 5 / 25",
    "first keyframe after POST, ms": "≤ 500",
    "longest gap, ms (freezes over 200)": "0 freezes",
}
PATIENCE_S = 60


class Process:
    """A process of the bench, spoken to in lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def hear(self) -> dict[str, Any]:
        """Return its next line."""
        assert self._process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            line = await self._process.stdout.readline()
        if not line:
            raise SystemExit("a process of the bench ended early; its error is above")
        heard: dict[str, Any] = json.loads(line)
        return heard

    def next(self) -> None:
        """Let it go on."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")


@asynccontextmanager
async def started(module: str, *arguments: object) -> AsyncIterator[Process]:
    """Run a module for as long as the block lasts."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", f"tests.bench.{module}", *map(str, arguments)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        yield Process(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def measure(mode: str, viewers: int, loss: float, seconds: float) -> dict[str, Any]:
    """Measure one server with so many viewers."""
    async with started("media_server", mode) as server:
        address = await server.hear()
        url, token = address["url"], address["token"]
        async with started("media_clients", "publish", url, token) as publisher:
            await publisher.hear()
            async with started("media_clients", "watch", url, token, viewers, loss) as watchers:
                await watchers.hear()
                server.next()
                before = await server.hear()
                watchers.next()
                await asyncio.sleep(seconds)
                watchers.next()
                server.next()
                after = await server.hear()
                figures = await watchers.hear()
    used = (after["cpu_s"] - before["cpu_s"]) / (after["at_s"] - before["at_s"])
    return {**figures, "viewers": viewers, "cpu_percent": 100 * used / viewers}


async def main(viewers: list[int], seconds: float) -> None:
    """Measure, and show the figures beside what they should be."""
    runs = [
        *((f"forwarded, {count} viewers", "forward", count, 0.0) for count in viewers),
        ("forwarded, 1 viewer who loses 5 %", "forward", 1, 0.05),
        ("aiortc's relay, 1 viewer", "relay", 1, 0.0),
    ]
    table = Table("", *AIMS, "fps", "packets/s", "lost / repaired")
    table.add_row("aim", *AIMS.values(), "30", "", "")
    console = Console(width=200)
    for name, mode, count, loss in runs:
        with console.status(f"{name}…"):
            found = await measure(mode, count, loss, seconds)
        table.add_row(
            name,
            f"{found['cpu_percent']:.2f}",
            f"{found['p50_ms']:.1f} / {found['p95_ms']:.1f}" if found["p50_ms"] else "decoded",
            f"{found['first_p50_ms']:.0f}, at most {found['first_max_ms']:.0f}",
            f"{found['longest_gap_ms']:.0f} ({found['freezes']})",
            f"{found['fps']:.1f}",
            f"{found['counted']:.0f}" if found["counted"] else "",
            f"{found['lost']} / {found['repaired']}",
        )
    console.print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What a viewer over WHEP costs.")
    parser.add_argument("--viewers", type=int, nargs="+", default=[20, 40])
    parser.add_argument("--seconds", type=float, default=10.0)
    options = parser.parse_args()
    asyncio.run(main(options.viewers, options.seconds))
