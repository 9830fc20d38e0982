"""
The two web applications, as Vite built them, and the pictures of the sample shop.

A file under ``/assets`` carries a digest in its name and is kept for ever; a page is asked for
again each time, so that a new release is seen at once.
"""

from importlib.resources import files
from pathlib import Path
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from live.media.backend import video_addresses
from live.pages.headers import HEADERS, reaching
from live.pages.notice import notice
from live.shop import Shop

FOLDER: Final = Path(str(files(__package__)))
DIST: Final = FOLDER / "dist"
PICTURES: Final = FOLDER.parent / "sample" / "pictures"

FOREVER: Final = "public, max-age=31536000, immutable"
AN_HOUR: Final = "public, max-age=3600"


class _Files(StaticFiles):
    """Files of a folder, each answer with the same caching; a missing folder is an empty one."""

    def __init__(self, directory: Path, caching: str) -> None:
        super().__init__(directory=directory, check_dir=False)
        self._headers = {**HEADERS, "Cache-Control": caching}

    async def get_response(self, path: str, scope: Scope) -> Response:
        try:
            response = await super().get_response(path, scope)
        except (OSError, RuntimeError):
            raise HTTPException(404) from None
        response.headers.update(self._headers)
        return response


async def viewer(request: Request) -> Response:
    """Return the viewer's application: the directory of shows, and a live room."""
    return _application(request, DIST / "index.html")


async def room(request: Request) -> Response:
    """Return the viewer's application as a live room, which other sites may embed."""
    shop: Shop = request.app.state.shop
    return _application(request, DIST / "index.html", framed_by=shop.config.origins)


async def element(request: Request) -> Response:
    """Return the script with which they do; CORS lets only them load it."""
    script = DIST / "embed.js"
    if not script.exists():
        raise HTTPException(404)
    return FileResponse(script, headers={**HEADERS, "Cache-Control": "no-cache"})


async def console(request: Request) -> Response:
    """Return the host's application."""
    return _application(request, DIST / "console.html")


async def stylesheet(request: Request) -> Response:
    """Return the style of the pages that the server renders itself."""
    return FileResponse(FOLDER / "page.css", headers={**HEADERS, "Cache-Control": AN_HOUR})


def _application(request: Request, page: Path, *, framed_by: tuple[str, ...] = ()) -> Response:
    if not page.exists():
        return notice(
            503,
            "The web pages are not built yet",
            "Run `make web` in the project's folder, then load this page again. "
            "The HTTP interface and the socket work without them.",
        )
    shop: Shop = request.app.state.shop
    video = video_addresses(shop.media) if shop.media is not None else ()
    headers = {**reaching(video, framed_by=framed_by), "Cache-Control": "no-cache"}
    return FileResponse(page, headers=headers)


def routes() -> list[BaseRoute]:
    """Return everything that this module serves."""
    return [
        Route("/", viewer),
        Route("/live/{show}", room),
        Route("/embed.js", element),
        Route("/console", console),
        Route("/page.css", stylesheet),
        Mount("/assets", _Files(DIST / "assets", FOREVER)),
        Mount("/sample", _Files(PICTURES, AN_HOUR)),
    ]
