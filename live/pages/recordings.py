"""The files of a replay, in pieces as players ask for them (``Range``, RFC 9110, section 14)."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from live.media.recording.library import path_of
from live.shop import Shop


async def recording(request: Request) -> Response:
    """Return a recording, or the part of it that is asked for."""
    shop: Shop = request.app.state.shop
    named = request.path_params
    path = path_of(shop.config.recordings, named["show"], named["file"])
    if path is None:
        raise HTTPException(404)
    # A name says when it begins and how long it is: it never means another file.
    return FileResponse(
        path,
        media_type="video/mp4",
        headers={"Cache-Control": "public, max-age=86400, immutable"},
    )


ROUTES: Final = (Route("/replay/{show}/{file}", recording),)
