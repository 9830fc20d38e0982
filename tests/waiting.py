"""Waiting for what tells nobody when it happens: a file, a process, a counter."""

import asyncio
import os
from collections.abc import Awaitable, Callable

import psutil

PATIENCE_S = 20.0
"""What a test waits for at most; all of it happens within a second or two."""

REST_S = 0.03
"""Between two questions to a server: what it is asked about needs the processor, too."""


async def until(done: Callable[[], object]) -> None:
    """Let others run, and look again until ``done``."""
    async with asyncio.timeout(PATIENCE_S):
        while not done():
            await asyncio.to_thread(os.sched_yield)


async def until_it_holds(done: Callable[[], Awaitable[object]]) -> None:
    """Ask again and again until the answer is yes; each question waits for its answer."""
    async with asyncio.timeout(PATIENCE_S):
        while not await done():  # noqa: ASYNC110  # nobody can tell us
            await asyncio.sleep(REST_S)


def is_running(pid: int) -> bool:
    """Whether a process lives; one that is dead and that nobody waited for does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
