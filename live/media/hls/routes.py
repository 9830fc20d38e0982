"""
HLS over HTTP: the playlist, the initialisation segments, the segments and their parts.

Whoever stands between (nginx, a CDN) may keep media for as long as it likes: an address never means
anything else. A playlist is kept for a moment, so that a crowd's requests become one.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from live.api.problems import ApiError, problem
from live.media.hls.channel import Channel
from live.media.hls.channels import Channels
from live.media.hls.playlist import MEDIA_TYPE, Wanted
from live.media.hls.segmenter import TARGET_DURATION_S

PLAYLIST_S: Final = 1
"""What a playlist that nobody waited for may be old: players then reload it by waiting."""

AWAITED_S: Final = TARGET_DURATION_S
"""What a playlist that was waited for may be old: its address names what it waited for."""

MEDIA_S: Final = 3600
"""Media is asked for within a minute of its making, or by those who look at it again."""

MOST: Final = 2**53
"""Numbers beyond this are no numbers of a player (RFC 8216bis, 4.2: decimal-integer)."""

MP4: Final = "video/mp4"


class Hls:
    """The routes over one process's channels."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    def routes(self) -> list[Route]:
        """Return the routes, all under ``/hls``."""
        return [
            Route("/hls/{show}/index.m3u8", self.playlist),
            Route("/hls/{show}/init-{number:int}.mp4", self.init),
            Route("/hls/{show}/seg-{number:int}.m4s", self.segment),
            Route("/hls/{show}/part-{number:int}.{index:int}.m4s", self.part),
        ]

    async def playlist(self, request: Request) -> Response:
        """Return the playlist; with ``_HLS_msn``, as soon as it has what is asked for."""
        channel = self._channel(request)
        if channel is None:
            return _refusal("no_video", "nobody sends video to this show")
        try:
            wanted = _wanted(request)
        except ValueError as error:
            return _refusal("invalid_value", str(error))
        answer = await channel.reload(wanted)
        match answer:
            case "no_video":
                return _refusal(answer, channel.refused or "the video of this show is over")
            case "too_far_ahead":
                return _refusal(answer, "that part is not to be expected yet")
            case "not_yet":
                return _refusal(answer, "the publisher sends nothing just now")
            case bytes():
                keep_s = PLAYLIST_S if wanted is None else AWAITED_S
                return _answer(answer, MEDIA_TYPE, keep_s)

    async def init(self, request: Request) -> Response:
        """Return an initialisation segment."""
        channel = self._channel(request)
        return _media(channel.shelf.init(request.path_params["number"]) if channel else None)

    async def segment(self, request: Request) -> Response:
        """Return a segment that is complete."""
        channel = self._channel(request)
        return _media(channel.shelf.segment(request.path_params["number"]) if channel else None)

    async def part(self, request: Request) -> Response:
        """Return a part, and wait for it if it is the next one."""
        channel = self._channel(request)
        number, index = request.path_params["number"], request.path_params["index"]
        return _media(await channel.part(number, index) if channel else None)

    def _channel(self, request: Request) -> Channel | None:
        return self._channels.watch(request.path_params["show"])


def _wanted(request: Request) -> Wanted | None:
    """
    Return what the query asks to wait for.

    Raises:
        ValueError: with the sentence to show.

    """
    segment, part = (request.query_params.get(name) for name in ("_HLS_msn", "_HLS_part"))
    for name, value in (("_HLS_msn", segment), ("_HLS_part", part)):
        if value is not None and not (
            value.isascii() and value.isdecimal() and len(value) < 17 and int(value) < MOST
        ):
            raise ValueError(f"{name} must be a whole number")
    if segment is None:
        if part is not None:
            raise ValueError("_HLS_part needs _HLS_msn beside it")
        return None
    return Wanted(int(segment), None if part is None else int(part))


def _media(data: bytes | None) -> Response:
    if data is None:
        return _refusal("not_found", "there is no such piece of this show any more, or not yet")
    return _answer(data, MP4, MEDIA_S)


def _answer(body: bytes, media_type: str, keep_s: int) -> Response:
    # What everyone may watch, every page may, also one that gets it from a CDN.
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": f"public, max-age={keep_s}"}
    return Response(body, 200, headers, media_type)


def _refusal(code: str, detail: str) -> Response:
    retry_after_ms = 1000 if code == "not_yet" else None
    response = problem(ApiError(code, detail, retry_after_ms=retry_after_ms))
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
