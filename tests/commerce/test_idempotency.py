import asyncio

import pytest

from commerce.errors import IdempotencyInFlight, IdempotencyMismatch
from commerce.store.idempotency import (
    ABANDONED_S,
    KEEP_S,
    Fresh,
    Replay,
    begin,
    finish,
    forget,
    purge,
)
from commerce.store.pool import Connection, Pool, acquire
from tests.commerce.stage import nobody

ADA, EVE = nobody(), nobody()


async def age(connection: Connection, seconds: int) -> None:
    await connection.execute(
        "UPDATE idempotency_keys SET created_at = created_at - $1 * interval '1 second'", seconds
    )


async def test_an_answered_request_gets_its_answer_again(connection: Connection) -> None:
    assert await begin(connection, ADA, "k", "order a mug") == Fresh()
    await finish(connection, ADA, "k", 201, b"{}")

    assert await begin(connection, ADA, "k", "order a mug") == Replay(201, b"{}")
    assert await begin(connection, ADA, "k", "order a mug") == Replay(201, b"{}")


async def test_the_first_answer_stays(connection: Connection) -> None:
    await begin(connection, ADA, "k", "order a mug")
    await finish(connection, ADA, "k", 201, b"first")
    await finish(connection, ADA, "k", 500, b"second")
    await forget(connection, ADA, "k")

    assert await begin(connection, ADA, "k", "order a mug") == Replay(201, b"first")


async def test_a_key_belongs_to_one_account(connection: Connection) -> None:
    await begin(connection, ADA, "k", "order a mug")

    assert await begin(connection, EVE, "k", "order a plate") == Fresh()


async def test_a_key_that_was_used_for_another_request_is_refused(connection: Connection) -> None:
    await begin(connection, ADA, "k", "order a mug")

    with pytest.raises(IdempotencyMismatch):
        await begin(connection, ADA, "k", "order a plate")
    await finish(connection, ADA, "k", 201, b"a mug")
    with pytest.raises(IdempotencyMismatch):
        await begin(connection, ADA, "k", "order a plate")

    assert await begin(connection, ADA, "k", "order a mug") == Replay(201, b"a mug")


async def test_of_equal_requests_at_once_one_does_the_work(pool: Pool) -> None:
    async def attempt() -> Fresh | Replay:
        async with acquire(pool) as connection:
            return await begin(connection, ADA, "k", "order a mug")

    answers = await asyncio.gather(*(attempt() for _ in range(10)), return_exceptions=True)

    assert answers.count(Fresh()) == 1
    assert sum(isinstance(answer, IdempotencyInFlight) for answer in answers) == 9


async def test_a_request_that_failed_by_our_fault_may_be_tried_again(
    connection: Connection,
) -> None:
    await begin(connection, ADA, "k", "order a mug")
    await forget(connection, ADA, "k")

    assert await begin(connection, ADA, "k", "order a mug") == Fresh()


async def test_work_that_was_abandoned_is_taken_over_once_and_only_by_the_same_request(
    connection: Connection,
) -> None:
    await begin(connection, ADA, "k", "order a mug")
    await age(connection, ABANDONED_S + 1)

    with pytest.raises(IdempotencyMismatch):
        await begin(connection, ADA, "k", "order a plate")
    assert await begin(connection, ADA, "k", "order a mug") == Fresh()
    with pytest.raises(IdempotencyInFlight):
        await begin(connection, ADA, "k", "order a mug")


async def test_keys_are_kept_for_a_day(connection: Connection) -> None:
    await begin(connection, ADA, "old", "order a mug")
    await age(connection, KEEP_S + 1)
    await begin(connection, ADA, "new", "order a mug")

    assert await purge(connection) == 1
    assert await purge(connection) == 0
    with pytest.raises(IdempotencyInFlight):
        await begin(connection, ADA, "new", "order a mug")
