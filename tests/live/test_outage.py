"""Viewers who come while PostgreSQL is away: they are sent to come back, never away for good."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from live.embedded import Services
from liveshop_client import connect
from rooms.codes import UNAVAILABLE
from tests.live.server import open_live
from tests.waiting import until


class Books:
    """A test's database, and how it goes away for everyone who uses it."""

    def __init__(self, admin: "asyncpg.Connection[asyncpg.Record]", name: str) -> None:
        self._admin = admin
        self._name = name

    async def shut(self) -> None:
        await self._admin.execute(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false")
        await self._admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", self._name
        )

    async def open(self) -> None:
        await self._admin.execute(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")


@pytest.fixture
async def books(running_services: Services, database_url: str) -> AsyncIterator[Books]:
    admin = await asyncpg.connect(running_services.database_url)
    try:
        yield Books(admin, urlsplit(database_url).path[1:])
    finally:
        await admin.close()


async def test_who_comes_while_the_books_are_away_is_let_in_when_they_are_back(
    services: Services, tmp_path: Path, books: Books
) -> None:
    async with open_live(services, tmp_path) as live:
        host, viewer = await live.member("host"), await live.guest()
        show = (await live.selling(host))["show"]
        await books.shut()
        async with live.watching(show, viewer) as early:
            refused = await early.hear("error")
            code = await early.closed()

        async def come() -> None:
            async with connect(f"http://127.0.0.1:{live.port}", show, token=viewer.token):
                pass

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(come())
            await until(lambda: live.shop.node.statistics().deferred == 2)
            await books.open()

    assert (refused["code"], code) == ("unavailable", UNAVAILABLE.code)
