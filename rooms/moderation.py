"""
What may be said in a room, by whom, and how often: rules, and the verdict on a line.

Rules are current state, read as a whole; a ``Floor`` holds a room's on one worker, with what it has
to remember to apply them. Invariant: the same rules, speaker, line and moments give the same
verdict, whichever worker asks. ``at`` is Unix milliseconds on the server's clock.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final, Literal

from msgspec import Struct

from rooms.application import Identity
from rooms.messages import Audience
from rooms.wordfilter import WordFilter, holds_link

Links = Literal["everyone", "moderators"]

SPEAKERS_REMEMBERED: Final = 20_000
"""Who spoke last and when, for slow mode: 3 MiB at most; the longest silent is forgotten first."""

_NOBODY: Final[frozenset[str]] = frozenset()


class Rules(Struct, frozen=True, kw_only=True):
    """
    The rules of a room as they are now.

    Args:
        slow_s: seconds between two lines of one person; 0 is no slow mode.
        audience: who may speak.
        links: who may post an address.
        words: what nobody but moderators may say.
        moderators: accounts that moderate, beside those whose identity says so.
        mutes: until when an account must be silent.
        banned: accounts that may not be here.
        banned_devices: devices of theirs.

    """

    slow_s: int = 0
    audience: Audience = "everyone"
    links: Links = "everyone"
    words: WordFilter = WordFilter()
    moderators: frozenset[str] = _NOBODY
    mutes: Mapping[str, int] = {}
    banned: frozenset[str] = _NOBODY
    banned_devices: frozenset[str] = _NOBODY

    def moderates(self, who: Identity) -> bool:
        """Whether ``who`` stands above slow mode, audience and filters, and cannot be banned."""
        return who.moderates or who.id in self.moderators

    def bans(self, who: Identity) -> bool:
        """Whether ``who`` may not be in the room, by account or by device."""
        if self.moderates(who):
            return False
        return who.id in self.banned or (
            who.device is not None and who.device in self.banned_devices
        )


class Allowed(Struct, frozen=True):
    """The line may be said; ``badges`` are the speaker's in this room."""

    badges: list[str]


class Refused(Struct, frozen=True):
    """The line may not be said; ``code`` is stable, ``detail`` is for the speaker."""

    code: Literal[
        "banned",
        "muted",
        "followers_only",
        "buyers_only",
        "slow_mode",
        "word_refused",
        "link_refused",
    ]
    detail: str
    retry_after_ms: int | None = None


Verdict = Allowed | Refused


def judge(rules: Rules, who: Identity, text: str, at: int, last_said_at: int | None) -> Verdict:
    """
    Say whether ``who`` may say ``text`` now; ``last_said_at`` is when they last did.

    A mute ends by itself. What is cheap to check comes first, and what may be different a moment
    later (slow mode) after what may not, but before the filters: probing for words takes time.
    """
    if rules.moderates(who):
        return Allowed(_badges(rules, who))
    if rules.bans(who):
        return Refused("banned", "you are banned here")
    until = rules.mutes.get(who.id, 0)
    if at < until:
        return Refused("muted", "a moderator muted you for a while", until - at)
    match rules.audience:
        case "followers" if "followers" not in who.circles:
            return Refused("followers_only", "only followers of the host may chat just now")
        case "buyers" if "buyers" not in who.circles:
            return Refused("buyers_only", "only people who bought from this host may chat just now")
        case _:
            pass
    if last_said_at is not None and (wait := last_said_at + rules.slow_s * 1000 - at) > 0:
        detail = f"slow mode: one line every {rules.slow_s} seconds"
        return Refused("slow_mode", detail, wait)
    if rules.words.finds(text):
        return Refused("word_refused", "the line holds a word that is not allowed here")
    if rules.links == "moderators" and holds_link(text):
        return Refused("link_refused", "links are not allowed here")
    return Allowed(_badges(rules, who))


def _badges(rules: Rules, who: Identity) -> list[str]:
    badges = list(who.badges)
    if who.id in rules.moderators and "host" not in badges:
        badges.append("moderator")
    if "buyers" in who.circles:
        badges.append("buyer")
    return badges


class Floor:
    """A room's rules on one worker, and when people here last spoke."""

    __slots__ = ("_said", "rules")

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or Rules()
        # By speaker: the id of their last line, and when it was said.
        self._said: OrderedDict[str, tuple[str, int]] = OrderedDict()

    def judge(self, who: Identity, id: str, text: str, at: int) -> Verdict:
        """
        Say whether ``who`` may say ``text`` now, and remember that they did if they may.

        A line with the ``id`` of their last one is that one: its answer was lost, and it does not
        have to wait for itself.
        """
        last_id, last_at = self._said.get(who.id, (None, None))
        verdict = judge(self.rules, who, text, at, None if last_id == id else last_at)
        if isinstance(verdict, Allowed) and self.rules.slow_s:
            self._said[who.id] = (id, at)
            self._said.move_to_end(who.id)
            if len(self._said) > SPEAKERS_REMEMBERED:
                self._said.popitem(last=False)
        return verdict
