"""
Whose it is: a show, and everything in it, may be changed by its host, and by an admin; its chat
also by the moderators that the host appointed.
"""

from commerce.errors import NotYours
from commerce.ids import AccountId, OfferId, ShowId
from commerce.messages import OfferView, ShowView
from commerce.store import offers, shows
from commerce.store.pool import Connection
from live.auth import Claims
from live.moderation import store as moderation


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


async def moderated_show(connection: Connection, who: Claims, show: str) -> ShowView:
    """Return the show whose chat ``who`` moderates. Raises as `own_show`."""
    found = await shows.get(connection, ShowId(show))
    if await moderation.is_moderator(connection, ShowId(show), AccountId(who.sub)):
        return found
    return await own_show(connection, who, show)


async def own_offer(connection: Connection, who: Claims, offer: str) -> OfferView:
    """Return the offer. Raises as `own_show`."""
    found = await offers.get(connection, OfferId(offer))
    await own_show(connection, who, found.show)
    return found
