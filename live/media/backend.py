"""
Who carries a show's video, as the rest of the shop sees it.

Clients follow the addresses that a backend gives and know nothing else about it, so a deployment
that outgrows one machine changes a setting, not its clients.
"""

from typing import Protocol

from live.config import Config
from live.media.builtin import BuiltIn
from live.media.mediamtx import MediaMtx
from live.media.urls import RehearsalUrls, WatchUrls


class MediaBackend(Protocol):
    """
    A server of video.

    Who may publish and watch is decided by `live.media.door.Door`: a backend in another program
    asks over HTTP (``POST /api/media/auth``), one of our own asks it directly. Whether a show is on
    air is told through `live.media.onair.OnAir`, by whoever knows.
    """

    def publish_url(self, show: str) -> str:
        """Return where the show's host publishes, by WHIP with a bearer token."""
        ...

    def watch_urls(self, show: str) -> WatchUrls:
        """Return where the show is watched."""
        ...

    def rehearsal_urls(self, show: str) -> RehearsalUrls:
        """Return where the show's host publishes, and watches, what nobody else sees."""
        ...

    async def on_air(self) -> frozenset[str] | None:
        """
        Return the shows whose video comes in; None if the backend tells that by itself.

        Raises:
            OSError: the backend does not answer.

        """
        ...


def video_addresses(backend: MediaBackend) -> tuple[str, ...]:
    """Return what the pages of any show talk to."""
    urls = backend.watch_urls("")
    return tuple(each for each in (backend.publish_url(""), urls.whep, urls.hls) if each)


def backend_of(config: Config) -> MediaBackend | None:
    """Return the backend that the settings choose; None if there is no video."""
    match config.media:
        case "builtin":
            return BuiltIn(config.public_url)
        case "mediamtx":
            assert config.media_url is not None
            assert config.media_api_url is not None
            return MediaMtx(config.media_url, config.media_api_url)
        case "off":
            return None
