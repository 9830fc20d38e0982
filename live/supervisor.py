"""
Child processes that are kept running, however they die, and stopped in order.

Invariant: a child lives no longer than its supervisor. It is told to stop when the supervisor
leaves, and it finds its standard input closed when the supervisor was killed.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import IO, Final

import structlog
from msgspec import Struct

from live.lifetime import PARENT_FD

FIRST_PAUSE_S: Final = 0.2
"""A child that was killed is back before anyone reloads the page."""

LONGEST_PAUSE_S: Final = 10.0
"""A child that cannot start is not tried more often than a person reads its log."""

LIVED_S: Final = 10.0
"""A child that ran this long had started well, so its next pause is the first one again."""

STOP_S: Final = 4.0
"""What a child gets between SIGTERM and SIGKILL; the web process drains in three seconds."""

LOG_BYTES: Final = 16 * 1024 * 1024
"""When a child starts, a log beyond this size makes room: one older file is kept."""

log = structlog.get_logger()


class Child(Struct, frozen=True, kw_only=True):
    """
    A process to keep running.

    ``environ`` comes on top of ours; ``log`` takes its output, or None lets it share ours.
    """

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str] = {}
    log: Path | None = None
    pass_fds: tuple[int, ...] = ()


def liveshop(*arguments: str) -> tuple[str, ...]:
    """Return the command line of another liveshop process of this very installation."""
    return (sys.executable, "-m", "live.cli", *arguments)


@asynccontextmanager
async def kept_running(children: Sequence[Child]) -> AsyncIterator[None]:
    """Keep children running for as long as the block lasts; stop the last one first."""
    async with asyncio.TaskGroup() as tasks:
        keepers = [tasks.create_task(keep_running(child)) for child in children]
        try:
            yield
        finally:
            for keeper in reversed(keepers):
                keeper.cancel()
                await asyncio.wait([keeper])


async def keep_running(child: Child) -> None:
    """Run ``child``, and run it again whenever it ends, until cancelled; then stop it."""
    loop = asyncio.get_running_loop()
    pause_s = FIRST_PAUSE_S
    while True:
        began = loop.time()
        try:
            code = await _run(child)
        except OSError as error:
            log.warning("child_not_started", child=child.name, error=str(error))
        else:
            log.warning("child_ended", child=child.name, code=code)
        if loop.time() - began > LIVED_S:
            pause_s = FIRST_PAUSE_S
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S)


async def _run(child: Child) -> int:
    with _output(child.log) as output:
        process = await asyncio.create_subprocess_exec(
            *child.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=output,
            stderr=output,
            env={**os.environ, **child.environ, PARENT_FD: "0"},
            pass_fds=child.pass_fds,
            # Ctrl-C in the terminal is for us: we stop the children in order.
            start_new_session=True,
        )
    log.debug("child_started", child=child.name, pid=process.pid)
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            await _stop(child, process)


async def _stop(child: Child, process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        log.warning("child_killed", child=child.name, pid=process.pid)
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@contextmanager
def _output(path: Path | None) -> Iterator[IO[bytes] | None]:
    """Open what a child writes to; the child keeps its own copy."""
    if path is None:
        yield None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".old.log"))
    with path.open("ab") as file:
        yield file
