"""
What surrounds every request: an id, a measurement, and an answer even when all else fails.
"""

import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commerce.ids import new_id
from live.api.endpoint import Endpoint
from live.api.problems import ApiError, problem
from live.pages.notice import notice
from live.telemetry import Metrics

REQUEST_ID: Final = "x-request-id"

log = structlog.get_logger()


class Observed:
    """
    Give each request an id, put it into the logs and the answer, and measure the request.

    An id that a proxy gave the request is kept, so that one request has one id everywhere.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, watching."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["liveshop.request_id"] = request_id
        began = time.perf_counter()
        status = 500

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        with structlog.contextvars.bound_contextvars(request=request_id):
            try:
                await self._app(scope, receive, observe)
            finally:
                took = time.perf_counter() - began
                route = _route(scope)
                self._metrics.requests.labels(scope["method"], route, str(status)).observe(took)
                log.debug(
                    "answered", method=scope["method"], route=route, status=status, seconds=took
                )


def _request_id(scope: Scope) -> str:
    given: str = dict(scope["headers"]).get(REQUEST_ID.encode(), b"").decode("latin-1")
    if 0 < len(given) <= 64 and given.isascii() and given.replace("-", "").isalnum():
        return given
    return new_id("req")


def _route(scope: Mapping[str, Any]) -> str:
    """Name the route, never the path: a path has an id in it, and metrics would grow for ever."""
    endpoint = scope.get("endpoint")
    if isinstance(endpoint, Endpoint):
        return str(endpoint.path)
    return str(getattr(endpoint, "__name__", "files")) if endpoint else "none"


def wants_json(request: Request) -> bool:
    """Whether a refusal should be a document for programs instead of a page."""
    return request.url.path.startswith("/api/") or "text/html" not in request.headers.get(
        "accept", ""
    )


async def refused(request: Request, error: Exception) -> Response:
    """Answer what the router refuses: an unknown path, a wrong method."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    if not wants_json(request):
        return notice(status.value, status.phrase, "There is no such page here.")
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        detail = f"{request.method} is not a method of {request.url.path}"
        response = problem(ApiError("method_not_allowed", detail), request_id(request))
        response.headers.update(error.headers or {})
        return response
    detail = f"there is nothing at {request.url.path}"
    return problem(ApiError("not_found", detail), request_id(request))


async def failed(request: Request, error: Exception) -> Response:
    """Answer what nobody expected; it is logged, and the trace stays here."""
    answer = problem(error, request_id(request))
    if wants_json(request):
        return answer
    text = f"It has been noted under {request_id(request)}. Please try again in a moment."
    return notice(answer.status_code, "Something went wrong", text)


def request_id(request: Request) -> str | None:
    """Return the request's id."""
    found: str | None = request.scope.get("liveshop.request_id")
    return found
