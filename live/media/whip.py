"""
WHIP: a host's camera, OBS, or anything else that publishes, over HTTP (RFC 9725).

``POST /whip/{show}`` with the host's token and an offer. A show has one publisher; a second one is
refused with 409 unless it says ``?takeover=true``, which is also how a publisher comes back whose
old connection is not known to be dead yet.
"""

from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from live.api.problems import ApiError
from live.media import signalling
from live.media.signalling import answered, answering, offer_of, token_of
from live.media.stage import AlreadyPublishing, Answered
from live.media.studio import Studio

TAKEOVER: Final = {"true": True, "false": False}


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
    show = request.path_params["show"]
    await studio.door.admit("publish", show, token_of(request))
    takeover = TAKEOVER.get(request.query_params.get("takeover", "false"))
    if takeover is None:
        raise ApiError("invalid_value", "takeover is true or false", path="query.takeover")
    outcome = studio.stages.publish(show, await offer_of(request), takeover=takeover)
    match outcome:
        case Answered():
            return answered("whip", show, outcome, studio.ice_servers)
        case AlreadyPublishing():
            raise ApiError(
                "already_publishing",
                "somebody publishes to this show already; to take over, ask with ?takeover=true",
            )
        case _:
            assert_never(outcome)


@answering("whip")
async def session(request: Request, studio: Studio) -> Response:
    """Do something to a session."""
    match request.method:
        case "PATCH":
            return await signalling.patch("whip", request, studio)
        case "DELETE":
            return await signalling.delete("whip", request, studio)
        case "OPTIONS":
            methods = "DELETE, GET, OPTIONS, PATCH"
            return signalling.options(request, methods=methods, post=False)
        case _:
            return Response(status_code=204)


ROUTES: Final = (
    Route("/whip/{show}", endpoint, methods=["GET", "POST", "OPTIONS"]),
    Route("/whip/{show}/{session}", session, methods=["GET", "PATCH", "DELETE", "OPTIONS"]),
)
