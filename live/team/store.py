"""
Members of teams, invitations, and the list of who did what.

Invariant: a change of a team, its entry in the audit list and the fact that tells the rooms are one
transaction, and nobody's change touches a permission that they do not have.
"""

import hashlib
import secrets
from collections.abc import Collection, Mapping
from typing import Final

from asyncpg import Record
from msgspec import Struct

from commerce.errors import Kind, NotFound, ShopError
from commerce.ids import AccountId, ShowId, new_id
from commerce.store import outbox
from commerce.store.pool import Connection
from commerce.store.queries import load
from live.team.permissions import Permission, beyond, in_order

INVITATION_S: Final = 7 * 24 * 3600
"""Long enough for somebody on holiday, short enough for a link that lies in a mailbox."""

MAX_TEAM: Final = 50
"""Members and open invitations: far more than work on a show; a page shows them all."""

CODE_BYTES: Final = 32
"""Nobody guesses 256 bits."""

_sql = load("team", __package__)

HOST_OF: Final[Mapping[Kind, str]] = {
    "show": _sql.host_of_show,
    "offer": _sql.host_of_offer,
    "order": _sql.host_of_order,
    "coupon": _sql.host_of_coupon,
    "shipment": _sql.host_of_shipment,
    "webhook": _sql.host_of_webhook,
}
"""What belongs to a host, by the name that paths give it."""

STAGE_OF: Final[Mapping[Kind, str]] = {
    "show": _sql.stage_of_show,
    "offer": _sql.stage_of_offer,
    "order": _sql.stage_of_order,
}
"""What is a show, or in one, by the name that paths give it."""


class Stage(Struct, frozen=True):
    """Whose show it is, and whether it is a rehearsal."""

    host: AccountId
    show: ShowId
    rehearsal: bool


class BeyondOwn(ShopError):
    """Somebody gives or takes what they do not have."""

    code = "beyond_own_permissions"

    def __init__(self, missing: Collection[Permission]) -> None:
        self.missing: Final = missing

    def __str__(self) -> str:
        wanted = ", ".join(f"`{each}`" for each in self.missing)
        return f"you cannot give or take {wanted}, because you do not have it yourself"


class InvitationGone(ShopError):
    """The code is none of ours, was used, withdrawn, or is too old; which is not said."""

    code = "invitation_gone"

    def __str__(self) -> str:
        return "this invitation is not valid any more; ask for a new one"


class TeamFull(ShopError):
    """See `MAX_TEAM`."""

    code = "team_full"

    def __str__(self) -> str:
        return f"a team has at most {MAX_TEAM} members and invitations"


# -- Who may what ---------------------------------------------------------------------------------


async def host_of(connection: Connection, kind: Kind, id: str) -> AccountId | None:
    """Return whose a thing is; ``None`` when there is no such thing."""
    host: AccountId | None = await connection.fetchval(HOST_OF[kind], id)
    return host


async def stage_of(connection: Connection, kind: Kind, id: str) -> Stage | None:
    """Return the show that a thing is, or is in; ``None`` when there is no such thing."""
    row = await connection.fetchrow(STAGE_OF[kind], id) if kind in STAGE_OF else None
    return None if row is None else Stage(**row)


async def is_host(connection: Connection, account: AccountId) -> bool:
    """Say whether an account has a shop."""
    return bool(await connection.fetchval(_sql.is_host, account))


async def has_place(connection: Connection, account: AccountId, show: str) -> bool:
    """Say whether an account is in any team, or moderates a show."""
    return bool(await connection.fetchval(_sql.has_place, account, show))


async def permissions(
    connection: Connection, host: AccountId, account: AccountId, *, show: str | None = None
) -> tuple[Permission, ...]:
    """Return what someone may do in a shop; empty for who is not in its team."""
    return tuple(await connection.fetchval(_sql.permissions, host, account, show))


async def holders(
    connection: Connection, host: AccountId, permission: Permission
) -> list[AccountId]:
    """Return the members who have a permission; the host, who has all, is not among them."""
    return [row["account_id"] for row in await connection.fetch(_sql.holders, host, permission)]


async def places(connection: Connection, account: AccountId) -> list[Record]:
    """Return the shops that an account may do something in, its own first."""
    return list(await connection.fetch(_sql.places, account))


# -- The team -------------------------------------------------------------------------------------


async def members(connection: Connection, host: AccountId) -> list[Record]:
    """Return who is in a team."""
    return list(await connection.fetch(_sql.members, host))


async def invitations(connection: Connection, host: AccountId) -> list[Record]:
    """Return who is awaited."""
    return list(await connection.fetch(_sql.invitations, host))


async def invite(
    connection: Connection,
    host: AccountId,
    *,
    by: AccountId,
    own: Collection[Permission],
    name: str,
    wanted: Collection[Permission],
) -> tuple[str, str, int]:
    """
    Make an invitation and return its id, its code, which is kept nowhere, and when it ends.

    Raises:
        BeyondOwn: ``by`` does not have all that is wanted.
        TeamFull: there are as many as there may be.

    """
    _check(own, (), wanted)
    await connection.fetchval(_sql.lock_team, host)
    await connection.execute(_sql.forget_expired, host)
    if await connection.fetchval(_sql.size, host) >= MAX_TEAM:
        raise TeamFull
    id, code = new_id("inv"), secrets.token_urlsafe(CODE_BYTES)
    asked = in_order(wanted)
    expires_at: int = await connection.fetchval(
        _sql.invite, id, host, _digest(code), name, asked, by, INVITATION_S
    )
    await _log(connection, host, by, "invite", text=name, given=asked)
    return id, code, expires_at


async def withdraw(connection: Connection, host: AccountId, id: str, *, by: AccountId) -> None:
    """Make an invitation void; idempotent."""
    row = await connection.fetchrow(_sql.withdraw, id, host)
    if row is not None:
        given = row["permissions"]
        await _log(connection, host, by, "withdraw_invitation", text=row["name"], given=given)


async def join(connection: Connection, code: str, account: AccountId) -> AccountId:
    """
    Use an invitation up, and return whose team it leads into.

    Who is a member already keeps what they have and gets what it adds.

    Raises:
        InvitationGone: see there; also the host's own.

    """
    row = await connection.fetchrow(_sql.redeem, _digest(code))
    if row is None or row["host_id"] == account:
        raise InvitationGone
    host = AccountId(row["host_id"])
    await connection.fetchval(_sql.lock_team, host)
    before = await connection.fetchval(_sql.member, host, account) or []
    after = in_order({*before, *row["permissions"]})
    await _put(connection, host, account, after)
    await _log(connection, host, account, "join", text=row["name"], given=after)
    return host


async def change(
    connection: Connection,
    host: AccountId,
    account: AccountId,
    *,
    by: AccountId,
    own: Collection[Permission],
    wanted: Collection[Permission],
) -> None:
    """
    Give a member these permissions and no others; without any they leave. Idempotent.

    Raises:
        NotFound: they are not in the team.
        BeyondOwn: it gives or takes what ``by`` does not have.

    """
    await connection.fetchval(_sql.lock_team, host)
    before = await connection.fetchval(_sql.member, host, account)
    if before is None:
        raise NotFound("account", account)
    if account != by or wanted:
        _check(own, before, wanted)
    after = in_order(wanted)
    if after == before:
        return
    if after:
        await _put(connection, host, account, after)
        await _log(connection, host, by, "change_member", subject=account, given=after)
        return
    await connection.execute(_sql.remove_member, host, account)
    await _tell_rooms(connection, host)
    action = "leave" if account == by else "remove_member"
    await _log(connection, host, by, action, subject=account, given=before)


async def entries(
    connection: Connection,
    host: AccountId,
    *,
    before: int | None,
    area: str | None,
    actor: str | None,
    limit: int,
) -> list[Record]:
    """Return who did what, the newest first."""
    return list(await connection.fetch(_sql.entries, host, before, area, actor, limit))


def _check(
    own: Collection[Permission], before: Collection[Permission], after: Collection[Permission]
) -> None:
    if missing := beyond(own, before, after):
        raise BeyondOwn(missing)


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode()).digest()


async def _put(
    connection: Connection, host: AccountId, account: AccountId, given: Collection[Permission]
) -> None:
    await connection.execute(_sql.put_member, host, account, list(given))
    await _tell_rooms(connection, host)


async def _tell_rooms(connection: Connection, host: AccountId) -> None:
    """Who moderates may have changed, in every room of the host."""
    for row in await connection.fetch(_sql.rooms, host):
        await outbox.record(connection, "rules", ShowId(row["id"]), row["id"])


async def _log(
    connection: Connection,
    host: AccountId,
    actor: AccountId,
    action: str,
    *,
    given: Collection[Permission],
    subject: AccountId | None = None,
    text: str | None = None,
) -> None:
    await connection.execute(_sql.log, host, actor, action, subject, text, list(given))
