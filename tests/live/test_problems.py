from collections.abc import Iterator
from typing import get_args

import asyncpg
import msgspec
import pytest

import commerce.errors
import commerce.payments.gateway
from commerce.errors import InvalidValue, NotFound, ShopError, StoreUnavailable
from commerce.messages import Reason
from live.api.openapi import codes
from live.api.problems import MEDIA_TYPE, STATUS, ApiError, invalid, problem
from live.auth import AuthError, TooManyTries
from live.site import ENDPOINTS


def below(kind: type[Exception]) -> Iterator[type[Exception]]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def test_every_error_of_the_shop_that_a_request_can_meet_has_a_status() -> None:
    modules = (commerce.errors.__name__, commerce.payments.gateway.__name__)
    found = {
        str(vars(kind)["code"])
        for kind in below(ShopError)
        if kind.__module__ in modules and "code" in vars(kind)
    }

    assert found - set(STATUS) == {"migration_changed"}
    assert {f"unknown_{kind}" for kind in get_args(commerce.errors.Kind)} <= set(STATUS)


def test_every_error_of_signing_in_has_a_status() -> None:
    assert {kind.code for kind in AuthError.__subclasses__()} <= set(STATUS)


def test_every_reason_of_the_gate_has_a_status() -> None:
    assert set(get_args(Reason)) <= set(STATUS)


def test_every_code_that_an_endpoint_names_has_a_status() -> None:
    assert {code for endpoint in ENDPOINTS for code in codes(endpoint)} <= set(STATUS)


def body(error: Exception) -> dict[str, object]:
    response = problem(error, "req_1")
    assert response.media_type == MEDIA_TYPE
    decoded: dict[str, object] = msgspec.json.decode(response.body)
    return decoded


def test_a_refusal_says_what_and_why() -> None:
    assert body(NotFound("show", "nowhere")) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "code": "unknown_show",
        "detail": "There is no show 'nowhere'",
        "request_id": "req_1",
    }


def test_a_wrong_value_says_where() -> None:
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.json.decode(b'{"sizes":[1,"x"]}', type=dict[str, list[int]])

    found = body(invalid(raised.value))

    assert (found["status"], found["code"], found["path"]) == (422, "invalid_value", "$[...][1]")
    assert found["detail"] == "Expected `int`, got `str`"
    assert body(InvalidValue("$.title", "is empty"))["path"] == "$.title"


def test_who_must_wait_is_told_how_long() -> None:
    response = problem(TooManyTries(2.4))

    assert response.status_code == 429
    assert response.headers["retry-after"] == "3"
    assert msgspec.json.decode(response.body)["retry_after_ms"] == 2400


def test_what_nobody_expected_tells_nothing_of_the_inside() -> None:
    found = body(ZeroDivisionError("the password is hunter2"))

    assert (found["status"], found["code"]) == (500, "internal")
    assert "hunter2" not in str(found)


@pytest.mark.parametrize(
    "error",
    [
        StoreUnavailable("db.internal", "connection refused"),
        asyncpg.ConnectionDoesNotExistError("gone"),
        asyncpg.InterfaceError("pool is closing"),
        ConnectionResetError(),
        TimeoutError(),
    ],
)
def test_a_database_that_is_away_is_a_503_that_may_be_tried_again(error: Exception) -> None:
    response = problem(error)

    assert response.status_code == 503
    assert response.headers["retry-after"] == "1"
    assert b"db.internal" not in bytes(response.body)


def test_who_is_not_signed_in_is_told_how_to_be() -> None:
    response = problem(ApiError("unauthorised", "sign in first"))

    assert (response.status_code, response.headers["www-authenticate"]) == (401, "Bearer")
