"""
An endpoint of the HTTP interface: what it takes, what it answers, who may call it.

What it takes and answers is read from the handler's own annotations, so that the code, the routes
and the OpenAPI document cannot disagree. Invariant: a handler is only called with a body that was
read within the limits, decoded and valid, and by someone who may call it.
"""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from enum import Enum
from http import HTTPStatus
from typing import Any, Final, Generic, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Struct
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from commerce.ids import AccountId
from commerce.store.pool import acquire
from live.api.bodies import Empty
from live.api.idempotency import Answer, answered_once
from live.api.problems import ApiError, invalid, problem
from live.auth import AuthError, Claims, Tokens
from live.shop import Shop
from live.team import standing
from live.team.policy import POLICY, Rule

MAX_BODY_BYTES: Final = 64 * 1024
"""Far more than any JSON body or webhook here needs; uploads have their own limit."""

BODY_S: Final = 60.0
"""Ten mebibytes over a phone's uplink of 1.5 Mbit/s."""

JSON: Final = "application/json"
ANY_MEDIA_TYPE: Final = "*/*"
ANY_PICTURE: Final = "image/*"
PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/webp"})
"""What `ANY_PICTURE` stands for: no drawing that can run a script."""
KEY_HEADER: Final = "idempotency-key"

Body = TypeVar("Body")
Query = TypeVar("Query")


class Access(Enum):
    """Who may call an endpoint, before any question of whose thing it is."""

    ANYONE = "anyone"
    SIGNED_IN = "viewer"
    HOST = "host"
    ADMIN = "admin"


class Key(Enum):
    """What an ``Idempotency-Key`` is to an endpoint."""

    UNUSED = "the request can be repeated as it is"
    OPTIONAL = "a repeated request gets the first answer, from PostgreSQL"
    REQUIRED = "the gate itself answers a repeated request"


class File(Struct, frozen=True):
    """A body that is not JSON, of the media type that its endpoint names."""

    data: bytes


class Call(Generic[Body, Query]):
    """One request, as a handler sees it."""

    def __init__(
        self,
        shop: Shop,
        request: Request,
        claims: Claims | None,
        body: Body,
        query: Query,
        host: AccountId | None = None,
    ) -> None:
        self.shop: Final = shop
        self.request: Final = request
        self.body: Final = body
        self.query: Final = query
        self.claims: Final = claims
        self._host: Final = host

    @property
    def host(self) -> AccountId:
        """For whom it is asked, as the policy allowed; only where it names a permission."""
        if self._host is None:
            raise AssertionError("the policy names no permission for this operation")
        return self._host

    @property
    def who(self) -> Claims:
        """Who asks; only where someone must be signed in."""
        if self.claims is None:
            raise ApiError("unauthorised", "sign in first")
        return self.claims

    def path(self, name: str) -> str:
        """Return the part of the path that the route calls ``name``."""
        return str(self.request.path_params[name])

    @property
    def key(self) -> str:
        """The ``Idempotency-Key``; only where one is required."""
        key = self.request.headers.get(KEY_HEADER, "")
        if not key:
            raise ApiError("idempotency_key_required", "send an Idempotency-Key header")
        return key

    @property
    def address(self) -> str:
        """Where the request comes from."""
        return self.request.client.host if self.request.client else "unknown"


Handler = Callable[[Any], Awaitable[object]]


class Endpoint:
    """
    An ASGI application for one method on one path.

    Args:
        handler: its docstring is the summary, its annotations say what it takes and answers.
        errors: the codes it may refuse with, besides those that every endpoint has.
        key: what an ``Idempotency-Key`` is to it.
        media_type: what it takes when its body is a `File`; ``image/*`` is any picture.
        max_bytes: what its body may have; None is the limit that the settings give uploads.
        answer: what it answers when the handler itself returns an `Answer`.
        also: other statuses with which it answers the same, beside ``status``.

    """

    def __init__(
        self,
        method: str,
        path: str,
        handler: Handler,
        access: Access,
        *,
        errors: tuple[str, ...] = (),
        status: HTTPStatus = HTTPStatus.OK,
        key: Key = Key.UNUSED,
        media_type: str = JSON,
        max_bytes: int | None = MAX_BODY_BYTES,
        answer: type[Any] | None = None,
        also: tuple[HTTPStatus, ...] = (),
    ) -> None:
        hints = get_type_hints(handler)
        (call,) = (hint for name, hint in hints.items() if name != "return")
        self.method: Final = method
        self.path: Final = path
        self.handler: Final = handler
        self.access: Final = access
        self.errors: Final = errors
        self.status: Final = status
        self.key: Final = key
        self.media_type: Final = media_type
        self.max_bytes: Final = max_bytes
        body, query = get_args(call)
        self.body: Final[type[Any]] = body
        self.query: Final[type[Any]] = query
        self.answer: Final[type[Any]] = answer or hints["return"]
        self.also: Final = also
        self.operation: Final = f"{handler.__module__.rpartition('.')[2]}.{handler.__name__}"
        self.rule: Final[Rule | None] = POLICY.get(self.operation)
        if access is Access.HOST and self.rule is None:
            raise ValueError(f"live/team/policy.py has no permission for {self.operation}")
        self.summary: Final = (inspect.getdoc(handler) or "").partition("\n")[0].rstrip(".")
        self._decoder = None if self.body in (Empty, File) else msgspec.json.Decoder(self.body)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, whatever happens."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            return
        except Exception as error:  # noqa: BLE001  # every failure has an answer, and is logged
            response = problem(error, scope.get("liveshop.request_id"))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        shop: Shop = request.app.state.shop
        claims = self._admit(shop, request.headers)
        host = await self._authorise(shop, request, claims)
        query = _decode_query(self.query, request.query_params)
        data = await self._read(request, shop)
        body = self._decode(data, request)
        call = Call(shop, request, claims, body, query, host)

        async def answer() -> Answer:
            result = await self.handler(call)
            if isinstance(result, Answer):
                return result
            return Answer(self.status.value, msgspec.json.encode(result))

        key = request.headers.get(KEY_HEADER)
        if self.key is not Key.OPTIONAL or key is None or claims is None:
            return (await answer()).response(replayed=False)
        return await answered_once(shop.pool, AccountId(claims.sub), key, request, data, answer)

    def _admit(self, shop: Shop, headers: Mapping[str, str]) -> Claims | None:
        if self.access is Access.ANYONE:
            # What everyone may do does not fail because an old token is still around.
            with suppress(AuthError, ApiError):
                return bearer(shop.tokens, headers)
            return None
        claims = bearer(shop.tokens, headers)
        if claims is None:
            raise ApiError("unauthorised", "sign in first")
        allowed = {
            Access.SIGNED_IN: ("viewer", "host", "admin"),
            Access.HOST: ("viewer", "host", "admin"),
            Access.ADMIN: ("admin",),
        }[self.access]
        if claims.role not in allowed:
            raise ApiError("forbidden", f"only {' or '.join(allowed)} accounts may do this")
        return claims

    async def _authorise(
        self, shop: Shop, request: Request, claims: Claims | None
    ) -> AccountId | None:
        if self.rule is None or self.rule.shared or claims is None:
            await shop.stage_door.admit_all(request.path_params, claims)
            return None
        named = request.headers.get(standing.HEADER)
        async with acquire(shop.pool) as connection:
            return await standing.authorise(
                connection, claims, self.rule, path=request.path_params, named=named
            )

    async def _read(self, request: Request, shop: Shop) -> bytes:
        limit = shop.config.max_upload_bytes if self.max_bytes is None else self.max_bytes
        too_large = ApiError("too_large", f"the body is larger than {limit} bytes")
        # Refused by its headers alone where possible: a client that waits for "100 Continue"
        # then sends nothing at all.
        length = request.headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > limit:
            raise too_large
        if self.body is Empty:
            return b""
        chunks = bytearray()
        try:
            async with asyncio.timeout(BODY_S):
                async for chunk in request.stream():
                    if len(chunks) + len(chunk) > limit:
                        raise too_large
                    chunks += chunk
        except TimeoutError:
            raise ApiError("too_slow", f"the body did not arrive in {BODY_S:.0f} s") from None
        return bytes(chunks)

    def _takes(self, sent: str) -> bool:
        if self.media_type == ANY_PICTURE:
            return sent in PICTURES
        return self.media_type in (sent, ANY_MEDIA_TYPE)

    def _decode(self, data: bytes, request: Request) -> Any:
        if self.body is Empty:
            return Empty()
        sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if not self._takes(sent) and (data or self.body is File):
            shown = f"not {sent}" if sent else "and must say so in Content-Type"
            raise ApiError("wrong_content_type", f"the body must be {self.media_type}, {shown}")
        if self._decoder is None:
            return File(data)
        try:
            return self._decoder.decode(data or b"{}")
        except msgspec.ValidationError as error:
            raise invalid(error) from None
        except msgspec.DecodeError as error:
            raise ApiError("malformed_json", f"the body is not JSON: {error}") from None
        except RecursionError:
            raise ApiError("malformed_json", "the body is nested too deeply") from None
        except UnicodeDecodeError as error:
            detail = f"the body is not UTF-8: {error.reason}"
            raise ApiError("malformed_json", detail) from None


def bearer(tokens: Tokens, headers: Mapping[str, str]) -> Claims | None:
    """
    Return who the ``Authorization`` header stands for; None without one.

    Raises:
        BadToken, ExpiredToken: see `live.auth`.
        ApiError: it is of another scheme.

    """
    header = headers.get("authorization")
    if header is None:
        return None
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer":
        raise ApiError("bad_token", "the Authorization header must be `Bearer <token>`")
    return tokens.read(token.strip(), time.time())


def _decode_query(kind: type[Any], parameters: Mapping[str, str]) -> Any:
    try:
        return msgspec.convert(dict(parameters), kind, strict=False)
    except msgspec.ValidationError as error:
        refusal = invalid(error)
        raise ApiError(
            refusal.code, refusal.detail, path=(refusal.path or "$").replace("$", "query", 1)
        ) from None
