"""Requests for money back: a buyer asks, or thinks again; the host declines, or refunds."""

from typing import Final

from commerce.errors import NotYours
from commerce.ids import OrderId
from commerce.messages import OrderView
from commerce.store import orders, refund_requests
from commerce.store.pool import Connection, transaction
from live.api.bodies import AskedRefund, Declined, Empty
from live.api.endpoint import Access, Call, Endpoint
from live.auth import Claims


async def ask_refund(call: Call[AskedRefund, Empty]) -> OrderView:
    """Ask for the money of a paid order, or say the reason anew."""
    async with transaction(call.shop.pool) as connection:
        order = await _own(connection, call.who, call.path("order"))
        return await refund_requests.ask(connection, order, call.body.reason.strip())


async def withdraw_request(call: Call[Empty, Empty]) -> OrderView:
    """Take back a request that nobody answered."""
    async with transaction(call.shop.pool) as connection:
        order = await _own(connection, call.who, call.path("order"))
        return await refund_requests.withdraw(connection, order)


async def decline_request(call: Call[Declined, Empty]) -> OrderView:
    """Say no to a buyer who asks for their money back, and why."""
    async with transaction(call.shop.pool) as connection:
        order = OrderId(call.path("order"))
        return await refund_requests.decline(connection, order, call.body.answer.strip())


async def _own(connection: Connection, who: Claims, order: str) -> OrderId:
    found = await orders.parties(connection, OrderId(order))
    if found.buyer != who.sub:
        raise NotYours("order", order)
    return found.id


_PATH: Final = "/api/orders/{order}/refund-request"
_ERRORS: Final = ("unknown_order", "not_yours", "wrong_state")

ENDPOINTS: Final = (
    Endpoint("PUT", _PATH, ask_refund, Access.SIGNED_IN, errors=_ERRORS),
    Endpoint("DELETE", _PATH, withdraw_request, Access.SIGNED_IN, errors=_ERRORS),
    Endpoint("POST", f"{_PATH}/decline", decline_request, Access.HOST, errors=_ERRORS),
)
