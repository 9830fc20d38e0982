"""Following a host."""

from typing import Final

from commerce.ids import AccountId
from commerce.store.pool import transaction
from live.api.bodies import Empty
from live.api.endpoint import Access, Call, Endpoint
from live.moderation import store
from live.moderation.bodies import Following


async def follow(call: Call[Empty, Empty]) -> Following:
    """Follow a host, whose chat may be for followers alone."""
    host = AccountId(call.path("host"))
    async with transaction(call.shop.pool) as connection:
        await store.follow(connection, AccountId(call.who.sub), host)
    return Following(host=host, following=True)


async def unfollow(call: Call[Empty, Empty]) -> Following:
    """Follow a host no longer."""
    host = AccountId(call.path("host"))
    async with transaction(call.shop.pool) as connection:
        await store.unfollow(connection, AccountId(call.who.sub), host)
    return Following(host=host, following=False)


ENDPOINTS: Final = (
    Endpoint(
        "POST", "/api/hosts/{host}/follow", follow, Access.SIGNED_IN, errors=("unknown_account",)
    ),
    Endpoint("DELETE", "/api/hosts/{host}/follow", unfollow, Access.SIGNED_IN),
)
