"""
What hosts and moderators decided: current state, and the log of every decision.

Invariant: a decision, its entry in the log and the fact that tells the rooms are one transaction.
Whoever is told reads the current state, so that a fact told twice or late does no harm.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from commerce.errors import NotFound, ShopError
from commerce.ids import AccountId, OfferId, ShowId
from commerce.store import outbox
from commerce.store.pool import Connection
from commerce.store.queries import load
from live.moderation.bodies import Action, ChatSettings, Details, Moderated, ModerationEntry
from rooms.messages import ChatLine
from rooms.moderation import Rules
from rooms.wordfilter import WordFilter

FILTERS_REMEMBERED: Final = 32
"""Building one of 200 words takes some 70 ms; it is the same one at every reading."""

DEVICE_DAYS: Final = 30
"""Devices that an account was not seen on for a month are forgotten."""

_sql = load("moderation", __package__)

Part = Literal["host", "moderator", "guest", "viewer", "admin"]


class MayNotBeModerated(ShopError):
    """The host, admins and moderators cannot be muted or banned."""

    code = "may_not_be_moderated"

    def __init__(self, account: str, part: Part) -> None:
        self.account: Final = account
        self.part: Final = part

    def __str__(self) -> str:
        more = "; dismiss them first" if self.part == "moderator" else ""
        return f"{self.account!r} is {_ARTICLES[self.part]} here and cannot be moderated{more}"


_ARTICLES: Final = {"host": "the host", "moderator": "a moderator", "admin": "an admin"}


class Arrival(Struct, frozen=True):
    """What is known of an account that comes into a show."""

    follows: bool
    buys: bool
    moderates: bool

    @property
    def circles(self) -> frozenset[str]:
        """The circles of the host that the account belongs to."""
        named = {"followers": self.follows, "buyers": self.buys}
        return frozenset(circle for circle, belongs in named.items() if belongs)


class State(Struct, frozen=True, kw_only=True):
    """Everything that holds in a show now."""

    settings: ChatSettings
    pinned: ChatLine | None
    moderators: frozenset[str]
    mutes: dict[str, int]
    banned: frozenset[str]
    banned_devices: frozenset[str]

    @property
    def rules(self) -> Rules:
        """As the rooms know it."""
        return Rules(
            slow_s=self.settings.slow_s,
            audience=self.settings.audience,
            links=self.settings.links,
            words=_filter(tuple(self.settings.words)),
            moderators=self.moderators,
            mutes=self.mutes,
            banned=self.banned,
            banned_devices=self.banned_devices,
        )


@lru_cache(FILTERS_REMEMBERED)
def _filter(words: tuple[str, ...]) -> WordFilter:
    return WordFilter(words)


# -- What holds ---------------------------------------------------------------------------------


async def state(connection: Connection, show: ShowId) -> State:
    """
    Return what holds in a show, as committed.

    Raises:
        NotFound: there is no such show.

    """
    row = await connection.fetchrow(_sql.rules, show)
    if row is None:
        raise NotFound("show", show)
    return State(
        settings=ChatSettings(
            slow_s=row["slow_s"], audience=row["audience"], links=row["links"], words=row["words"]
        ),
        pinned=_line(row["pinned"]),
        moderators=frozenset(row["moderators"]),
        mutes=msgspec.json.decode(row["mutes"], type=dict[str, int]),
        banned=frozenset(row["banned"]),
        banned_devices=frozenset(row["banned_devices"]),
    )


async def people(connection: Connection, show: ShowId) -> list[Moderated]:
    """Return who is muted, banned and a moderator in a show, by name."""
    return [Moderated(**row) for row in await connection.fetch(_sql.people, show)]


async def is_banned_from(connection: Connection, offer: OfferId, account: AccountId) -> bool:
    """Say whether the host of an offer has banned an account; no offer, no ban."""
    return bool(await connection.fetchval(_sql.is_banned_from, offer, account))


async def entries(
    connection: Connection, show: ShowId, *, before: int | None, limit: int
) -> list[ModerationEntry]:
    """Return the newest entries of a show's log before entry ``before``, newest first."""
    rows = await connection.fetch(_sql.entries, show, before, limit)
    return [
        ModerationEntry(**{**row, "details": msgspec.json.decode(row["details"], type=Details)})
        for row in rows
    ]


async def said(connection: Connection, entry: int) -> ChatLine | None:
    """Return what was said as the shop in an entry of the log."""
    return _line(await connection.fetchval(_sql.said, entry))


# -- Who comes ----------------------------------------------------------------------------------


Coming = tuple[AccountId, ShowId, str | None]
"""An account that comes into a show, and on which device, if that is known."""


async def arrive(connection: Connection, coming: Sequence[Coming]) -> dict[Coming, Arrival]:
    """Return what is known of accounts in shows, and remember their devices; idempotent."""
    columns = [list(column) for column in zip(*coming, strict=True)]
    rows = await connection.fetch(_sql.arrive, *columns)
    return {each: Arrival(**row) for each, row in zip(coming, rows, strict=True)}


async def forget_devices(connection: Connection) -> int:
    """Forget devices not seen for `DEVICE_DAYS`, and return how many those were."""
    return len(await connection.fetch(_sql.forget_devices, DEVICE_DAYS))


async def follow(connection: Connection, account: AccountId, host: AccountId) -> None:
    """
    Follow a host; idempotent.

    Raises:
        NotFound: there is no such host.

    """
    if account == host or not await connection.fetchval(_sql.follow, host, account):
        raise NotFound("account", host)


async def unfollow(connection: Connection, account: AccountId, host: AccountId) -> None:
    """Follow a host no longer; idempotent."""
    await connection.execute(_sql.unfollow, host, account)


# -- Decisions ----------------------------------------------------------------------------------


class Decider:
    """Someone who decides about a show, in the transaction of ``connection``."""

    def __init__(self, connection: Connection, show: ShowId, who: AccountId) -> None:
        self._connection = connection
        self._show = show
        self._who = who

    async def change(self, wanted: dict[str, Any]) -> ModerationEntry | None:
        """Change settings; None if they are so already."""
        async with self._connection.transaction():
            row = await self._connection.fetchrow(_sql.lock_settings, self._show)
            assert row is not None
            before = dict(row)
            changes = {name: value for name, value in wanted.items() if before[name] != value}
            if not changes:
                return None
            new = before | changes
            await self._connection.execute(
                _sql.change_settings,
                self._show,
                new["slow_s"],
                new["audience"],
                new["links"],
                new["words"],
            )
            await self._tell("rules")
            if changes.keys() & {"slow_s", "audience"}:
                await self._tell("chat_mode")
            return await self._log("settings", details=Details(**changes))

    async def mute(self, account: AccountId, until: int, reason: str | None) -> ModerationEntry:
        """Silence an account until a moment. Raises as `ban`."""
        async with self._connection.transaction():
            await self._moderable(account)
            await self._connection.execute(_sql.mute, self._show, account, until)
            await self._tell("rules")
            return await self._log("mute", subject=account, until=until, reason=reason)

    async def unmute(self, account: AccountId, reason: str | None) -> ModerationEntry:
        """Let an account speak again; idempotent. Raises `NotFound`: there is no such account."""
        async with self._connection.transaction():
            await self._part(account)
            await self._connection.execute(_sql.unmute, self._show, account)
            await self._tell("rules")
            return await self._log("unmute", subject=account, reason=reason)

    async def ban(
        self, account: AccountId, reason: str | None, *, devices: bool, remove_lines: bool
    ) -> ModerationEntry:
        """
        Keep an account out of every show of this host, with the devices it was last seen on.

        Raises:
            NotFound: there is no such account.
            MayNotBeModerated: it is the host's, a moderator's or an admin's.

        """
        async with self._connection.transaction():
            await self._moderable(account)
            held = await self._connection.fetchval(_sql.ban, self._show, account, devices)
            await self._tell_all_rooms()
            if remove_lines:
                await outbox.record(self._connection, "lines", self._show, account)
                await self._unpin(sender=account)
            details = Details(devices=held, lines_removed=remove_lines)
            return await self._log("ban", subject=account, reason=reason, details=details)

    async def unban(self, account: AccountId, reason: str | None) -> ModerationEntry:
        """Let an account and its devices in again; idempotent. Raises as `unmute`."""
        async with self._connection.transaction():
            await self._part(account)
            await self._connection.execute(_sql.unban, self._show, account)
            await self._tell_all_rooms()
            return await self._log("unban", subject=account, reason=reason)

    async def appoint(self, account: AccountId) -> ModerationEntry:
        """Make an account a moderator of the show; idempotent. Raises as `unmute`."""
        async with self._connection.transaction():
            await self._part(account)
            await self._connection.execute(_sql.appoint, self._show, account)
            await self._tell("rules")
            return await self._log("appoint", subject=account)

    async def dismiss(self, account: AccountId) -> ModerationEntry:
        """Make an account a moderator no longer; idempotent. Raises as `unmute`."""
        async with self._connection.transaction():
            await self._part(account)
            await self._connection.execute(_sql.dismiss, self._show, account)
            await self._tell("rules")
            return await self._log("dismiss", subject=account)

    async def remove_line(
        self, id: str, line: ChatLine | None, reason: str | None
    ) -> ModerationEntry:
        """Take a line away from everyone; ``line`` is what it said, where that is still known."""
        async with self._connection.transaction():
            await outbox.record(self._connection, "line", self._show, id)
            await self._unpin(line=id)
            # An id begins with its sender's, unless it was made up: then nobody is named.
            sender = AccountId(line.sender.id if line is not None else id.partition(".")[0])
            known = await self._connection.fetchval(_sql.part_in, self._show, sender)
            return await self._log(
                "remove_line",
                subject=sender if known is not None else None,
                line_id=id,
                line=line,
                reason=reason,
            )

    async def pin(self, line: ChatLine) -> ModerationEntry:
        """Put a line above the chat, in place of any other; idempotent."""
        async with self._connection.transaction():
            await self._connection.execute(_sql.pin, self._show, _encoded(line))
            await self._tell("comment")
            return await self._log("pin_comment", line_id=line.id, line=line)

    async def unpin(self) -> ModerationEntry:
        """Take whatever line stands above the chat away; idempotent."""
        async with self._connection.transaction():
            await self._unpin()
            return await self._log("unpin_comment")

    async def say(self, line: ChatLine) -> ModerationEntry:
        """Say a line as the shop."""
        async with self._connection.transaction():
            entry = await self._log("say", line_id=line.id, line=line)
            await outbox.record(self._connection, "said", self._show, str(entry.id))
            return entry

    async def _part(self, account: AccountId) -> Part:
        part: Part | None = await self._connection.fetchval(_sql.part_in, self._show, account)
        if part is None:
            raise NotFound("account", account)
        return part

    async def _moderable(self, account: AccountId) -> None:
        if (part := await self._part(account)) in _ARTICLES:
            raise MayNotBeModerated(account, part)

    async def _unpin(self, *, line: str | None = None, sender: str | None = None) -> None:
        if await self._connection.fetchval(_sql.unpin, self._show, line, sender):
            await self._tell("comment")

    async def _tell(self, topic: Literal["rules", "chat_mode", "comment"]) -> None:
        await outbox.record(self._connection, topic, self._show, self._show)

    async def _tell_all_rooms(self) -> None:
        for row in await self._connection.fetch(_sql.rooms_of_host, self._show):
            await outbox.record(self._connection, "rules", ShowId(row["id"]), row["id"])

    async def _log(
        self,
        action: Action,
        *,
        subject: AccountId | None = None,
        line_id: str | None = None,
        line: ChatLine | None = None,
        until: int | None = None,
        reason: str | None = None,
        details: Details | None = None,
    ) -> ModerationEntry:
        number = await self._connection.fetchval(
            _sql.log,
            self._show,
            self._who,
            action,
            subject,
            line_id,
            None if line is None else _encoded(line),
            until,
            reason,
            msgspec.json.encode(details or Details()).decode(),
        )
        (entry,) = await entries(self._connection, self._show, before=number + 1, limit=1)
        return entry


def _encoded(line: ChatLine) -> str:
    return msgspec.json.encode(line).decode()


def _line(encoded: str | None) -> ChatLine | None:
    return None if encoded is None else msgspec.json.decode(encoded, type=ChatLine)
