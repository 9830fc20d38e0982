"""
What a process costs, and where it runs; read from Linux's ``/proc``.

A process is whole: its threads and its children (a server's workers) count.
"""

import asyncio
import os
import signal
from asyncio.subprocess import Process
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

SERVER_CORE: Final = 0
CROWD_CORE: Final = 1
"""The crowd, and the databases where there are any: the server has its core to itself."""

CORES: Final = os.sched_getaffinity(0)
"""What this process was given when it began, whatever it binds itself to."""

POLITENESS: Final = 10
"""Niceness of the crowd. Without it Redis waits for its turn beside a busy crowd: the median line
of a storm then took 1,059 ms and more each second, with it 30 ms."""

STOP_S: Final = 20.0
"""What a process gets to end by itself: the largest write to disk what they hold."""

_PROC: Final = Path("/proc")
_TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")


def cpu_s(pid: int) -> float:
    """Return the seconds of CPU that a process has used, user and system, to the microsecond."""
    nanoseconds = 0
    for each in family(pid):
        for thread in (_PROC / str(each) / "task").iterdir():
            try:
                nanoseconds += int((thread / "schedstat").read_text().split()[0])
            except FileNotFoundError:
                continue  # The thread has just ended.
    return nanoseconds / 1e9


def busy_s() -> float:
    """Return the seconds that all cores together were busy, with whatever, since the start."""
    fields = (_PROC / "stat").read_text().split("\n", 1)[0].split()[1:]
    user, nice, system, _idle, _waiting, irq, softirq, steal = map(int, fields[:8])
    return (user + nice + system + irq + softirq + steal) / _TICKS_A_SECOND


def rss_bytes(pid: int) -> int:
    """Return the memory of a process that is its own and resident."""
    return sum(
        int((_PROC / str(each) / "statm").read_text().split()[1]) * _PAGE_BYTES
        for each in family(pid)
    )


def family(pid: int) -> Iterator[int]:
    """Return a process and everyone it started."""
    yield pid
    for thread in (_PROC / str(pid) / "task").iterdir():
        try:
            children = (thread / "children").read_text().split()
        except FileNotFoundError:
            continue
        for child in children:
            yield from family(int(child))


@contextmanager
def on_core(*cores: int) -> Iterator[None]:
    """
    Run on ``cores``, if there are such, as will whatever is started in the block.

    It is started with the usual priority, even by one who stepped back, where that is allowed;
    where it is not, a server that has its core to itself does not notice.
    """
    bound, niceness = os.sched_getaffinity(0), os.getpriority(os.PRIO_PROCESS, 0)
    # Of all that there are: who asks may be bound to another one already.
    os.sched_setaffinity(0, set(cores) & CORES or CORES)
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, 0)
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, niceness)
        os.sched_setaffinity(0, bound)


def threads(pid: int) -> Iterator[int]:
    """Return every thread of a process and of everyone it started."""
    for each in family(pid):
        for thread in (_PROC / str(each) / "task").iterdir():
            yield int(thread.name)


def let_roam(pid: int) -> None:
    """Let a process run on every core, wherever it was started."""
    for thread in list(threads(pid)):
        os.sched_setaffinity(thread, CORES)


@contextmanager
def spread(pids: Sequence[int]) -> Iterator[None]:
    """Let processes run on every core, as whole as they are now; afterwards where they were."""
    before = {thread: os.sched_getaffinity(thread) for pid in pids for thread in list(threads(pid))}
    for pid in pids:
        let_roam(pid)
    try:
        yield
    finally:
        for thread, cores in before.items():
            with suppress(ProcessLookupError):
                os.sched_setaffinity(thread, cores)


@contextmanager
def stopped(pid: int) -> Iterator[None]:
    """Let a process, but nobody whom it started, stand still as long as the block lasts."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


async def ended(process: Process) -> None:
    """Wait for a process that was told to end, and kill it if it does not."""
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def step_back() -> None:
    """Let whoever shares this process's core go first; idempotent."""
    os.setpriority(os.PRIO_PROCESS, 0, POLITENESS)
