"""
WHIP: a host's camera, OBS, or anything else that publishes, over HTTP (RFC 9725).

``POST /whip/{show}`` with the host's token and an offer. A show has one publisher; a second one is
refused with 409 unless it says ``?takeover=true``, which is also how a publisher comes back whose
old connection is not known to be dead yet. ``?rehearsal=true`` is for trying camera and network
before, or during, the show: nobody but the host sees it.
"""

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response

from live.api.problems import ApiError
from live.media import signalling
from live.media.signalling import answered, answering, flag, offer_of, place_of, token_of
from live.media.stage import AlreadyPublishing, Answered
from live.media.studio import Studio


@answering("whip")
async def endpoint(request: Request, studio: Studio) -> Response:
    """Begin to publish."""
    match request.method:
        case "OPTIONS":
            response = signalling.options(request, methods="GET, OPTIONS, POST", post=True)
            if "access-control-request-method" not in request.headers:
                for server in studio.ice_servers:
                    response.headers.append("Link", signalling.link(server))
            return response
        case "POST":
            return await _publish(request, studio)
        case _:
            return Response(status_code=204)


async def _publish(request: Request, studio: Studio) -> Response:
    place = place_of(request)
    show = await studio.door.admit("publish", place.show, token_of(request))
    takeover = flag(request, "takeover")
    outcome = studio.stages.publish(
        place,
        await offer_of(request),
        takeover=takeover,
        public=show.rehearses is None and not place.rehearsal,
    )
    match outcome:
        case Answered():
            return answered("whip", place.show, outcome, studio.ice_servers)
        case AlreadyPublishing():
            raise ApiError(
                "already_publishing",
                "somebody publishes to this show already; to take over, ask with ?takeover=true",
            )
        case _:
            assert_never(outcome)


ROUTES: Final = signalling.routes("whip", endpoint, ["GET", "POST", "OPTIONS"])
