"""
The public port's side of the media process: signalling passed on, answers passed back.

Browsers know one address, and a host's token is for that address; so WHIP, WHEP and HLS are served
there. What passes is a few kilobytes a viewer, and once: the media itself is UDP, and never comes
here. Rejected: a second public TCP port, which needs a second certificate and CORS, and is one more
thing to open in a firewall; a redirect (307), which a page's `fetch` follows without its token.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import httpx
import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from live.api.bodies import VideoStatus
from live.api.problems import ApiError, problem
from live.config import Config
from live.media.wire import ANYWHERE, body_of, socket_path

ANSWER_S: Final = 15.0
"""An answer takes milliseconds; a playlist that waits for its next part takes seconds."""

CONNECTIONS: Final = 200
"""At a time; more wait. Only playlists that wait for their next part take long."""

RETRY_AFTER_MS: Final = 1_000
"""A media process that died is back in half a second."""

PASSED_ON: Final = frozenset(
    (
        *("accept", "authorization", "content-type", "if-match", "if-none-match", "origin"),
        *("access-control-request-headers", "access-control-request-method", "range"),
    )
)
"""What the media process reads of a request."""

KEPT_BACK: Final = frozenset(("connection", "date", "keep-alive", "server", "transfer-encoding"))
"""What belongs to the connection between us."""


class Front:
    """An ASGI application that asks the media process; made by `open_front`."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        # How the metrics call it: a path has an id in it.
        self.__name__ = "media"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            async with self._client.stream(
                request.method,
                httpx.URL(raw_path=_target(scope)),
                content=await body_of(request),
                headers=[(k, v) for k, v in request.headers.items() if k in PASSED_ON],
            ) as answer:
                headers = {k: v for k, v in answer.headers.items() if k not in KEPT_BACK}
                response = StreamingResponse(answer.aiter_raw(), answer.status_code)
                response.raw_headers = [
                    (name.encode("latin-1"), value.encode("latin-1"))
                    for name, value in answer.headers.multi_items()
                    if name in headers
                ]
                await response(scope, receive, send)
        except ClientDisconnect:
            return
        except ApiError as error:
            await _refusal(error, scope)(scope, receive, send)
        except httpx.TransportError:
            await _refusal(_RESTARTING, scope)(scope, receive, send)

    async def status(self, show: str) -> VideoStatus:
        """
        Return how a show's video stands.

        Raises:
            ApiError: the media process is away.

        """
        try:
            answer = await self._client.get(f"/media/{show}")
        except httpx.TransportError as error:
            raise _RESTARTING from error
        return msgspec.json.decode(answer.raise_for_status().content, type=VideoStatus)

    @property
    def routes(self) -> list[Route]:
        """What is served here."""
        paths = ("/whip/{_:path}", "/whep/{_:path}", "/hls/{_:path}", "/metrics/media")
        return [Route(path, self) for path in paths]


_RESTARTING: Final = ApiError(
    "unavailable",
    "the video is being started again; try again in a moment",
    retry_after_ms=RETRY_AFTER_MS,
)


def _refusal(error: ApiError, scope: Scope) -> Response:
    response = problem(error, scope.get("liveshop.request_id"))
    response.headers.update(ANYWHERE)
    return response


def _target(scope: Scope) -> bytes:
    path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope["query_string"]
    return path + b"?" + query if query else path


@asynccontextmanager
async def open_front(config: Config) -> AsyncIterator[Front | None]:
    """Reach the media process for as long as the block lasts; None where another one carries it."""
    if config.media != "builtin":
        yield None
        return
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=8)
    uds = None if config.media_url else str(socket_path(config))
    async with httpx.AsyncClient(
        base_url=config.media_url or "http://media",
        transport=httpx.AsyncHTTPTransport(uds=uds, limits=limits),
        timeout=ANSWER_S,
    ) as client:
        yield Front(client)
