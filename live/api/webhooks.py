"""Webhooks: hosts' own programs hear of what happens in their shows."""

import base64
import secrets
from http import HTTPStatus
from typing import Annotated, Final

from msgspec import Meta, Struct

from commerce.errors import InvalidValue, NotFound
from commerce.feed import event_id, event_number
from commerce.ids import WebhookId
from commerce.store import webhooks
from commerce.store.pool import acquire
from commerce.store.webhooks import Webhook
from commerce.webhooks.target import check_url
from live.api.bodies import (
    DeliveryList,
    DeliveryView,
    Empty,
    NewReplay,
    NewWebhook,
    Replayed,
    WebhookList,
    WebhookView,
)
from live.api.endpoint import Access, Call, Endpoint, Key
from live.api.events import cursor

SECRET_BYTES: Final = 32
"""Standard Webhooks asks for 24 to 64."""


class Before(Struct, frozen=True):
    """Which deliveries to list."""

    before: Annotated[str, Meta(max_length=64)] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


async def create_webhook(call: Call[NewWebhook, Empty]) -> WebhookView:
    """Have events sent to a program of yours; keep the secret, it is not shown again."""
    url = check_url(call.body.url, call.shop.config.webhook_targets)
    secret = secrets.token_bytes(SECRET_BYTES)
    async with acquire(call.shop.pool) as connection:
        made = await webhooks.create(
            connection, call.host, url=url, secret=secret, types=call.body.types
        )
    return _view(made, secret=f"whsec_{base64.b64encode(secret).decode()}")


async def list_webhooks(call: Call[Empty, Empty]) -> WebhookList:
    """List your webhooks."""
    async with acquire(call.shop.pool) as connection:
        found = await webhooks.of_account(connection, call.host)
    return WebhookList(webhooks=[_view(each) for each in found])


async def webhook(call: Call[Empty, Empty]) -> WebhookView:
    """Show a webhook."""
    async with acquire(call.shop.pool) as connection:
        return _view(await webhooks.get(connection, WebhookId(call.path("webhook"))))


async def delete_webhook(call: Call[Empty, Empty]) -> Empty:
    """End a webhook, with what was still to be delivered."""
    async with acquire(call.shop.pool) as connection:
        own = await webhooks.get(connection, WebhookId(call.path("webhook")))
        await webhooks.delete(connection, own.id)
    return Empty()


async def resume_webhook(call: Call[Empty, Empty]) -> WebhookView:
    """Deliver again after a pause, beginning with everything that did not arrive."""
    async with acquire(call.shop.pool) as connection:
        own = await webhooks.get(connection, WebhookId(call.path("webhook")))
        await webhooks.resume(connection, own.id)
        return _view(await webhooks.get(connection, own.id))


async def list_deliveries(call: Call[Empty, Before]) -> DeliveryList:
    """List what was sent, or is to be, and how that went."""
    query = call.query
    before = None if query.before is None else _event(query.before)
    async with acquire(call.shop.pool) as connection:
        own = await webhooks.get(connection, WebhookId(call.path("webhook")))
        found = await webhooks.deliveries(connection, own.id, before=before, limit=query.limit)
    views = [
        DeliveryView(
            event=event_id(each.event_id),
            type=each.type,
            attempts=each.attempts,
            due_at=each.due_at,
            delivered_at=each.delivered_at,
            tried_at=each.tried_at,
            status=each.status,
            error=each.error,
        )
        for each in found
    ]
    return DeliveryList(
        deliveries=views, next=views[-1].event if len(views) == query.limit else None
    )


async def replay(call: Call[NewReplay, Empty]) -> Replayed:
    """Send events again, whether they arrived or not."""
    body = call.body
    if (body.event is None) == (body.after is None):
        raise InvalidValue("$", "name either an event or a cursor, as `event` or `after`")
    event = None if body.event is None else _event(body.event)
    after = None if body.after is None else cursor(body.after, "$.after")
    async with acquire(call.shop.pool) as connection:
        own = await webhooks.get(connection, WebhookId(call.path("webhook")))
        count = await webhooks.replay(connection, own.id, event=event, after=after)
    if event is not None and count == 0:
        raise NotFound("event", event_id(event))
    return Replayed(deliveries=count)


def _event(id: str) -> int:
    number = event_number(id)
    if number is None:
        raise NotFound("event", id)
    return number


def _view(webhook: Webhook, *, secret: str | None = None) -> WebhookView:
    return WebhookView(
        id=webhook.id,
        url=webhook.url,
        created_at=webhook.created_at,
        types=webhook.types,
        failing_since=webhook.failing_since,
        paused_at=webhook.paused_at,
        secret=secret,
    )


_ONE: Final = ("unknown_webhook", "not_yours")

ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/webhooks",
        create_webhook,
        Access.HOST,
        status=HTTPStatus.CREATED,
        key=Key.OPTIONAL,
        errors=("too_many_webhooks",),
    ),
    Endpoint("GET", "/api/webhooks", list_webhooks, Access.HOST),
    Endpoint("GET", "/api/webhooks/{webhook}", webhook, Access.HOST, errors=_ONE),
    Endpoint("DELETE", "/api/webhooks/{webhook}", delete_webhook, Access.HOST, errors=_ONE),
    Endpoint("POST", "/api/webhooks/{webhook}/resume", resume_webhook, Access.HOST, errors=_ONE),
    Endpoint(
        "GET",
        "/api/webhooks/{webhook}/deliveries",
        list_deliveries,
        Access.HOST,
        errors=(*_ONE, "unknown_event", "invalid_value"),
    ),
    Endpoint(
        "POST",
        "/api/webhooks/{webhook}/replay",
        replay,
        Access.HOST,
        errors=(*_ONE, "unknown_event"),
    ),
)
