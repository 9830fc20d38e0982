"""The catalogue as a merchant works on it, over HTTP."""

import asyncio
import time
from pathlib import Path
from typing import Any

from live.embedded import Services
from tests.live.shops import open_web, teapot


async def test_stock_is_corrected_with_a_reason_once_a_key(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        product = (await host.post("/api/products", teapot("red"))).json()
        variant = product["variants"][0]["id"]
        path = f"/api/variants/{variant}"
        damaged = {"change": -3, "why": "damaged", "note": "fell off"}
        first = await host.post(f"{path}/adjustments", damaged, key="a")
        again = await host.post(f"{path}/adjustments", damaged, key="a")
        too_many = await host.post(f"{path}/adjustments", {"change": -48, "why": "lost"})
        unknown = await host.post("/api/variants/var_1/adjustments", {"change": 1, "why": "lost"})
        no_reason = await host.post(f"{path}/adjustments", {"change": 1, "why": "theft"})
        moved = (await host.get(f"{path}/movements?limit=1")).json()
        rest = (await host.get(f"{path}/movements?before={moved['next']}")).json()

        assert first.json() == {"variant": variant, "available": 47}
        assert again.json() == first.json()
        assert (too_many.status_code, too_many.json()["code"]) == (409, "not_enough_stock")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_variant")
        assert (no_reason.status_code, no_reason.json()["path"]) == (422, "$.why")
        (movement,) = moved["movements"]
        assert movement == {
            "id": moved["next"],
            "variant": variant,
            "sku": "POT-red",
            "quantity": 3,
            "origin": "warehouse",
            "destination": "outside",
            "why": "damaged",
            "at": movement["at"],
            "account": host.id,
            "note": "fell off",
        }
        assert [(each["why"], each["account"]) for each in rest["movements"]] == [
            ("imported", host.id)
        ]
        assert "next" not in rest


async def test_an_offer_shows_where_its_units_went(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, other = await web.member("host"), await web.member("host", "Ann")
        offer = await web.selling(host)
        path = f"/api/offers/{offer['id']}/movements"
        moved = (await host.get(path)).json()["movements"]
        refused = await other.get(path)

        assert [(each["why"], each["quantity"], each["account"]) for each in moved] == [
            ("opened", 20, host.id)
        ]
        assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")


async def test_a_product_is_edited_archived_and_found_again(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        product = (await host.post("/api/products", teapot("red"))).json()
        path = f"/api/products/{product['id']}"
        variant = product["variants"][0]["id"]
        titled = await host.send("PATCH", path, {"title": "Kettle", "tags": ["tea"]})
        priced = await host.send(
            "PATCH",
            f"/api/variants/{variant}",
            {"price_minor": 4000, "was_minor": 4800, "alert_at": 5},
        )
        untrue = await host.send("PATCH", f"/api/variants/{variant}", {"was_minor": 9900})
        cleared = await host.send(
            "PATCH", f"/api/variants/{variant}", {"was_minor": None, "alert_at": None}
        )
        prices = (await host.get(f"/api/variants/{variant}/prices")).json()
        archived = await host.send("PATCH", path, {"status": "archived"})
        listed = (await host.get("/api/products?search=kettle")).json()
        shelved = (await host.get("/api/products?search=kettle&status=archived")).json()

        assert (titled.json()["title"], titled.json()["tags"]) == ("Kettle", ["tea"])
        (changed,) = priced.json()["variants"]
        assert (changed["price_minor"], changed["was_minor"], changed["alert_at"]) == (
            4000,
            4800,
            5,
        )
        assert (untrue.status_code, untrue.json()["code"]) == (409, "was_not_asked")
        assert untrue.json()["detail"].startswith("99.00 USD was not asked for POT-red")
        assert not {"was_minor", "alert_at"} & cleared.json()["variants"][0].keys()
        assert (prices["lowest_minor"], [each["minor"] for each in prices["prices"]]) == (
            4000,
            [4000, 4800],
        )
        assert archived.json()["status"] == "archived"
        assert listed == {"products": []}
        assert shelved["products"] == [archived.json()]


async def test_a_variant_is_added_to_a_product(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        lone = (await host.post("/api/products", teapot("red"))).json()
        sized = teapot("blue") | {"options": ["Size"]}
        sized["variants"][0]["options"] = ["S"]
        product = (await host.post("/api/products", sized)).json()
        large = {"sku": "POT-L", "price_minor": 5000, "currency": "USD", "available": 2}
        path = f"/api/products/{product['id']}/variants"
        added = await host.post(path, large | {"options": ["L"]})
        taken = await host.post(path, large | {"options": ["XL"]})
        alike = await host.post(f"/api/products/{lone['id']}/variants", large | {"sku": "POT-2"})

        assert added.status_code == 201
        assert [(each["sku"], each["available"]) for each in added.json()["variants"]] == [
            ("POT-blue", 50),
            ("POT-L", 2),
        ]
        assert (taken.status_code, taken.json()["code"]) == (409, "skus_taken")
        assert (alike.status_code, alike.json()["path"]) == (422, "$.options")


async def test_the_catalogue_leaves_as_it_came(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        for tag in ("red", "blue"):
            await host.post("/api/products", teapot(tag))
        before = (await host.get("/api/products")).json()
        exported = await host.get("/api/products/export")
        imported = await host.client.post(
            "/api/products/import",
            content=exported.content,
            headers={**host.headers, "content-type": "text/csv"},
        )

        assert exported.headers["content-type"] == "text/csv; charset=utf-8"
        assert exported.headers["content-disposition"] == 'attachment; filename="products.csv"'
        assert "link" not in exported.headers
        assert (imported.json()["updated"], imported.json()["refused"]) == (2, [])
        assert (await host.get("/api/products")).json() == before
        assert (await web.nobody.get("/api/products/export")).status_code == 401


async def test_a_flash_price_that_is_none_is_refused_with_the_figure(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        product = (await host.post("/api/products", teapot("red"))).json()
        variant = product["variants"][0]["id"]
        await host.send("PATCH", f"/api/variants/{variant}", {"price_minor": 9900})
        terms: dict[str, Any] = {"quantity": 1, "kind": "flash", "price_minor": 4800}
        refused = await host.post("/api/shows/tea/offers", terms | {"variant": variant})

        assert (refused.status_code, refused.json()["code"]) == (409, "price_not_lower")
        assert "was 48.00 USD" in refused.json()["detail"]
        assert (await host.get("/api/shows/tea")).json()["offers"] == []


async def test_a_bundle_is_drafted_opened_and_ordered(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        await host.post("/api/shows/tea/start")
        pots = [(await host.post("/api/products", teapot(tag))).json() for tag in ("red", "blue")]
        red, blue = (pot["variants"][0]["id"] for pot in pots)
        draft = await host.post(
            "/api/shows/tea/offers",
            {
                "items": [{"variant": red}, {"variant": blue, "count": 2}],
                "quantity": 10,
                "price_minor": 12_000,
                "title": "Three pots",
            },
        )
        path = f"/api/offers/{draft.json()['id']}"
        await host.post(f"{path}/open")
        await buyer.post(f"{path}/reservations", {}, key="a")
        await web.write_orders()
        (order,) = (await buyer.get("/api/orders")).json()["orders"]
        ledger = (await host.get(f"{path}/ledger")).json()
        neither = await host.post("/api/shows/tea/offers", {"quantity": 1})

        assert [(each["sku"], each.get("count", 1)) for each in order["items"]] == [
            ("POT-red", 1),
            ("POT-blue", 2),
        ]
        assert (order["title"], order["total_minor"]) == ("Three pots", 12_000)
        assert ledger["adds_up"] is True
        assert [(each["offered"], each["held"]) for each in ledger["movements"]] == [
            (9, 1),
            (18, 2),
        ]
        assert (neither.status_code, neither.json()["path"]) == (422, "$.variant")


# -- Offers that open later ---------------------------------------------------------------------


async def test_an_offer_opens_at_its_moment_by_itself(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        draft = await web.drafted(host, "tea")
        path = f"/api/offers/{draft['id']}"
        moment = time.time_ns() // 1_000_000 + 400
        opened = (await host.post(f"{path}/open", {"opens_at": moment, "duration_s": 60})).json()
        early = await buyer.post(f"{path}/reservations", {}, key="a")
        # Nobody opens it: the gate and every clock on a screen know the moment.
        async with asyncio.timeout(5):
            while (
                late := await buyer.post(f"{path}/reservations", {}, key="b")
            ).status_code != 201:
                assert late.json()["code"] == "not_open"
                assert time.time_ns() // 1_000_000 < moment + 100
                await asyncio.sleep(late.json()["retry_after_ms"] / 1000)

        assert (opened["opens_at"], opened["closes_at"]) == (moment, moment + 60_000)
        assert (early.status_code, early.json()["code"]) == (409, "not_open")
        assert time.time_ns() // 1_000_000 >= moment


async def test_an_offer_opens_within_thirty_days(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        draft = await web.drafted(host, "tea")
        path = f"/api/offers/{draft['id']}"
        now = time.time_ns() // 1_000_000
        answers = [
            await host.post(f"{path}/open", {"opens_at": moment})
            for moment in (now - 60_000, now + 31 * 86_400_000)
        ]

        assert {(each.status_code, each.json()["path"]) for each in answers} == {
            (422, "$.opens_at")
        }
        assert (await host.get(path)).json() == draft
