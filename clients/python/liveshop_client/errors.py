"""
What can go wrong between a program and a shop.

::

    LiveshopError
    ├── ApiError         the HTTP API refused; the shop is as it was
    ├── Rejected         the room refused a message; nobody heard it
    ├── JoinRefused      the room will not have this viewer: unknown show, bad token, banned
    ├── RoomEnded        the room closed the connection for good, or was left
    ├── Unconfirmed      the connection broke between a chat line and its answer
    └── Unreachable      nobody answers at that address

``code`` is stable and meant for programs, ``detail`` is a sentence for a person. A refused
purchase is none of these: it is an answer, ``{"type": "refused", ...}``.
"""


class LiveshopError(Exception):
    """Base class of the errors of this package."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.detail} ({self.code})"


class ApiError(LiveshopError):
    """The HTTP API answered with a problem; ``body`` is the whole problem document."""

    def __init__(
        self, code: str, status: int, detail: str, body: dict[str, object] | None = None
    ) -> None:
        super().__init__(code, detail)
        self.status = status
        self.body = body or {}


class Rejected(LiveshopError):
    """The room did not accept a message; after ``retry_after_ms``, if given, it may."""

    def __init__(self, code: str, detail: str, retry_after_ms: int | None = None) -> None:
        super().__init__(code, detail)
        self.retry_after_ms = retry_after_ms


class JoinRefused(LiveshopError):
    """The room did not let the viewer in, and would not on another try either."""


class RoomEnded(LiveshopError):
    """The viewer is no longer in the room and will not come back by itself."""


class Unconfirmed(LiveshopError):
    """The connection broke before the answer: the line may or may not have been heard."""


class Unreachable(LiveshopError):
    """No server answers at the address, or not in time."""
