"""
Who may open a socket: pages of this shop and programs, not too many at once, nor from one address.

A browser says which page asks (``Origin``, RFC 6455 section 10.2): another site's page could
otherwise use a visitor's connection. Pure: the caller says what time it is.
"""

from collections import Counter
from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from msgspec import Struct

from rooms.bounds import Bounds
from rooms.limits import Buckets

COMING_A_SECOND: Final = 50.0
"""New connections an address may make for long; a restart brings all of its phones at once."""

COMING_BURST: Final = 1_000.0

FULL_RETRY_S: Final = 5
"""When to try a full worker again: others leave, or a balancer finds another worker."""


class Asking(Struct, frozen=True):
    """
    What a request for a socket says: its ``Origin``, ``Host`` and ``X-Forwarded-For``.

    ``peer`` is the address at the other end of the connection, empty for a Unix socket.
    """

    origin: str | None
    host: str
    forwarded: str
    peer: str


class Turned(Struct, frozen=True):
    """Turned away: the status and the sentence of the refusal."""

    status: HTTPStatus
    detail: str
    retry_after_s: int | None = None


class Guest(Struct, frozen=True):
    """Let in; ``address`` is None where a proxy did not say whose request it is."""

    address: str | None


RESTARTING: Final = Turned(
    HTTPStatus.SERVICE_UNAVAILABLE, "This server is restarting; try again.", 1
)


class Door:
    """The door of one worker."""

    def __init__(
        self, bounds: Bounds, *, origins: Iterable[str] = (), proxies: Iterable[str] = ()
    ) -> None:
        self._bounds = bounds
        self._origins = frozenset(origins)
        self._proxies = frozenset(proxies)
        self._here: Counter[str] = Counter()
        self._coming = Buckets(COMING_A_SECOND, COMING_BURST)

    def knock(self, asking: Asking, connections: int, now: float) -> Guest | Turned:
        """Judge a request for a socket while ``connections`` are open."""
        if not self._of_this_shop(asking):
            return Turned(
                HTTPStatus.FORBIDDEN,
                "Pages of other sites may not open this socket; LIVESHOP_ORIGINS names those "
                "that may.",
            )
        if connections >= self._bounds.connections:
            return Turned(
                HTTPStatus.SERVICE_UNAVAILABLE, "This server is full; try again.", FULL_RETRY_S
            )
        address = self._address(asking)
        if address is not None:
            if self._here[address] >= self._bounds.connections_of_address:
                return Turned(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    "Too many connections from this address.",
                    FULL_RETRY_S,
                )
            if wait := self._coming.take(address, now):
                return Turned(
                    HTTPStatus.TOO_MANY_REQUESTS,
                    "Too many new connections from this address; slower, please.",
                    max(1, round(wait)),
                )
        return Guest(address)

    def entered(self, guest: Guest) -> None:
        """Count a connection that was made."""
        if guest.address is not None:
            self._here[guest.address] += 1

    def left(self, guest: Guest) -> None:
        """Count a connection that has ended, once for each `entered`."""
        if guest.address is not None:
            self._here[guest.address] -= 1
            if self._here[guest.address] <= 0:
                del self._here[guest.address]

    def _of_this_shop(self, asking: Asking) -> bool:
        # Programs send no origin, and no browser leaves it out.
        origin = asking.origin
        return (
            origin is None
            or origin in self._origins
            or "*" in self._origins
            or origin.partition("://")[2] == asking.host
        )

    def _address(self, asking: Asking) -> str | None:
        """Return whose request it is: what the last proxy that we trust says of it."""
        if asking.peer and asking.peer not in self._proxies:
            return asking.peer
        hops = [hop.strip() for hop in asking.forwarded.split(",")]
        strangers = [hop for hop in hops if hop and hop not in self._proxies]
        return strangers[-1] if strangers else None
