"""
A real PgBouncer of the machine's own, with the configuration that is shipped.

``LIVESHOP_TEST_PGBOUNCER`` may name the executable, or say ``required``: then a missing one fails
the tests instead of skipping them.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import asyncpg
import pytest

from tests.debian import found_or_installed
from tests.demo import free_port

SETTING: Final = "LIVESHOP_TEST_PGBOUNCER"
SHIPPED: Final = Path(__file__).parents[2] / "deploy" / "pgbouncer" / "pgbouncer.ini"
START_S: Final = 10.0
SERVERS: Final = 2
"""Fewer than there are clients, so that they take turns at the same servers."""


def executable() -> str:
    """Return the path of pgbouncer; where there is none, the test is skipped or fails."""
    found = found_or_installed(
        SETTING,
        "pgbouncer",
        lambda: shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin"),
    )
    if found is not None:
        return found
    sentence = f"no pgbouncer on this machine; install one, or name it in {SETTING}"
    if os.environ.get(SETTING) == "required":
        pytest.fail(sentence)
    pytest.skip(sentence)


@asynccontextmanager
async def pooling(database_url: str) -> AsyncIterator[str]:
    """Stand between a database and its clients for as long as the block lasts; give the URL."""
    parts = urlsplit(database_url)
    host, name, port = parse_qs(parts.query)["host"][0], parts.path[1:], free_port()
    user = parts.username or "postgres"
    text = SHIPPED.read_text()
    for shipped, here in {
        "liveshop = host=postgres port=5432 dbname=liveshop": (
            f"{name} = host={host} dbname={name} user={user}"
        ),
        "listen_addr = 0.0.0.0": "listen_addr = 127.0.0.1\nunix_socket_dir =",
        "listen_port = 6432": f"listen_port = {port}",
        # The embedded server trusts whoever reaches its socket.
        "auth_type = scram-sha-256": "auth_type = any",
        "auth_file = /etc/pgbouncer/userlist.txt": "",
        "default_pool_size = 20": f"default_pool_size = {SERVERS}",
    }.items():
        assert text.count(shipped) == 1, shipped
        text = text.replace(shipped, here)
    with tempfile.TemporaryDirectory(prefix="liveshop-pgbouncer-") as folder:
        process = await asyncio.create_subprocess_exec(*_command(Path(folder), text, Path(host)))
        try:
            url = f"postgresql://{user}@127.0.0.1:{port}/{name}"
            async with asyncio.timeout(START_S):
                while not await _answers(url):
                    assert process.returncode is None
            yield url
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()


def _command(folder: Path, text: str, sockets: Path) -> list[str]:
    ini = folder / "pgbouncer.ini"
    ini.write_text(text)
    if os.geteuid() != 0:
        return [executable(), "--quiet", str(ini)]
    # It does not run as root; the server's own user may enter the folder of its socket.
    folder.chmod(0o755)
    return [executable(), "--quiet", "--user", sockets.owner(), str(ini)]


async def _answers(url: str) -> bool:
    try:
        connection = await asyncpg.connect(url, statement_cache_size=0)
    except OSError:
        return False
    await connection.close()
    return True
