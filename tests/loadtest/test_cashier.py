from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from liveshop_client import ApiError, Unreachable
from loadtest.cashier import Choice, read_form, settle

PAGE = """
<!doctype html><title>Pay</title>
<form method="post" action="{action}">
  <input type="hidden" name="seal" value="a&amp;b">
  <button class="primary" name="decision" value="succeed">Pay $9.00</button>
  <button name="decision" value="decline">Decline</button>
  <button name="decision" value="late_5">5 seconds late</button>
  <button type="button" value="succeed_not">Help</button>
</form>
"""
URL = "http://bank/pay/1"


def bank(action: str = "", answer: Response | None = None) -> tuple[Any, list[str]]:
    pressed: list[str] = []

    async def pay(request: Request) -> Response:
        if request.method == "GET":
            return HTMLResponse(PAGE.format(action=action))
        pressed.append((await request.body()).decode())
        return answer or RedirectResponse("/live/tea-time", 303)

    routes = [Route(path, pay, methods=["GET", "POST"]) for path in ("/pay/1", "/decide")]
    return httpx.ASGITransport(Starlette(routes=routes)), pressed


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        (Choice.PAY, "seal=a%26b&decision=succeed"),
        (Choice.DECLINE, "seal=a%26b&decision=decline"),
        (Choice.LATE, "seal=a%26b&decision=late_5"),
    ],
)
async def test_pressing_a_button_sends_the_form_and_leads_back(choice: Choice, sent: str) -> None:
    transport, pressed = bank()

    back = await settle(URL, choice, transport=transport)

    assert back == "http://bank/live/tea-time"
    assert pressed == [sent]


async def test_a_form_goes_where_it_says() -> None:
    transport, pressed = bank(action="/decide")

    await settle(URL, Choice.PAY, transport=transport)

    assert len(pressed) == 1


async def test_a_page_that_was_decided_already_has_no_button() -> None:
    async def decided(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text="<p>Paid</p>")

    with pytest.raises(ApiError) as refused:
        await settle(URL, Choice.PAY, transport=httpx.MockTransport(decided))

    assert (refused.value.code, refused.value.status) == ("no_such_button", 200)


async def test_an_answer_that_leads_nowhere_is_an_error() -> None:
    transport, _ = bank(answer=HTMLResponse("what?", 422))

    with pytest.raises(ApiError) as refused:
        await settle(URL, Choice.PAY, transport=transport)

    assert (refused.value.code, refused.value.status) == ("payment_page", 422)


async def test_a_bank_that_is_away_is_unreachable() -> None:
    async def away(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    with pytest.raises(Unreachable):
        await settle(URL, Choice.PAY, transport=httpx.MockTransport(away))


def test_a_page_without_a_form_has_none() -> None:
    assert read_form("<h1>Sorry</h1>") is None
