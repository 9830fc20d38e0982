"""
Rehearsals, as their host, the team and everybody else have them.

The doors of a show are taken from the OpenAPI document: one that is added later and lets strangers
see a rehearsal fails here.
"""

import re
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import pytest

from live.api.endpoint import Access, Endpoint
from live.api.openapi import document
from live.embedded import Services
from live.site import ENDPOINTS
from tests.live.server import Live, open_live
from tests.live.shops import Visitor, Web, open_web
from tests.live.test_team_api import joined
from tests.waiting import until_it_holds

BODIES: Final[dict[str, Any]] = {
    "/api/offers/{offer}/reservations": {"quantity": 1},
    "/api/offers/{offer}/waitlist": {"quantity": 1},
}
"""What is sent where a body is looked at before anything else is."""

NO_QUESTION: Final = {
    ("DELETE", "/api/shows/{show}/reminder"): "forgetting what is not there is done",
    ("DELETE", "/api/offers/{offer}/waitlist"): "leaving a line that is not there is done",
    ("GET", "/api/offers/{offer}/waitlist"): "of any offer, one is not in its line",
}
"""What strangers do with an id that nobody has without hearing that there is no such thing."""


def public_doors() -> list[tuple[str, str, str]]:
    """Return method, path and kind of every operation on a show or an offer."""
    doors = []
    for path, methods in document(ENDPOINTS, "1")["paths"].items():
        for method, operation in methods.items():
            kinds = set(re.findall(r"{(show|offer)}", path))
            doors += [(method.upper(), path, kind) for kind in sorted(kinds)]
            doors += [
                (method.upper(), f"{path}?{each['name']}={{{each['name']}}}", each["name"])
                for each in operation["parameters"]
                if each["in"] == "query" and each["name"] in ("show", "offer")
            ]
    return doors


def access_of(method: str, path: str) -> Access:
    def matches(each: Endpoint) -> bool:
        return (each.method, each.path) == (method, path.partition("?")[0])

    (found,) = filter(matches, ENDPOINTS)
    return found.access


async def planned(web: Web, host: Visitor) -> tuple[str, dict[str, Any]]:
    """Plan a show with one offer."""
    show = (await host.post("/api/shows", {"title": "Tea time"})).json()["id"]
    return show, await web.drafted(host, show, limit_per_buyer=2, duration_s=600)


async def rehearsed(web: Web, host: Visitor) -> tuple[dict[str, Any], dict[str, Any]]:
    """Rehearse a planned show; return the rehearsal and the offer that sells in it."""
    show, _ = await planned(web, host)
    answer = await host.post(f"/api/shows/{show}/rehearsal")
    assert answer.status_code == 200, answer.text
    rehearsal: dict[str, Any] = answer.json()
    assert (await host.post(f"/api/shows/{rehearsal['id']}/start")).status_code == 200
    (draft,) = (await host.get(f"/api/shows/{rehearsal['id']}")).json()["offers"]
    opened = await host.post(f"/api/offers/{draft['id']}/open")
    assert opened.status_code == 200, opened.text
    return rehearsal, opened.json()


async def said(who: Visitor, method: str, path: str, ids: dict[str, str]) -> tuple[int, str | None]:
    answer = await who.send(
        method, path.format_map({**ids, "account": "acc_somebody"}), BODIES.get(path), key="1"
    )
    is_json = "json" in answer.headers.get("content-type", "") and answer.content
    return answer.status_code, answer.json().get("code") if is_json else None


async def test_strangers_find_every_door_of_a_rehearsal_shut(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, other = await web.member("host"), await web.member("host", "Ann")
        rehearsal, offer = await rehearsed(web, host)
        there = {"show": rehearsal["id"], "offer": offer["id"]}
        nowhere = {"show": "nobody-ever-had-this", "offer": "ofr_nobody"}
        strangers = [web.nobody, await web.guest(), await web.member("viewer", "Bo"), other]

        doors = public_doors()
        assert len(doors) > 50
        for method, path, kind in doors:
            for who in strangers:
                asked = f"{method} {path} by {who.id or 'nobody'}"
                heard = await said(who, method, path, there)
                of_nothing = await said(who, method, path, nowhere)
                if (method, path) in NO_QUESTION and who.token:
                    assert heard == (HTTPStatus.NOT_FOUND, f"unknown_{kind}"), asked
                elif path == "/api/coupons?show={show}":
                    assert heard == of_nothing, asked  # one's own coupons, whatever the show
                else:
                    assert heard == of_nothing, asked
                    assert heard[0] >= HTTPStatus.BAD_REQUEST, asked
                if access_of(method, path) is Access.ANYONE:
                    assert heard == (HTTPStatus.NOT_FOUND, f"unknown_{kind}"), asked

        # What strangers tried has changed nothing.
        found = (await host.get(f"/api/shows/{rehearsal['id']}")).json()
        assert found["show"]["state"] == "live"
        assert [each["left"] for each in found["offers"]] == [20]


async def test_the_team_finds_the_same_doors_open(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        packer = await joined(web, host, "orders", name="Pat")
        rehearsal, offer = await rehearsed(web, host)
        ids = {"show": rehearsal["id"], "offer": offer["id"]}

        closed = [
            (method, path, heard)
            for method, path, kind in public_doors()
            if method == "GET"
            for heard in [await said(packer, method, path, ids)]
            if heard == (HTTPStatus.NOT_FOUND, f"unknown_{kind}")
        ]
        shown = (await packer.get(f"/api/shows/{rehearsal['id']}")).json()
        of_show = (await packer.get(f"/api/shows/{rehearsal['rehearses']}")).json()
        to_strangers = (
            await (await web.guest()).get(f"/api/shows/{rehearsal['rehearses']}")
        ).json()

        assert closed == []
        assert shown["show"] == rehearsal | {
            "state": "live",
            "started_at": shown["show"]["started_at"],
        }
        assert of_show["rehearsal"] == rehearsal["id"]
        assert "rehearsal" not in to_strangers


async def test_whoever_moderates_a_rehearsal_comes_in(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, friend = await web.member("host"), await web.guest("Bo")
        rehearsal, _ = await rehearsed(web, host)
        path = f"/api/shows/{rehearsal['id']}"
        before = (await friend.get(path)).status_code
        await host.post(f"{path}/moderators", {"user": friend.id}, key="1")

        assert (before, (await friend.get(path)).status_code) == (404, 200)


async def test_a_rehearsal_is_in_nobodys_list(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, fan = await web.member("host"), await web.guest()
        await fan.post(f"/api/hosts/{host.id}/follow")
        rehearsal, _ = await rehearsed(web, host)
        show = rehearsal["rehearses"]

        for who in (web.nobody, fan, host):
            listed = (await who.get("/api/shows")).json()["shows"]
            window = (await who.get("/api/directory")).json()
            assert [each["id"] for each in listed] == [show]
            assert (window["live"], window["replays"]) == ([], [])
            assert [each["show"]["id"] for each in window["coming"]] == [show]
        reminders = (await fan.get("/api/reminders")).json()["reminders"]
        assert [each["show"]["id"] for each in reminders] == [show]
        refused = await host.post(f"/api/shows/{rehearsal['id']}/reminder")
        assert (refused.status_code, refused.json()["code"]) == (409, "rehearsal")


async def test_who_runs_shows_may_rehearse_them(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        runner = await joined(web, host, "run_show", name="Rae")
        seller = await joined(web, host, "sell", name="Sam")
        show, _ = await planned(web, host)
        path = f"/api/shows/{show}/rehearsal"

        by_seller = await seller.post(path)
        by_runner = await runner.post(path)
        again = await host.post(path)
        of_itself = await host.post(f"/api/shows/{by_runner.json()['id']}/rehearsal")
        await host.post(f"/api/shows/{show}/start")
        too_late = await host.post(path)

        assert (by_seller.status_code, by_seller.json()["code"]) == (403, "not_permitted")
        assert by_runner.json()["rehearses"] == show
        assert again.json() == by_runner.json()
        assert (of_itself.status_code, of_itself.json()["code"]) == (409, "rehearsal")
        assert (too_late.status_code, too_late.json()["code"]) == (409, "wrong_state")
        ended = (await host.get(f"/api/shows/{by_runner.json()['id']}")).json()["show"]
        assert ended["state"] == "ended"


async def test_another_hosts_coupon_does_not_find_a_rehearsal(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, other = await web.member("host"), await web.member("host", "Ann")
        rehearsal, _ = await rehearsed(web, host)
        coupon = {"code": "TEA", "percent_bp": 1_000, "quota": 5}

        of_show = await other.post(
            "/api/coupons", {**coupon, "show": rehearsal["rehearses"]}, key="1"
        )
        of_rehearsal = await other.post(
            "/api/coupons", {**coupon, "show": rehearsal["id"]}, key="2"
        )

        assert (of_show.status_code, of_show.json()["code"]) == (403, "not_yours")
        assert (of_rehearsal.status_code, of_rehearsal.json()["code"]) == (404, "unknown_show")


@pytest.fixture
async def live(services: Services, tmp_path: Path) -> Any:
    async with open_live(services, tmp_path) as live:
        yield live


async def test_a_rehearsal_from_its_beginning_to_its_end(live: Live) -> None:
    host = await live.member("host")
    member = await joined(live, host, "sell", name="Pat")
    stranger = await live.guest()
    rehearsal, offer = await rehearsed(live, host)
    room = rehearsal["id"]

    for who in (stranger, None, Visitor(live.client, "not.a.token", "")):
        async with (
            live.watching(room, who) as outside,
            live.watching("nowhere-at-all", who) as none,
        ):
            refused, unknown = await outside.hear("error"), await none.hear("error")
            assert refused["code"] == "unknown_show"
            assert refused["detail"] == unknown["detail"].replace("nowhere-at-all", room)
            assert await outside.closed() == await none.closed()

    async with live.watching(room, host) as desk, live.watching(room, member) as buyer:
        greeting = await buyer.greeted()
        assert greeting["snapshot"]["show"]["rehearses"] == rehearsal["rehearses"]
        await desk.greeted()
        await buyer.send(type="reserve", id="r1", offer=offer["id"], quantity=2)
        order = (await buyer.hear("placed"))["order"]
        paid = await member.post(f"/api/orders/{order['id']}/pay")
        quote = (await member.post("/api/checkout/quote", {"orders": [order["id"]]})).json()
        bought = await member.post(
            "/api/checkout",
            {"orders": [order["id"]], "quote": quote["id"], "amount_minor": 9600},
        )
        tally = (await host.get(f"/api/shows/{room}/tally")).json()
        ended = await host.post(f"/api/shows/{room}/end")
        released = await buyer.hear("released")

        assert quote["total_minor"] == 9600
        for refused_payment in (paid, bought):
            assert (refused_payment.status_code, refused_payment.json()["code"]) == (
                409,
                "rehearsal",
            )
        assert paid.json()["detail"] == (
            f"The show '{room}' is a rehearsal: nothing in it is paid for, and what you reserved "
            "goes back when it ends"
        )
        assert (tally["awaiting"], tally["paid"], tally["takings_minor"]) == (1, 0, 0)
        assert ended.json()["state"] == "ended"
        assert (released["order"], released["reason"]) == (order["id"], "cancelled")

    async def all_back() -> bool:
        ledger = (await host.get(f"/api/offers/{offer['id']}/ledger")).json()
        product = (await host.get(f"/api/products/{offer['product']}")).json()
        return bool(ledger["adds_up"] and product["variants"][0]["available"] == 50)

    await until_it_holds(all_back)
    events = (await host.get("/api/events")).json()["events"]
    assert [each for each in events if each["show"]["id"] == room] == []
    (real,) = (await host.get(f"/api/shows/{rehearsal['rehearses']}")).json()["offers"]
    assert (real["state"], real["left"]) == ("draft", 20)


async def test_a_rehearsals_offer_cannot_be_had_from_another_room(live: Live) -> None:
    host, stranger = await live.member("host"), await live.guest()
    elsewhere = await live.selling(host)
    _, offer = await rehearsed(live, host)

    async with live.watching(elsewhere["show"], stranger) as viewer:
        await viewer.greeted()
        await viewer.send(type="reserve", id="r1", offer=offer["id"])
        assert (await viewer.hear("refused"))["reason"] == "unknown_offer"
