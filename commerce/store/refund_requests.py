"""
Buyers who ask for their money back, and hosts who give it or say why not.

Invariant: an order has at most one request, and it is answered once: any refund grants it, in the
refund's transaction. Giving money back needs no request, and a request alone moves no money.
"""

from commerce.errors import WrongState
from commerce.ids import OrderId
from commerce.messages import OrderView
from commerce.store import orders
from commerce.store.pool import Connection
from commerce.store.queries import load

_sql = load("refund_requests")


async def ask(connection: Connection, order: OrderId, reason: str) -> OrderView:
    """
    Ask for the money of a paid order, or say the reason anew while nobody answered.

    Raises:
        NotFound: there is no such order.
        WrongState: it is not paid, its money went back, or the request was answered.

    """
    async with connection.transaction():
        return await _changed(connection, order, _sql.ask, order, reason)


async def withdraw(connection: Connection, order: OrderId) -> OrderView:
    """
    Take an open request back.

    Raises:
        NotFound: there is no such order.
        WrongState: it has no open request.

    """
    async with connection.transaction():
        return await _changed(connection, order, _sql.withdraw, order)


async def decline(connection: Connection, order: OrderId, answer: str) -> OrderView:
    """Say no, and why. Raises as `withdraw`."""
    async with connection.transaction():
        return await _changed(connection, order, _sql.decline, order, answer)


async def _changed(
    connection: Connection, order: OrderId, query: str, *arguments: object
) -> OrderView:
    done = await connection.fetchval(query, *arguments)
    view = await orders.get(connection, order)
    if done is None:
        request = view.refund_request
        standing = f"{view.status}, its request {request.status}" if request else view.status
        wanted = "paid, with money left to give back and no answer so far"
        raise WrongState("order", order, state=standing, wanted=wanted)
    await orders.tell_hosts(connection, [view.show])
    return view
