"""The directory of shows: what is live, what is coming, what there is to see again."""

from typing import Annotated, Final

from msgspec import Meta

from commerce.ids import AccountId
from commerce.messages import ShowView
from commerce.store import reminders
from commerce.store.pool import acquire
from commerce.store.reminders import Why
from live.api.bodies import Body, Empty
from live.api.endpoint import Access, Call, Endpoint


class ShowCard(Body, frozen=True):
    """A show in the directory; ``reminder`` says why you are told when it starts."""

    show: ShowView
    pictures: Annotated[list[str], Meta(description="Of what it sells; on screen first")]
    viewers: Annotated[int, Meta(description="How many watch a live show")] | None = None
    replay_ms: Annotated[int, Meta(description="How long its recording is")] | None = None
    reminder: Why | None = None


class Directory(Body, frozen=True):
    """Live shows, coming ones (the soonest first), and ended ones (the latest first)."""

    live: list[ShowCard]
    coming: list[ShowCard]
    replays: list[ShowCard]


async def directory_(call: Call[Empty, Empty]) -> Directory:
    """Show the directory: what is live, what is coming, what there is to see again."""
    why = {}
    if call.claims is not None:
        async with acquire(call.shop.pool) as connection:
            told = await reminders.of_account(connection, AccountId(call.claims.sub))
        why = {each.show.id: each.why for each in told}
    display = await call.shop.showcase.look()
    cards = [
        ShowCard(
            show=each.show,
            pictures=each.pictures,
            viewers=display.viewers.get(each.show.id),
            replay_ms=display.lengths.get(each.show.id),
            reminder=why.get(each.show.id),
        )
        for each in display.windows
    ]
    return Directory(
        live=[card for card in cards if card.show.state == "live"],
        coming=[card for card in cards if card.show.state == "draft"],
        replays=[card for card in cards if card.show.state == "ended"],
    )


ENDPOINTS: Final = (Endpoint("GET", "/api/directory", directory_, Access.ANYONE),)
