import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from commerce.errors import MigrationChanged, StoreUnavailable
from commerce.store.migrate import LOCK, migrate
from commerce.store.queries import load
from live.embedded import Services


@pytest.fixture
async def empty_database_url(database_url: str) -> AsyncIterator[str]:
    """The test's own database, without a schema."""
    connection = await asyncpg.connect(database_url)
    await connection.execute("DROP SCHEMA public CASCADE")
    await connection.execute("CREATE SCHEMA public")
    yield database_url
    await connection.close()


def files() -> list[str]:
    folder = Path(__file__).parents[2] / "commerce/store/migrations"
    return sorted(file.name for file in folder.glob("*.sql"))


async def test_an_empty_database_gets_every_file_in_order(empty_database_url: str) -> None:
    assert await migrate(empty_database_url) == files()


async def test_a_second_run_applies_nothing(database_url: str) -> None:
    assert await migrate(database_url) == []


async def test_two_processes_that_migrate_at_once_take_turns(empty_database_url: str) -> None:
    first, second = await asyncio.gather(migrate(empty_database_url), migrate(empty_database_url))

    assert sorted([first, second]) == [[], files()]


async def test_nobody_waits_forever_for_another_process(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("commerce.store.migrate.FILE_S", 0.01)
    another = await asyncpg.connect(database_url)
    await another.execute(load("migrations").lock, LOCK)

    with pytest.raises(StoreUnavailable, match=r"took more than 0\.01 s"):
        await migrate(database_url)

    await another.close()


async def test_a_file_that_was_changed_after_it_was_applied_is_refused(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("UPDATE schema_migrations SET digest = 'another'")

    with pytest.raises(MigrationChanged) as refusal:
        await migrate(database_url)

    assert refusal.value.name == files()[0]
    assert await connection.fetchval("SELECT count(*) FROM schema_migrations") == len(files())
    await connection.close()


async def test_a_database_that_is_not_there_is_named_without_its_password(
    running_services: Services,
) -> None:
    url = "postgresql://shop:secret@127.0.0.1:1/ledger"

    with pytest.raises(StoreUnavailable) as refusal:
        await migrate(url)

    assert refusal.value.target == "127.0.0.1:1/ledger"
    assert "secret" not in str(refusal.value)
