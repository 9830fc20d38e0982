"""
What a room asks of the program around it.

A room moves bytes; it does not know who may enter, how the whole state looks, or what a message
that is not its own means. The program answers through ``Application``.
"""

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from rooms.messages import Error

if TYPE_CHECKING:  # rules speak of identities
    from rooms.moderation import Rules


class Identity(Struct, frozen=True):
    """
    Who a viewer is.

    Args:
        badges: what stands beside the name for as long as the viewer stays.
        may_speak: false for someone without a name.
        moderates: whether moderation is theirs by right, as a host's.
        device: what they are watching on, if it says so.
        circles: ``followers`` and ``buyers`` of the host, if they belong to them.

    """

    id: str
    name: str
    badges: tuple[str, ...] = ()
    may_speak: bool = True
    moderates: bool = False
    device: str | None = None
    circles: frozenset[str] = frozenset()


class Unavailable(Exception):
    """The program cannot answer now, and may later; raised by what is awaited here."""


class Viewer(Protocol):
    """One live connection in a room."""

    @property
    def room(self) -> str:
        """The room it is in."""

    @property
    def identity(self) -> Identity:
        """Who it is."""

    @property
    def connection(self) -> str:
        """The connection's id, for the logs."""

    def send(self, message: bytes) -> None:
        """Send one encoded message to this viewer alone; a no-op once the viewer has left."""


class Application(Protocol):
    """The program around the rooms."""

    def decode(self, frame: bytes) -> object:
        """
        Decode a client's frame.

        Raises:
            msgspec.DecodeError: it is not JSON, or (as ``ValidationError``) not a known message.

        """

    async def admit(
        self, room: str, token: str | None, device: str | None = None
    ) -> Identity | Error:
        """
        Say who asks to enter ``room`` on ``device``, or why they may not.

        Raises:
            Unavailable: not now.

        """

    async def rules(self, room: str) -> "Rules":
        """
        Return who may say what in ``room``, as committed before the call.

        Raises:
            Unavailable: not now.

        """

    async def circles(self, room: str, identity: Identity) -> frozenset[str]:
        """
        Return the circles that ``identity`` belongs to now; see `Identity`.

        Raises:
            Unavailable: not now.

        """

    async def you(self, room: str, identity: Identity) -> bytes:
        """
        Encode what the viewer has going on; called after whispers to them are being kept.

        Whatever was committed before the call is in the answer; whatever is committed later
        reaches the viewer as a whisper. So nothing falls in between.

        Raises:
            Unavailable: not now.

        """

    async def snapshot(self, room: str, viewers: int, likes: int) -> bytes:
        """
        Encode the whole state; it must reflect everything committed before the call.

        Raises:
            Unavailable: not now.

        """

    def notice(self, room: str, key: str, value: bytes) -> None:
        """
        Notice a latest value that the viewers of a room are told; see ``Broker.set``.

        Called for each, some of them late, twice or not at all; it must not raise.
        """

    def handle(self, viewer: Viewer, message: object) -> None:
        """Act on a decoded message that is not the room's own; answer through ``viewer.send``."""
