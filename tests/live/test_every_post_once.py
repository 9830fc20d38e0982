"""
Every POST that creates is done once, however often it is sent.

The operations are taken from the OpenAPI document: a new one that is neither tried here nor
harmless to repeat fails the first test.
"""

from pathlib import Path
from typing import Any, Final

import msgspec

from commerce.store.pool import acquire
from live.api.openapi import document
from live.embedded import Services
from live.site import ENDPOINTS
from rooms.brokers import Line
from rooms.messages import ChatLine, Sender
from tests.live.shops import Visitor, Web, open_web, teapot
from tests.live.test_fulfilment_api import HOME, pay, publish
from tests.live.test_orders_api import ordered

HARMLESS: Final = {
    "/api/auth/guest": "a name that nobody uses costs nothing; there is no account to own a key",
    "/api/auth/register": "the address is taken the second time",
    "/api/auth/login": "one more token",
    "/api/shows/{show}/start": "a state, not a step",
    "/api/shows/{show}/end": "a state, not a step",
    "/api/offers/{offer}/open": "a state, not a step",
    "/api/offers/{offer}/close": "a state, not a step",
    "/api/shows/{show}/rehearsal": "the one that is open is the answer",
    "/api/shows/{show}/order": "a place, not a step",
    "/api/offers/{offer}/queue": "one place a viewer",
    "/api/offers/{offer}/pin": "a state, not a step",
    "/api/offers/{offer}/unpin": "a state, not a step",
    "/api/hosts/{host}/follow": "a state, not a step",
    "/api/shows/{show}/reminder": "a state, not a step",
    "/api/webhooks/{webhook}/resume": "a state, not a step",
    "/api/pictures": "the same picture has the same name",
    "/api/products/import": "importing the same file again changes nothing",
    "/api/orders/{order}/pay": "goes on with the payment under way",
    "/api/orders/{order}/cancel": "the second time it does not await payment",
    "/api/orders/{order}/refund-request/decline": "a request is answered once",
    "/api/payments/{gateway}/webhook": "events have ids of their own",
    "/api/webhooks/{webhook}/replay": "deliveries come at least once anyway",
    "/api/addresses": "an address that is there already is the same entry",
    "/api/places": "a code works once",
    "/api/team/invitations": "one more code, which ends by itself or is withdrawn",
    "/api/tariffs": "a draft takes the place of the draft",
    "/api/tariffs/{tariff}/publish": "a state, not a step",
    "/api/coupons/{coupon}/end": "a state, not a step",
    "/api/shows/{show}/coupon": "a state, not a step",
    "/api/checkout/quote": "a question",
    "/api/checkout": "goes on with the payment under way",
    "/api/media/auth": "a question",
}
"""POSTs that need no key, and why."""


def posts() -> dict[str, dict[str, Any]]:
    """Return every POST of the document, by its path."""
    paths = document(ENDPOINTS, "1")["paths"]
    return {path: methods["post"] for path, methods in paths.items() if "post" in methods}


def keyed() -> set[str]:
    return {
        path
        for path, operation in posts().items()
        if any(each["name"] == "Idempotency-Key" for each in operation["parameters"])
    }


def test_every_post_takes_a_key_or_is_harmless_to_repeat() -> None:
    assert keyed() & HARMLESS.keys() == set()
    assert keyed() | HARMLESS.keys() == posts().keys()


async def requests(web: Web, host: Visitor, buyer: Visitor) -> dict[str, tuple[str, Any, Any]]:
    """Return for each path where to send it, what, and something else that could be sent."""
    offer = await web.selling(host, limit_per_buyer=5, duration_s=3_600)
    show = offer["show"]
    order = await ordered(web, buyer, offer)
    await publish(host)
    await pay(web, buyer, [order["id"]], to=HOME, option="standard")
    parcel = (await buyer.get(f"/api/orders/{order['id']}")).json()["shipment"]
    line = ChatLine(id=f"{buyer.id}.7", sender=Sender(id=buyer.id, name="Lin"), text="hi", at=5)
    await web.shop.broker.say(show, Line(buyer.id, msgspec.json.encode(line)))
    many = teapot("many")
    (blue,) = many["variants"]
    blue["options"] = ["Blue"]
    product = (await host.post("/api/products", {**many, "options": ["Colour"]})).json()
    moderation = f"/api/shows/{show}/moderation"
    someone, other = {"user": buyer.id}, {"user": buyer.id, "reason": "spam"}
    return {
        "/api/shows": ("/api/shows", {"title": "Tea"}, {"title": "Coffee"}),
        "/api/shows/{show}/offers": (
            f"/api/shows/{show}/offers",
            {"variant": offer["variant"], "quantity": 1},
            {"variant": offer["variant"], "quantity": 2},
        ),
        "/api/shows/{show}/moderation/mute": (
            f"{moderation}/mute",
            {**someone, "for_s": 60},
            {**someone, "for_s": 90},
        ),
        "/api/shows/{show}/moderation/unmute": (f"{moderation}/unmute", someone, other),
        "/api/shows/{show}/moderation/ban": (f"{moderation}/ban", someone, other),
        "/api/shows/{show}/moderation/unban": (f"{moderation}/unban", someone, other),
        "/api/shows/{show}/moderation/remove-line": (
            f"{moderation}/remove-line",
            {"line": line.id},
            {"line": line.id, "reason": "spam"},
        ),
        "/api/shows/{show}/moderation/pin-comment": (
            f"{moderation}/pin-comment",
            {"line": line.id},
            {"line": f"{buyer.id}.8"},
        ),
        "/api/shows/{show}/moderation/unpin-comment": (f"{moderation}/unpin-comment", None, None),
        "/api/shows/{show}/moderation/say": (f"{moderation}/say", {"text": "a"}, {"text": "b"}),
        "/api/shows/{show}/moderators": (
            f"/api/shows/{show}/moderators",
            someone,
            {"user": host.id},
        ),
        "/api/products": ("/api/products", teapot("a"), teapot("b")),
        "/api/products/{product}/variants": (
            f"/api/products/{product['id']}/variants",
            {**blue, "options": ["Red"], "sku": "POT-red"},
            {**blue, "options": ["White"], "sku": "POT-white"},
        ),
        "/api/variants/{variant}/adjustments": (
            f"/api/variants/{offer['variant']}/adjustments",
            {"change": -1, "why": "damaged"},
            {"change": -2, "why": "damaged"},
        ),
        "/api/offers/{offer}/reservations": (
            f"/api/offers/{offer['id']}/reservations",
            {"quantity": 1},
            {"quantity": 2},
        ),
        "/api/offers/{offer}/waitlist": (
            f"/api/offers/{offer['id']}/waitlist",
            {"quantity": 1},
            {"quantity": 2},
        ),
        "/api/offers/{offer}/extend": (
            f"/api/offers/{offer['id']}/extend",
            {"by_s": 30},
            {"by_s": 60},
        ),
        "/api/coupons": (
            "/api/coupons",
            {"code": "TEA-10", "quota": 5, "percent_bp": 1000},
            {"code": "TEA-20", "quota": 5, "percent_bp": 2000},
        ),
        "/api/orders/{order}/refund": (
            f"/api/orders/{order['id']}/refund",
            {"amount_minor": 100, "return_units": False},
            {"amount_minor": 200, "return_units": False},
        ),
        "/api/webhooks": (
            "/api/webhooks",
            {"url": "https://shop.example/a"},
            {"url": "https://shop.example/b"},
        ),
        "/api/shipments/{shipment}/pack": (f"/api/shipments/{parcel}/pack", None, None),
        "/api/shipments/{shipment}/ship": (
            f"/api/shipments/{parcel}/ship",
            {"carrier": "DHL"},
            {"carrier": "UPS"},
        ),
        "/api/shipments/{shipment}/deliver": (f"/api/shipments/{parcel}/deliver", None, None),
    }


async def test_a_key_gets_one_answer_for_one_request(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        tried = await requests(web, host, buyer)
        assert tried.keys() == keyed()

        for path, (where, body, other) in tried.items():
            first = await host.post(where, body, key=path)
            counts = await rows(web)
            again = await host.post(where, body, key=path)

            assert first.is_success, (path, first.text)
            assert (again.status_code, again.content) == (first.status_code, first.content), path
            assert await rows(web) == counts, path
            if other is not None:
                mismatch = await host.post(where, other, key=path)
                assert refusal(mismatch) == (422, "idempotency_key_reused"), path
                assert await rows(web) == counts, path


async def test_a_request_that_is_still_worked_on_is_in_flight(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        tried = await requests(web, host, buyer)
        # The gate decides and keeps its answer in one step: never in between.
        del tried["/api/offers/{offer}/reservations"], tried["/api/offers/{offer}/waitlist"]

        for path, (where, body, _) in tried.items():
            first = await host.post(where, body, key=path)
            counts = await rows(web)
            async with acquire(web.shop.pool) as connection:
                # As if it had not been answered yet.
                await connection.execute(
                    "UPDATE idempotency_keys SET status = NULL, body = NULL WHERE key = $1", path
                )
            again = await host.post(where, body, key=path)

            assert first.is_success, (path, first.text)
            assert refusal(again) == (409, "idempotency_in_flight"), path
            assert await rows(web) == counts, path


async def test_a_reservation_without_a_key_is_refused(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host)
        answer = await buyer.post(f"/api/offers/{offer['id']}/reservations", {})

        assert refusal(answer) == (400, "idempotency_key_required")
        assert (await buyer.get(f"/api/offers/{offer['id']}")).json()["left"] == 20


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


async def rows(web: Web) -> dict[str, int]:
    """Count what there is of everything that a request could create, at the gate as well."""
    async with acquire(web.shop.pool) as connection:
        tables = [
            row["relname"]
            for row in await connection.fetch(
                "SELECT relname FROM pg_class WHERE relkind = 'r' "
                "AND relnamespace = 'public'::regnamespace ORDER BY relname"
            )
        ]
        counts = {
            table: await connection.fetchval(f'SELECT count(*) FROM "{table}"') for table in tables
        }
    waiting = await web.shop.gate.client.xlen(web.shop.gate.keys.orders)
    return {**counts, "reservations": waiting}
