"""
The same answer for the same ``Idempotency-Key``: a retry after a lost answer changes nothing.

The key belongs to an account and to one request (method, path, query and body). Invariant: among
requests with one key at most one is worked on, and all that are answered get its answer.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Final

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from commerce.ids import AccountId
from commerce.store import idempotency
from commerce.store.pool import Pool, acquire
from live.api.problems import MEDIA_TYPE, STATUS, ApiError, problem, refusal_of

MAX_KEY_CHARACTERS: Final = 255


class Answer(Struct, frozen=True):
    """A status and an encoded body."""

    status: int
    body: bytes
    media_type: str = "application/json"
    headers: Mapping[str, str] = {}

    def response(self, *, replayed: bool) -> Response:
        """Return it as a response."""
        headers = {"Cache-Control": "no-store", **self.headers}
        if replayed:
            headers["Idempotent-Replayed"] = "true"
        return Response(self.body, self.status, headers, self.media_type)


async def answered_once(
    pool: Pool,
    account: AccountId,
    key: str,
    request: Request,
    body: bytes,
    work: Callable[[], Awaitable[Answer]],
) -> Response:
    """
    Return the answer that was given under ``key``, or do ``work`` and keep its answer.

    A refusal is an answer and is kept like one; after a failure of ours the key is free again.

    Raises:
        ApiError: the key is too long.
        IdempotencyMismatch: it was used for another request.
        IdempotencyInFlight: the first request is still being worked on.

    """
    if not 0 < len(key) <= MAX_KEY_CHARACTERS:
        detail = f"an Idempotency-Key has 1 to {MAX_KEY_CHARACTERS} characters"
        raise ApiError("invalid_value", detail, path="header Idempotency-Key")
    async with acquire(pool) as connection:
        begun = await idempotency.begin(connection, account, key, _fingerprint(request, body))
    if isinstance(begun, idempotency.Replay):
        return _answer(begun.status, begun.body).response(replayed=True)
    try:
        answer = await _refusal_or_answer(work)
    except BaseException:
        async with acquire(pool) as connection:
            await idempotency.forget(connection, account, key)
        raise
    async with acquire(pool) as connection:
        await idempotency.finish(connection, account, key, answer.status, answer.body)
    return answer.response(replayed=False)


async def _refusal_or_answer(work: Callable[[], Awaitable[Answer]]) -> Answer:
    try:
        return await work()
    except Exception as error:
        if STATUS[refusal_of(error).code] >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        refusal = problem(error)
        return _answer(refusal.status_code, bytes(refusal.body))


def _answer(status: int, body: bytes) -> Answer:
    media_type = MEDIA_TYPE if status >= HTTPStatus.BAD_REQUEST else "application/json"
    return Answer(status, body, media_type)


def _fingerprint(request: Request, body: bytes) -> str:
    head = f"{request.method} {request.url.path}?{request.url.query}\n".encode()
    return hashlib.sha256(head + body).hexdigest()
