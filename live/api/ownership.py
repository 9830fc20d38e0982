"""
Whose it is: a show, and everything in it, is its host's, and their team's.

What a member may do with it was asked before the handler ran (`live.team.standing`); this only
finds the thing, and once more keeps out who has no place in its shop.
"""

from commerce.errors import NotYours
from commerce.ids import AccountId, OfferId, ShowId
from commerce.messages import OfferView, ShowView
from commerce.store import offers, shows
from commerce.store.pool import Connection
from live.auth import Claims
from live.team.standing import held_by


async def own_show(connection: Connection, who: Claims, show: str) -> ShowView:
    """
    Return the show.

    Raises:
        NotFound: there is none.
        NotYours: it is another host's.

    """
    found = await shows.get(connection, ShowId(show))
    if not await held_by(connection, who, AccountId(found.host), show=show):
        raise NotYours("show", show)
    return found


async def own_offer(connection: Connection, who: Claims, offer: str) -> OfferView:
    """Return the offer. Raises as `own_show`."""
    found = await offers.get(connection, OfferId(offer))
    await own_show(connection, who, found.show)
    return found
