"""Rehearsals: a show practised with the team, before it starts."""

from typing import Final

from commerce.ids import ShowId
from commerce.messages import ShowView
from commerce.store import rehearsals
from commerce.store.pool import transaction
from live.api.bodies import Empty
from live.api.endpoint import Access, Call, Endpoint
from live.api.ownership import own_show


async def rehearse(call: Call[Empty, Empty]) -> ShowView:
    """Rehearse a show that has not started: a new show for its team alone, or the open one."""
    async with transaction(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
        return await rehearsals.begin(connection, ShowId(found.id))


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/shows/{show}/rehearsal",
        rehearse,
        Access.HOST,
        errors=("unknown_show", "not_yours", "wrong_state", "rehearsal", "show_id_taken"),
    ),
)
