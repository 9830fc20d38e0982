import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import asyncpg
import pytest

from commerce.errors import InvalidValue, StoreUnavailable
from commerce.store.accounts import create_guest
from commerce.store.pool import Connection, Pool, acquire, open_connection, open_pool, transaction


async def guests(pool: Pool) -> int:
    count: int = await pool.fetchval("SELECT count(*) FROM accounts")
    return count


async def test_a_transaction_commits_when_its_block_ends(pool: Pool) -> None:
    async with transaction(pool) as connection:
        await create_guest(connection, "Mia")

    assert await guests(pool) == 1


async def test_an_exception_rolls_a_transaction_back(pool: Pool) -> None:
    async def fail_half_way() -> None:
        async with transaction(pool) as connection:
            await create_guest(connection, "Mia")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_half_way()

    assert await guests(pool) == 0


async def test_a_text_that_cannot_be_stored_is_an_invalid_value(pool: Pool) -> None:
    with pytest.raises(InvalidValue, match="NUL"):
        async with transaction(pool) as connection:
            await create_guest(connection, "Mi\0a")

    assert await guests(pool) == 0


@pytest.mark.parametrize("borrow", [acquire, transaction])
async def test_a_server_that_goes_away_meanwhile_is_unavailable_and_then_back(
    pool: Pool, borrow: Callable[[Pool], AbstractAsyncContextManager[Connection]]
) -> None:
    with pytest.raises(StoreUnavailable):
        async with borrow(pool) as connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    assert await guests(pool) == 0


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("postgresql://shop:secret@127.0.0.1:1/ledger", "127.0.0.1:1/ledger"),
        ("postgresql://shop:secret@/ledger?host=/nowhere", "/nowhere/ledger"),
        ("http://shop:secret@somewhere/ledger", "somewhere/ledger"),
        ("postgresql://shop:secret@127.0.0.1:port/ledger", "an unreadable URL"),
        ("postgresql://shop:secret/@127.0.0.1/ledger", "an unreadable URL"),
    ],
)
async def test_a_server_that_is_not_there_is_named_without_its_password(
    url: str, target: str
) -> None:
    for opened in (open_pool(url), open_connection(url)):
        with pytest.raises(StoreUnavailable) as refusal:
            await opened.__aenter__()
        assert refusal.value.target == target
        assert "secret" not in str(refusal.value)


async def test_a_database_that_is_not_there_is_named(database_url: str) -> None:
    with pytest.raises(StoreUnavailable, match='"missing" does not exist'):
        async with open_connection(re.sub(r"/test_\d+", "/missing", database_url)):
            pass


async def test_a_connection_outside_the_pool_is_closed_when_its_block_ends(
    database_url: str,
) -> None:
    async with open_connection(database_url) as connection:
        assert await connection.fetchval("SELECT 1") == 1

    assert connection.is_closed()
    with pytest.raises(asyncpg.InterfaceError):
        await connection.fetchval("SELECT 1")
