"""
Real services for the tests: one PostgreSQL and one Redis for the whole run, both embedded.

A test that asks for ``database_url`` gets a fresh database cloned from a migrated template, and
one that asks for ``redis_url`` gets an empty Redis.
"""

import asyncio
import itertools
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import redis
import uvloop

from commerce.store.migrate import migrate
from live.embedded import Services, services

_numbers = itertools.count(1)


def _database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Run the tests on the loop that serves."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(scope="session")
def running_services() -> Iterator[Services]:
    # Not in pytest's own folder: another run would close that to the server's user.
    with (
        tempfile.TemporaryDirectory(prefix="liveshop-") as folder,
        services(Path(folder)) as running,
    ):
        yield running


@pytest.fixture(scope="session")
async def template_database(running_services: Services) -> str:
    admin = await asyncpg.connect(running_services.database_url)
    await admin.execute("CREATE DATABASE template_liveshop")
    await admin.close()
    url = _database(running_services.database_url, "template_liveshop")
    await migrate(url)
    return "template_liveshop"


@pytest.fixture
async def database_url(running_services: Services, template_database: str) -> AsyncIterator[str]:
    """A migrated, empty database of the test's own."""
    name = f"test_{next(_numbers)}"
    admin = await asyncpg.connect(running_services.database_url)
    await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template_database}")
    try:
        yield _database(running_services.database_url, name)
    finally:
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


@pytest.fixture
def redis_url(running_services: Services) -> str:
    """A Redis with nothing in it."""
    with redis.Redis.from_url(running_services.redis_url) as client:
        client.flushall()
    return running_services.redis_url
