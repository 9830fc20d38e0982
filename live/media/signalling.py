"""
What WHIP and WHEP share over HTTP: offers in, answers out, and what may be done to a session.

A session's address has a secret in it, so whoever knows it may end the session, and nobody else.
There is no ETag: one would only mean something if ICE could be restarted (RFC 9725, section 4.3.1).
"""

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Final, Literal

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from live.api.problems import ApiError, problem, refusal_of
from live.config import IceServer
from live.media.peer import Peer
from live.media.sdp import Malformed, Offer, SdpError, read_fragment, read_offer
from live.media.stage import Answered, Place
from live.media.studio import Studio
from live.media.wire import ANYWHERE, body_of

Side = Literal["whip", "whep"]

SDP: Final = "application/sdp"
FRAGMENT: Final = "application/trickle-ice-sdpfrag"

Handler = Callable[[Request, Studio], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def answering(side: Side) -> Callable[[Handler], Endpoint]:
    """Turn a handler into an endpoint whose every failure is a problem document, and counted."""

    def decorate(handler: Handler) -> Endpoint:
        @wraps(handler)
        async def endpoint(request: Request) -> Response:
            studio: Studio = request.app.state.studio
            try:
                response = await handler(request, studio)
            except ClientDisconnect:
                return Response(status_code=400)
            except SdpError as error:
                code = "malformed_sdp" if isinstance(error, Malformed) else "unacceptable_offer"
                response = _refused(side, studio, ApiError(code, str(error)))
            except Exception as error:  # noqa: BLE001  # every failure has an answer, and is logged
                response = _refused(side, studio, error)
            response.headers.update(ANYWHERE)
            return response

        return endpoint

    return decorate


def _refused(side: Side, studio: Studio, error: Exception) -> Response:
    studio.metrics.refused.labels(side, refusal_of(error).code).inc()
    return problem(error)


def token_of(request: Request) -> str | None:
    """
    Return the bearer token; None without one.

    Raises:
        ApiError: the request authorises itself in another way.

    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise ApiError("bad_token", "the Authorization header must be `Bearer <token>`")
    return token.strip()


async def offer_of(request: Request) -> Offer:
    """
    Return the offer in a request.

    Raises:
        ApiError: it is of another media type, too large, or too slow.
        SdpError: it cannot be answered.

    """
    return read_offer(await _text(request, SDP))


async def _text(request: Request, media_type: str) -> str:
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent != media_type:
        shown = f"not {sent}" if sent else "and must say so in Content-Type"
        raise ApiError("wrong_content_type", f"the body must be {media_type}, {shown}")
    data = await body_of(request)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Malformed(f"the body is not UTF-8: {error.reason}") from None


def place_of(request: Request) -> Place:
    """
    Return what a request is about: a show, or its rehearsal.

    Raises:
        ApiError: it does not say clearly which.

    """
    return Place(request.path_params["show"], flag(request, "rehearsal"))


def flag(request: Request, name: str) -> bool:
    """
    Return a parameter that is true or false; false unless it is given.

    Raises:
        ApiError: it is neither.

    """
    match request.query_params.get(name, "false"):
        case "true":
            return True
        case "false":
            return False
        case _:
            raise ApiError("invalid_value", f"{name} is true or false", path=f"query.{name}")


def answered(side: Side, show: str, answer: Answered, servers: tuple[IceServer, ...]) -> Response:
    """Return ``201 Created`` with the answer, and where its session is."""
    response = Response(answer.sdp, 201, media_type=None)
    response.headers["Content-Type"] = SDP
    response.headers["Location"] = f"/{side}/{show}/{answer.id}"
    response.headers["Accept-Patch"] = FRAGMENT
    for server in servers:
        response.headers.append("Link", link(server))
    return response


def link(server: IceServer) -> str:
    """Write a server as RFC 9725, section 4.6, does."""
    parts = [f'<{server.url}>; rel="ice-server"']
    if server.username is not None and server.credential is not None:
        parts += [
            f'username="{server.username}"',
            f'credential="{server.credential}"',
            'credential-type="password"',
        ]
    return "; ".join(parts)


def options(request: Request, *, methods: str, post: bool) -> Response:
    """Answer a preflight, and whoever asks what may be sent here."""
    headers = {
        "Allow": methods,
        "Access-Control-Allow-Methods": methods,
        "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match",
        "Access-Control-Max-Age": "600",
        **({"Accept-Post": SDP} if post else {"Accept-Patch": FRAGMENT}),
    }
    return Response(status_code=200, headers=headers)


def routes(side: Side, endpoint: Endpoint, methods: list[str]) -> tuple[Route, Route]:
    """Return where sessions of a side begin, and where something is done to one."""

    @answering(side)
    async def session(request: Request, studio: Studio) -> Response:
        match request.method:
            case "PATCH":
                return await _patch(side, request, studio)
            case "DELETE":
                _peer(side, request, studio).close()
                return Response(status_code=200)
            case "OPTIONS":
                return options(request, methods="DELETE, GET, OPTIONS, PATCH", post=False)
            case _:
                return Response(status_code=204)

    return (
        Route(f"/{side}/{{show}}", endpoint, methods=methods),
        Route(
            f"/{side}/{{show}}/{{session}}", session, methods=["GET", "PATCH", "DELETE", "OPTIONS"]
        ),
    )


async def _patch(side: Side, request: Request, studio: Studio) -> Response:
    """
    Take candidates, which are not needed (see `live.media.ice`): 204.

    Another ``ice-ufrag`` asks for an ICE restart, which is not supported: 422. A client whose
    network changed is found at its new address without one.
    """
    peer = _peer(side, request, studio)
    ufrag, password = read_fragment(await _text(request, FRAGMENT))
    if (ufrag and ufrag != peer.remote_ufrag) or (password and password != peer.remote_password):
        raise ApiError(
            "ice_restart_unsupported", "ICE cannot be restarted here; begin a new session"
        )
    return Response(status_code=204)


def _peer(side: Side, request: Request, studio: Studio) -> Peer:
    peer = studio.stages.peer(side, request.path_params["show"], request.path_params["session"])
    if peer is None:
        raise ApiError("unknown_session", "there is no such session; it may have ended")
    return peer
