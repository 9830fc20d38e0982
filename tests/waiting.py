"""Waiting for what tells nobody when it happens: a file, a process, a counter."""

import asyncio
import os
from collections.abc import Callable

PATIENCE_S = 20.0
"""What a test waits for at most; all of it happens within a second or two."""


async def until(done: Callable[[], object]) -> None:
    """Let others run, and look again until ``done``."""
    async with asyncio.timeout(PATIENCE_S):
        while not done():
            await asyncio.to_thread(os.sched_yield)
