from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from liveshop_client import Api, ApiError, Unreachable

Handler = Callable[[Request], Awaitable[Response]]


def api(path: str, handler: Handler, *, token: str | None = None) -> Api:
    app = Starlette(routes=[Route(path, handler, methods=["GET", "POST", "PATCH"])])
    return Api("http://shop", token, transport=httpx.ASGITransport(app))


async def test_signing_in_sets_the_token_of_later_calls() -> None:
    async def sign_in(request: Request) -> Response:
        assert "authorization" not in request.headers
        user = {"id": "acc_1", "name": (await request.json())["name"], "role": "viewer"}
        return JSONResponse({"token": "t1", "expires_at": 1, "user": user})

    async with api("/api/auth/guest", sign_in) as shop:
        signed_in = await shop.guest("Ada")

        assert signed_in["user"]["name"] == "Ada"
        assert shop.token == "t1"


async def test_a_call_carries_the_token_and_only_the_fields_that_were_given() -> None:
    seen: dict[str, Any] = {}

    async def open_offer(request: Request) -> Response:
        seen.update(body=await request.json(), token=request.headers["authorization"])
        return JSONResponse({"id": "ofr_1"})

    async with api("/api/offers/ofr_1/open", open_offer, token="t1") as shop:
        await shop.open_offer("ofr_1", countdown_s=10)

    assert seen == {"body": {"countdown_s": 10}, "token": "Bearer t1"}


async def test_a_time_that_is_taken_away_is_sent_as_nothing() -> None:
    seen: list[Any] = []

    async def change(request: Request) -> Response:
        seen.append(await request.json())
        return JSONResponse({"id": "tea"})

    async with api("/api/shows/tea", change) as shop:
        await shop.change_show("tea", starts_at=None)
        await shop.change_show("tea", title="Tea")

    assert seen == [{"starts_at": None}, {"title": "Tea"}]


async def test_a_problem_becomes_an_error_with_its_code() -> None:
    problem = {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "code": "wrong_state",
        "detail": "offer ofr_1 is closed",
    }

    async def refuse(_: Request) -> Response:
        return JSONResponse(problem, 409, media_type="application/problem+json")

    async with api("/api/offers/ofr_1/close", refuse) as shop:
        with pytest.raises(ApiError, match="offer ofr_1 is closed") as refused:
            await shop.close_offer("ofr_1")

    assert (refused.value.code, refused.value.status) == ("wrong_state", 409)
    assert refused.value.body == problem


async def test_an_answer_that_is_no_problem_document_is_an_error_all_the_same() -> None:
    async def refuse(_: Request) -> Response:
        return Response("<h1>Bad gateway</h1>", 502)

    async with api("/api/shows", refuse) as shop:
        with pytest.raises(ApiError, match="the server answered 502") as refused:
            await shop.shows()

    assert refused.value.code == "http_502"


@pytest.mark.parametrize(
    ("sent", "given"),
    [
        ("/sandbox/pay/1", "http://shop/sandbox/pay/1"),
        ("https://bank.example/1", "https://bank.example/1"),
    ],
)
async def test_the_page_to_pay_on_is_a_whole_address(sent: str, given: str) -> None:
    async def pay(_: Request) -> Response:
        return JSONResponse({"redirect_url": sent, "reference": "1"})

    async with api("/api/orders/ord_1/pay", pay) as shop:
        assert (await shop.pay("ord_1"))["redirect_url"] == given


async def test_what_creates_is_tried_again_with_the_same_key_when_the_connection_breaks() -> None:
    keys: list[str] = []

    async def flaky(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        if len(keys) == 1:
            raise httpx.ReadError("connection reset")
        return httpx.Response(201, json={"id": "show_1"})

    async with Api("http://shop", transport=httpx.MockTransport(flaky)) as shop:
        show = await shop.create_show("Tea time")

    assert show["id"] == "show_1"
    assert len(keys) == 2
    assert len(set(keys)) == 1


async def test_what_cannot_be_repeated_is_tried_once() -> None:
    tries = 0

    async def broken(_: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        raise httpx.ConnectError("connection refused")

    async with Api("http://shop", transport=httpx.MockTransport(broken)) as shop:
        with pytest.raises(Unreachable, match=r"POST /api/shows/s/start .* connection refused"):
            await shop.start_show("s")

    assert tries == 1


@pytest.mark.parametrize("status", [200, 422])
async def test_an_import_answers_with_its_report_even_when_nothing_was_written(
    status: int,
) -> None:
    report = {"created": 0, "updated": 0, "variants": 0, "refused": [{"line": 2}]}

    async def take(request: Request) -> Response:
        assert request.headers["content-type"] == "text/csv"
        assert await request.body() == b"Handle,Title\n"
        return JSONResponse(report, status)

    async with api("/api/products/import", take) as shop:
        assert await shop.import_products(b"Handle,Title\n") == report


@pytest.mark.parametrize(
    ("body", "code"), [('{"code": "too_large", "detail": "10 MiB"}', "too_large"), ("", "http_413")]
)
async def test_an_import_that_is_not_read_at_all_is_an_error(body: str, code: str) -> None:
    async def refuse(_: Request) -> Response:
        return Response(body, 413)

    async with api("/api/products/import", refuse) as shop:
        with pytest.raises(ApiError) as refused:
            await shop.import_products(b"Handle,Title\n")

    assert refused.value.code == code


async def test_settings_of_the_chat_are_patched() -> None:
    seen: dict[str, Any] = {}

    async def patch(request: Request) -> Response:
        seen.update(method=request.method, body=await request.json())
        return JSONResponse({"settings": {}})

    async with api("/api/shows/tea/moderation", patch, token="t1") as shop:
        await shop.set_chat("tea", slow_s=10)

    assert seen == {"method": "PATCH", "body": {"slow_s": 10}}


async def test_a_decision_of_a_moderator_carries_a_key() -> None:
    keys: list[str] = []

    async def mute(request: Request) -> Response:
        keys.append(request.headers["idempotency-key"])
        return JSONResponse({"id": 1, "action": "mute"})

    async with api("/api/shows/tea/moderation/mute", mute, token="t1") as shop:
        entry = await shop.moderate("tea", "mute", user="acc_1", for_s=600)

    assert entry["action"] == "mute"
    assert len(keys) == 1
