"""
A bare program of the tests: one part of the server and nothing else, in a process of its own.

Run by its path, because load does not import the server.
"""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from loadtest.bench.process import SERVER_CORE, on_core
from loadtest.bench.servers import ServerGone

_PROGRAMS: Final = Path(__file__).parents[2] / "tests" / "bench"


async def run_bare(name: str, *arguments: object, buyers: Sequence[str] = ()) -> Any:
    """
    Run the program ``name``, which may read ``buyers`` (accounts), and return the JSON it prints.

    Raises:
        ServerGone: the process failed; its own words are on standard error.

    """
    with on_core(SERVER_CORE):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            str(_PROGRAMS / f"{name}.py"),
            *map(str, arguments),
            stdin=PIPE,
            stdout=PIPE,
        )
    out, _ = await process.communicate("\n".join(buyers).encode())
    if process.returncode:
        raise ServerGone(f"{name}.py could not be run")
    return json.loads(out)
