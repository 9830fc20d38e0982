"""
Real services for the tests: one PostgreSQL and one Redis for the whole run, both embedded.

A test that asks for ``database_url`` gets a fresh database cloned from a migrated template, and
one that asks for ``redis_url`` gets an empty Redis. Further down are servers of the machine's own
Redis, in every shape: a test that asks for one of them is skipped where there is none.
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
from tests import redis_servers
from tests.redis_servers import (
    RedisCluster,
    RedisServer,
    WatchedRedis,
    running_cluster,
    running_sentinel,
    running_server,
)

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


@pytest.fixture(scope="session")
def redis_program() -> str:
    """A redis-server of version 7 or newer."""
    try:
        return redis_servers.executable()
    except redis_servers.NoRedis as none:
        if redis_servers.required():
            raise
        pytest.skip(str(none))


@pytest.fixture
def redis7(redis_program: str) -> Iterator[RedisServer]:
    """A Redis of the test's own, which keeps what it acknowledged."""
    with running_server("--appendonly", "yes", "--appendfsync", "always") as server:
        yield server


@pytest.fixture
def watched_redis(redis_program: str) -> Iterator[WatchedRedis]:
    """A master, a replica and a sentinel of the test's own."""
    with running_sentinel() as watched:
        yield watched


@pytest.fixture(scope="session")
def redis_cluster(redis_program: str) -> Iterator[RedisCluster]:
    """A Redis Cluster for the whole run: it takes two seconds to agree. Leave it whole."""
    with running_cluster() as cluster:
        yield cluster
