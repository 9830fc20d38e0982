"""
Tariffs in the ledger: drafted, published as whole versions, never changed again.

Invariant: what a payment was priced with can be read for ever, because a trigger refuses to change
or delete a published version; which one is in force is decided by the database's clock alone.
"""

from typing import Final

import asyncpg
import msgspec
from msgspec import Struct

from commerce.errors import NotFound, NotYours, WrongState
from commerce.ids import AccountId, TariffId, new_id
from commerce.store.pool import Connection
from commerce.store.queries import load
from commerce.tariffs import Tariff, TariffView

VERSIONS_SHOWN: Final = 50
"""Newest first; nobody reads what was asked fifty versions ago, though it is kept."""

_sql = load("tariffs")


class InForce(Struct, frozen=True):
    """What buyers are asked by now."""

    id: TariffId
    tariff: Tariff


async def draft(connection: Connection, host: AccountId, tariff: Tariff) -> TariffView:
    """Write a host's draft of the next version, over the one there may be."""
    text = msgspec.json.encode(tariff).decode()
    id = await connection.fetchval(_sql.draft, new_id("trf"), host, text)
    return await _of(connection, host, id)


async def publish(
    connection: Connection, host: AccountId, tariff: TariffId, *, valid_from: int | None = None
) -> TariffView:
    """
    Publish a draft, in force from ``valid_from`` (Unix ms) on, or from now.

    Raises:
        NotFound: there is no such tariff.
        NotYours: it is another host's.
        WrongState: it is published already.

    """
    owner = await connection.fetchval(_sql.owner, tariff)
    if owner is None:
        raise NotFound("tariff", tariff)
    if owner != host:
        raise NotYours("tariff", tariff)
    if await connection.fetchval(_sql.publish, tariff, valid_from) is None:
        raise WrongState("tariff", tariff, state="published", wanted="draft")
    return await _of(connection, host, tariff)


async def of_host(connection: Connection, host: AccountId) -> list[TariffView]:
    """List a host's versions, newest first."""
    return [_view(row) for row in await connection.fetch(_sql.of_host, host, VERSIONS_SHOWN)]


async def in_force(connection: Connection, host: AccountId) -> InForce | None:
    """Return what a host's buyers are asked by now; ``None`` where nothing is delivered."""
    row = await connection.fetchrow(_sql.in_force, host)
    if row is None:
        return None
    tariff = msgspec.json.decode(row["tariff"], type=Tariff)
    return InForce(row["id"], tariff) if tariff.zones else None


async def _of(connection: Connection, host: AccountId, id: str) -> TariffView:
    for view in await of_host(connection, host):
        if view.id == id:
            return view
    raise NotFound("tariff", id)


def _view(row: asyncpg.Record) -> TariffView:
    return TariffView(
        id=row["id"],
        version=row["version"],
        state="draft" if row["published_at"] is None else "published",
        tariff=msgspec.json.decode(row["tariff"], type=Tariff),
        published_at=row["published_at"],
        valid_from=row["valid_from"],
        in_force=row["in_force"],
    )
