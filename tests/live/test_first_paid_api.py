"""An offer whose first to pay is served, over HTTP."""

from pathlib import Path
from typing import Any

from commerce.offers.policy import RIVALS
from live.embedded import Services
from tests.live.shops import Visitor, open_web
from tests.live.test_orders_api import deliver, ordered


async def page(buyer: Visitor, order: dict[str, Any]) -> str:
    """Go to the till, and return the gateway's page."""
    url: str = (await buyer.post(f"/api/orders/{order['id']}/pay")).json()["redirect_url"]
    return url


async def test_of_two_who_pay_for_the_last_unit_the_second_has_all_of_the_money_back(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        quick, slow, third = [await web.guest(name) for name in ("Lin", "Bo", "Ada")]
        offer = await web.selling(host, quantity=1, policy="first_paid")
        first, second, last = [await ordered(web, who, offer) for who in (quick, slow, third)]
        pages = [await page(slow, second), await page(quick, first)]
        for each in pages:
            await web.client.post(each, data={"decision": "succeed"})
            await deliver(web)
        late = await third.post(f"/api/orders/{last['id']}/pay")
        orders = [
            (await who.get(f"/api/orders/{order['id']}")).json()
            for who, order in ((slow, second), (quick, first), (third, last))
        ]
        ledger = (await host.get(f"/api/offers/{offer['id']}/ledger")).json()
        money = (await host.get(f"/api/shows/{offer['show']}/money")).json()

        assert (offer["policy"], first["first_paid"]) == ("first_paid", True)
        assert [(each["status"], each.get("money_back", False)) for each in orders] == [
            ("paid", False),
            ("sold_out", True),
            ("awaiting_payment", False),
        ]
        assert (late.status_code, late.json()["code"]) == (409, "sold_out")
        assert "Others paid first" in late.json()["detail"]
        assert (ledger["sold"], ledger["held"], ledger["adds_up"]) == (1, 0, True)
        (till,) = money["tills"]
        assert (till["captured_minor"], till["kept_minor"], till["adds_up"]) == (9600, 4800, True)


async def test_what_it_refuses_is_a_code_and_a_sentence(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host, quantity=1, policy="first_paid")
        path = f"/api/offers/{offer['id']}"
        in_line = await buyer.post(f"{path}/waitlist", {}, key="w")
        for number in range(RIVALS):
            each = await web.guest(f"Guest {number}")
            assert (await each.post(f"{path}/reservations", {}, key="r")).json()["first_paid"]
        crowded = await buyer.post(f"{path}/reservations", {}, key="r")
        draft = {
            "variant": offer["variant"],
            "quantity": 1,
            "entry": "queue",
            "policy": "first_paid",
        }
        both = await host.post(f"/api/shows/{offer['show']}/offers", draft)

        assert (in_line.status_code, in_line.json()["code"]) == (409, "no_waitlist")
        assert in_line.json()["detail"] == "This offer has no line: whoever pays first gets it"
        assert (crowded.status_code, crowded.json()["code"]) == (409, "crowded")
        assert crowded.json()["retry_after_ms"] == 2_000
        assert (both.status_code, both.json()["code"]) == (422, "invalid_value")
        assert both.json()["path"] == "$.policy"
