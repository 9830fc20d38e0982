"""
The shop's books at the end of a run, checked by ``loadtest.audit`` in a process of its own.

The checks run on asyncio and this process on gevent; between the two there is a pipe. Nothing here
knows what the checks are.
"""

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from loadtest.audit import EXIT_BROKEN, LATEST_S
from loadtest.people.account import Account

MARGIN_S: Final = 15.0
"""A Python that starts on a busy machine."""

_ROOT: Final = Path(__file__).parents[2]


class Books(NamedTuple):
    """What does not hold, a sentence each; ``unseen`` says why nobody could look."""

    broken: tuple[str, ...] = ()
    unseen: str = ""


def look_into(url: str, show: str, account: Account, placed: Iterable[str]) -> Books:
    """Have the books of a show checked."""
    command = (sys.executable, "-m", "loadtest.audit", "--url", url, "--show", show, "--placed")
    try:
        done = subprocess.run(
            command,
            input="\n".join(placed),
            capture_output=True,
            text=True,
            timeout=LATEST_S + MARGIN_S,
            cwd=_ROOT,
            env={**os.environ, **account.environ()},
        )
    except subprocess.TimeoutExpired:
        return Books(unseen="it took too long")
    if done.returncode == EXIT_BROKEN:
        return Books(broken=tuple(done.stdout.splitlines()) or ("the check itself failed",))
    if done.returncode != 0:
        return Books(unseen=done.stderr.strip().removeprefix("audit: "))
    return Books()
