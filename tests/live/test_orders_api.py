import time
from pathlib import Path
from typing import Any

import httpx

from commerce.payments.signature import sign
from live.config import webhook_secret
from live.embedded import Services
from tests.commerce.stripe_double import KEY, WEBHOOK_SECRET, open_stripe_double
from tests.live.shops import Visitor, Web, open_web


async def ordered(web: Web, buyer: Visitor, offer: dict[str, Any]) -> dict[str, Any]:
    """Reserve one unit, have the order written, and return it."""
    await buyer.post(f"/api/offers/{offer['id']}/reservations", {}, key=f"{buyer.id}-1")
    await web.write_orders()
    (order,) = (await buyer.get("/api/orders")).json()["orders"]
    assert isinstance(order, dict)
    return order


async def deliver(web: Web, *, later_ms: int = 0) -> int:
    """Let the sandbox deliver what is due, to this very process."""
    now = time.time_ns() // 1_000_000 + later_ms
    return await web.shop.sandbox.deliver_due(web.client, now)


async def test_an_order_is_paid_through_the_sandbox(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host)
        order = await ordered(web, buyer, offer)
        started = (await buyer.post(f"/api/orders/{order['id']}/pay")).json()
        page = await web.client.get(started["redirect_url"])
        decided = await web.client.post(started["redirect_url"], data={"decision": "succeed"})
        before = (await buyer.get(f"/api/orders/{order['id']}")).json()["status"]
        await deliver(web)
        after = (await buyer.get(f"/api/orders/{order['id']}")).json()
        ledger = (await host.get(f"/api/offers/{offer['id']}/ledger")).json()

        assert order["status"] == "awaiting_payment"
        assert started["redirect_url"] == f"http://shop.test/sandbox/pay/{started['reference']}"
        assert "48.00 USD" in page.text
        assert (decided.status_code, decided.headers["location"]) == (303, f"/live/{offer['show']}")
        assert before == "awaiting_payment"
        assert (after["status"], after["total_minor"]) == ("paid", 4800)
        assert (ledger["sold"], ledger["held"], ledger["adds_up"]) == (1, 0, True)


async def test_a_declined_payment_can_be_tried_again(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        order = await ordered(web, buyer, await web.selling(host))
        first = (await buyer.post(f"/api/orders/{order['id']}/pay")).json()
        same = (await buyer.post(f"/api/orders/{order['id']}/pay")).json()
        await web.client.post(first["redirect_url"], data={"decision": "decline"})
        await deliver(web)
        second = (await buyer.post(f"/api/orders/{order['id']}/pay")).json()

        assert same == first
        assert second["reference"] != first["reference"]
        assert (await buyer.get(f"/api/orders/{order['id']}")).json() == order


async def test_a_late_payment_arrives_late(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        order = await ordered(web, buyer, await web.selling(host))
        started = (await buyer.post(f"/api/orders/{order['id']}/pay")).json()
        await web.client.post(started["redirect_url"], data={"decision": "late_5"})

        assert await deliver(web) == 0
        assert await deliver(web, later_ms=5_000) == 1
        assert (await buyer.get(f"/api/orders/{order['id']}")).json()["status"] == "paid"


async def test_a_cancelled_order_gives_its_unit_back(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host)
        order = await ordered(web, buyer, offer)
        cancelled = await buyer.post(f"/api/orders/{order['id']}/cancel")
        again = await buyer.post(f"/api/orders/{order['id']}/cancel")
        left = (await buyer.get(f"/api/offers/{offer['id']}")).json()["left"]

        assert cancelled.json() == order | {"status": "cancelled"}
        assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
        assert left == 20


async def test_only_the_host_refunds_and_only_what_was_paid(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host", "Mei"), await web.guest()
        order = await ordered(web, buyer, await web.selling(host))
        path = f"/api/orders/{order['id']}"
        unpaid = await host.post(f"{path}/refund")
        started = (await buyer.post(f"{path}/pay")).json()
        await web.client.post(started["redirect_url"], data={"decision": "succeed"})
        await deliver(web)
        by_buyer = await buyer.post(f"{path}/refund")
        by_other = await (await web.member("host", "Ann")).post(f"{path}/refund")
        refunded = await host.post(f"{path}/refund")

        assert (unpaid.status_code, unpaid.json()["code"]) == (409, "wrong_state")
        assert (by_buyer.status_code, by_buyer.json()["code"]) == (403, "forbidden")
        assert (by_other.status_code, by_other.json()["code"]) == (403, "not_yours")
        assert refunded.json()["status"] == "refunded"


async def test_a_host_gives_some_of_the_money_back_once_a_key(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host)
        order = await ordered(web, buyer, offer)
        path = f"/api/orders/{order['id']}"
        started = (await buyer.post(f"{path}/pay", {"gateway": "sandbox"})).json()
        await web.client.post(started["redirect_url"], data={"decision": "succeed"})
        await deliver(web)
        some = {"amount_minor": 800, "return_units": False, "reason": "a chip on the lid"}
        first = await host.post(f"{path}/refund", some, key="r-1")
        again = await host.post(f"{path}/refund", some, key="r-1")
        # The answer was lost together with the process that gave it.
        await web.shop.pool.execute("DELETE FROM idempotency_keys")
        later = await host.post(f"{path}/refund", some, key="r-1")
        reused = await host.post(f"{path}/refund", {**some, "amount_minor": 1}, key="r-1")
        too_much = await host.post(f"{path}/refund", {"amount_minor": 4001})
        nothing = await host.post(f"{path}/refund", {"amount_minor": 0})

        assert first.json()["refunded_minor"] == 800
        assert first.json()["status"] == "paid"
        assert again.json() == later.json() == first.json()
        assert (reused.status_code, reused.json()["code"]) == (422, "idempotency_key_reused")
        assert (too_much.status_code, too_much.json()["code"]) == (409, "refund_too_large")
        assert "40.00 USD" in too_much.json()["detail"]
        assert (nothing.status_code, nothing.json()["code"]) == (422, "invalid_value")
        assert (await buyer.get(path)).json() == first.json()
        tally = (await host.get(f"/api/shows/{offer['show']}/tally")).json()
        assert (tally["paid"], tally["takings_minor"]) == (1, 4000)
        money = (await host.get(f"/api/shows/{offer['show']}/money")).json()
        assert money["tills"] == [
            {
                "currency": "USD",
                "captured_minor": 4800,
                "kept_minor": 4000,
                "refunded_minor": 800,
                "orders_minor": 4000,
                "adds_up": True,
            }
        ]


async def test_a_buyer_chooses_who_takes_the_money(services: Services, tmp_path: Path) -> None:
    async with (
        open_stripe_double() as stripe,
        open_web(
            services,
            tmp_path,
            STRIPE_SECRET_KEY=KEY,
            STRIPE_WEBHOOK_SECRET=WEBHOOK_SECRET,
            STRIPE_API_URL=stripe.url,
            GATEWAYS="sandbox,stripe",
        ) as web,
    ):
        host, buyer = await web.member("host"), await web.guest()
        order = await ordered(web, buyer, await web.selling(host))
        path = f"/api/orders/{order['id']}"
        listed = await web.nobody.get("/api/payments/gateways")
        unknown = await buyer.post(f"{path}/pay", {"gateway": "acme"})
        default = (await buyer.post(f"{path}/pay")).json()
        chosen = (await buyer.post(f"{path}/pay", {"gateway": "stripe"})).json()
        session = stripe.sessions[chosen["reference"]]
        stripe.pay(session["id"])
        ((headers, body),) = stripe.take_events()
        hook = "/api/payments/stripe/webhook"
        forged = await web.client.post(hook, content=body, headers={"stripe-signature": "t=1"})
        told = await web.client.post(hook, content=body, headers=headers)

        assert listed.json() == {"gateways": ["sandbox", "stripe"]}
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_gateway")
        assert default["redirect_url"].startswith("http://shop.test/sandbox/pay/")
        assert chosen["redirect_url"] == f"{stripe.url}/pay/{session['id']}"
        assert session["amount_total"] == 4800
        assert (forged.status_code, forged.json()["code"]) == (401, "bad_signature")
        assert (told.status_code, told.content) == (200, b"{}")
        assert (await buyer.get(path)).json()["status"] == "paid"


async def test_nobody_sees_or_touches_another_buyers_order(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer, other = await web.member("host"), await web.guest(), await web.guest("Ann")
        order = await ordered(web, buyer, await web.selling(host))
        path = f"/api/orders/{order['id']}"
        answers = [
            await other.get(path),
            await other.post(f"{path}/pay"),
            await other.post(f"{path}/cancel"),
        ]

        assert {(each.status_code, each.json()["code"]) for each in answers} == {(403, "not_yours")}
        assert (await other.get("/api/orders")).json() == {"orders": []}
        assert (await host.get(path)).json() == order


async def test_a_host_sees_everyones_orders_and_the_tally(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, ann, bob = await web.member("host"), await web.guest("Ann"), await web.guest("Bob")
        offer = await web.selling(host)
        first, second = await ordered(web, ann, offer), await ordered(web, bob, offer)
        everyone = (await host.get(f"/api/orders?show={offer['show']}")).json()
        page = (await host.get(f"/api/orders?show={offer['show']}&limit=1")).json()
        rest = (
            await host.get(f"/api/orders?show={offer['show']}&limit=1&after={page['next']}")
        ).json()
        anns = (await ann.get(f"/api/orders?show={offer['show']}")).json()
        tally = (await host.get(f"/api/shows/{offer['show']}/tally")).json()

        assert everyone["orders"] == [second, first]
        assert everyone["tally"] == tally
        assert (tally["orders"], tally["awaiting"], tally["paid"]) == (2, 2, 0)
        assert page["orders"] + rest["orders"] == [second, first]
        assert anns == {"orders": [first]}


async def test_a_webhook_is_only_believed_with_the_gateways_signature(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        body = (
            b'{"event":"captured","payment":"pay_1","reference":"sbx_1",'
            b'"amount_minor":4800,"currency":"USD"}'
        )
        now = time.time_ns() // 1_000_000_000
        secret = webhook_secret(web.shop.config)

        async def send(gateway: str, headers: dict[str, str]) -> httpx.Response:
            path = f"/api/payments/{gateway}/webhook"
            return await web.client.post(path, content=body, headers=headers)

        unsigned = await send("sandbox", {})
        forged = await send("sandbox", sign(b"another secret", "evt_1", now, body))
        stale = await send("sandbox", sign(secret, "evt_1", now - 3600, body))
        unknown = await send("sandbox", sign(secret, "evt_1", now, body))
        nowhere = await send("acme", sign(secret, "evt_1", now, body))

        assert (unsigned.status_code, unsigned.json()["code"]) == (401, "bad_signature")
        assert (forged.status_code, forged.json()["code"]) == (401, "bad_signature")
        assert (stale.status_code, stale.json()["code"]) == (401, "stale_signature")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_payment")
        assert (nowhere.status_code, nowhere.json()["code"]) == (404, "unknown_gateway")
