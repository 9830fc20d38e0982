"""
Where someone stands in a shop: the one place that asks the policy.

Whose shop it is, the thing asked about says; where there is none, the request names the host, or
it is one's own. Invariant: nothing is done for a host by someone to whom the policy does not give
it, whatever the way it is asked for: HTTP, a room's socket, or a camera.
"""

from collections.abc import Mapping
from typing import Final

from commerce.errors import NotFound, NotYours, ShopError
from commerce.ids import AccountId
from commerce.store.pool import Connection
from live.auth import Claims
from live.team import store
from live.team.permissions import EVERYTHING, Permission
from live.team.policy import Rule

HEADER: Final = "liveshop-shop"
"""Names the host for whom a member does what is about no show, offer or order."""


class NotPermitted(ShopError):
    """A member asks for what their permissions do not cover."""

    code = "not_permitted"

    def __init__(self, host: str, missing: tuple[Permission, ...]) -> None:
        self.host: Final = host
        self.missing: Final = missing

    def __str__(self) -> str:
        wanted = " or ".join(f"`{each}`" for each in self.missing)
        return f"your place in this team does not include {wanted}; its host can give it to you"


class NoPlace(ShopError):
    """Someone who hosts nothing and is in no team that it could be about."""

    code = "forbidden"

    def __str__(self) -> str:
        return "only hosts, and members of their teams, may do this"


async def authorise(
    connection: Connection,
    who: Claims,
    rule: Rule,
    *,
    path: Mapping[str, str],
    named: str | None = None,
) -> AccountId:
    """
    Return the host for whom ``who`` may do what ``rule`` is about.

    Raises:
        NoPlace: they neither host nor are in any team.
        NotFound: there is no such show, offer, order, parcel, webhook or host; or it is of a
            rehearsal in a shop that they have no place in.
        NotYours: it is a shop that they have no place in.
        NotPermitted: they have a place in it, without this permission.

    """
    kind, id = next(((kind, path[kind]) for kind in store.HOST_OF if kind in path), (None, ""))
    if who.role == "viewer" and not await store.has_place(connection, AccountId(who.sub), id):
        raise NoPlace
    if kind is not None:
        host = await store.host_of(connection, kind, id)
        if host is None:
            raise NotFound(kind, id)
    elif named is not None and named != who.sub:
        host, kind, id = AccountId(named), "account", named
        if not await store.is_host(connection, host):
            raise NotFound("account", named)
    elif who.role == "viewer":
        raise NoPlace
    else:
        return AccountId(who.sub)
    held = await held_by(connection, who, host, rule=rule, show=path.get("show"))
    if not held:
        stage = await store.stage_of(connection, kind, id)
        # To strangers a rehearsal is not there; see `live.team.stagedoor`.
        hidden = stage is not None and stage.rehearsal
        raise NotFound(kind, id) if hidden else NotYours(kind, id)
    if not set(held) & set(rule.any_of):
        raise NotPermitted(host, rule.any_of)
    return host


async def may(
    connection: Connection, who: Claims, rule: Rule, host: AccountId, *, show: str | None = None
) -> bool:
    """Say whether ``who`` may do for ``host`` what ``rule`` is about."""
    held = await held_by(connection, who, host, rule=rule, show=show)
    return bool(set(held) & set(rule.any_of))


async def held_by(
    connection: Connection,
    who: Claims,
    host: AccountId,
    *,
    rule: Rule | None = None,
    show: str | None = None,
) -> tuple[Permission, ...]:
    """Return what ``who`` may do in a shop; in ``show``, its moderators may moderate."""
    if who.sub == host or (who.role == "admin" and (rule is None or rule.admins)):
        return EVERYTHING
    return await store.permissions(connection, host, AccountId(who.sub), show=show)
