"""The team of a shop: members and what they may do, invitations, and who did what."""

from http import HTTPStatus
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from commerce.ids import AccountId
from commerce.store.pool import Connection, acquire, transaction
from live.api.bodies import Body, Empty
from live.api.endpoint import Access, Call, Endpoint
from live.team import store
from live.team.permissions import EVERYTHING, Permission
from live.team.standing import held_by
from rooms.messages import Milliseconds

Permissions = Annotated[list[Permission], Meta(min_length=1, max_length=len(EVERYTHING))]


class ShopPlace(Body, frozen=True):
    """A shop that you may do something in; name it as `Liveshop-Shop`."""

    host: str
    host_name: str
    permissions: list[Permission]


class PlaceList(Body, frozen=True):
    """Your own shop first, if you have one."""

    places: list[ShopPlace]


class Member(Body, frozen=True):
    """Someone in a team."""

    account: str
    name: str
    permissions: list[Permission]
    joined_at: Milliseconds


class Invitation(Body, frozen=True):
    """Someone who is awaited."""

    id: str
    name: str
    permissions: list[Permission]
    invited_by: str
    expires_at: Milliseconds


class Team(Body, frozen=True):
    """A shop's team; its host is not in it and may do everything."""

    members: list[Member]
    invitations: list[Invitation]


class NewInvitation(Body, frozen=True):
    """Whom you want in your team, in your words, and for what."""

    name: Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S")]
    permissions: Permissions


class Invited(Body, frozen=True):
    """An invitation; its code is shown once."""

    id: str
    code: str
    expires_at: Milliseconds


class Joining(Body, frozen=True):
    """An invitation that you were given."""

    code: Annotated[str, Meta(min_length=1, max_length=128)]


class MemberChange(Body, frozen=True):
    """Everything that a member may do from now on."""

    permissions: Permissions


class AuditEntry(Body, frozen=True, kw_only=True):
    """Who did what; ``permissions`` are those that hold from then on."""

    id: int
    area: Literal["team", "chat"]
    action: str
    actor: str
    actor_name: str
    subject: str | None = None
    subject_name: str | None = None
    show: str | None = None
    show_title: str | None = None
    text: str | None = None
    reason: str | None = None
    permissions: list[Permission] | None = None
    at: Milliseconds


class AuditList(Body, frozen=True):
    """Entries, newest first; ``next`` asks for the page after, as ``before``."""

    entries: list[AuditEntry]
    next: int | None = None


class Page(Struct, frozen=True):
    """Which entries to list."""

    before: Annotated[int, Meta(ge=1)] | None = None
    area: Literal["team", "chat"] | None = None
    actor: Annotated[str, Meta(max_length=64)] | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


async def places(call: Call[Empty, Empty]) -> PlaceList:
    """List the shops that you may do something in."""
    async with acquire(call.shop.pool) as connection:
        return await _places(connection, AccountId(call.who.sub))


async def join_team(call: Call[Joining, Empty]) -> PlaceList:
    """Follow an invitation into a team; it works once."""
    me = AccountId(call.who.sub)
    async with transaction(call.shop.pool) as connection:
        await store.join(connection, call.body.code, me)
        return await _places(connection, me)


async def leave_team(call: Call[Empty, Empty]) -> PlaceList:
    """Leave a host's team."""
    me = AccountId(call.who.sub)
    async with transaction(call.shop.pool) as connection:
        host = AccountId(call.path("host"))
        await store.change(connection, host, me, by=me, own=(), wanted=())
        return await _places(connection, me)


async def team(call: Call[Empty, Empty]) -> Team:
    """Show who is in the team, and who is awaited."""
    async with acquire(call.shop.pool) as connection:
        return await _team(connection, call.host)


async def invite(call: Call[NewInvitation, Empty]) -> Invited:
    """Invite someone: give them the code, which they follow signed in, once, within a week."""
    async with transaction(call.shop.pool) as connection:
        id, code, expires_at = await store.invite(
            connection,
            call.host,
            by=AccountId(call.who.sub),
            own=await held_by(connection, call.who, call.host),
            name=" ".join(call.body.name.split()),
            wanted=call.body.permissions,
        )
    return Invited(id=id, code=code, expires_at=expires_at)


async def withdraw_invitation(call: Call[Empty, Empty]) -> Team:
    """Make an invitation void."""
    async with transaction(call.shop.pool) as connection:
        await store.withdraw(
            connection, call.host, call.path("invitation"), by=AccountId(call.who.sub)
        )
        return await _team(connection, call.host)


async def change_member(call: Call[MemberChange, Empty]) -> Team:
    """Say what a member may do from now on."""
    return await _change(call, call.body.permissions)


async def remove_member(call: Call[Empty, Empty]) -> Team:
    """Take someone out of the team."""
    return await _change(call, [])


async def audit_list(call: Call[Empty, Page]) -> AuditList:
    """List who did what in the shop, the newest first."""
    query, limit = call.query, call.query.limit
    async with acquire(call.shop.pool) as connection:
        found = await store.entries(
            connection,
            call.host,
            before=query.before,
            area=query.area,
            actor=query.actor,
            limit=limit + 1,
        )
    listed = [AuditEntry(**row) for row in found[:limit]]
    return AuditList(entries=listed, next=listed[-1].id if len(found) > limit else None)


async def _change(
    call: Call[MemberChange, Empty] | Call[Empty, Empty], wanted: list[Permission]
) -> Team:
    async with transaction(call.shop.pool) as connection:
        await store.change(
            connection,
            call.host,
            AccountId(call.path("account")),
            by=AccountId(call.who.sub),
            own=await held_by(connection, call.who, call.host),
            wanted=wanted,
        )
        return await _team(connection, call.host)


async def _team(connection: Connection, host: AccountId) -> Team:
    return Team(
        members=[Member(**row) for row in await store.members(connection, host)],
        invitations=[Invitation(**row) for row in await store.invitations(connection, host)],
    )


async def _places(connection: Connection, account: AccountId) -> PlaceList:
    return PlaceList(
        places=[
            ShopPlace(
                host=row["host"],
                host_name=row["host_name"],
                permissions=row["permissions"] or list(EVERYTHING),
            )
            for row in await store.places(connection, account)
        ]
    )


_CHANGE: Final = ("unknown_account", "not_yours", "beyond_own_permissions")

ENDPOINTS: Final = (
    Endpoint("GET", "/api/places", places, Access.SIGNED_IN),
    Endpoint("POST", "/api/places", join_team, Access.SIGNED_IN, errors=("invitation_gone",)),
    Endpoint(
        "DELETE", "/api/places/{host}", leave_team, Access.SIGNED_IN, errors=("unknown_account",)
    ),
    Endpoint("GET", "/api/team", team, Access.HOST),
    Endpoint(
        "POST",
        "/api/team/invitations",
        invite,
        Access.HOST,
        status=HTTPStatus.CREATED,
        errors=("beyond_own_permissions", "team_full"),
    ),
    Endpoint("DELETE", "/api/team/invitations/{invitation}", withdraw_invitation, Access.HOST),
    Endpoint("PATCH", "/api/team/members/{account}", change_member, Access.HOST, errors=_CHANGE),
    Endpoint("DELETE", "/api/team/members/{account}", remove_member, Access.HOST, errors=_CHANGE),
    Endpoint("GET", "/api/audit", audit_list, Access.HOST, errors=("invalid_value",)),
)
