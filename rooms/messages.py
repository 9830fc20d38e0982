"""
What a viewer and a room say to each other.

Every message is a JSON object whose ``type`` names it. A client sends one object a frame; the
server always sends a JSON array of objects a frame. Three lanes carry what a room says:

- **control**: events with an ``offset``, contiguous, in order, exactly once, recovered after a
  reconnect, never dropped;
- **chat**: in order; some lines are left out when the room talks faster than people can read, and
  for a viewer who cannot keep up. How many is told. The viewer's own lines, and those of hosts,
  moderators and buyers are never left out of a room that can be kept up with;
- **latest wins**: a newer value replaces one that was not sent yet.

What the shop says over the same socket is declared in ``commerce.messages``; the unions of both
are in ``live.wire``.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, Raw, Struct

MAX_FRAME_BYTES: Final = 16 * 1024
"""The largest frame a client may send: 300 characters of chat need 2 KiB at most."""

MAX_CHAT_CHARACTERS: Final = 300

MAX_MENTIONS: Final = 5
"""People one line calls by name: who calls more of them calls nobody."""

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Device = Annotated[
    str,
    Meta(
        min_length=8,
        max_length=64,
        # `(?!\n)`: in Python's expressions `$` also matches before a final line break.
        pattern=r"^[A-Za-z0-9_-]+$(?!\n)",
        description="A random name that the client keeps; a ban may hold it",
    ),
]
LineId = Annotated[
    str,
    Meta(
        min_length=3,
        max_length=160,
        pattern=r"^[!-~]+$(?!\n)",
        description="The `id` of a chat line",
    ),
]
Audience = Literal["everyone", "followers", "buyers"]
Milliseconds = Annotated[int, Meta(description="Unix time in milliseconds, on the server's clock")]
Offset = Annotated[
    int,
    Meta(ge=0, description="Position in the room's control lane, written in by the broker"),
]


class Message(Struct, frozen=True, tag_field="type", omit_defaults=True):
    """Base of everything that crosses the socket."""


class Mention(Struct, frozen=True):
    """
    Someone whom a line calls: its text holds ``@`` and this name.

    Who said the line also said who is meant, so a reader is called only if both are theirs.
    """

    id: Id
    name: Annotated[str, Meta(min_length=1, max_length=40)]


# -- What a viewer sends ------------------------------------------------------------------------


class Since(Struct, frozen=True):
    """The last position a returning viewer has seen."""

    epoch: Annotated[str, Meta(max_length=64)]
    offset: Annotated[int, Meta(ge=0)]


class Join(Message, frozen=True, tag="join"):
    """Enter a room; the first message of a connection, and allowed once."""

    room: Id
    token: Annotated[str, Meta(max_length=4096)] | None = None
    since: Since | None = None
    device: Device | None = None


class Say(Message, frozen=True, tag="chat"):
    """Post a chat line; answered by ``ok`` or ``error``, and heard by everyone as ``chat``."""

    id: Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[!-~]+$(?!\n)")]
    text: Annotated[str, Meta(min_length=1, max_length=MAX_CHAT_CHARACTERS)]
    reply_to: LineId | None = None
    mentions: Annotated[
        list[Mention],
        Meta(max_length=MAX_MENTIONS, description="Left out where the text does not name them"),
    ] = []


class Like(Message, frozen=True, tag="like"):
    """Like what is on screen ``count`` times; summed up in the next ``pulse``, never answered."""

    count: Annotated[int, Meta(ge=1, le=50)] = 1


class Ping(Message, frozen=True, tag="ping"):
    """Ask for the server's clock; ``at`` is the client's and comes back unchanged."""

    id: Annotated[int, Meta(ge=0, le=2**53)]
    at: Annotated[int, Meta(ge=0, le=2**53)]


# -- What a viewer alone hears ------------------------------------------------------------------


class Joined(Message, frozen=True, kw_only=True, tag="joined"):
    """
    The viewer is in the room and stands at ``(epoch, offset)``.

    Either ``recovered`` is true, the room goes on from the position the viewer asked for, and the
    missed events follow in the same frame; or ``snapshot`` holds the whole state at ``offset``.
    """

    room: str
    you: Annotated[Raw, Meta(extra_json_schema={"$ref": "#/$defs/You"})]
    epoch: str
    offset: int
    at: Milliseconds
    recovered: bool = False
    # The last two are the same for many viewers; the entrance splices them in.
    chat: Annotated[
        list[Annotated[Raw, Meta(extra_json_schema={"$ref": "#/$defs/ChatLine"})]],
        Meta(description="The last chat lines, oldest first"),
    ]
    snapshot: Annotated[Raw, Meta(extra_json_schema={"$ref": "#/$defs/Snapshot"})] | None = None


class Ok(Message, frozen=True, tag="ok"):
    """The message with the id ``to`` was accepted."""

    to: str


class Error(Message, frozen=True, tag="error"):
    """A message was refused; the connection stays unless a close frame follows."""

    code: Annotated[str, Meta(description="Stable, for programs: snake_case")]
    detail: Annotated[str, Meta(description="A sentence for a person")]
    to: str | None = None
    path: Annotated[str, Meta(description="Where in the message, such as `$.text`")] | None = None
    retry_after_ms: int | None = None


class Pong(Message, frozen=True, tag="pong"):
    """The server's clock, and what the ``ping`` carried."""

    id: int
    at: int
    server_at: Milliseconds


class Skipped(Message, frozen=True, tag="skipped"):
    """
    ``chat`` lines were left out just now.

    The room talks faster than people can read, or this viewer's connection could not keep up.
    """

    chat: int


# -- What everyone hears ------------------------------------------------------------------------


class Sender(Struct, frozen=True, omit_defaults=True):
    """Who said it."""

    id: str
    name: str
    badges: Annotated[list[str], Meta(description="`host`, `moderator`, `buyer`, `shop`")] = []


class Excerpt(Struct, frozen=True, rename={"sender": "from"}):
    """How a line began that is replied to, and who said it."""

    sender: Sender
    text: str


class ChatLine(Message, frozen=True, tag="chat", rename={"sender": "from"}):
    """
    A chat line; ``id`` is `<sender's id>.<the id it was posted with>`, so that clients merge.

    ``quote`` is of the line ``reply_to``, where that is still known; it goes when that line goes.
    """

    id: str
    sender: Sender
    text: str
    at: Milliseconds
    reply_to: LineId | None = None
    mentions: list[Mention] = []
    quote: Excerpt | None = None


class ChatRemoved(Message, frozen=True, tag="chat_removed"):
    """A moderator took the chat line ``id`` away, and with it every quote of it."""

    id: str
    offset: Offset = 0


class ChatCleared(Message, frozen=True, tag="chat_cleared"):
    """A moderator took away all that ``sender`` has said so far, and every quote of it."""

    sender: str
    offset: Offset = 0


class CommentPinned(Message, frozen=True, tag="comment_pinned"):
    """The line stands above the chat, in place of any other."""

    line: ChatLine
    offset: Offset = 0


class CommentUnpinned(Message, frozen=True, tag="comment_unpinned"):
    """No line stands above the chat."""

    offset: Offset = 0


class ChatMode(Message, frozen=True, tag="chat_mode"):
    """Who may chat now, and how often."""

    slow_s: Annotated[int, Meta(description="Seconds between two lines of one person")] = 0
    audience: Audience = "everyone"
    offset: Offset = 0


class Notice(Message, frozen=True, tag="notice"):
    """A word from the shop to the whole room."""

    text: str
    offset: Offset = 0


class Pulse(Message, frozen=True, tag="pulse"):
    """How many are watching and how many likes there were so far; latest wins."""

    viewers: int
    likes: int


class People(Message, frozen=True, tag="people"):
    """Who is here, by name, while the room is small; empty once it is not. Latest wins."""

    people: list[Sender]


class Arrivals(Message, frozen=True, tag="arrivals"):
    """``count`` people came in since this was told last; latest wins, and is soon stale."""

    count: int
    newest: Annotated[str, Meta(description="What one of them is called")] | None = None
