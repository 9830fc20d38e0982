"""Who may publish and watch, for a media server that is another program."""

from typing import Final

from live.api.bodies import Empty
from live.api.endpoint import Access, Call, Endpoint
from live.api.problems import ApiError
from live.media.door import Door
from live.media.mediamtx import REHEARSAL, AuthRequest


async def authorise_media(call: Call[AuthRequest, Empty]) -> Empty:
    """Say whether somebody may publish to a show or watch it, as MediaMTX asks."""
    if call.shop.config.media != "mediamtx":
        raise ApiError("not_found", "MediaMTX does not carry this shop's video")
    asked = call.body
    door = Door(call.shop.pool, call.shop.tokens)
    show = asked.path.removeprefix(REHEARSAL)
    match asked.action:
        case "read" | "playback" if show != asked.path:
            await door.admit("rehearse", show, asked.token or asked.password)
        case "publish":
            # OBS and browsers send a bearer token, other publishers have only a password.
            await door.admit("publish", show, asked.token or asked.password)
        case "read" | "playback":
            await door.admit("watch", show, asked.token or asked.password)
        case "api" | "metrics" | "pprof":
            raise ApiError("forbidden", "that is not for people who come through the shop")
    return Empty()


ENDPOINTS: Final = (
    Endpoint(
        "POST",
        "/api/media/auth",
        authorise_media,
        Access.ANYONE,
        errors=(
            *("not_found", "unauthorised", "bad_token", "expired_token", "forbidden"),
            *("unknown_show", "not_yours", "wrong_state"),
        ),
    ),
)
