"""An evening in a show, end to end: the socket, the API, the worker and the sandbox together."""

import asyncio
from pathlib import Path

import pytest

from commerce.ids import OfferId
from commerce.messages import OfferView
from commerce.store import offers
from commerce.store.pool import Connection
from live.embedded import Services
from tests.live.server import PATIENCE_S, open_live


async def test_a_buyer_reserves_pays_and_everyone_hears_what_concerns_them(
    services: Services, tmp_path: Path
) -> None:
    async with open_live(services, tmp_path) as live:
        host, buyer = await live.member("host"), await live.guest("小林")
        offer = await live.selling(host)
        room = offer["show"]
        async with (
            live.watching(room, buyer) as viewer,
            live.watching(room, host) as desk,
            live.watching(room) as stranger,
        ):
            joined = await viewer.hear("joined")
            at_desk = await desk.hear("joined")
            unknown = await stranger.hear("joined")
            await viewer.send(type="reserve", id="r1", offer=offer["id"])
            reserved = await viewer.hear("reserved", to="r1")
            placed = await viewer.hear("placed")
            order = placed["order"]
            stock = await stranger.hear("stock", offer=offer["id"], left=19)
            started = (await buyer.post(f"/api/orders/{order['id']}/pay")).json()
            await live.client.post(started["redirect_url"], data={"decision": "succeed"})
            paid = await viewer.hear("paid")
            tally = await desk.hear("tally", paid=1)

        assert joined["you"] == {"id": buyer.id, "name": "小林", "role": "viewer"}
        assert at_desk["you"]["role"] == "host"
        assert unknown["you"]["role"] == "anonymous"
        assert joined["snapshot"]["show"]["id"] == room
        assert [each["id"] for each in joined["snapshot"]["offers"]] == [offer["id"]]
        assert (order["hold"], order["status"]) == (reserved["hold"], "awaiting_payment")
        assert stock["version"] > offer["version"]
        assert paid["order"] | {"paid_at": 0} == order | {"status": "paid", "paid_at": 0}
        assert (tally["orders"], tally["takings_minor"], tally["units"]) == (1, 4800, 1)


async def test_who_presses_in_the_same_moment_asks_the_database_together(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_live(services, tmp_path) as live:
        host, buyer = await live.member("host"), await live.guest()
        here = await live.selling(host)
        elsewhere = await live.selling(host)
        looked, go_on, get = 0, asyncio.Event(), offers.get

        async def held_back(connection: Connection, offer: OfferId) -> OfferView:
            nonlocal looked
            looked += 1
            await go_on.wait()
            return await get(connection, offer)

        monkeypatch.setattr(offers, "get", held_back)
        async with live.watching(here["show"], buyer) as viewer:
            await viewer.hear("joined")
            for number in range(20):
                await viewer.send(type="reserve", id=f"r{number}", offer=elsewhere["id"])
            # Answered at once, and behind all of them.
            await viewer.send(type="ping", id=1, at=1)
            await viewer.hear("pong")
            go_on.set()
            refused = [await viewer.hear("refused", to=f"r{number}") for number in range(20)]

        assert {each["reason"] for each in refused} == {"unknown_offer"}
        # The first asks at once; all others wait for one answer behind it.
        assert looked <= 2


async def test_a_returning_buyer_finds_their_order(services: Services, tmp_path: Path) -> None:
    async with open_live(services, tmp_path) as live:
        host, buyer = await live.member("host"), await live.guest()
        offer = await live.selling(host)
        async with live.watching(offer["show"], buyer) as viewer:
            await viewer.hear("joined")
            await viewer.send(type="reserve", id="r1", offer=offer["id"])
            placed = await viewer.hear("placed")
        async with live.watching(offer["show"], buyer) as viewer:
            joined = await viewer.hear("joined")

        assert joined["you"]["orders"] == [placed["order"]]


async def test_what_the_host_does_reaches_the_room(services: Services, tmp_path: Path) -> None:
    async with open_live(services, tmp_path) as live:
        host = await live.member("host")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        async with live.watching("tea") as viewer:
            joined = await viewer.hear("joined")
            await host.post("/api/shows/tea/start")
            started = await viewer.hear("show")
            draft = await live.drafted(host, "tea")
            drafted = await viewer.hear("offer")
            await host.post(f"/api/offers/{draft['id']}/pin")
            pinned = await viewer.hear("pinned")
            await host.post(f"/api/offers/{draft['id']}/open")
            opened = await viewer.hear("offer")
            await host.post(f"/api/offers/{draft['id']}/unpin")
            unpinned = await viewer.hear("unpinned")
            await host.post(f"/api/offers/{draft['id']}/close")
            closed = await viewer.hear("offer")

        events = [started, drafted, pinned, opened, unpinned, closed]
        assert started["show"]["state"] == "live"
        assert drafted["offer"] == draft
        assert pinned["offer"] == draft["id"]
        assert (opened["offer"]["state"], opened["offer"]["left"]) == ("open", 20)
        assert closed["offer"]["state"] == "closed"
        assert [event["offset"] for event in events] == [
            joined["offset"] + number for number in range(1, 7)
        ]


async def test_a_closed_offer_gives_its_units_back_to_the_warehouse(
    services: Services, tmp_path: Path
) -> None:
    async with open_live(services, tmp_path) as live:
        host, buyer = await live.member("host"), await live.guest()
        offer = await live.selling(host, quantity=30)
        async with live.watching(offer["show"], buyer) as viewer:
            await viewer.hear("joined")
            await viewer.send(type="reserve", id="r1", offer=offer["id"])
            await viewer.hear("placed")
            await host.post(f"/api/offers/{offer['id']}/close")
            ledger: dict[str, object] = {}
            while ledger.get("allocated") != 1:
                await viewer.hear("offer")
                ledger = (await host.get(f"/api/offers/{offer['id']}/ledger")).json()
        product = (await host.get(f"/api/products/{offer['product']}")).json()

        assert (ledger["held"], ledger["available"], ledger["adds_up"]) == (1, 0, True)
        assert product["variants"][0]["available"] == 49


@pytest.mark.parametrize(
    ("token", "room", "code"),
    [
        (None, "nowhere", "unknown_show"),
        (None, "No Such Room", "unknown_show"),
        (None, "nul\0", "unknown_show"),
        ("nonsense", "tea", "bad_token"),
        ("expired", "tea", "expired_token"),
    ],
)
async def test_who_may_not_enter_hears_why(
    services: Services, tmp_path: Path, token: str | None, room: str, code: str
) -> None:
    async with open_live(services, tmp_path) as live:
        host = await live.member("host")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        if token == "expired":
            token, _ = live.shop.tokens.issue(account="acc_1", name="Lin", role="viewer", now=0)
        visitor = live.nobody
        visitor.token = token
        async with live.watching(room, visitor) as viewer:
            error = await viewer.hear("error")

        assert error["code"] == code


async def test_an_attempt_that_cannot_be_is_refused_with_its_reason(
    services: Services, tmp_path: Path
) -> None:
    async with open_live(services, tmp_path) as live:
        host, buyer = await live.member("host"), await live.guest()
        elsewhere = await live.selling(host)
        offer = await live.selling(host, limit_per_buyer=2)
        async with (
            live.watching(offer["show"], buyer) as viewer,
            live.watching(offer["show"]) as stranger,
        ):
            await viewer.hear("joined")
            await stranger.hear("joined")

            async def refusal(wanted: str, quantity: int, id: str) -> object:
                await viewer.send(type="reserve", id=id, offer=wanted, quantity=quantity)
                return (await viewer.hear("refused", to=id))["reason"]

            await stranger.send(type="reserve", id="s", offer=offer["id"])
            unauthorised = await stranger.hear("refused", to="s")

            assert unauthorised["reason"] == "unauthorised"
            assert await refusal(elsewhere["id"], 1, "a") == "unknown_offer"
            assert await refusal("ofr_nowhere", 1, "b") == "unknown_offer"
            assert await refusal("nul\0", 1, "c") == "unknown_offer"
            assert await refusal(offer["id"], 3, "d") == "limit_reached"
            await viewer.send(type="reserve", id="e", offer=offer["id"], quantity=1)
            await viewer.hear("reserved", to="e")
            await viewer.send(type="reserve", id="e", offer=offer["id"], quantity=2)
            reused = await viewer.hear("error", to="e")
            await host.post(f"/api/offers/{offer['id']}/close")
            await viewer.hear("offer")
            closed = await refusal(offer["id"], 1, "f")

        left = [(await host.get(f"/api/offers/{each['id']}")).json() for each in (elsewhere, offer)]
        assert reused["code"] == "idempotency_key_reused"
        assert closed == "closed"
        assert left[0]["left"] == 20


async def test_a_message_that_makes_no_sense_is_answered_and_the_socket_stays(
    services: Services, tmp_path: Path
) -> None:
    async with open_live(services, tmp_path) as live:
        host, buyer = await live.member("host"), await live.guest()
        offer = await live.selling(host)
        async with live.watching(offer["show"], buyer) as viewer:
            await viewer.hear("joined")
            await viewer.send(type="reserve", id="a", offer=offer["id"], quantity=0)
            wrong_value = await viewer.hear("error")
            await viewer.send(type="steal", id="b")
            wrong_type = await viewer.hear("error")
            await viewer.send(type="reserve", id="c", offer=offer["id"])
            reserved = await viewer.hear("reserved")

        assert wrong_value["path"] == "$.quantity"
        assert wrong_type["path"] == "$.type"
        assert reserved["to"] == "c"


async def test_who_waits_gets_what_another_gives_back(services: Services, tmp_path: Path) -> None:
    async with open_live(services, tmp_path) as live:
        host, ada, bo = await live.member("host"), await live.guest("Ada"), await live.guest("Bo")
        offer = await live.selling(host, quantity=1)
        room, line = offer["show"], f"/api/offers/{offer['id']}/waitlist"
        async with live.watching(room, ada) as first, live.watching(room, bo) as second:
            await first.hear("joined")
            await second.hear("joined")
            await first.send(type="reserve", id="r1", offer=offer["id"], fresh=True)
            order = (await first.hear("placed"))["order"]
            await second.send(type="reserve", id="r2", offer=offer["id"], fresh=True)
            refused = await second.hear("refused", to="r2")
            await second.send(type="wait", id="w1", offer=offer["id"])
            waiting = await second.hear("waiting", to="w1")
            standing = (await bo.get(line)).json()
            await second.send(type="unwait", id="u1", offer=offer["id"])
            unwaited = await second.hear("unwaited", to="u1")
            nowhere = (await bo.get(line)).json()["code"]
            again = (await bo.post(line, {"quantity": 1}, key="w2")).json()
            cancelled = await ada.post(f"/api/orders/{order['id']}/cancel")
            turn = await second.hear("reserved", waited=True)
            placed = (await second.hear("placed"))["order"]
        left = (await bo.delete(line)).json()
        ledger = (await host.get(f"/api/offers/{offer['id']}/ledger")).json()

        assert refused["reason"] == "sold_out"
        assert waiting == {"type": "waiting", "to": "w1", "offer": offer["id"], "place": 1}
        assert standing == again == {"offer": offer["id"], "place": 1, "quantity": 1}
        assert (unwaited["reason"], nowhere) == ("left", "not_in_line")
        assert cancelled.json()["status"] == "cancelled"
        assert (placed["hold"], placed["buyer"]) == (turn["hold"], bo.id)
        assert "to" not in turn
        assert left == {"type": "unwaited", "offer": offer["id"], "reason": "left"}
        assert (ledger["available"], ledger["held"], ledger["adds_up"]) == (0, 1, True)


async def test_a_returning_viewer_finds_their_place_in_line(
    services: Services, tmp_path: Path
) -> None:
    async with open_live(services, tmp_path) as live:
        host, ada, bo = await live.member("host"), await live.guest("Ada"), await live.guest("Bo")
        offer = await live.selling(host, quantity=1)
        room, line = offer["show"], f"/api/offers/{offer['id']}/waitlist"
        async with live.watching(room, ada) as first:
            await first.hear("joined")
            await first.send(type="reserve", id="r1", offer=offer["id"])
            await first.hear("placed")
        await bo.post(line, {}, key="w1")
        async with asyncio.timeout(PATIENCE_S):
            while await live.shop.gate.client.xlen(live.shop.gate.keys.orders):
                pass  # the worker writes the place down
        async with live.watching(room, bo) as viewer:
            joined = await viewer.hear("joined")
        stranger = await live.nobody.post(line, {}, key="w")

        assert joined["you"]["waiting"] == [{"offer": offer["id"], "place": 1}]
        assert (stranger.status_code, stranger.json()["code"]) == (401, "unauthorised")


async def test_an_offer_that_sells_for_longer_does_so_for_everyone(
    services: Services, tmp_path: Path
) -> None:
    async with open_live(services, tmp_path) as live:
        host = await live.member("host")
        offer = await live.selling(host, duration_s=60)
        async with live.watching(offer["show"]) as viewer:
            await viewer.hear("joined")
            await host.post(f"/api/offers/{offer['id']}/extend", {"by_s": 30})
            extended = (await viewer.hear("offer"))["offer"]

        assert extended["closes_at"] == offer["closes_at"] + 30_000
        assert extended["state"] == "open"


async def test_whoever_opens_an_offer_or_tries_for_it_counts_once(
    services: Services, tmp_path: Path
) -> None:
    async with open_live(services, tmp_path) as live:
        host, buyer = await live.member("host"), await live.guest()
        offer = await live.selling(host)
        async with live.watching(offer["show"], buyer) as viewer:
            await viewer.hear("joined")
            for _ in range(3):
                await viewer.send(type="click", offer=offer["id"])
            await viewer.send(type="click", offer="ofr_nowhere")
            await viewer.send(type="click", offer="nul\0")
            await viewer.send(type="reserve", id="r1", offer=offer["id"])
            await viewer.hear("placed")
        async with live.watching(offer["show"]) as stranger:
            await stranger.hear("joined")
            await stranger.send(type="click", offer=offer["id"])
            await stranger.send(type="ping", id=1, at=0)
            await stranger.hear("pong")
        await live.shop.traffic.write()
        summary = (await host.get(f"/api/shows/{offer['show']}/summary")).json()

        # Twice, should a minute have begun in between.
        assert summary["clicks"] in (2, 3)
        assert summary["orders"] == 1
