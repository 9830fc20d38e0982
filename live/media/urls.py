"""
Where a show's video is.
"""

from msgspec import Struct


class RehearsalUrls(Struct, frozen=True):
    """Where a host tries camera and network, seen by nobody else; both want the host's token."""

    publish: str
    whep: str


class WatchUrls(Struct, frozen=True):
    """Where a show can be watched; None where it cannot be that way."""

    whep: str | None
    hls: str | None
