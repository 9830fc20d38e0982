"""
Whose it is: a show, and everything in it, may be changed by its host, and by an admin.
"""

from commerce.errors import NotYours
from commerce.ids import OfferId, ShowId
from commerce.messages import OfferView, ShowView
from commerce.store import offers, shows
from commerce.store.pool import Connection
from live.auth import Claims


async def own_show(connection: Connection, who: Claims, show: str) -> ShowView:
    """
    Return the show.

    Raises:
        NotFound: there is none.
        NotYours: it is another host's.

    """
    found = await shows.get(connection, ShowId(show))
    if found.host != who.sub and who.role != "admin":
        raise NotYours("show", show)
    return found


async def own_offer(connection: Connection, who: Claims, offer: str) -> OfferView:
    """Return the offer. Raises as `own_show`."""
    found = await offers.get(connection, OfferId(offer))
    await own_show(connection, who, found.show)
    return found
