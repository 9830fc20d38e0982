"""The desk over HTTP: the order of the show, the notes beside it, a sale that lasts longer."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from commerce.ids import OfferId
from commerce.offers.stock import Level
from commerce.store import bag, offers
from commerce.store.pool import acquire
from live.embedded import Services
from tests.live.shops import Visitor, Web, open_web


async def bag_of(web: Web, show: str) -> list[str]:
    found = (await web.nobody.get(f"/api/shows/{show}")).json()["offers"]
    return [offer["id"] for offer in found]


async def planned(web: Web, host: Visitor, units: int = 4) -> list[str]:
    """Make the show `tea` with offers of one product."""
    await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
    first = await web.drafted(host, "tea", quantity=1)
    more = [
        (
            await host.post("/api/shows/tea/offers", {"variant": first["variant"], "quantity": 1})
        ).json()
        for _ in range(units - 1)
    ]
    return [offer["id"] for offer in (first, *more)]


@pytest.mark.parametrize(
    ("offer", "before", "expected"),
    [("d", "a", "dabc"), ("a", None, "bcda"), ("a", "c", "bacd"), ("c", "b", "acbd")],
)
def test_an_offer_moves_before_another_one_or_to_the_end(
    offer: str, before: str | None, expected: str
) -> None:
    four = [OfferId(each) for each in "abcd"]

    assert "".join(bag.moved(four, OfferId(offer), OfferId(before) if before else None)) == expected


async def test_the_order_of_the_show_is_kept(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        a, b, c, d = await planned(web, host)
        answer = await host.post("/api/shows/tea/order", {"offer": d, "before": b})
        same = await host.post("/api/shows/tea/order", {"offer": d, "before": d})
        kept = (await web.nobody.get("/api/shows/tea")).json()["offers"]

        assert (answer.status_code, answer.json()) == (200, {"offers": [a, d, b, c]})
        assert same.json() == answer.json()
        assert [(offer["id"], offer["position"]) for offer in kept] == [
            (a, 1),
            (d, 2),
            (b, 3),
            (c, 4),
        ]


async def test_two_who_sort_at_once_lose_no_offer_and_no_move(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        a, b, c, d = await planned(web, host)
        answers = await asyncio.gather(
            host.post("/api/shows/tea/order", {"offer": d, "before": a}),
            host.post("/api/shows/tea/order", {"offer": b}),
            host.post("/api/shows/tea/order", {"offer": b}),
        )

        assert [answer.status_code for answer in answers] == [200, 200, 200]
        assert await bag_of(web, "tea") == [d, a, c, b]


async def test_a_moderator_sorts_and_notes_and_a_viewer_does_neither(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, helper, viewer = await web.member("host"), await web.guest(), await web.guest("Ann")
        a, b, c, d = await planned(web, host)
        await host.post("/api/shows/tea/moderators", {"user": helper.id})
        moved = await helper.post("/api/shows/tea/order", {"offer": d, "before": a})
        note = {"text": "Show the lid", "revision": 0, "offer": a}
        written = await helper.send("PUT", "/api/shows/tea/notes", note)
        refused = [
            await viewer.post("/api/shows/tea/order", {"offer": a}),
            await viewer.send("PUT", "/api/shows/tea/notes", {"text": "!", "revision": 0}),
            await viewer.get("/api/shows/tea/notes"),
        ]

        assert (moved.status_code, written.status_code) == (200, 200)
        assert [answer.json()["code"] for answer in refused] == ["forbidden"] * 3
        assert await bag_of(web, "tea") == [d, a, b, c]
        assert (await host.get("/api/shows/tea/notes")).json() == {
            "notes": [{"text": "Show the lid", "revision": 1, "offer": a}]
        }


async def test_an_offer_of_another_show_is_no_place_to_move_to(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        a, *_ = await planned(web, host, 2)
        other = await web.selling(host)
        before = await bag_of(web, "tea")
        answer = await host.post("/api/shows/tea/order", {"offer": a, "before": other["id"]})

        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_offer")
        assert await bag_of(web, "tea") == before


async def test_nobody_writes_over_a_note_that_they_have_not_read(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await planned(web, host, 1)

        async def write(text: str, revision: int) -> Any:
            body = {"text": text, "revision": revision}
            return (await host.send("PUT", "/api/shows/tea/notes", body)).json()

        first = await write("Welcome everyone", 0)
        second = await write("Welcome, everyone", 1)
        late = await write("Hello", 1)
        later = await write("Hello", 0)

        assert first == {"note": {"text": "Welcome everyone", "revision": 1}}
        assert second == {"note": {"text": "Welcome, everyone", "revision": 2}}
        assert late == later == {**second, "kept": False}
        assert (await host.get("/api/shows/tea/notes")).json() == {"notes": [second["note"]]}


async def test_notes_are_nowhere_that_a_viewer_looks(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        a, *_ = await planned(web, host, 1)
        for offer in ("", a):
            body = {"text": "secret word", "revision": 0, "offer": offer}
            assert (await host.send("PUT", "/api/shows/tea/notes", body)).status_code == 200
        shown = [
            await web.nobody.get(path)
            for path in ("/api/shows", "/api/shows/tea", f"/api/offers/{a}")
        ]

        assert all("secret word" not in answer.text for answer in shown)
        assert (await web.nobody.get("/api/shows/tea/notes")).status_code == 401


async def level(web: Web, offer: str) -> Level:
    levels = await web.shop.gate.levels([OfferId(offer)])
    assert isinstance(levels, dict)
    return levels[OfferId(offer)]


async def gate_closes_at(web: Web, offer: str) -> int:
    terms = web.shop.gate.keys.terms(OfferId(offer))
    closes_at = await web.shop.gate.client.hget(terms, "closes_at")
    assert closes_at is not None
    return int(closes_at)


async def test_a_sale_that_is_extended_sells_for_longer_at_the_gate_too(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        offer = await web.selling(host, duration_s=60)
        path = f"/api/offers/{offer['id']}"
        answer = await host.post(f"{path}/extend", {"by_s": 30}, key="once")
        again = await host.post(f"{path}/extend", {"by_s": 30}, key="once")
        seen = (await web.nobody.get(path)).json()
        gate = await gate_closes_at(web, offer["id"])

        assert answer.status_code == 200
        assert again.json() == answer.json()
        assert seen["closes_at"] == offer["closes_at"] + 30_000
        assert gate == offer["closes_at"] + 30_000
        assert (await level(web, offer["id"])).adds_up


async def test_old_news_of_an_offer_does_not_shorten_it_at_the_gate(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        offer = await web.selling(host, duration_s=60)
        id = OfferId(offer["id"])
        async with acquire(web.shop.pool) as connection:
            old = await offers.gate_terms(connection, id)
        await host.post(f"/api/offers/{id}/extend", {"by_s": 60})
        loaded = await web.shop.gate.load(old)
        gate = await gate_closes_at(web, id)

        assert loaded == "already"
        assert gate == offer["closes_at"] + 60_000


async def test_only_what_sells_and_has_an_end_is_extended(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        endless = await web.selling(host)
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        draft = await web.drafted(host, "tea")
        over = await web.selling(host, duration_s=60)
        async with acquire(web.shop.pool) as connection:
            await connection.execute(
                "UPDATE offers SET opens_at = now() - interval '2 min',"
                " closes_at = now() - interval '1 s' WHERE id = $1",
                over["id"],
            )
        refused = [
            await host.post(f"/api/offers/{each['id']}/extend", {"by_s": 30})
            for each in (endless, draft, over)
        ]

        assert [answer.json()["code"] for answer in refused] == ["wrong_state"] * 3
        assert "is over" in refused[2].json()["detail"]
