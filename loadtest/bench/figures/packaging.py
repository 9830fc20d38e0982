"""
What it costs to package a show for low-latency HLS: the media process with it, less without it.

One viewer reloads the playlist and fetches every part as soon as it is there.
"""

import asyncio
import re
from typing import Final

import httpx

from loadtest.bench.process import cpu_s
from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.servers import ServerGone
from loadtest.bench.shop import Shop
from loadtest.bench.video.studio import Studio, filming, open_studio

PATIENCE_S: Final = 20.0
_PART: Final = re.compile(r'#EXT-X-PART:[^\n]*URI="(part-(\d+)\.(\d+)\.m4s)"')


async def packaging(scale: Scale, shop: Shop) -> list[Figure]:
    """Measure windows without, then with packaging: it goes on for a while once it is wanted."""
    async with open_studio(shop) as studio, filming(studio.publish_url, studio.token):
        without = [await _share(studio, scale.seconds) for _ in range(scale.runs)]
        async with asyncio.TaskGroup() as tasks:
            player = Player(studio)
            playing = tasks.create_task(player.play())
            async with asyncio.timeout(PATIENCE_S):
                await player.plays.wait()
            before = player.parts
            with_it = [await _share(studio, scale.seconds) for _ in range(scale.runs)]
            parts = player.parts - before
            playing.cancel()
    costs = tuple(
        100 * (packaged - plain) for packaged, plain in zip(with_it, without, strict=True)
    )
    return [
        Figure(
            title="packaging a show for low-latency HLS, 720p30 H264 and Opus made AAC",
            unit="% of a core",
            ours=Series("liveshop", costs),
            aim=Aim(6.0),
            full=scale.full,
            notes=(f"{parts} parts were served meanwhile, and are part of it",),
            broken=() if parts else ("no part was served",),
        )
    ]


async def _share(studio: Studio, seconds: float) -> float:
    loop = asyncio.get_running_loop()
    began, used = loop.time(), cpu_s(studio.pid)
    await asyncio.sleep(seconds)
    return (cpu_s(studio.pid) - used) / (loop.time() - began)


class Player:
    """Someone who watches over HLS and shows nothing."""

    def __init__(self, studio: Studio) -> None:
        self._playlist = studio.playlist
        self.parts = 0
        self.plays = asyncio.Event()

    async def play(self) -> None:
        """
        Fetch parts until cancelled.

        Raises:
            ServerGone: the show is not served.

        """
        query = ""
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as http:
            while True:
                playlist = await _got(http, self._playlist + query)
                name, segment, index = _PART.findall(playlist.decode())[-1]
                await _got(http, str(httpx.URL(self._playlist).join(name)))
                self.parts += 1
                self.plays.set()
                query = f"?_HLS_msn={segment}&_HLS_part={int(index) + 1}"


async def _got(http: httpx.AsyncClient, url: str) -> bytes:
    try:
        answer = await http.get(url)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise ServerGone(f"HLS: {error}") from error
    return answer.content
