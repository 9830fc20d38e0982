from pathlib import Path

from live.embedded import Services
from tests.live.shops import open_web


async def test_an_offer_is_drafted_opened_pinned_and_closed(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        draft = await web.drafted(host, "tea", price_minor=3900)
        path = f"/api/offers/{draft['id']}"
        opened = await host.post(f"{path}/open", {"duration_s": 60})
        pinned = await host.post(f"{path}/pin")
        show = (await web.nobody.get("/api/shows/tea")).json()
        unpinned = await host.post(f"{path}/unpin")
        closed = await host.post(f"{path}/close")
        again = await host.post(f"{path}/close")

        assert (draft["state"], draft["price_minor"], draft["was_minor"]) == ("draft", 3900, 4800)
        assert (opened.json()["state"], opened.json()["left"]) == ("open", 20)
        assert opened.json()["closes_at"] - opened.json()["opens_at"] == 60_000
        assert pinned.json() == {"show": "tea", "offer": draft["id"]}
        assert show["pinned"] == draft["id"]
        assert [offer["id"] for offer in show["offers"]] == [draft["id"]]
        assert unpinned.json() == {"show": "tea"}
        assert (closed.status_code, closed.json()["state"]) == (200, "closed")
        assert again.json() == closed.json()


async def test_whoever_the_host_has_banned_may_not_reserve(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host)
        path, ban = (
            f"/api/offers/{offer['id']}/reservations",
            f"/api/shows/{offer['show']}/moderation",
        )
        await host.post(f"{ban}/ban", {"user": buyer.id})
        refused = await buyer.post(path, {}, key="a")
        not_in_line = await buyer.post(f"/api/offers/{offer['id']}/waitlist", {}, key="a")
        await host.post(f"{ban}/unban", {"user": buyer.id})
        allowed = await buyer.post(path, {}, key="a")

        assert (refused.status_code, refused.json()["code"]) == (403, "banned")
        assert (not_in_line.status_code, not_in_line.json()["code"]) == (403, "banned")
        assert allowed.status_code == 201


async def test_what_is_left_is_the_gates_number(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host, limit_per_buyer=3)
        await buyer.post(f"/api/offers/{offer['id']}/reservations", {"quantity": 3}, key="a")
        seen = (await web.nobody.get(f"/api/offers/{offer['id']}")).json()
        listed = (await web.nobody.get(f"/api/shows/{offer['show']}")).json()["offers"]

        assert seen["left"] == 17
        assert seen["version"] > offer["version"]
        assert listed == [seen]


async def test_a_reservation_is_answered_once_for_each_key(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host, limit_per_buyer=2)
        path = f"/api/offers/{offer['id']}/reservations"
        first = await buyer.post(path, {"quantity": 2}, key="a")
        again = await buyer.post(path, {"quantity": 2}, key="a")
        other = await buyer.post(path, {"quantity": 1}, key="a")
        more = await buyer.post(path, {"quantity": 1}, key="b")
        left = (await buyer.get(f"/api/offers/{offer['id']}")).json()["left"]

        assert first.status_code == 201
        assert first.json() == {
            "type": "reserved",
            "to": "a",
            "offer": offer["id"],
            "hold": first.json()["hold"],
            "quantity": 2,
            "expires_at": first.json()["expires_at"],
        }
        assert (again.status_code, again.json()) == (201, first.json())
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert (more.status_code, more.json()["code"]) == (409, "limit_reached")
        assert left == 18


async def test_the_gate_refuses_in_its_own_words(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        draft = await web.drafted(host, "tea", quantity=1)
        path = f"/api/offers/{draft['id']}"
        early = await buyer.post(f"{path}/reservations", {}, key="a")
        await host.post(f"{path}/open", {"countdown_s": 600})
        counting = await buyer.post(f"{path}/reservations", {}, key="b")
        await host.post(f"{path}/close")
        closed = await buyer.post(f"{path}/reservations", {}, key="c")
        single = await web.selling(host, quantity=1)
        reserve = f"/api/offers/{single['id']}/reservations"
        await buyer.post(reserve, {}, key="d")
        sold_out = await (await web.guest("Ann")).post(reserve, {}, key="e")
        unknown = await buyer.post("/api/offers/ofr_nowhere/reservations", {}, key="f")

        assert (early.status_code, early.json()["code"]) == (409, "not_open")
        assert (counting.status_code, counting.json()["code"]) == (409, "not_open")
        assert 590_000 < counting.json()["retry_after_ms"] <= 600_000
        assert (closed.status_code, closed.json()["code"]) == (409, "closed")
        assert (sold_out.status_code, sold_out.json()["code"]) == (409, "sold_out")
        assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_offer")


async def test_a_fenced_gate_is_unavailable_and_the_attempt_can_be_repeated(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host)
        path = f"/api/offers/{offer['id']}/reservations"
        standing = web.shop.gate.fence.standing
        assert standing is not None
        await web.shop.gate.fence_off("a test says so")
        fenced = await buyer.post(path, {}, key="a")
        ready = await web.client.get("/readyz")
        ledger = await host.get(f"/api/offers/{offer['id']}/ledger")

        assert (fenced.status_code, fenced.json()["code"]) == (503, "unavailable")
        assert fenced.headers["retry-after"] == "1"
        assert ready.status_code == 503
        assert ready.json()["checks"]["gate"].startswith("fenced")
        assert ready.json()["checks"]["postgres"] == "ok"
        assert (ledger.status_code, ledger.json()["code"]) == (503, "unavailable")


async def test_the_ledger_accounts_for_every_unit(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host, limit_per_buyer=3)
        await buyer.post(f"/api/offers/{offer['id']}/reservations", {"quantity": 3}, key="a")
        in_flight = (await host.get(f"/api/offers/{offer['id']}/ledger")).json()
        await web.write_orders()
        held = (await host.get(f"/api/offers/{offer['id']}/ledger")).json()
        by_buyer = await buyer.get(f"/api/offers/{offer['id']}/ledger")

        assert in_flight == {
            "offer": offer["id"],
            "allocated": 20,
            "available": 17,
            "held": 0,
            "sold": 0,
            "in_flight": 3,
            "adds_up": True,
        }
        assert held == in_flight | {"held": 3, "in_flight": 0}
        assert by_buyer.status_code == 403


async def test_an_offer_takes_no_more_than_the_warehouse_has(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        draft = await web.drafted(host, "tea", quantity=51)
        refused = await host.post(f"/api/offers/{draft['id']}/open")
        seen = (await host.get(f"/api/offers/{draft['id']}")).json()

        assert (refused.status_code, refused.json()["code"]) == (409, "not_enough_stock")
        assert refused.json()["detail"] == "51 units of POT-tea are wanted, 50 are available"
        assert seen == draft


async def test_another_host_changes_no_offer(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, other = await web.member("host", "Mei"), await web.member("host", "Ann")
        offer = await web.selling(host)
        path = f"/api/offers/{offer['id']}"
        answers = [await other.post(f"{path}/{verb}") for verb in ("open", "close", "pin", "unpin")]

        assert {(each.status_code, each.json()["code"]) for each in answers} == {(403, "not_yours")}
        assert (await host.get(path)).json()["state"] == "open"
