"""A buyer asks for their money back, over HTTP."""

from pathlib import Path
from typing import Any

from commerce.ids import OrderId
from commerce.store.pool import acquire
from live.embedded import Services
from tests.live.shops import Visitor, Web, open_web
from tests.live.test_fulfilment_api import pay
from tests.live.test_orders_api import ordered

BROKEN = {"reason": "  It came in two pieces "}


async def bought(web: Web, buyer: Visitor, host: Visitor) -> dict[str, Any]:
    order = await ordered(web, buyer, await web.selling(host))
    await pay(web, buyer, [order["id"]])
    return order


async def test_a_refund_grants_what_its_buyer_asked_for(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        order = await bought(web, buyer, host)
        path = f"/api/orders/{order['id']}"
        asked = await buyer.send("PUT", f"{path}/refund-request", BROKEN)
        (seen,) = (await host.get(f"/api/orders?show={order['show']}")).json()["orders"]
        await host.post(f"{path}/refund", {"amount_minor": 100, "return_units": False})
        granted = (await buyer.get(path)).json()["refund_request"]
        late = await buyer.send("PUT", f"{path}/refund-request", BROKEN)

        assert asked.status_code == 200, asked.text
        request = asked.json()["refund_request"]
        assert request == {"reason": "It came in two pieces", "asked_at": request["asked_at"]}
        assert seen["refund_request"] == request
        assert granted == request | {"status": "granted"}
        assert (late.status_code, late.json()["code"]) == (409, "wrong_state")


async def test_a_request_may_be_said_anew_and_taken_back_while_nobody_answered(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        order = await bought(web, buyer, host)
        path = f"/api/orders/{order['id']}/refund-request"
        await buyer.send("PUT", path, BROKEN)
        anew = await buyer.send("PUT", path, {"reason": "It leaks"})
        gone = await buyer.send("DELETE", path)
        twice = await buyer.send("DELETE", path)
        async with acquire(web.shop.pool) as connection:
            recorded = await connection.fetch(
                "SELECT type FROM events WHERE subject_id = $1 ORDER BY id", OrderId(order["id"])
            )

        assert anew.json()["refund_request"]["reason"] == "It leaks"
        assert "refund_request" not in gone.json()
        assert twice.json()["code"] == "wrong_state"
        assert [row["type"] for row in recorded] == [
            "order.placed",
            "order.paid",
            "order.refund_requested",
        ]


async def test_a_declined_request_says_why_and_is_not_asked_again(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        order = await bought(web, buyer, host)
        path = f"/api/orders/{order['id']}/refund-request"
        await buyer.send("PUT", path, BROKEN)
        declined = await host.post(f"{path}/decline", {"answer": "Glue is in the box"})
        again = await buyer.send("PUT", path, BROKEN)
        withdrawn = await buyer.send("DELETE", path)
        refunded = await host.post(f"/api/orders/{order['id']}/refund")

        request = declined.json()["refund_request"]
        assert (request["status"], request["answer"]) == ("declined", "Glue is in the box")
        assert [again.json()["code"], withdrawn.json()["code"]] == ["wrong_state"] * 2
        # Who thinks better of it gives the money back all the same; what was said stays.
        assert refunded.json()["refund_request"] == request


async def test_only_the_buyer_asks_and_only_for_what_was_paid(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer, other = await web.member("host"), await web.guest(), await web.guest("Ann")
        order = await ordered(web, buyer, await web.selling(host))
        path = f"/api/orders/{order['id']}/refund-request"
        unpaid = await buyer.send("PUT", path, BROKEN)
        await pay(web, buyer, [order["id"]])
        answers = [
            await other.send("PUT", path, BROKEN),
            await host.send("PUT", path, BROKEN),
            await buyer.post(f"{path}/decline", {}),
            await host.post(f"{path}/decline", {}),
            await buyer.send("PUT", path, {"reason": " \n "}),
        ]

        assert unpaid.json()["code"] == "wrong_state"
        assert [each.json()["code"] for each in answers] == [
            "not_yours",
            "not_yours",
            "forbidden",
            "wrong_state",
            "invalid_value",
        ]
