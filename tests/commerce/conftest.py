"""A connection to the test's own database."""

from collections.abc import AsyncIterator

import pytest

from commerce.store.pool import Connection, Pool, acquire, open_pool


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Pool]:
    async with open_pool(database_url, size=4) as pool:
        yield pool


@pytest.fixture
async def connection(pool: Pool) -> AsyncIterator[Connection]:
    async with acquire(pool) as connection:
        yield connection
