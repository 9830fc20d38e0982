"""Pictures: how a file from a host's phone becomes an address that a product can show."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Final

import structlog
from msgspec import Meta

from live import darkroom, gallery
from live.api.bodies import Body, Empty
from live.api.endpoint import ANY_PICTURE, Access, Call, Endpoint, File
from live.api.problems import ApiError

DEVELOPED_S: Final = 30.0
"""The slowest picture takes 4 s of a core; whoever waits longer stands behind too many others."""

RETRY_MS: Final = 5_000

log = structlog.get_logger()


class PictureView(Body, frozen=True):
    """A picture that was kept: where it is, and its sides in pixels."""

    url: Annotated[str, Meta(description="A path on this site; it always means this picture")]
    small: Annotated[str, Meta(description="The same, at most 320 pixels wide and high")]
    width: int
    height: int


async def upload(call: Call[File, Empty]) -> PictureView:
    """Upload a picture (JPEG, PNG or WebP); it is made upright, smaller, and says nothing else."""
    try:
        async with asyncio.timeout(DEVELOPED_S), call.shop.darkroom:
            picture = await asyncio.to_thread(darkroom.develop, call.body.data)
            name = await asyncio.to_thread(gallery.keep, call.shop.config.pictures, picture)
    except darkroom.Undevelopable as error:
        raise ApiError(error.code, error.detail) from None
    except TimeoutError:
        detail = "too many pictures are being uploaded just now; try again in a moment"
        raise ApiError("unavailable", detail, retry_after_ms=RETRY_MS) from None
    except OSError as error:
        log.error("picture_not_kept", reason=str(error))
        detail = "this shop cannot keep pictures just now: its data directory cannot be written to"
        raise ApiError("unavailable", detail, retry_after_ms=RETRY_MS) from None
    small = f"/pictures/{name.removesuffix('.webp')}-small.webp"
    return PictureView(f"/pictures/{name}", small, picture.width, picture.height)


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/pictures",
        upload,
        Access.HOST,
        status=HTTPStatus.CREATED,
        media_type=ANY_PICTURE,
        max_bytes=None,
        errors=("unreadable_picture", "picture_too_large", "unavailable"),
    ),
)
