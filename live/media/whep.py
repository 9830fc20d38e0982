"""
WHEP: a show's video for those who watch, over HTTP (draft-ietf-wish-whep-03).

``POST /whep/{show}`` with an offer; no token is needed, but for trying a camera
(``?rehearsal=true``) the host's, and for a show that is a rehearsal one of their team. Whoever
finds nobody publishing (409) or every place taken (503) is told when to ask again.
"""

from contextlib import suppress
from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response

from live.api.problems import ApiError
from live.media import signalling
from live.media.signalling import answered, answering, offer_of, place_of, token_of
from live.media.stage import Answered, Full, NotOnAir
from live.media.studio import Studio

NOT_ON_AIR_MS: Final = 2_000
"""A host who lost the connection is back in a few seconds; the room tells when, too."""

FULL_MS: Final = 10_000
"""Someone leaves now and then; until then HLS has room."""


@answering("whep")
async def endpoint(request: Request, studio: Studio) -> Response:
    """Begin to watch."""
    match request.method:
        case "OPTIONS":
            return signalling.options(request, methods="GET, HEAD, OPTIONS, POST", post=True)
        case "POST":
            return await _watch(request, studio)
        case "HEAD":
            # How a player finds out that this is a WHEP endpoint (section 4.2).
            return Response(status_code=200, headers={"Content-Type": signalling.SDP})
        case _:
            return Response(status_code=204)


async def _watch(request: Request, studio: Studio) -> Response:
    place = place_of(request)
    if place.rehearsal:
        await studio.door.admit("rehearse", place.show, token_of(request))
    else:
        await studio.door.admit("watch", place.show, _token_if_any(request))
    outcome = studio.stages.watch(place, await offer_of(request))
    match outcome:
        case Answered():
            return answered("whep", place.show, outcome, studio.ice_servers)
        case NotOnAir():
            raise ApiError(
                "not_on_air", "nobody publishes to this show now", retry_after_ms=NOT_ON_AIR_MS
            )
        case Full():
            raise ApiError("media_full", "every place over WHEP is taken", retry_after_ms=FULL_MS)
        case _:
            assert_never(outcome)


def _token_if_any(request: Request) -> str | None:
    """Return the bearer token; what everyone may do does not fail because of another header."""
    with suppress(ApiError):
        return token_of(request)
    return None


ROUTES: Final = signalling.routes("whep", endpoint, ["GET", "HEAD", "POST", "OPTIONS"])
