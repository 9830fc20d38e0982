"""
Where a show's video is.
"""

from msgspec import Struct


class WatchUrls(Struct, frozen=True):
    """Where a show can be watched; None where it cannot be that way."""

    whep: str | None
    hls: str | None
