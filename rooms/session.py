"""
One connection's conversation: what may be said when, and how often. No socket, no clock.

``greeting`` --join--> ``joining`` --admitted--> ``live``. Invariant: exactly one effect a message,
and nothing but ``Enter`` or ``Close`` before the viewer is live.
"""

import re
from enum import Enum, auto
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from rooms.application import Identity
from rooms.codes import FLOOD, MISUSE, Disconnect
from rooms.limits import Buckets, TokenBucket
from rooms.messages import (
    ChatLine,
    Error,
    Join,
    Like,
    Mention,
    Message,
    Ok,
    Ping,
    Pong,
    Say,
    Sender,
)
from rooms.moderation import Allowed, Floor, Refused

UNDECODABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding a client's frame may raise: no JSON, no UTF-8, nested too deeply."""

FRAMES_A_SECOND: Final = 30.0
"""A person at the screen sends a few; a bag of reserves after a reconnect some twenty."""

FRAMES_TOO_MANY: Final = 300.0
"""Frames beyond the rate that are still answered; no person, and no honest client, gets there."""

CHAT_LINES_A_SECOND: Final = 1.0
CHAT_BURST: Final = 5.0
LIKES_A_SECOND: Final = 20.0
"""Two thumbs tapping as fast as they can."""

CONTROLS: Final = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)])
"""Characters that draw nothing and that a database may refuse: they are left out of a line."""

CIRCLES_S: Final = 30.0
"""Whether a speaker follows or buys is asked again after this: at most two queries a minute."""

CIRCLES_REFUSED_S: Final = 2.0
"""As above, when they are refused for it: they may have just followed, or paid."""

FRAMES_OF_ADDRESS_A_SECOND: Final = 1_000.0
"""What a full hall of phones behind one address sends, ten times over."""


class Phase(Enum):
    """How far the conversation has come."""

    GREETING = auto()
    JOINING = auto()
    LIVE = auto()


class Enter(Struct, frozen=True):
    """Let the viewer in, or answer why not."""

    join: Join


class Reply(Struct, frozen=True):
    """Send the messages to this viewer."""

    message: Message


class Post(Struct, frozen=True):
    """Say the line to the room, then send the reply; ``outdated``: learn the speaker's circles."""

    line: ChatLine
    reply: Ok
    outdated: bool = False


class Reconsider(Struct, frozen=True):
    """Learn the speaker's circles, which may have changed, then :meth:`Session.reconsider`."""

    message: Say


class Applaud(Struct, frozen=True):
    """Count the likes."""

    likes: int


class Forward(Struct, frozen=True):
    """The message is not the room's: give it to the application."""

    message: object


class Close(Struct, frozen=True):
    """End the connection."""

    why: Disconnect


class Nothing(Struct, frozen=True):
    """There is nothing to do."""


Effect = Enter | Reply | Post | Reconsider | Applaud | Forward | Close | Nothing


class Allowances:
    """What the connections of one user, or of one address, share on a worker."""

    def __init__(self) -> None:
        self.chat = Buckets(CHAT_LINES_A_SECOND, CHAT_BURST)
        self.likes = Buckets(LIKES_A_SECOND, 5 * LIKES_A_SECOND)
        self.frames_of_address = Buckets(FRAMES_OF_ADDRESS_A_SECOND, 2 * FRAMES_OF_ADDRESS_A_SECOND)


class Session:
    """
    One viewer's conversation; ``now`` is monotonic seconds, ``at`` the server's Unix ms.

    ``address`` is whose connection it is, as far as that is known.
    """

    __slots__ = (
        "_allowances",
        "_circles_at",
        "_floor",
        "_frames",
        "_patience",
        "address",
        "identity",
        "phase",
    )

    def __init__(self, now: float, allowances: Allowances, address: str | None = None) -> None:
        self.phase = Phase.GREETING
        self.identity: Identity | None = None
        self.address = address
        self._allowances = allowances
        self._floor = Floor()
        self._circles_at = now
        self._frames = TokenBucket(FRAMES_A_SECOND, 2 * FRAMES_A_SECOND, now)
        self._patience = TokenBucket(FRAMES_A_SECOND, FRAMES_TOO_MANY, now)

    def admit(self, identity: Identity, floor: Floor | None = None) -> None:
        """Go live as ``identity``, in a room with the rules of ``floor``."""
        self.identity = identity
        self._floor = floor or self._floor
        self.phase = Phase.LIVE

    def overhear(self, now: float) -> Effect:
        """Count a frame that the protocol answers by itself."""
        throttled = self._throttle(None, now)
        return throttled if isinstance(throttled, Close) else Nothing()

    def refuse(self, error: Exception, now: float) -> Effect:
        """Answer a frame that did not decode; the connection stays."""
        return self._throttle(None, now) or Reply(undecodable(error))

    def receive(self, message: object, now: float, at: int) -> Effect:
        """Decide what a decoded message does."""
        if throttled := self._throttle(message, now):
            return throttled
        match message, self.phase:
            case Join(), Phase.GREETING:
                self.phase = Phase.JOINING
                return Enter(message)
            case Ping(), _:
                return Reply(Pong(id=message.id, at=message.at, server_at=at))
            case Join(), _:
                return Close(MISUSE)
            case _, Phase.GREETING:
                return Close(MISUSE)
            case _, Phase.JOINING:
                detail = "wait for joined before saying anything"
                return Reply(Error(code="not_joined", detail=detail, to=_id(message)))
            case Say(), Phase.LIVE:
                return self._say(message, now, at)
            case Like(), Phase.LIVE:
                # Likes beyond the rate are dropped in silence: nobody counts their own.
                wait = self._allowances.likes.take(self._who, now, message.count)
                return Nothing() if wait else Applaud(message.count)
            case _:
                return Forward(message)

    def _throttle(self, message: object, now: float) -> Effect | None:
        wait = self._frames.take(now)
        if self.address is not None:
            wait = wait or self._allowances.frames_of_address.take(self.address, now)
        if not wait:
            return None
        if self._patience.take(now):
            return Close(FLOOD)
        return _too_fast(wait, message)

    @property
    def _who(self) -> str:
        return self.identity.id if self.identity is not None else ""

    def learn(self, circles: frozenset[str]) -> None:
        """Take in which circles the viewer belongs to now."""
        if self.identity is not None:
            self.identity = replace(self.identity, circles=circles)

    def reconsider(self, message: Say, now: float, at: int) -> Effect:
        """Decide again about a line, after `learn` or in spite of it; costs no tokens."""
        self._circles_at = now
        return self._judge(message, now, at, asked=True)

    def _say(self, message: Say, now: float, at: int) -> Effect:
        if self.identity is None or not self.identity.may_speak:
            detail = "sign in or take a name to chat"
            return Reply(Error(code="unauthorised", detail=detail, to=message.id))
        if not _text(message):
            return Reply(Error(code="empty", detail="the line holds no text", to=message.id))
        if wait := self._allowances.chat.take(self._who, now):
            return _too_fast(wait, message)
        return self._judge(message, now, at)

    def _judge(self, message: Say, now: float, at: int, *, asked: bool = False) -> Effect:
        who = self.identity
        assert who is not None
        text = _text(message)
        known_s = now - self._circles_at
        match self._floor.judge(who, message.id, text, at):
            case Refused("followers_only" | "buyers_only") if (
                not asked and known_s >= CIRCLES_REFUSED_S
            ):
                return Reconsider(message)
            case Refused(code, detail, retry_after_ms):
                return Reply(
                    Error(code=code, detail=detail, to=message.id, retry_after_ms=retry_after_ms)
                )
            case Allowed(badges):
                outdated = known_s >= CIRCLES_S
                if outdated:
                    self._circles_at = now
                line = ChatLine(
                    id=f"{who.id}.{message.id}",
                    sender=Sender(id=who.id, name=who.name, badges=badges),
                    text=text,
                    at=at,
                    reply_to=message.reply_to,
                    mentions=_mentions(message, text),
                )
                return Post(line, Ok(to=message.id), outdated)


def _text(message: Say) -> str:
    return " ".join(word for part in message.text.split() if (word := part.translate(CONTROLS)))


def _mentions(message: Say, text: str) -> list[Mention]:
    """Return whom the line calls where everyone can read it, each once."""
    if not message.mentions:
        return message.mentions
    named = {each.id: each for each in message.mentions if f"@{each.name}" in text}
    return list(named.values())


def undecodable(error: Exception) -> Error:
    """Say what is wrong with a frame, and where in it."""
    if isinstance(error, RecursionError):
        return Error(code="malformed_json", detail="the frame is nested too deeply")
    if not isinstance(error, msgspec.ValidationError):
        return Error(code="malformed_json", detail=f"the frame is not JSON: {error}")
    found = re.search(r"^(?P<what>.*?)(?: - at `(?P<path>\$.*?)`)?$", str(error), re.DOTALL)
    what, path = (found["what"], found["path"]) if found else (str(error), None)
    code = "unknown_type" if path == "$.type" else "invalid_message"
    return Error(code=code, detail=what, path=path or "$")


def _too_fast(wait: float, message: object) -> Reply:
    return Reply(
        Error(
            code="rate_limited",
            detail="slower, please",
            to=_id(message),
            retry_after_ms=round(wait * 1000) if wait != float("inf") else None,
        )
    )


def _id(message: object) -> str | None:
    found = getattr(message, "id", None)
    return found if isinstance(found, str) else None
