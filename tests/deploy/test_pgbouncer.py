"""The web process behind a real PgBouncer that pools transactions, and who is refused there."""

import asyncio
import os
import sys
from pathlib import Path

import asyncpg
import httpx
import pytest

from commerce.store.pool import acquire, open_connection, open_pool
from live.app import running
from live.embedded import Services
from live.site import web
from live.work import working
from tests.deploy.pgbouncer import pooling
from tests.live.server import PATIENCE_S, Live
from tests.live.shops import config_for

CLIENTS = 8
ROUNDS = 40


async def ask_much(url: str) -> set[int]:
    """Ask from several connections at once, and return which servers have answered."""
    async with open_pool(url, size=CLIENTS) as pool:

        async def ask(client: int) -> set[int]:
            servers = set()
            for turn in range(ROUNDS):
                async with acquire(pool) as connection:
                    # A few statements in turns, each with arguments: what asyncpg would prepare.
                    row = await connection.fetchrow(
                        f"SELECT pg_backend_pid() AS server, $1::int + {turn % 4} AS sum", client
                    )
                    assert row is not None
                    assert row["sum"] == client + turn % 4
                    servers.add(row["server"])
            return servers

        return set().union(*await asyncio.gather(*(ask(n) for n in range(CLIENTS))))


async def test_statements_are_not_prepared_where_the_url_says_so(database_url: str) -> None:
    async with pooling(database_url) as url:
        servers = await ask_much(f"{url}?statement_cache_size=0")

    assert 1 <= len(servers) <= 2


async def test_without_it_the_pooler_mixes_prepared_statements_up(database_url: str) -> None:
    """PgBouncer before 1.21: if this fails some day, the setting has lost its reason."""
    question = "SELECT pg_backend_pid() AS server, $1::int"
    async with (
        pooling(database_url) as url,
        open_connection(url) as one,
        open_connection(url) as two,
    ):
        where = await one.fetchval(question, 1)
        async with two.transaction():
            # The only server there was is busy now, and the next one has not prepared anything.
            assert await two.fetchval("SELECT pg_backend_pid()") == where
            with pytest.raises(asyncpg.InvalidSQLStatementNameError):
                await one.fetchval(question, 1)


async def test_a_shop_sells_behind_it(services: Services, tmp_path: Path) -> None:
    config = config_for(tmp_path)
    async with pooling(services.database_url) as url:
        pooled = Services(
            database_url=f"{url}?statement_cache_size=0", redis_url=services.redis_url
        )
        async with (
            working(config, services),
            running(config, pooled) as shop,
            httpx.AsyncClient(
                transport=httpx.ASGITransport(web(shop)), base_url="http://shop.test"
            ) as client,
        ):
            async with asyncio.timeout(PATIENCE_S):
                await shop.gate.fence.wait_open()
            live = Live(shop, client, config.port)
            host = await live.member("host")
            offer = await live.selling(host)
            shows = await asyncio.gather(
                *(host.get(f"/api/shows/{offer['show']}") for _ in range(60))
            )
            ready = await client.get("/readyz")

    assert {answer.status_code for answer in shows} == {200}
    assert ready.json()["checks"]["postgres"] == "ok"


@pytest.mark.parametrize("command", ["work", "migrate"])
async def test_who_holds_locks_is_told_to_go_to_postgresql_itself(
    services: Services, command: str, tmp_path: Path
) -> None:
    async with pooling(services.database_url) as url:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "live.cli", command),
            env={
                **os.environ,
                "LIVESHOP_DATABASE_URL": f"{url}?statement_cache_size=0",
                "LIVESHOP_REDIS_URL": services.redis_url,
                "LIVESHOP_DATA_DIR": str(tmp_path),
            },
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()

    assert process.returncode == 1
    assert b"leads through a pooler, which is for liveshop serve alone" in said
