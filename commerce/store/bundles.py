"""
What is in a bundle: an offer whose unit is more than one unit of one variant.

Every offer has its items in the table, and takes, sells and gives back all of them or none. Only a
bundle shows them.
"""

from collections.abc import Iterable

from commerce.ids import OfferId
from commerce.messages import OfferItem
from commerce.store.pool import Connection
from commerce.store.queries import load

_sql = load("offers")


async def items(
    connection: Connection, offers: Iterable[OfferId]
) -> dict[OfferId, list[OfferItem]]:
    """Return the items of those of the offers that are bundles, in their order."""
    wanted = list(offers)
    found: dict[OfferId, list[OfferItem]] = {}
    for row in await connection.fetch(_sql.bundles, wanted) if wanted else []:
        values = dict(row)
        found.setdefault(values.pop("offer"), []).append(OfferItem(**values))
    return found
