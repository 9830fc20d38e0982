"""What people, programs and attackers send that is not what they should."""

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from commerce.payments.gateway import BadEvent
from commerce.payments.signature import sign
from live.api.endpoint import MAX_BODY_BYTES
from live.api.problems import problem
from live.auth import RESERVATIONS_AT_ONCE, Buckets
from live.embedded import Services
from tests.live.shops import JSON, open_web, teapot

MEBIBYTE = 1024 * 1024


async def test_a_body_that_is_not_json_says_where_it_breaks(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        for body in (b'{"name":', b"name", b'{"name":"\xff"}', b'{"name":"\\ud800"}'):
            answer = await web.client.post("/api/auth/guest", content=body, headers=JSON)

            assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json"), body
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["request_id"] == answer.headers["x-request-id"]


async def test_a_body_of_another_type_is_refused(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        answer = await web.client.post("/api/auth/guest", data={"name": "Lin"})

        assert (answer.status_code, answer.json()["code"]) == (415, "wrong_content_type")


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("/api/auth/guest", {"name": "x" * 41}, "$.name"),
        ("/api/auth/guest", {"name": ""}, "$.name"),
        ("/api/auth/guest", {"name": "   "}, "$.name"),
        ("/api/auth/guest", {"name": 7}, "$.name"),
        ("/api/auth/guest", [], "$"),
        ("/api/auth/register", {"email": "ann", "password": "12345678", "name": "A"}, "$.email"),
        ("/api/auth/register", {"email": "a@b.c", "password": "123", "name": "A"}, "$.password"),
        ("/api/shows", {"title": "x" * 121}, "$.title"),
        ("/api/shows", {"title": "Tea", "id": "Tea Time"}, "$.id"),
        ("/api/shows", {"title": "Tea", "starts_at": 2**62}, "$.starts_at"),
        ("/api/shows", {"title": "Tea", "colour": "red"}, "$"),
        ("/api/products", {**teapot("a"), "title": ""}, "$.title"),
        ("/api/products", {**teapot("a"), "pictures": ["javascript:alert(1)"]}, "$.pictures[0]"),
    ],
)
async def test_a_wrong_value_is_refused_with_its_place(
    services: Services, tmp_path: Path, path: str, body: Any, where: str
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        answer = await host.post(path, body)

        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value"), answer.text
        assert answer.json()["path"] == where
        assert (await web.nobody.get("/api/shows")).json() == {"shows": []}
        assert (await host.get("/api/products")).json() == {"products": []}


async def test_text_that_cannot_be_stored_is_a_wrong_value(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        name = await web.nobody.post("/api/auth/guest", {"name": "Lin\0"})
        path = await web.nobody.get("/api/offers/ofr%00")
        search = await host.get("/api/products?search=%00")

        for answer in (name, path, search):
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")


@pytest.mark.parametrize("quantity", [0, -1, 10**9, 1.5, "two", None, 10**30])
async def test_an_impossible_quantity_reserves_nothing(
    services: Services, tmp_path: Path, quantity: Any
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host)
        answer = await buyer.post(
            f"/api/offers/{offer['id']}/reservations", {"quantity": quantity}, key="a"
        )

        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")
        assert answer.json()["path"] == "$.quantity"
        assert (await buyer.get(f"/api/offers/{offer['id']}")).json()["left"] == 20


async def test_a_reservation_without_a_key_is_refused(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host)
        path = f"/api/offers/{offer['id']}/reservations"
        without = await buyer.post(path, {})
        too_long = await buyer.post(path, {}, key="k" * 65)

        assert (without.status_code, without.json()["code"]) == (400, "idempotency_key_required")
        assert (too_long.status_code, too_long.json()["code"]) == (422, "invalid_value")
        assert (await buyer.get(f"/api/offers/{offer['id']}")).json()["left"] == 20


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("Bearer nonsense", "bad_token"),
        ("Bearer ", "bad_token"),
        ("Basic bWVpOnBhc3M=", "bad_token"),
        ("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.", "bad_token"),
    ],
)
async def test_a_bad_token_is_told_apart_from_none(
    services: Services, tmp_path: Path, header: str, code: str
) -> None:
    async with open_web(services, tmp_path) as web:
        answer = await web.client.get("/api/me", headers={"authorization": header})
        without = await web.client.get("/api/me")

        assert (answer.status_code, answer.json()["code"]) == (401, code)
        assert (without.status_code, without.json()["code"]) == (401, "unauthorised")
        assert without.headers["www-authenticate"] == "Bearer"


async def test_an_expired_token_says_so_and_does_not_hide_what_is_public(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        token, _ = web.shop.tokens.issue(account="acc_1", name="Lin", role="viewer", now=0)
        headers = {"authorization": f"Bearer {token}"}
        answer = await web.client.get("/api/me", headers=headers)
        public = await web.client.get("/api/shows", headers=headers)

        assert (answer.status_code, answer.json()["code"]) == (401, "expired_token")
        assert public.status_code == 200


async def test_unknown_things_are_named(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        codes = {
            path: (answer := await host.get(path)).status_code == 404 and answer.json()["code"]
            for path in (
                "/api/shows/nowhere",
                "/api/offers/ofr_nowhere",
                "/api/orders/ord_nowhere",
                "/api/products/prd_nowhere",
                "/api/orders?show=nowhere",
                "/api/nowhere",
            )
        }

        assert list(codes.values()) == [
            "unknown_show",
            "unknown_offer",
            "unknown_order",
            "unknown_product",
            "unknown_show",
            "not_found",
        ]


async def test_a_wrong_method_is_named_with_the_right_one(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        answer = await web.client.delete("/api/auth/login")

        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert answer.headers["allow"] == "POST"


async def test_a_query_that_makes_no_sense_is_refused(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        answers = {
            query: (await web.client.get(f"/api/shows?{query}"))
            for query in ("limit=0", "limit=101", "limit=ten", "state=gone")
        }

        for query, answer in answers.items():
            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value"), query
            assert answer.json()["path"] == f"query.{query.partition('=')[0]}"


async def test_a_large_body_is_refused_by_its_header_alone(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        read = 0

        async def upload() -> AsyncIterator[bytes]:
            nonlocal read
            read += 1
            yield b"x"

        answer = await web.client.post(
            "/api/auth/guest",
            content=upload(),
            headers={**JSON, "content-length": str(MAX_BODY_BYTES + 1)},
        )

        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert read == 0


async def test_an_upload_of_100_mib_is_refused_without_being_kept(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        sent = 0

        async def upload() -> AsyncIterator[bytes]:
            nonlocal sent
            for _ in range(100):
                sent += 1
                yield b"x" * MEBIBYTE

        gc.collect()
        tracemalloc.start()
        try:
            answer = await host.client.post(
                "/api/products/import",
                content=upload(),
                headers={**host.headers, "content-type": "text/csv"},
            )
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert answer.json()["detail"] == "The body is larger than 10485760 bytes"
        assert sent == 11
        assert peak < 40 * MEBIBYTE


async def test_a_body_that_never_ends_is_given_up(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.api.endpoint.BODY_S", 0.05)
    async with open_web(services, tmp_path) as web:

        async def upload() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.Event().wait()

        answer = await web.client.post("/api/auth/guest", content=upload(), headers=JSON)

        assert (answer.status_code, answer.json()["code"]) == (408, "too_slow")


async def test_a_body_nested_without_end_is_malformed(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        deep = b'{"x":' + b"[" * 30_000
        answer = await web.client.post("/api/auth/guest", content=deep, headers=JSON)

        assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")


async def test_a_signed_webhook_that_cannot_be_read_is_a_bad_event(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        secret = web.shop.sandbox._secret
        for body in (b'{"x":' + b"[" * 30_000, b'{"reference":"\xff"}', b"", b"[]"):
            headers = sign(secret, "evt_1", 1_000, body)
            with pytest.raises(BadEvent):
                web.shop.sandbox.parse_webhook(headers, body, 1_000_000)


async def test_a_webhook_is_no_upload(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        path = "/api/payments/sandbox/webhook"
        fits = await web.client.post(path, content=b"x" * MAX_BODY_BYTES)
        large = await web.client.post(path, content=b"x" * (MAX_BODY_BYTES + 1))

        assert fits.json()["code"] == "bad_signature"
        assert (large.status_code, large.json()["code"]) == (413, "too_large")


async def test_who_reserves_too_often_waits_and_nobody_else_does(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.auth.RESERVATIONS_A_SECOND", 0.001)
    async with open_web(services, tmp_path) as web:
        host, script, buyer = await web.member("host"), await web.guest(), await web.guest()
        offer = await web.selling(host)
        path = f"/api/offers/{offer['id']}/reservations"
        first = [await script.post(path, {}, key="a") for _ in range(RESERVATIONS_AT_ONCE)]
        refused = await script.post(path, {}, key="b")
        other = await buyer.post(path, {}, key="a")

        assert {answer.status_code for answer in first} == {201}
        assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
        assert 900_000 < refused.json()["retry_after_ms"] <= 1_000_000
        assert other.status_code == 201
        assert (await buyer.get(f"/api/offers/{offer['id']}")).json()["left"] == 18


def test_buckets_forget_the_keys_seen_least_recently() -> None:
    buckets = Buckets(1, 1, remembered=2)
    assert [buckets.take(key, 0.0) for key in ("a", "b", "a", "c")] == [0, 0, 1, 0]

    assert len(buckets) == 2
    assert buckets.take("a", 0.0) == 1
    assert buckets.take("b", 0.0) == 0


@pytest.mark.parametrize("reference", ["%00", "a-b", "x" * 65, "%C3%A9", "a%0A"])
async def test_a_reference_that_cannot_exist_is_not_looked_up(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str
) -> None:
    async with open_web(services, tmp_path) as web:

        async def looked_up(self: object, reference: str) -> None:
            raise AssertionError(reference)

        monkeypatch.setattr("commerce.payments.sandbox.Sandbox.get_charge", looked_up)
        shown = await web.client.get(f"/sandbox/pay/{reference}")
        decided = await web.client.post(f"/sandbox/pay/{reference}", data={"decision": "succeed"})

        assert (shown.status_code, decided.status_code) == (404, 404)
        assert "No such payment" in shown.text


async def test_a_form_that_never_ends_is_given_up(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("live.pages.sandbox.BODY_S", 0.05)
    async with open_web(services, tmp_path) as web:

        async def upload() -> AsyncIterator[bytes]:
            yield b"decision="
            await asyncio.Event().wait()

        answer = await web.client.post("/sandbox/pay/sbx_1", content=upload())

        assert answer.status_code == 408


@pytest.mark.parametrize("kind", [asyncpg.DeadlockDetectedError, asyncpg.SerializationError])
def test_a_transaction_that_lost_to_another_may_be_tried_again(kind: type[Exception]) -> None:
    response = problem(kind("deadlock detected"))

    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert b'"retry_after_ms":1000' in bytes(response.body)
