"""
The media process beside a shop, and a show on air in it.

Media process and web process share the server's core; publishers, viewers, databases and the order
writer are on the other one.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from loadtest.bench.shop import Shop, Web
from loadtest.bench.video.actor import Actor, open_actor

SETTINGS: Final = {"RECORDING_DAYS": "0", "MEDIA_VIEWERS": "500"}
"""Nothing is packaged unless somebody watches over HLS, so that the two are weighed apart."""


@dataclass(frozen=True, slots=True)
class Studio:
    """A media process and where its video is."""

    web: Web
    pid: int
    show: str

    @property
    def publish_url(self) -> str:
        """Where to publish."""
        return f"{self.web.url}/whip/{self.show}"

    @property
    def watch_url(self) -> str:
        """Where to watch."""
        return f"{self.web.url}/whep/{self.show}"

    @property
    def playlist(self) -> str:
        """Where to watch over HLS."""
        return f"{self.web.url}/hls/{self.show}/index.m3u8"

    @property
    def token(self) -> str:
        """The host's."""
        return self.web.shop.host_token


@asynccontextmanager
async def open_studio(shop: Shop) -> AsyncIterator[Studio]:
    """Run both processes for as long as the block lasts."""
    async with shop.serve() as web, shop.media(web, **SETTINGS) as pid:
        yield Studio(web, pid, await web.new_show())


@asynccontextmanager
async def filming(url: str, token: str) -> AsyncIterator[Actor]:
    """Publish for as long as the block lasts."""
    async with open_actor("video.film", url, token) as film:
        await film.hear()
        yield film
