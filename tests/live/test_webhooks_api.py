"""Hosts' own programs: the webhooks that call them, and the feed that they read."""

import asyncio
import base64
import time
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commerce.payments.signature import verify
from commerce.store import feed
from live.embedded import Services
from tests.commerce.served import served
from tests.live.server import PATIENCE_S, open_live
from tests.live.shops import open_web

URL = "https://shop.example/hook"


async def test_a_secret_is_shown_once_and_never_again(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        made = await host.post("/api/webhooks", {"url": URL, "types": ["order.paid"]}, key="1")
        again = await host.post("/api/webhooks", {"url": URL, "types": ["order.paid"]}, key="1")
        listed = (await host.get("/api/webhooks")).json()
        one = (await host.get(f"/api/webhooks/{made.json()['id']}")).json()

        assert made.status_code == 201
        assert again.json() == made.json()
        webhook = made.json()
        secret = webhook.pop("secret")
        assert secret.startswith("whsec_")
        assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
        assert (webhook["url"], webhook["types"]) == (URL, ["order.paid"])
        assert listed == {"webhooks": [webhook]}
        assert one == webhook


async def test_a_webhook_is_its_hosts_business(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, other, viewer = (
            await web.member("host", "Mei"),
            await web.member("host", "Ann"),
            await web.guest(),
        )
        path = f"/api/webhooks/{(await host.post('/api/webhooks', {'url': URL})).json()['id']}"
        refused = [
            await other.get(path),
            await other.delete(path),
            await other.post(f"{path}/resume"),
            await other.get(f"{path}/deliveries"),
            await other.post(f"{path}/replay", {"after": "0"}),
        ]
        by_viewer = await viewer.get("/api/webhooks")
        nowhere = await host.get("/api/webhooks/whk_none")
        deleted = await host.delete(path)
        gone = await host.get(path)

        assert {(each.status_code, each.json()["code"]) for each in refused} == {(403, "not_yours")}
        assert (by_viewer.status_code, by_viewer.json()["code"]) == (403, "forbidden")
        assert (await other.get("/api/webhooks")).json() == {"webhooks": []}
        assert (nowhere.status_code, nowhere.json()["code"]) == (404, "unknown_webhook")
        assert deleted.status_code == 200
        assert gone.status_code == 404


async def test_a_webhook_must_lead_somewhere_and_not_to_us(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        bodies: list[Any] = [
            {"url": "http://shop.example/hook"},
            {"url": "https://10.0.0.1/hook"},
            {"url": "hook"},
            {"url": URL, "types": ["order.eaten"]},
            {},
        ]
        answers = [await host.post("/api/webhooks", body) for body in bodies]

        said = [(each.status_code, each.json()["code"], each.json()["path"]) for each in answers]
        assert said == [
            (422, "invalid_value", "$.url"),
            (422, "invalid_value", "$.url"),
            (422, "invalid_value", "$.url"),
            (422, "invalid_value", "$.types[0]"),
            (422, "invalid_value", "$"),
        ]
        assert (await host.get("/api/webhooks")).json() == {"webhooks": []}


async def test_a_host_follows_the_feed_by_cursor(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, other = await web.member("host", "Mei"), await web.member("host", "Ann")
        admin, viewer = await web.member("admin", "Root"), await web.guest()
        offer = await web.selling(host)
        await feed.place(web.shop.pool)
        first = (await host.get("/api/events?limit=1")).json()
        rest = (await host.get(f"/api/events?after={first['next']}")).json()
        nothing = (await host.get(f"/api/events?after={rest['next']}")).json()
        others = (await other.get("/api/events")).json()
        everyones = (await admin.get("/api/events")).json()
        wrong = await host.get("/api/events?after=soon")

        started, opened = first["events"] + rest["events"]
        assert (started["type"], started["show"]["id"]) == ("show.started", offer["show"])
        assert (opened["type"], opened["offer"]["id"]) == ("offer.opened", offer["id"])
        assert nothing == {"events": [], "next": rest["next"]}
        assert others == {"events": [], "next": rest["next"]}
        assert everyones["events"] == [started, opened]
        assert (wrong.status_code, wrong.json()["code"]) == (422, "invalid_value")
        assert wrong.json()["path"] == "query.after"
        assert (await viewer.get("/api/events")).status_code == 403
        await web.shop.pool.execute("DELETE FROM events WHERE type = 'show.started'")
        late = await host.get(f"/api/events?after={int(first['next']) - 1}")
        assert (late.status_code, late.json()["code"]) == (410, "events_gone")


async def test_deliveries_are_listed_in_pages_and_replayed(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        path = f"/api/webhooks/{(await host.post('/api/webhooks', {'url': URL})).json()['id']}"
        await web.selling(host)
        await feed.place(web.shop.pool)
        await web.shop.pool.execute(
            "UPDATE webhook_deliveries SET delivered_at = now(), due_at = NULL, attempts = 1"
        )
        page = (await host.get(f"{path}/deliveries?limit=1")).json()
        rest = (await host.get(f"{path}/deliveries?limit=1&before={page['next']}")).json()
        newest = page["deliveries"][0]
        replayed = await host.post(f"{path}/replay", {"event": newest["event"]})
        pending = (await host.get(f"{path}/deliveries?limit=1")).json()["deliveries"][0]
        unknown = await host.post(f"{path}/replay", {"event": "evt_999"})
        neither = await host.post(f"{path}/replay", {})
        all_of_it = await host.post(f"{path}/replay", {"after": "0"})

        assert [newest["type"], rest["deliveries"][0]["type"]] == ["offer.opened", "show.started"]
        assert newest["delivered_at"] > 0
        assert replayed.json() == {"deliveries": 1}
        assert "delivered_at" not in pending
        assert pending["due_at"] > 0
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_event")
        assert (neither.status_code, neither.json()["code"]) == (422, "invalid_value")
        assert all_of_it.json() == {"deliveries": 2}


async def test_a_purchase_reaches_the_merchants_program(services: Services, tmp_path: Path) -> None:
    heard: dict[str, Any] = {}
    news = asyncio.Event()
    secret = b""

    async def hook(request: Request) -> Response:
        verify(secret, request.headers, await request.body(), time.time_ns() // 1_000_000)
        event = await request.json()
        heard[event["type"]] = event
        news.set()
        return Response(status_code=204)

    application = Starlette(routes=[Route("/hook", hook, methods=["POST"])])
    async with (
        served(application) as url,
        open_live(services, tmp_path, WEBHOOK_TARGETS="any") as live,
    ):
        host, buyer = await live.member("host"), await live.guest()
        made = await host.post("/api/webhooks", {"url": f"{url}/hook"})
        secret = base64.b64decode(made.json()["secret"].removeprefix("whsec_"))
        offer = await live.selling(host)
        async with live.watching(offer["show"], buyer) as watcher:
            await watcher.hear("joined")
            await watcher.send(type="reserve", id="1", offer=offer["id"])
            order = (await watcher.hear("placed"))["order"]
            started = (await buyer.post(f"/api/orders/{order['id']}/pay")).json()
            await live.client.post(started["redirect_url"], data={"decision": "succeed"})
            await watcher.hear("paid")
            refund = {"amount_minor": 100, "return_units": False}
            await host.post(f"/api/orders/{order['id']}/refund", refund)
            refunded = await watcher.hear("refunded")
        async with asyncio.timeout(PATIENCE_S):
            while "order.refunded" not in heard:
                news.clear()
                await news.wait()

        assert refunded["order"]["refunded_minor"] == 100
        assert heard["order.refunded"]["order"] == refunded["order"]
        assert heard["order.paid"]["order"]["id"] == order["id"]
        assert heard["show.started"]["show"]["id"] == offer["show"]
