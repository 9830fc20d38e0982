"""The pictures that were uploaded; whatever they were, they are served as WebP and nothing else."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from live.gallery import path_of
from live.pages.headers import HEADERS
from live.pages.site import FOREVER
from live.shop import Shop


async def picture(request: Request) -> Response:
    """Return a picture; its name is its digest, so it is kept for ever."""
    shop: Shop = request.app.state.shop
    path = path_of(shop.config.pictures, request.path_params["file"])
    if path is None:
        raise HTTPException(404)
    return FileResponse(
        path, media_type="image/webp", headers={**HEADERS, "Cache-Control": FOREVER}
    )


ROUTES: Final = (Route("/pictures/{file}", picture),)
