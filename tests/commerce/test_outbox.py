import asyncio

from commerce.ids import ShowId
from commerce.store.outbox import CHANNEL, KEEP_S, Fact, mark_relayed, purge, record, waiting
from commerce.store.pool import Connection, Pool, open_connection, transaction

SHOW = ShowId("tonight")


async def test_facts_wait_in_order_until_they_are_relayed(connection: Connection) -> None:
    await record(connection, "show", SHOW, SHOW)
    await record(connection, "offer", SHOW, "ofr_1")

    first, second = await waiting(connection, 10)

    assert first == Fact(id=first.id, topic="show", show=SHOW, subject=SHOW)
    assert second == Fact(id=second.id, topic="offer", show=SHOW, subject="ofr_1")
    assert await waiting(connection, 1) == [first]

    await mark_relayed(connection, [first.id])
    await mark_relayed(connection, [first.id])

    assert await waiting(connection, 10) == [second]


async def test_a_fact_is_seen_and_announced_when_its_transaction_commits(
    pool: Pool, connection: Connection, database_url: str
) -> None:
    heard = asyncio.Event()
    async with open_connection(database_url) as listener:
        await listener.add_listener(CHANNEL, lambda *_: heard.set())

        async with transaction(pool) as writer:
            await record(writer, "show", SHOW, SHOW)
            assert await waiting(connection, 10) == []
            assert not heard.is_set()

        async with asyncio.timeout(5):
            await heard.wait()
    assert [fact.topic for fact in await waiting(connection, 10)] == ["show"]


async def test_a_transaction_that_commits_late_is_not_passed_over(
    pool: Pool, connection: Connection
) -> None:
    async with transaction(pool) as late:
        await record(late, "offer", SHOW, "early number")
        await record(connection, "offer", SHOW, "later number")
        (committed,) = await waiting(connection, 10)
        await mark_relayed(connection, [committed.id])

    assert [fact.subject for fact in await waiting(connection, 10)] == ["early number"]


async def test_relayed_facts_are_kept_for_a_day_and_waiting_ones_until_relayed(
    connection: Connection,
) -> None:
    for subject in ("relayed", "waiting"):
        await record(connection, "offer", SHOW, subject)
    relayed, still_waiting = await waiting(connection, 10)
    await mark_relayed(connection, [relayed.id])
    assert await purge(connection) == 0

    await connection.execute(
        "UPDATE outbox SET recorded_at = now() - 2 * $1 * interval '1 second', "
        "relayed_at = relayed_at - 2 * $1 * interval '1 second'",
        KEEP_S,
    )

    assert await purge(connection) == 1
    assert await purge(connection) == 0
    assert await waiting(connection, 10) == [still_waiting]
