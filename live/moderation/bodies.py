"""
How moderation looks from outside: the bodies of its endpoints, and the entries of its log.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from rooms.messages import MAX_CHAT_CHARACTERS, Audience, ChatLine, LineId, Milliseconds
from rooms.moderation import Links

Action = Literal[
    "mute",
    "unmute",
    "ban",
    "unban",
    "remove_line",
    "pin_comment",
    "unpin_comment",
    "say",
    "settings",
    "appoint",
    "dismiss",
]
Account = Annotated[str, Meta(min_length=1, max_length=64, description="An account's id")]
Reason = Annotated[str, Meta(max_length=200, description="Why; for the log alone")]
SlowSeconds = Annotated[int, Meta(ge=0, le=3600, description="Seconds between lines; 0 is off")]
Words = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S")]],
    Meta(max_length=200, description="Words and phrases that are refused, in any disguise"),
]


class Body(Struct, frozen=True, omit_defaults=True):
    """Base of what is declared here."""


# -- How it looks -------------------------------------------------------------------------------


class ChatSettings(Struct, frozen=True):
    """Who may chat in a show, how often, and about what."""

    slow_s: SlowSeconds
    audience: Audience
    links: Annotated[Links, Meta(description="Who may post addresses of the web")]
    words: Words


class Moderated(Body, frozen=True):
    """Someone who is muted, banned, or a moderator."""

    id: str
    name: str
    what: Literal["muted", "banned", "moderator"]
    until: Milliseconds | None = None


class Moderation(Body, frozen=True):
    """What holds in a show now."""

    settings: ChatSettings
    people: list[Moderated]
    pinned: ChatLine | None = None


class Details(Body, frozen=True):
    """What else there is to say of a decision: the settings that changed, what a ban took along."""

    slow_s: int | None = None
    audience: Audience | None = None
    links: Links | None = None
    words: list[str] | None = None
    devices: Annotated[int, Meta(description="How many the ban holds")] | None = None
    lines_removed: bool = False


class ModerationEntry(Body, frozen=True, kw_only=True):
    """One decision: who did what, to whom or to which line, when and why."""

    id: int
    action: Action
    actor: str
    actor_name: str
    subject: str | None = None
    subject_name: str | None = None
    line: str | None = None
    text: Annotated[str, Meta(description="What the line said, if it was still known")] | None = (
        None
    )
    until: Milliseconds | None = None
    reason: str | None = None
    details: Details = Details()
    at: Milliseconds


class ModerationLog(Body, frozen=True):
    """Entries, newest first; ``next`` asks for the page after, as ``before``."""

    entries: list[ModerationEntry]
    next: int | None = None


class Following(Body, frozen=True):
    """Whether you follow a host."""

    host: str
    following: bool


# -- What is asked for --------------------------------------------------------------------------


class NewChatSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Settings to change; what is left out stays."""

    slow_s: SlowSeconds | UnsetType = UNSET
    audience: Audience | UnsetType = UNSET
    links: Links | UnsetType = UNSET
    words: Words | UnsetType = UNSET


class Mute(Body, frozen=True):
    """Silence someone for a while, in this show."""

    user: Account
    for_s: Annotated[int, Meta(ge=1, le=31_536_000, description="Seconds")] = 600
    reason: Reason | None = None


class Ban(Body, frozen=True):
    """Keep someone out of every show of this host."""

    user: Account
    devices: Annotated[bool, Meta(description="And the devices they were last seen on")] = True
    remove_lines: Annotated[bool, Meta(description="And take all of their lines away")] = True
    reason: Reason | None = None


class Pardon(Body, frozen=True):
    """Let someone speak, or in, again."""

    user: Account
    reason: Reason | None = None


class RemoveLine(Body, frozen=True):
    """Take a chat line away from everyone."""

    line: LineId
    reason: Reason | None = None


class PinComment(Body, frozen=True):
    """Put a chat line above the chat; it must be among the last 500."""

    line: LineId


class SayAsShop(Body, frozen=True):
    """Say a line with the shop's badge."""

    text: Annotated[str, Meta(min_length=1, max_length=MAX_CHAT_CHARACTERS, pattern=r"\S")]
    reply_to: LineId | None = None


class Appointment(Body, frozen=True):
    """Make an account a moderator of the show."""

    user: Account
