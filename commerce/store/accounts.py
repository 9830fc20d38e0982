"""
People: guests with a name only, and viewers, hosts and admins who can sign in.

An address belongs to one account, whatever its capitals. Passwords arrive here hashed.
"""

from typing import Literal

from msgspec import Struct

from commerce.errors import EmailTaken, NotFound
from commerce.ids import AccountId, new_id
from commerce.store.pool import Connection
from commerce.store.queries import load

MemberKind = Literal["viewer", "host", "admin"]
AccountKind = Literal["guest", "viewer", "host", "admin"]

_sql = load("accounts")


class Account(Struct, frozen=True):
    """Someone who may buy; only a guest has no ``email``."""

    id: AccountId
    kind: AccountKind
    name: str
    email: str | None


async def create_guest(connection: Connection, name: str) -> Account:
    """Let someone in who gives nothing but a name; names need not be unique."""
    row = await connection.fetchrow(_sql.create_guest, new_id("acc"), name)
    assert row is not None
    return Account(**row)


async def register(
    connection: Connection, *, kind: MemberKind, name: str, email: str, password_hash: str
) -> Account:
    """
    Create an account that can sign in.

    Raises:
        EmailTaken: another account has this address.

    """
    email = email.strip().lower()
    row = await connection.fetchrow(_sql.register, new_id("acc"), kind, name, email, password_hash)
    if row is None:
        raise EmailTaken(email)
    return Account(**row)


async def find(connection: Connection, account_id: AccountId) -> Account | None:
    """Return the account, or `None` when there is none."""
    row = await connection.fetchrow(_sql.find, account_id)
    return None if row is None else Account(**row)


async def find_by_email(connection: Connection, email: str) -> tuple[Account, str] | None:
    """Return the account and its password hash, or `None` when nobody has this address."""
    row = await connection.fetchrow(_sql.find_by_email, email.strip().lower())
    if row is None:
        return None
    values = dict(row)
    password_hash: str = values.pop("password_hash")
    return Account(**values), password_hash


async def rename(connection: Connection, account_id: AccountId, name: str) -> Account:
    """
    Give an account another name; idempotent.

    Raises:
        NotFound: there is no such account.

    """
    row = await connection.fetchrow(_sql.rename, account_id, name)
    if row is None:
        raise NotFound("account", account_id)
    return Account(**row)
