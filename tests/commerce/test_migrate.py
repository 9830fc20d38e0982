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


FOLDER = Path(__file__).parents[2] / "commerce/store/migrations"


def files() -> list[str]:
    return sorted(file.name for file in FOLDER.glob("*.sql"))


async def test_an_empty_database_gets_every_file_in_order(empty_database_url: str) -> None:
    assert await migrate(empty_database_url) == files()


async def test_a_second_run_applies_nothing(database_url: str) -> None:
    assert await migrate(database_url) == []


async def test_what_was_paid_before_payments_had_parts_keeps_its_money(
    empty_database_url: str,
) -> None:
    connection = await asyncpg.connect(empty_database_url)
    before = [name for name in files() if name < "0006"]
    for name in before:
        await connection.execute((FOLDER / name).read_text())
    await connection.execute(
        """
        INSERT INTO accounts (id, kind, name) VALUES ('acc_1', 'guest', 'Bo');
        INSERT INTO products (id, handle, title) VALUES ('prd_1', 'mug', 'Mug');
        INSERT INTO variants (id, product_id, position, sku, price_minor, currency, available)
            VALUES ('var_1', 'prd_1', 1, 'MUG', 1000, 'USD', 5);
        INSERT INTO shows (id, title, host_id) VALUES ('tonight', 'Tonight', 'acc_1');
        INSERT INTO offers (
            id, show_id, variant_id, kind, position, price_minor, currency, quantity,
            limit_per_buyer, hold_s
        ) VALUES ('ofr_1', 'tonight', 'var_1', 'everyday', 1, 1000, 'USD', 5, 5, 300);
        INSERT INTO orders (
            id, hold_id, offer_id, show_id, buyer_id, quantity, unit_price_minor, currency,
            status, pay_by, hold_expires_at, refunded_minor
        )
        SELECT
            'ord_' || n, 'hld_' || n, 'ofr_1', 'tonight', 'acc_1', 2, 1000, 'USD',
            status, now(), now(), refunded
        FROM (VALUES (1, 'paid', 300), (2, 'lapsed', 0), (3, 'paid', 2000))
            AS o (n, status, refunded);
        INSERT INTO payments (
            id, order_id, gateway, amount_minor, currency, status, captured_at, refunded_minor
        ) VALUES
            ('pay_1', 'ord_1', 'sandbox', 2000, 'USD', 'refund_due', now(), 2000),
            ('pay_2', 'ord_1', 'sandbox', 2000, 'USD', 'captured', now(), 300),
            ('pay_3', 'ord_2', 'sandbox', 2000, 'USD', 'refunded', now(), 2000),
            ('pay_4', 'ord_3', 'sandbox', 2000, 'USD', 'refunded', now(), 2000),
            ('pay_5', 'ord_2', 'sandbox', 2000, 'USD', 'pending', NULL, 0);
        INSERT INTO refunds (id, payment_id, amount_minor)
        SELECT 'rfd_' || id, id, refunded_minor FROM payments WHERE refunded_minor > 0;
        """
    )

    for name in files()[len(before) :]:
        await connection.execute((FOLDER / name).read_text())

    kept = await connection.fetch("SELECT id, paid_with, total_minor FROM orders ORDER BY id")
    assert [tuple(row) for row in kept] == [
        ("ord_1", "pay_2", 2000),
        ("ord_2", None, 2000),
        ("ord_3", "pay_4", 2000),
    ]
    assert await connection.fetch(load("payments").mismatched) == []
    assert await connection.fetch(load("payments").miscounted) == []
    await connection.close()


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
