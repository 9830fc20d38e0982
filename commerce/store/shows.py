"""
Shows: announced as drafts, live once, then ended for good.

::

    draft ──start──▶ live ──end──▶ ended

At most one offer of a show is pinned. A show that ended has nothing pinned and sells nothing: its
open offers begin to close in the same transaction. Its rehearsal is over when the show begins
(see `commerce.store.rehearsals`).
"""

from typing import Annotated, Final

from msgspec import UNSET, Meta, Struct, UnsetType

from commerce.errors import NotFound, ShowIdTaken, WrongState
from commerce.ids import AccountId, OfferId, ShowId, random_characters
from commerce.messages import Milliseconds, ShowState, ShowView
from commerce.planning import Plan
from commerce.slug import slug
from commerce.store import events, outbox
from commerce.store.pool import Connection
from commerce.store.queries import load

SLUG_CHARACTERS: Final = 40
"""Of a title in an address; an id may have 64 characters."""

CHANCE_CHARACTERS: Final = 4
"""Two shows of the same title share an id once in a million times, and then hear so."""

_sql = load("shows")


Title = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"\S")]
StartsAt = Annotated[Milliseconds, Meta(ge=0, le=2**52)]


class NewShow(Struct, frozen=True, forbid_unknown_fields=True):
    """A show that someone wants to give; without an id it gets one from its title."""

    title: Title
    # `(?!\n)`: in Python's expressions `$` also matches before a final line break.
    id: (
        Annotated[
            str,
            Meta(
                pattern=r"^[a-z0-9][a-z0-9-]{0,63}$(?!\n)",
                description="Stands in the show's address: lower case, digits, hyphens",
            ),
        ]
        | None
    ) = None
    starts_at: StartsAt | None = None


class ShowChanges(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be different about a show that has not started; ``null`` takes its time away."""

    title: Title | UnsetType = UNSET
    starts_at: StartsAt | UnsetType | None = UNSET


class Stage(Struct, frozen=True):
    """A show and the offer on screen, read at one moment."""

    show: ShowView
    pinned: OfferId | None


async def create(connection: Connection, host: AccountId, new: NewShow) -> ShowView:
    """
    Announce a show.

    Raises:
        ShowIdTaken: another show has the id.
        NotFound: there is no such host.

    """
    title_slug = slug(new.title, characters=SLUG_CHARACTERS) or "show"
    show = ShowId(new.id or f"{title_slug}-{random_characters(CHANCE_CHARACTERS)}")
    async with connection.transaction():
        if not await connection.fetchval(_sql.host_exists, host):
            raise NotFound("account", host)
        if not await connection.fetchval(_sql.create, show, new.title, host, new.starts_at):
            raise ShowIdTaken(show)
        return await get(connection, show)


async def change(connection: Connection, show: ShowId, changes: ShowChanges) -> ShowView:
    """
    Change title or time of a show that has not started, and tell its room; idempotent.

    Raises:
        NotFound: there is no such show.
        WrongState: it is live, or it ended.

    """
    title = None if changes.title is UNSET else changes.title
    planned = changes.starts_at is not UNSET
    starts_at = changes.starts_at if isinstance(changes.starts_at, int) else None
    async with connection.transaction():
        if not await connection.fetchval(_sql.change, show, title, planned, starts_at):
            raise await _refusal(connection, show, wanted="draft")
        await outbox.record(connection, "show", show, show)
        return await get(connection, show)


async def plan(connection: Connection, show: ShowId) -> Plan | None:
    """
    Return what calendars need of a show; None while it has no time.

    Raises:
        NotFound: there is no such show.

    """
    row = await connection.fetchrow(_sql.plan, show)
    if row is None:
        raise NotFound("show", show)
    return None if row["starts_at"] is None else Plan(**row)


async def get(connection: Connection, show: ShowId) -> ShowView:
    """
    Return a show.

    Raises:
        NotFound: there is no such show.

    """
    return (await stage(connection, show)).show


async def stage(connection: Connection, show: ShowId) -> Stage:
    """
    Return a show and its pinned offer.

    Raises:
        NotFound: there is no such show.

    """
    row = await connection.fetchrow(_sql.get, show)
    if row is None:
        raise NotFound("show", show)
    values = dict(row)
    pinned = values.pop("pinned")
    return Stage(ShowView(**values), pinned)


async def list_shows(
    connection: Connection, *, state: ShowState | None = None, limit: int = 50
) -> list[ShowView]:
    """
    Return shows in ``state``, or in any: live ones first, then drafts, the newest first.

    Rehearsals are not among them: this is what everybody may read.
    """
    return [ShowView(**row) for row in await connection.fetch(_sql.list_shows, state, limit)]


async def on_stage(connection: Connection, *, limit: int) -> list[ShowId]:
    """Return the shows that are live now, and the rehearsals."""
    return [row["id"] for row in await connection.fetch(_sql.on_stage, limit)]


async def start(connection: Connection, show: ShowId) -> ShowView:
    """
    Go live; a rehearsal of it ends, for what it holds is wanted now.

    Raises:
        NotFound: there is no such show.
        WrongState: it is live already, or it ended.

    """
    async with connection.transaction():
        if not await connection.fetchval(_sql.start, show):
            raise await _refusal(connection, show, wanted="draft")
        await outbox.record(connection, "show", show, show)
        await events.record(connection, "show.started", show, show)
        if (rehearsal := await connection.fetchval(_sql.rehearsal, show)) is not None:
            await end(connection, rehearsal)
        return await get(connection, show)


async def end(connection: Connection, show: ShowId) -> ShowView:
    """
    End a live show, or a rehearsal, and begin to close what it still sells.

    Raises:
        NotFound: there is no such show.
        WrongState: it is not live.

    """
    async with connection.transaction():
        if not await connection.fetchval(_sql.end, show):
            raise await _refusal(connection, show, wanted="live")
        await outbox.record(connection, "show", show, show)
        await outbox.record(connection, "pin", show, show)
        if await connection.fetchval(_sql.take_off_coupon, show):
            await outbox.record(connection, "coupon", show, show)
        await events.record(connection, "show.ended", show, show)
        for row in await connection.fetch(_sql.close_offers, show):
            await outbox.record(connection, "offer", show, row["id"])
        return await get(connection, show)


async def pin(connection: Connection, show: ShowId, offer: OfferId) -> None:
    """
    Put an offer on screen, in place of any other; idempotent. A draft is shown as coming.

    Raises:
        NotFound: there is no such show, or no such offer in it.
        WrongState: the show ended, or the offer is closed.

    """
    async with connection.transaction():
        if not await connection.fetchval(_sql.pin, show, offer):
            raise await _pin_refusal(connection, show, offer)
        await outbox.record(connection, "pin", show, show)


async def unpin(connection: Connection, show: ShowId) -> None:
    """
    Take whatever is pinned off the screen; idempotent.

    Raises:
        NotFound: there is no such show.

    """
    async with connection.transaction():
        if not await connection.fetchval(_sql.unpin, show):
            raise NotFound("show", show)
        await outbox.record(connection, "pin", show, show)


async def set_on_air(connection: Connection, show: ShowId, on_air: bool) -> bool:
    """Remember whether video comes in, and say whether that is news; idempotent."""
    async with connection.transaction():
        if not await connection.fetchval(_sql.set_on_air, show, on_air):
            return False
        await outbox.record(connection, "show", show, show)
        return True


async def on_air(connection: Connection) -> dict[ShowId, ShowState]:
    """Return the shows whose video comes in, each with its state."""
    return {row["id"]: row["state"] for row in await connection.fetch(_sql.on_air)}


async def _refusal(connection: Connection, show: ShowId, *, wanted: str) -> WrongState:
    """Say why a show did not change, or raise that there is none."""
    state = (await get(connection, show)).state
    return WrongState("show", show, state=state, wanted=wanted)


async def _pin_refusal(
    connection: Connection, show: ShowId, offer: OfferId
) -> NotFound | WrongState:
    if (await get(connection, show)).state == "ended":
        return WrongState("show", show, state="ended", wanted="draft or live")
    state = await connection.fetchval(_sql.state_of_offer, show, offer)
    if state is None:
        return NotFound("offer", offer)
    return WrongState("offer", offer, state="closed", wanted="draft or open")
