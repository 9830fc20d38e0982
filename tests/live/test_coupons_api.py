"""Coupons over HTTP and on the socket: given, shown, used at the till, and refused in words."""

from pathlib import Path
from typing import Any

from live.embedded import Services
from tests.live.shops import open_web
from tests.live.test_fulfilment_api import HOME, pay
from tests.live.test_orders_api import ordered

TEN: dict[str, Any] = {"code": "tea-10", "quota": 2, "percent_bp": 1000}


async def test_a_coupon_is_given_used_counted_and_ended(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host, limit_per_buyer=2)
        given = await host.post("/api/coupons", TEN, key="a")
        again = await host.post("/api/coupons", TEN, key="a")
        taken = await host.post("/api/coupons", TEN)
        forbidden = await buyer.post("/api/coupons", TEN)
        order = await ordered(web, buyer, offer)
        quote = await pay(web, buyer, [order["id"]], coupon="TEA-10")
        paid = (await buyer.get(f"/api/orders/{order['id']}")).json()
        (listed,) = (await host.get("/api/coupons")).json()["coupons"]
        ended = await host.post(f"/api/coupons/{given.json()['id']}/end")
        money = (await host.get(f"/api/shows/{offer['show']}/money")).json()["tills"]

        assert (given.status_code, given.json()["code"], given.json()["used"]) == (201, "TEA-10", 0)
        assert again.json() == given.json()
        assert (taken.status_code, taken.json()["code"]) == (409, "coupon_code_taken")
        assert forbidden.status_code == 403
        assert (quote["goods_minor"], quote["discount_minor"], quote["total_minor"]) == (
            4800,
            480,
            4320,
        )
        assert quote["coupon"] == "TEA-10"
        assert (paid["status"], paid["discount_minor"], paid["total_minor"]) == ("paid", 480, 4320)
        assert (listed["used"], listed["given_minor"]) == (1, 480)
        assert "ended_at" in ended.json()
        assert [(each["captured_minor"], each["adds_up"]) for each in money] == [(4320, True)]


async def test_each_refusal_has_its_code_and_a_sentence(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host)
        order = await ordered(web, buyer, offer)
        terms: dict[str, dict[str, Any]] = {
            "coupon_not_yet": {"valid_from": 4_000_000_000_000},
            "coupon_over": {"valid_from": 1, "valid_until": 2},
            "coupon_other_currency": {"currency": "JPY"},
            "coupon_below_minimum": {"currency": "USD", "minimum_minor": 4801},
        }
        for number, changes in enumerate(terms.values()):
            made = await host.post("/api/coupons", {**TEN, "code": f"no-{number}", **changes})
            assert made.status_code == 201, made.text
        answers = [
            await buyer.post("/api/checkout/quote", {"orders": [order["id"]], "coupon": code})
            for code in [*(f"NO-{number}" for number in range(len(terms))), "NOPE"]
        ]
        bad = await host.post("/api/coupons", {"code": "X-1", "quota": 1})

        assert [each.json()["code"] for each in answers] == [*terms, "unknown_coupon"]
        assert [each.status_code for each in answers] == [409] * 4 + [404]
        assert answers[3].json()["detail"] == "The coupon NO-3 is for goods of 48.01 USD or more"
        assert (bad.status_code, bad.json()["path"]) == (422, "$.percent_bp")


async def test_a_coupon_on_screen_is_in_the_greeting_of_who_comes_later(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, rival = await web.member("host"), await web.member("host", "Ann")
        show = (await web.selling(host))["show"]
        coupon = (await host.post("/api/coupons", {**TEN, "show": show})).json()
        path = f"/api/shows/{show}/coupon"
        theirs = await rival.post(path, {"coupon": coupon["id"]})
        shown = (await host.post(path, {"coupon": coupon["id"]})).json()
        hidden = (await host.post(path, {})).json()

        assert (theirs.status_code, theirs.json()["code"]) == (403, "not_yours")
        assert shown["coupon"]["code"] == "TEA-10"
        assert hidden == {"show": show}


async def test_an_address_is_changed_and_two_that_became_one_place_are_one(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        buyer, other = await web.guest(), await web.guest("Ann")
        first = (await buyer.post("/api/addresses", HOME)).json()
        second = (await buyer.post("/api/addresses", {**HOME, "lines": ["Allee 2"]})).json()
        path = f"/api/addresses/{second['id']}"
        moved = await buyer.send("PATCH", path, {**HOME, "lines": ["Allee 3"]})
        wrong = await buyer.send("PATCH", path, {**HOME, "postcode": "1"})
        theirs = await other.send("PATCH", path, HOME)
        merged = await buyer.send("PATCH", path, HOME)
        book = (await buyer.get("/api/addresses")).json()["addresses"]

        assert (moved.status_code, moved.json()["address"]["lines"]) == (200, ["Allee 3"])
        assert moved.json()["id"] == second["id"] != first["id"]
        assert (wrong.status_code, wrong.json()["path"]) == (422, "$.postcode")
        assert (theirs.status_code, theirs.json()["code"]) == (404, "unknown_address")
        assert merged.json()["address"] == first["address"]
        assert book == [merged.json()]
