"""
The schema, brought up to date by plain SQL files, forward only.

A file is applied whole or not at all, once, in the order of the names; one that was applied never
changes again. Two processes that migrate at once take turns.
"""

import hashlib
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Final

from commerce.errors import MigrationChanged, StoreUnavailable
from commerce.store.pool import Connection, open_connection, target
from commerce.store.queries import load

LOCK: Final = 0x6C69_7665_7368_6F70
"""The advisory lock's number: ``liveshop`` in ASCII."""

FILE_S: Final = 600.0
"""What one file may take, and what a process waits for another: an index over a large table."""

_sql = load("migrations")


async def migrate(url: str) -> list[str]:
    """
    Apply what the database has not seen yet, and return the names of the files; idempotent.

    Raises:
        StoreUnavailable: PostgreSQL cannot be reached, or a file takes longer than `FILE_S`.
        MigrationChanged: a file differs from what was applied; nothing is applied then.

    """
    async with open_connection(url) as connection:
        try:
            await connection.execute(_sql.lock, LOCK, timeout=FILE_S)
            await connection.execute(_sql.create_table)
            outstanding = await _outstanding(connection)
            return [await _apply(connection, name, text) for name, text in outstanding]
        except TimeoutError as error:
            reason = f"a migration, here or in another process, took more than {FILE_S:g} s"
            raise StoreUnavailable(target(url), reason) from error


async def outstanding(connection: Connection) -> list[str]:
    """
    Name the files that `migrate` would apply; changes nothing.

    Raises:
        MigrationChanged: a file differs from what was applied.

    """
    if not await connection.fetchval(_sql.table_exists):
        return sorted(file.name for file in _files())
    return [name for name, _text in await _outstanding(connection)]


def _files() -> list[Traversable]:
    folder = resources.files(__package__) / "migrations"
    return [file for file in folder.iterdir() if file.name.endswith(".sql")]


async def _outstanding(connection: Connection) -> list[tuple[str, str]]:
    applied = {row["name"]: row["digest"] for row in await connection.fetch(_sql.applied)}
    outstanding = []
    for file in sorted(_files(), key=lambda file: file.name):
        text = file.read_text(encoding="utf-8")
        if file.name not in applied:
            outstanding.append((file.name, text))
        elif applied[file.name] != _digest(text):
            raise MigrationChanged(file.name)
    return outstanding


async def _apply(connection: Connection, name: str, text: str) -> str:
    async with connection.transaction():
        await connection.execute(text, timeout=FILE_S)
        await connection.execute(_sql.record, name, _digest(text))
    return name


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
