"""
The backend that comes along: `liveshop media`, reached through `liveshop serve`.
"""

from typing import Final

from live.media.urls import RehearsalUrls, WatchUrls


class BuiltIn:
    """A `MediaBackend` on the shop's own address."""

    def __init__(self, public_url: str | None) -> None:
        # A path is right whatever name the browser used.
        self._base: Final = public_url or ""

    def publish_url(self, show: str) -> str:
        """Return the WHIP endpoint."""
        return f"{self._base}/whip/{show}"

    def watch_urls(self, show: str) -> WatchUrls:
        """Return the WHEP endpoint, and the playlist for those who cannot have it."""
        return WatchUrls(
            whep=f"{self._base}/whep/{show}", hls=f"{self._base}/hls/{show}/index.m3u8"
        )

    def rehearsal_urls(self, show: str) -> RehearsalUrls:
        """Return both ends of the rehearsal."""
        return RehearsalUrls(
            publish=f"{self._base}/whip/{show}?rehearsal=true",
            whep=f"{self._base}/whep/{show}?rehearsal=true",
        )

    async def on_air(self) -> None:
        """Return None: the media process writes it as it happens."""
        return
