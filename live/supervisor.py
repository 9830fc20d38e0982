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

from live.lifetime import PARENT_FD, READY_FD

FIRST_PAUSE_S: Final = 0.2
"""A child that was killed is back before anyone reloads the page."""

LONGEST_PAUSE_S: Final = 10.0
"""A child that cannot start is not tried more often than a person reads its log."""

LIVED_S: Final = 10.0
"""A child that ran this long had started well, so its next pause is the first one again."""

STOP_S: Final = 20.0
"""
What a child gets between SIGTERM and SIGKILL, beyond the time that it said it drains for.

One that works as it should ends within a second of its last viewer.
"""

READY_S: Final = 30.0
"""What a new process gets to serve before it is given up; it takes a second or two."""

LOG_BYTES: Final = 16 * 1024 * 1024
"""When a child starts, a log beyond this size makes room: one older file is kept."""

log = structlog.get_logger()


class Child(Struct, frozen=True, kw_only=True):
    """
    A process to keep running.

    ``environ`` comes on top of ours; ``log`` takes its output, or None lets it share ours. One that
    ``tells_ready`` writes to the descriptor named by ``READY_FD`` once it serves.
    """

    name: str
    command: tuple[str, ...]
    environ: Mapping[str, str] = {}
    log: Path | None = None
    pass_fds: tuple[int, ...] = ()
    tells_ready: bool = False
    drains_s: float = 0.0


def liveshop(*arguments: str) -> tuple[str, ...]:
    """Return the command line of another liveshop process of this very installation."""
    return (sys.executable, "-m", "live.cli", *arguments)


class Kept:
    """Children that are kept running."""

    def __init__(self, keepers: Sequence["_Keeper"]) -> None:
        self._keepers = keepers

    async def renew(self) -> None:
        """
        Replace each child that says when it is ready by a new process, one after the other.

        The new one serves before the old one is told to stop, so somebody always does. One that
        does not get ready is given up, and the old one stays.
        """
        for keeper in self._keepers:
            if keeper.child.tells_ready:
                await keeper.renew()


@asynccontextmanager
async def kept_running(children: Sequence[Child]) -> AsyncIterator[Kept]:
    """Keep children running for as long as the block lasts; stop the last one first."""
    async with asyncio.TaskGroup() as tasks:
        keepers = [_Keeper(child) for child in children]
        keeping = [tasks.create_task(keeper.run()) for keeper in keepers]
        try:
            yield Kept(keepers)
        finally:
            for task in reversed(keeping):
                task.cancel()
                await asyncio.wait([task])


class _Keeper:
    """Keeps one child running."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self._renewals: asyncio.Queue[asyncio.Future[None]] = asyncio.Queue()

    async def renew(self) -> None:
        """Replace the process; returns when that is done or given up."""
        done = asyncio.get_running_loop().create_future()
        await self._renewals.put(done)
        await done

    async def run(self) -> None:
        """Run the child, and run it again whenever it ends, until cancelled; then stop it."""
        loop = asyncio.get_running_loop()
        pause_s = FIRST_PAUSE_S
        while True:
            began = loop.time()
            try:
                code = await self._live_through()
            except OSError as error:
                log.warning("child_not_started", child=self.child.name, error=str(error))
            else:
                log.warning("child_ended", child=self.child.name, code=code)
            if loop.time() - began > LIVED_S:
                pause_s = FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _live_through(self) -> int:
        """Start a process and return its exit code, or its successor's."""
        process, _ = await _start(self.child)
        try:
            while True:
                async with asyncio.TaskGroup() as tasks:
                    ended = tasks.create_task(process.wait())
                    asked = tasks.create_task(self._renewals.get())
                    await asyncio.wait([ended, asked], return_when=asyncio.FIRST_COMPLETED)
                    ended.cancel()
                    asked.cancel()
                if process.returncode is not None:
                    return process.returncode
                done = asked.result()
                try:
                    process = await self._replace(process)
                finally:
                    done.set_result(None)
        finally:
            if process.returncode is None:
                await _stop(self.child, process)

    async def _replace(self, old: asyncio.subprocess.Process) -> asyncio.subprocess.Process:
        try:
            new, ready = await _start(self.child)
        except OSError as error:
            log.warning("child_not_renewed", child=self.child.name, error=str(error))
            return old
        leaving = new
        try:
            async with asyncio.timeout(READY_S):
                if await ready:
                    leaving = old
                    log.info("child_renewed", child=self.child.name, pid=new.pid)
                else:
                    log.warning("child_not_renewed", child=self.child.name, error="it ended")
        except TimeoutError:
            log.warning("child_not_renewed", child=self.child.name, error="it did not get ready")
        finally:
            await _stop(self.child, leaving)
        return old if leaving is new else new


async def _start(child: Child) -> tuple[asyncio.subprocess.Process, asyncio.Future[bool]]:
    """Start a process; the future tells that it is ready, or that it ended without being so."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[bool] = loop.create_future()
    reading, writing = os.pipe()
    try:
        with _output(child.log) as output:
            process = await asyncio.create_subprocess_exec(
                *child.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=output,
                stderr=output,
                env={**os.environ, **child.environ, PARENT_FD: "0", READY_FD: str(writing)},
                pass_fds=(*child.pass_fds, writing),
                # Ctrl-C in the terminal is for us: we stop the children in order.
                start_new_session=True,
            )
    except BaseException:
        os.close(reading)
        raise
    finally:
        os.close(writing)

    def told() -> None:
        loop.remove_reader(reading)
        word = os.read(reading, 1)
        os.close(reading)
        if not ready.done():
            ready.set_result(bool(word))

    loop.add_reader(reading, told)
    log.debug("child_started", child=child.name, pid=process.pid)
    return process, ready


async def _stop(child: Child, process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_S + child.drains_s):
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
