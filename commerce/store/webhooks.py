"""
Merchants' webhooks: where their programs listen, and what was delivered there.

A delivery is made in the transaction that gives its event a position, and stays until the event is
purged. Invariant: a delivery that did not arrive is due, or waits for its webhook to be resumed, or
was tried as often as any is; all of these can be replayed.
"""

from collections.abc import Collection, Sequence
from typing import Final

import asyncpg
from msgspec import Struct

from commerce.errors import NotFound, TooManyWebhooks
from commerce.feed import EventType
from commerce.ids import AccountId, WebhookId, new_id
from commerce.store.pool import Connection
from commerce.store.queries import load

MOST: Final = 20
"""Each costs a request an event."""

_sql = load("webhooks")


class Webhook(Struct, frozen=True):
    """Where events of ``types`` go, or all if there are none; moments in Unix ms."""

    id: WebhookId
    account: AccountId
    url: str
    types: list[EventType]
    created_at: int
    failing_since: int | None
    paused_at: int | None


class Delivery(Struct, frozen=True):
    """An event on its way to a webhook, and how the last try went; moments in Unix ms."""

    event_id: int
    type: EventType
    attempts: int
    due_at: int | None
    delivered_at: int | None
    tried_at: int | None
    status: int | None
    error: str | None


class Taken(Struct, frozen=True):
    """A delivery to try now, for the ``attempts``-th time."""

    webhook: WebhookId
    event: int
    attempts: int
    url: str
    secret: bytes


async def create(
    connection: Connection,
    account: AccountId,
    *,
    url: str,
    secret: bytes,
    types: Sequence[EventType],
) -> Webhook:
    """
    Begin to deliver to ``url`` whatever happens from now on.

    Raises:
        TooManyWebhooks: the account has `MOST`.

    """
    row = await connection.fetchrow(
        _sql.create, new_id("whk"), account, url, secret, sorted(set(types)), MOST
    )
    if row is None:
        raise TooManyWebhooks(MOST)
    return _webhook(row)


async def of_account(connection: Connection, account: AccountId) -> list[Webhook]:
    """List an account's webhooks, oldest first."""
    return [_webhook(row) for row in await connection.fetch(_sql.of_account, account)]


async def get(connection: Connection, webhook: WebhookId) -> Webhook:
    """
    Return a webhook.

    Raises:
        NotFound: there is none.

    """
    row = await connection.fetchrow(_sql.find, webhook)
    if row is None:
        raise NotFound("webhook", webhook)
    return _webhook(row)


async def delete(connection: Connection, webhook: WebhookId) -> None:
    """End a webhook, with what was still to be delivered. Idempotent."""
    await connection.execute(_sql.delete, webhook)


async def resume(connection: Connection, webhook: WebhookId) -> None:
    """Deliver again, beginning with everything that did not arrive. Idempotent."""
    async with connection.transaction():
        await connection.execute(_sql.resume, webhook)
        await connection.execute(_sql.queue_undelivered, webhook)


async def replay(
    connection: Connection,
    webhook: WebhookId,
    *,
    event: int | None = None,
    after: int | None = None,
) -> int:
    """Deliver an event again, or all behind a position; return how many will be."""
    return len(await connection.fetch(_sql.replay, webhook, event, after))


async def deliveries(
    connection: Connection, webhook: WebhookId, *, before: int | None, limit: int
) -> list[Delivery]:
    """List deliveries, newest first: the first ``limit``, or those before an event."""
    rows = await connection.fetch(_sql.deliveries, webhook, before, limit)
    return [Delivery(**row) for row in rows]


async def take(
    connection: Connection,
    now: int,
    *,
    busy: Collection[WebhookId],
    limit: int,
    delays_s: Sequence[float],
) -> list[Taken]:
    """Take what is due at one webhook that is not ``busy``; each is due again if nothing comes."""
    rows = await connection.fetch(_sql.take, now, list(busy), limit, list(delays_s))
    return [Taken(**row) for row in rows]


async def arrived(connection: Connection, taken: Taken, status: int) -> None:
    """Note that a delivery arrived, so its webhook works. Idempotent."""
    async with connection.transaction():
        await connection.execute(_sql.arrived, taken.webhook, taken.event, status)
        await connection.execute(_sql.works, taken.webhook)


async def failed(
    connection: Connection,
    taken: Taken,
    status: int | None,
    error: str,
    *,
    tries: int,
    pause_after_s: float,
) -> bool:
    """Note that a try failed; say whether the webhook has failed for so long that it is paused."""
    async with connection.transaction():
        await connection.execute(_sql.failed, taken.webhook, taken.event, status, error, tries)
        await connection.execute(_sql.fails, taken.webhook)
        paused = await connection.fetchval(_sql.pause, taken.webhook, pause_after_s)
        if paused:
            await connection.execute(_sql.put_away, taken.webhook)
    return bool(paused)


def _webhook(row: asyncpg.Record) -> Webhook:
    return Webhook(**row)
