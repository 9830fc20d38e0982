import pytest

from commerce.errors import EmailTaken, NotFound
from commerce.store.accounts import Account, create_guest, find, find_by_email, register, rename
from commerce.store.pool import Connection
from tests.commerce.stage import nobody


async def count(connection: Connection) -> int:
    accounts: int = await connection.fetchval("SELECT count(*) FROM accounts")
    return accounts


async def test_guests_may_share_a_name(connection: Connection) -> None:
    first = await create_guest(connection, "Mia")
    second = await create_guest(connection, "Mia")

    assert first == Account(id=first.id, kind="guest", name="Mia", email=None)
    assert first.id != second.id
    assert await find(connection, first.id) == first


async def test_who_registers_is_found_by_address_whatever_its_capitals(
    connection: Connection,
) -> None:
    ada = await register(
        connection, kind="host", name="Ada", email=" Ada@Shop.example ", password_hash="hash"
    )

    assert ada == Account(id=ada.id, kind="host", name="Ada", email="ada@shop.example")
    assert await find_by_email(connection, "ADA@shop.example") == (ada, "hash")


async def test_an_address_belongs_to_one_account(connection: Connection) -> None:
    ada = await register(
        connection, kind="host", name="Ada", email="ada@shop.example", password_hash="hash"
    )

    with pytest.raises(EmailTaken) as refusal:
        await register(
            connection, kind="viewer", name="Eve", email="ADA@shop.example", password_hash="other"
        )

    assert refusal.value.email == "ada@shop.example"
    assert await find_by_email(connection, "ada@shop.example") == (ada, "hash")
    assert await count(connection) == 1


async def test_nobody_is_found_where_nobody_is(connection: Connection) -> None:
    assert await find(connection, nobody()) is None
    assert await find_by_email(connection, "nobody@shop.example") is None


async def test_a_renamed_account_keeps_everything_else(connection: Connection) -> None:
    mia = await create_guest(connection, "Mia")

    renamed = await rename(connection, mia.id, "Mia B.")

    assert renamed == Account(id=mia.id, kind="guest", name="Mia B.", email=None)
    assert await find(connection, mia.id) == renamed


async def test_only_an_account_that_is_there_can_be_renamed(connection: Connection) -> None:
    with pytest.raises(NotFound, match="no account") as refusal:
        await rename(connection, nobody(), "Mia")

    assert refusal.value.code == "unknown_account"
    assert await count(connection) == 0
