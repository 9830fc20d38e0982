"""
Address books: what buyers typed once and need not type again.

Invariant: an entry is its account's alone, and nothing else refers to it: a payment and a shipment
carry a copy, so deleting an entry forgets it here and leaves a parcel on its way.
"""

import hashlib

import asyncpg
import msgspec

from commerce.addresses import ADDRESSES_KEPT, Address, AddressView
from commerce.errors import NotFound, TooManyAddresses
from commerce.ids import AccountId, AddressId, new_id
from commerce.store.pool import Connection
from commerce.store.queries import load

_sql = load("addresses")


def digest(address: Address) -> str:
    """Return what two addresses have in common exactly when they are the same."""
    return hashlib.sha256(msgspec.json.encode(address)).hexdigest()


async def keep(connection: Connection, account: AccountId, address: Address) -> AddressView:
    """
    Put a checked address into a book; one that is there already is the same entry. Idempotent.

    Raises:
        TooManyAddresses: the book is full.

    """
    if await connection.fetchval(_sql.full, account, ADDRESSES_KEPT, digest(address)):
        raise TooManyAddresses(ADDRESSES_KEPT)
    row = await connection.fetchrow(
        _sql.keep,
        new_id("adr"),
        account,
        msgspec.json.encode(address).decode(),
        digest(address),
    )
    assert row is not None  # an INSERT that returns answers or raises
    return _view(row)


async def change(
    connection: Connection, account: AccountId, id: AddressId, address: Address
) -> AddressView:
    """
    Write a checked address over an entry; a second entry of the same place becomes one with it.

    Idempotent; parcels and payments keep their copies.

    Raises:
        NotFound: there is none in this account's book.

    """
    place = digest(address)
    async with connection.transaction():
        await connection.execute(_sql.absorb, account, id, place)
        text = msgspec.json.encode(address).decode()
        row = await connection.fetchrow(_sql.change, account, id, text, place)
        if row is None:
            raise NotFound("address", id)
    return _view(row)


async def of_account(connection: Connection, account: AccountId) -> list[AddressView]:
    """Return a book, the address that was used last first."""
    return [_view(row) for row in await connection.fetch(_sql.of_account, account)]


async def get(connection: Connection, account: AccountId, address: AddressId) -> AddressView:
    """
    Return an entry of this account's book.

    Raises:
        NotFound: there is none, or it is in another book, which is nobody's business.

    """
    row = await connection.fetchrow(_sql.find, account, address)
    if row is None:
        raise NotFound("address", address)
    return _view(row)


async def used(connection: Connection, account: AccountId, address: Address) -> None:
    """Remember that a buyer had something sent there. Idempotent."""
    await connection.execute(_sql.used, account, digest(address))


async def delete(connection: Connection, account: AccountId, address: AddressId) -> None:
    """
    Forget an entry; orders keep their copies.

    Raises:
        NotFound: there is none in this account's book.

    """
    if await connection.fetchval(_sql.delete, account, address) is None:
        raise NotFound("address", address)


def _view(row: asyncpg.Record) -> AddressView:
    return AddressView(row["id"], msgspec.json.decode(row["address"], type=Address))
