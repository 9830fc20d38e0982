"""
MediaMTX as the backend: the same protocols on its own ports, its questions answered over HTTP.

In ``mediamtx.yml``: ``authMethod: http``, ``authHTTPAddress: https://<shop>/api/media/auth``,
``api: yes``, and a path for every show, such as ``all_others:``.
"""

from typing import Annotated, Final, Literal
from urllib.parse import urlsplit, urlunsplit

import httpx
import msgspec
from msgspec import Meta, Struct

from live.media.urls import RehearsalUrls, WatchUrls

ANSWER_S: Final = 3.0
"""Its control interface is on the same network, and lists paths from memory."""

HLS_PORT: Final = 8888
"""Where MediaMTX serves HLS; its WebRTC port is another one."""

REHEARSAL: Final = "rehearsal/"
"""Before a show's id in the path of its rehearsal; ids have no slash."""

PAGE: Final = 1000
"""Paths a page, the most it gives."""


class AuthRequest(Struct, frozen=True):
    """What MediaMTX asks with, as its documentation lists it; what it adds is ignored."""

    action: Annotated[
        Literal["publish", "read", "playback", "api", "metrics", "pprof"],
        Meta(description="What somebody wants to do"),
    ]
    path: Annotated[str, Meta(description="The show's id, after `rehearsal/` its rehearsal")] = ""
    user: str = ""
    password: str = ""
    token: Annotated[str, Meta(description="The bearer token")] = ""
    ip: str = ""
    protocol: str = ""
    id: str | None = None
    query: str = ""
    userAgent: str = ""


class _Path(Struct):
    name: str
    ready: bool = False


class _Paths(Struct):
    items: list[_Path] = []
    pageCount: int = 1


class MediaMtx:
    """A `MediaBackend` at ``url``, as browsers reach it; ``api_url`` is for us."""

    def __init__(self, url: str, api_url: str) -> None:
        self._url: Final = url
        self._api_url: Final = api_url
        parts = urlsplit(url)
        # Behind a proxy, without a port, both protocols have the same address.
        host = parts.netloc.removesuffix(f":{parts.port}")
        netloc = f"{host}:{HLS_PORT}" if parts.port else parts.netloc
        self._hls_url: Final = urlunsplit(parts._replace(netloc=netloc))

    def publish_url(self, show: str) -> str:
        """Return the WHIP endpoint."""
        return f"{self._url}/{show}/whip"

    def watch_urls(self, show: str) -> WatchUrls:
        """Return the WHEP endpoint and the playlist."""
        return WatchUrls(whep=f"{self._url}/{show}/whep", hls=f"{self._hls_url}/{show}/index.m3u8")

    def rehearsal_urls(self, show: str) -> RehearsalUrls:
        """Return both ends of the rehearsal, which is a path of its own."""
        base = f"{self._url}/{REHEARSAL}{show}"
        return RehearsalUrls(publish=f"{base}/whip", whep=f"{base}/whep")

    async def on_air(self) -> frozenset[str]:
        """
        Return the paths that somebody publishes to.

        Raises:
            OSError: MediaMTX does not answer, or not as it should.

        """
        ready: set[str] = set()
        page, pages = 0, 1
        try:
            async with httpx.AsyncClient(base_url=self._api_url, timeout=ANSWER_S) as client:
                while page < pages:
                    query = {"page": page, "itemsPerPage": PAGE}
                    answer = await client.get("/v3/paths/list", params=query)
                    answer.raise_for_status()
                    listed = msgspec.json.decode(answer.content, type=_Paths)
                    ready |= {
                        path.name
                        for path in listed.items
                        if path.ready and not path.name.startswith(REHEARSAL)
                    }
                    page, pages = page + 1, listed.pageCount
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            raise OSError(f"MediaMTX cannot be asked at {self._api_url}: {error}") from error
        return frozenset(ready)
