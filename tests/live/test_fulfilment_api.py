"""Address, quote, one payment, parcel: over HTTP, and who may read what."""

from pathlib import Path
from typing import Any

from live.embedded import Services
from tests.live.shops import Visitor, Web, open_web
from tests.live.test_orders_api import deliver, ordered

HOME = {
    "name": "Lin",
    "lines": ["Allee 1"],
    "city": "Berlin",
    "country": "de",
    "postcode": "10115",
}
TARIFF: dict[str, Any] = {
    "currency": "USD",
    "zones": [
        {
            "name": "Home",
            "places": [{"country": "de"}],
            "options": [
                {"id": "standard", "name": "Standard", "price_minor": 500, "days_max": 4},
                {"id": "express", "name": "Express", "price_minor": 1200},
            ],
        }
    ],
    "taxes": [{"name": "VAT", "country": "DE", "rate_bp": 1900, "included": True}],
}


async def publish(host: Visitor, tariff: dict[str, Any] = TARIFF) -> None:
    drafted = await host.post("/api/tariffs", tariff)
    assert drafted.status_code == 201, drafted.text
    published = await host.post(f"/api/tariffs/{drafted.json()['id']}/publish", {})
    assert published.status_code == 200, published.text
    assert published.json()["in_force"]


async def pay(web: Web, buyer: Visitor, orders: list[str], **how: Any) -> dict[str, Any]:
    """Quote and pay; return the quote."""
    quote = (await buyer.post("/api/checkout/quote", {"orders": orders, **how})).json()
    started = await buyer.post(
        "/api/checkout",
        {"orders": orders, "quote": quote["id"], "amount_minor": quote["total_minor"], **how},
    )
    assert started.status_code == 200, started.text
    await web.client.post(started.json()["redirect_url"], data={"decision": "succeed"})
    await deliver(web)
    assert isinstance(quote, dict)
    return quote


async def test_from_an_address_to_a_delivered_parcel(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host)
        show = offer["show"]
        before = (await web.nobody.get(f"/api/shows/{show}/delivery")).json()
        await publish(host)
        asked = (await web.nobody.get(f"/api/shows/{show}/delivery")).json()
        order = await ordered(web, buyer, offer)
        kept = (await buyer.post("/api/addresses", HOME)).json()
        quote = await pay(web, buyer, [order["id"]], address=kept["id"])
        paid = (await buyer.get(f"/api/orders/{order['id']}")).json()
        parcel = f"/api/shipments/{paid['shipment']}"
        listed = (await host.get(f"/api/shows/{show}/pack-list")).json()
        table = await host.get(f"/api/shows/{show}/pack-list.csv")
        packed = await host.post(f"{parcel}/pack")
        sent = await host.post(f"{parcel}/ship", {"carrier": "DHL", "tracking": "0034"})
        arrived = await host.post(f"{parcel}/deliver")
        seen = (await buyer.get(f"/api/orders/{order['id']}")).json()
        after = (await host.get(f"/api/shows/{show}/pack-list")).json()
        own = (await buyer.get(parcel)).json()
        money = (await host.get(f"/api/shows/{show}/money")).json()["tills"]

        assert before == {"asks_address": False}
        assert asked == {"asks_address": True, "countries": ["DE"], "currency": "USD"}
        assert kept["address"]["country"] == "DE"
        assert (quote["goods_minor"], quote["shipping_minor"]) == (4800, 500)
        assert (quote["tax_minor"], quote["tax_included_minor"]) == (0, 766)
        assert quote["total_minor"] == 5300
        assert (paid["status"], paid["total_minor"], paid["shipping_minor"]) == ("paid", 5300, 500)
        assert paid["shipment_state"] == "open"
        (only,) = listed["parcels"]
        assert only["address"] == kept["address"]
        assert [line["order"] for line in only["lines"]] == [order["id"]]
        assert table.headers["content-type"] == "text/csv; charset=utf-8"
        assert "Allee 1" in table.text
        assert [each.json()["state"] for each in (packed, sent, arrived)] == [
            "packed",
            "shipped",
            "delivered",
        ]
        assert (seen["shipment_state"], seen["carrier"], seen["tracking"]) == (
            "delivered",
            "DHL",
            "0034",
        )
        assert after["parcels"] == []
        assert own["address"] == kept["address"]
        assert [(each["captured_minor"], each["adds_up"]) for each in money] == [(5300, True)]


async def test_several_wins_are_one_payment_without_an_address_where_nothing_is_delivered(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host, limit_per_buyer=5)
        for key in ("a", "b"):
            await buyer.post(f"/api/offers/{offer['id']}/reservations", {}, key=key)
        await web.write_orders()
        orders = [each["id"] for each in (await buyer.get("/api/orders")).json()["orders"]]

        quote = await pay(web, buyer, orders)

        assert (len(orders), quote["total_minor"], quote.get("options")) == (2, 9600, None)
        states = [each["status"] for each in (await buyer.get("/api/orders")).json()["orders"]]
        assert states == ["paid", "paid"]


async def test_a_price_that_is_not_ours_any_more_is_refused(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        order = await ordered(web, buyer, await web.selling(host))
        await publish(host)
        wanted = {"orders": [order["id"]], "to": HOME}
        unaddressed = await buyer.post(f"/api/orders/{order['id']}/pay")
        quote = (await buyer.post("/api/checkout/quote", wanted)).json()
        agreed = {**wanted, "quote": quote["id"], "amount_minor": quote["total_minor"]}
        cheaper = await buyer.post("/api/checkout", {**agreed, "amount_minor": 1})
        await publish(host, {**TARIFF, "taxes": [], "zones": TARIFF["zones"]})
        changed = await buyer.post("/api/checkout", agreed)
        renewed = (await buyer.post("/api/checkout/quote", wanted)).json()
        charged = await buyer.post(
            "/api/checkout",
            {**wanted, "quote": renewed["id"], "amount_minor": renewed["total_minor"]},
        )

        assert (unaddressed.status_code, unaddressed.json()["code"]) == (409, "address_needed")
        assert (cheaper.status_code, cheaper.json()["code"]) == (409, "amount_mismatch")
        assert "53.00 USD" in cheaper.json()["detail"]
        assert (changed.status_code, changed.json()["code"]) == (409, "quote_changed")
        assert charged.status_code == 200


async def test_an_address_is_for_its_buyer_and_the_host_who_sends_there(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer, other = await web.member("host"), await web.guest(), await web.guest("Ann")
        rival, admin = await web.member("host", "Ann"), await web.member("admin", "Ada")
        offer = await web.selling(host)
        await publish(host)
        order = await ordered(web, buyer, offer)
        kept = (await buyer.post("/api/addresses", HOME)).json()
        await pay(web, buyer, [order["id"]], address=kept["id"])
        shipment = (await buyer.get(f"/api/orders/{order['id']}")).json()["shipment"]
        answers = [
            await who.get(path)
            for who in (rival, admin)
            for path in (
                f"/api/shipments/{shipment}",
                f"/api/shows/{offer['show']}/pack-list",
                f"/api/shows/{offer['show']}/pack-list.csv",
            )
        ]
        theirs = await other.post(
            "/api/checkout/quote", {"orders": [order["id"]], "address": kept["id"]}
        )
        deleted = await other.delete(f"/api/addresses/{kept['id']}")
        moved = await rival.post(f"/api/shipments/{shipment}/ship", {"carrier": "DHL"})
        events = await host.get("/api/events")

        assert {(each.status_code, each.json()["code"]) for each in answers} == {(403, "not_yours")}
        assert (await other.get(f"/api/shipments/{shipment}")).status_code == 403
        assert (theirs.status_code, theirs.json()["code"]) == (404, "unknown_address")
        assert (deleted.status_code, deleted.json()["code"]) == (404, "unknown_address")
        assert (moved.status_code, moved.json()["code"]) == (403, "not_yours")
        assert (await buyer.get("/api/addresses")).json()["addresses"] == [kept]
        assert "Allee" not in events.text


async def test_what_cannot_be_sent_gets_a_sentence(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        order = await ordered(web, buyer, await web.selling(host))
        await publish(host)
        wanted = {"orders": [order["id"]]}
        bad = await buyer.post("/api/addresses", {**HOME, "postcode": "1"})
        typed = await buyer.post("/api/checkout/quote", {**wanted, "to": {**HOME, "country": "XX"}})
        nowhere = await buyer.post(
            "/api/checkout/quote", {**wanted, "to": {**HOME, "country": "FR"}}
        )
        option = await buyer.post("/api/checkout/quote", {**wanted, "to": HOME, "option": "drone"})
        lopsided = await host.post("/api/tariffs", {**TARIFF, "zones": []})
        twice = await host.post(
            "/api/tariffs",
            {
                "currency": "USD",
                "zones": [{**TARIFF["zones"][0], "options": TARIFF["zones"][0]["options"][:1] * 2}],
            },
        )

        assert (bad.status_code, bad.json()["path"]) == (422, "$.postcode")
        assert "one looks like 10115" in bad.json()["detail"]
        assert (typed.status_code, typed.json()["path"]) == (422, "$.to.country")
        assert (nowhere.status_code, nowhere.json()["code"]) == (409, "not_delivered")
        assert (option.status_code, option.json()["path"]) == (422, "$.option")
        assert "standard, express" in option.json()["detail"]
        assert (lopsided.status_code, lopsided.json()["path"]) == (422, "$.zones")
        assert (twice.status_code, twice.json()["path"]) == (422, "$.zones[0].options")
