"""Moderation of a show's chat: by its host, an admin, and the moderators that the host appoints."""

import time
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Struct

from commerce.ids import AccountId, ShowId, new_id
from commerce.store import shows
from commerce.store.pool import Connection, acquire, transaction
from live.api.bodies import Empty
from live.api.endpoint import Access, Call, Endpoint, Handler, Key
from live.api.ownership import own_show
from live.api.problems import ApiError
from live.moderation import store
from live.moderation.bodies import (
    Appointment,
    Ban,
    Moderation,
    ModerationEntry,
    ModerationLog,
    Mute,
    NewChatSettings,
    Pardon,
    PinComment,
    RemoveLine,
    SayAsShop,
)
from live.moderation.store import Decider
from rooms.brokers import BrokerUnavailable
from rooms.messages import ChatLine, Sender

SHOP: Final = "shop"
"""The sender of what is said as the shop, and its badge."""


class Page(Struct, frozen=True):
    """Which entries to list."""

    before: Annotated[int, Meta(ge=1)] | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


async def moderation(call: Call[Empty, Empty]) -> Moderation:
    """Show what holds in a show's chat, and for whom."""
    async with acquire(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
        state = await store.state(connection, ShowId(found.id))
        people = await store.people(connection, ShowId(found.id))
    return Moderation(settings=state.settings, people=people, pinned=state.pinned)


async def change_settings(call: Call[NewChatSettings, Empty]) -> Moderation:
    """Change who may chat, how often, and about what."""
    wanted = {
        name: value
        for name, value in msgspec.structs.asdict(call.body).items()
        if value is not UNSET
    }
    if "words" in wanted:
        wanted["words"] = list(dict.fromkeys(" ".join(word.split()) for word in wanted["words"]))
    async with transaction(call.shop.pool) as connection:
        await (await _decider(connection, call)).change(wanted)
    return await moderation(Call(call.shop, call.request, call.claims, Empty(), Empty()))


async def mute(call: Call[Mute, Empty]) -> ModerationEntry:
    """Silence someone for a while."""
    until = time.time_ns() // 1_000_000 + call.body.for_s * 1000
    async with transaction(call.shop.pool) as connection:
        decider = await _decider(connection, call)
        return await decider.mute(AccountId(call.body.user), until, call.body.reason)


async def unmute(call: Call[Pardon, Empty]) -> ModerationEntry:
    """Let someone speak again."""
    async with transaction(call.shop.pool) as connection:
        decider = await _decider(connection, call)
        return await decider.unmute(AccountId(call.body.user), call.body.reason)


async def ban(call: Call[Ban, Empty]) -> ModerationEntry:
    """Keep someone out of every show of this host; whoever is in is closed at once."""
    wanted = call.body
    async with transaction(call.shop.pool) as connection:
        decider = await _decider(connection, call)
        return await decider.ban(
            AccountId(wanted.user),
            wanted.reason,
            devices=wanted.devices,
            remove_lines=wanted.remove_lines,
        )


async def unban(call: Call[Pardon, Empty]) -> ModerationEntry:
    """Let someone in again."""
    async with transaction(call.shop.pool) as connection:
        decider = await _decider(connection, call)
        return await decider.unban(AccountId(call.body.user), call.body.reason)


async def remove_line(call: Call[RemoveLine, Empty]) -> ModerationEntry:
    """Take a chat line away from everyone."""
    line = await _known_line(call, call.body.line)
    async with transaction(call.shop.pool) as connection:
        decider = await _decider(connection, call)
        return await decider.remove_line(call.body.line, line, call.body.reason)


async def pin_comment(call: Call[PinComment, Empty]) -> ModerationEntry:
    """Put a chat line above the chat, in place of any other."""
    line = await _known_line(call, call.body.line)
    async with transaction(call.shop.pool) as connection:
        decider = await _decider(connection, call)
        if line is None:
            raise ApiError("unknown_line", "the line is not among the last of this chat any more")
        return await decider.pin(line)


async def unpin_comment(call: Call[Empty, Empty]) -> ModerationEntry:
    """Take away the line above the chat."""
    async with transaction(call.shop.pool) as connection:
        return await (await _decider(connection, call)).unpin()


async def say(call: Call[SayAsShop, Empty]) -> ModerationEntry:
    """Say a line as the shop."""
    async with transaction(call.shop.pool) as connection:
        decider = await _decider(connection, call)
        host_name = (await shows.get(connection, ShowId(call.path("show")))).host_name
        line = ChatLine(
            id=f"{SHOP}.{new_id('say')}",
            sender=Sender(id=SHOP, name=host_name, badges=[SHOP]),
            text=" ".join(call.body.text.split()),
            at=time.time_ns() // 1_000_000,
            reply_to=call.body.reply_to,
        )
        return await decider.say(line)


async def audit(call: Call[Empty, Page]) -> ModerationLog:
    """List who decided what, the newest first."""
    limit = call.query.limit
    async with acquire(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
        entries = await store.entries(
            connection, ShowId(found.id), before=call.query.before, limit=limit + 1
        )
    more = len(entries) > limit
    return ModerationLog(entries=entries[:limit], next=entries[limit - 1].id if more else None)


async def appoint(call: Call[Appointment, Empty]) -> ModerationEntry:
    """Make an account a moderator of the show."""
    async with transaction(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
        decider = Decider(connection, ShowId(found.id), AccountId(call.who.sub))
        return await decider.appoint(AccountId(call.body.user))


async def dismiss(call: Call[Empty, Empty]) -> ModerationEntry:
    """Make an account a moderator no longer."""
    async with transaction(call.shop.pool) as connection:
        found = await own_show(connection, call.who, call.path("show"))
        decider = Decider(connection, ShowId(found.id), AccountId(call.who.sub))
        return await decider.dismiss(AccountId(call.path("account")))


async def _decider(connection: Connection, call: Call[Any, Any]) -> Decider:
    found = await own_show(connection, call.who, call.path("show"))
    return Decider(connection, ShowId(found.id), AccountId(call.who.sub))


async def _known_line(call: Call[Any, Any], id: str) -> ChatLine | None:
    """Return the line as it was said, if it is among the last; nobody can make one up."""
    try:
        lines = await call.shop.broker.lines(call.path("show"))
    except BrokerUnavailable as error:
        detail = "the chat cannot be looked at just now; try again"
        raise ApiError("unavailable", detail, retry_after_ms=1000) from error
    said = (msgspec.json.decode(line, type=ChatLine) for line in lines)
    return next((line for line in said if line.id == id), None)


_MODERATED: Final = ("unknown_show", "not_yours")
_ACCOUNT: Final = (*_MODERATED, "unknown_account")
_PATH: Final = "/api/shows/{show}/moderation"


def _action(name: str, handler: Handler, *errors: str) -> Endpoint:
    return Endpoint(
        "POST",
        f"{_PATH}/{name}",
        handler,
        Access.SIGNED_IN,
        key=Key.OPTIONAL,
        errors=(*_MODERATED, *errors),
    )


ENDPOINTS: Final = (
    Endpoint("GET", _PATH, moderation, Access.SIGNED_IN, errors=_MODERATED),
    Endpoint("PATCH", _PATH, change_settings, Access.SIGNED_IN, errors=_MODERATED),
    _action("mute", mute, "unknown_account", "may_not_be_moderated"),
    _action("unmute", unmute, "unknown_account"),
    _action("ban", ban, "unknown_account", "may_not_be_moderated"),
    _action("unban", unban, "unknown_account"),
    _action("remove-line", remove_line),
    _action("pin-comment", pin_comment, "unknown_line"),
    _action("unpin-comment", unpin_comment),
    _action("say", say),
    Endpoint(
        "GET", f"{_PATH}/audit", audit, Access.SIGNED_IN, errors=(*_MODERATED, "invalid_value")
    ),
    Endpoint(
        "POST",
        "/api/shows/{show}/moderators",
        appoint,
        Access.HOST,
        key=Key.OPTIONAL,
        errors=_ACCOUNT,
    ),
    Endpoint(
        "DELETE",
        "/api/shows/{show}/moderators/{account}",
        dismiss,
        Access.HOST,
        errors=_ACCOUNT,
    ),
)
