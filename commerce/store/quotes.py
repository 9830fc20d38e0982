"""
What a quote is made of: the orders as the ledger has them, and the parcels that are still open.

Nothing is written here; a quote that is to be paid is made again, over locked orders.
"""

from collections.abc import Sequence

from msgspec import Struct

from commerce.addresses import Address
from commerce.ids import AccountId, OrderId, ProductId, ShipmentId, ShowId
from commerce.messages import OrderStatus
from commerce.pricing import Aboard
from commerce.store.addresses import digest
from commerce.store.pool import Connection
from commerce.store.queries import load

_sql = load("quotes")


class Wanted(Struct, frozen=True):
    """
    An order that somebody wants to pay for; ``in_time``: the pay window is not over.

    ``to_be_had``: it holds its units, or nobody has paid for so many that none are left for it.
    """

    order: OrderId
    buyer: AccountId
    host: AccountId
    show: ShowId
    product: ProductId
    status: OrderStatus
    in_time: bool
    to_be_had: bool
    pay_by: int
    goods_minor: int
    currency: str
    grams: int
    kind: str


class Open(Struct, frozen=True):
    """A shipment that a purchase may join, and what it holds."""

    shipment: ShipmentId
    aboard: Aboard


async def lines(connection: Connection, orders: Sequence[OrderId]) -> list[Wanted]:
    """Return orders with what their price depends on, in the order given."""
    return [Wanted(**row) for row in await connection.fetch(_sql.lines, list(orders))]


async def aboard(
    connection: Connection, host: AccountId, buyer: AccountId, address: Address
) -> dict[str, Open]:
    """Return what still waits to be sent to that address, by shipping option."""
    rows = await connection.fetch(_sql.aboard, host, buyer, digest(address))
    return {
        row["option"]: Open(
            row["shipment"], Aboard(row["goods_minor"], row["grams"], row["shipping_minor"])
        )
        for row in rows
    }
