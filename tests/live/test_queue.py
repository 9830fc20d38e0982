"""A sale with a queue, over HTTP and on the socket: entered, drawn, told, bought in turn."""

import asyncio
import hashlib
import hmac
from pathlib import Path
from typing import Any

import httpx

from commerce.ids import AccountId, OfferId
from commerce.offers.admission import Admission
from commerce.offers.outcomes import InQueue
from live.embedded import Services
from tests.commerce.shop import BEFORE
from tests.live.server import Live, open_live
from tests.live.shops import Visitor, Web

FAR = {"countdown_s": 3600}


async def announced(live: Web, host: Visitor, **terms: Any) -> dict[str, Any]:
    """An offer with a queue that opens in an hour."""
    show = (await host.post("/api/shows", {"title": "Tea time"})).json()
    await host.post(f"/api/shows/{show['id']}/start")
    draft = await live.drafted(host, show["id"], **{"entry": "queue", "quantity": 1, **terms})
    answer = await host.post(f"/api/offers/{draft['id']}/open", FAR)
    assert answer.status_code == 200, answer.text
    opened: dict[str, Any] = answer.json()
    return opened


async def begin(live: Live, offer: dict[str, Any]) -> None:
    """Let the moment come at which it opens."""
    gate = live.shop.gate
    await gate.client.hset(gate.keys.terms(offer["id"]), "opens_at", str(BEFORE))
    await live.shop.pool.execute(
        "UPDATE offers SET opens_at = moment($2) WHERE id = $1", offer["id"], BEFORE
    )


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_a_viewer_enters_hears_of_their_turn_and_buys_once(
    services: Services, tmp_path: Path
) -> None:
    async with open_live(services, tmp_path) as live:
        host, lin = await live.member("host"), await live.guest("Lin")
        bot = await live.guest("Bot")
        offer = await announced(live, host, limit_per_buyer=5, quantity=2)
        id, room = offer["id"], offer["show"]
        assert offer["entry"] == "queue"
        async with live.watching(room, lin) as viewer, live.watching(room, bot) as hammer:
            assert "queued" not in (await viewer.greeted())["you"]
            await hammer.greeted()
            await viewer.send(type="enter", id="e1", offer=id)
            assert await viewer.hear("entered") == {"type": "entered", "to": "e1", "offer": id}
            await viewer.hear("queue", offer=id, entrants=1)
            await begin(live, offer)
            turn = await viewer.hear("admitted", offer=id)
            await viewer.hear("queue", offer=id, entrants=1, called=1)

            # Without an admission, or with somebody else's, nothing is sold.
            for number, bring in enumerate(({}, {}, {"admission": turn["admission"]})):
                await hammer.send(type="reserve", id=f"r{number}", offer=id, **bring)
                await hammer.hear("refused", to=f"r{number}", reason="not_admitted")

            await viewer.send(type="reserve", id="r1", offer=id, admission=turn["admission"])
            reserved = await viewer.hear("reserved", to="r1")
            assert (await viewer.hear("placed"))["order"]["hold"] == reserved["hold"]
            await viewer.send(type="reserve", id="r1", offer=id, admission=turn["admission"])
            assert await viewer.hear("reserved", to="r1") == reserved
            await viewer.send(type="reserve", id="r2", offer=id, admission=turn["admission"])
            await viewer.hear("refused", to="r2", reason="turn_used")

        async with live.watching(room, lin) as viewer:
            (mine,) = (await viewer.greeted())["you"]["queued"]
            assert mine == {
                "offer": id,
                "place": 1,
                "admission": turn["admission"],
                "until": turn["until"],
                "over": True,
            }
            # Who bought may come again, behind everyone; it is their second turn.
            await viewer.send(type="enter", id="e2", offer=id)
            assert (await viewer.hear("entered", to="e2"))["place"] == 2
            again = await viewer.hear("admitted", offer=id)
            assert again["admission"] != turn["admission"]


async def test_a_turn_is_found_again_by_whoever_was_away(
    services: Services, tmp_path: Path
) -> None:
    async with open_live(services, tmp_path) as live:
        host, lin = await live.member("host"), await live.guest("Lin")
        offer = await announced(live, host)
        path = f"/api/offers/{offer['id']}/queue"
        assert (await lin.post(path)).json() == {"offer": offer["id"]}
        async with live.watching(offer["show"]) as stranger:
            await begin(live, offer)
            await stranger.hear("queue", offer=offer["id"], called=1)

        async with live.watching(offer["show"], lin) as viewer:
            (mine,) = (await viewer.greeted())["you"]["queued"]
        assert (await lin.get(f"{path}/place")).json() == mine
        assert (await lin.post(path)).json() == mine
        assert mine["place"] == 1
        seal = live.shop.queues.seal
        held = seal.read(mine["admission"], OfferId(offer["id"]), AccountId(lin.id))
        assert held == Admission(turn=1, until=mine["until"])
        body = {"admission": mine["admission"]}
        bought = await lin.post(f"/api/offers/{offer['id']}/reservations", body, key="k1")
        assert bought.status_code == 201, bought.text


async def test_anyone_can_draw_the_places_again(services: Services, tmp_path: Path) -> None:
    async with open_live(services, tmp_path) as live:
        host = await live.member("host")
        offer = await announced(live, host)
        path = f"/api/offers/{offer['id']}/queue"
        guests = [await live.guest(f"Guest {number}") for number in range(7)]
        for guest in guests:
            await guest.post(path)

        before = (await live.nobody.get(path)).json()
        assert before == {
            "offer": offer["id"],
            "entrants": 7,
            "draws_at": offer["opens_at"],
            "commitment": offer["commitment"],
        }
        assert refused(await live.nobody.get(f"{path}/roll")) == (409, "not_drawn")
        async with live.watching(offer["show"]) as stranger:
            await begin(live, offer)
            await stranger.hear("queue", offer=offer["id"], called=1)

        after = (await live.nobody.get(path)).json()
        tickets = (await live.nobody.get(f"{path}/roll")).json()["tickets"]
        seed = bytes.fromhex(after["seed"])
        assert hashlib.sha256(seed).hexdigest() == after["commitment"] == offer["commitment"]
        assert hashlib.sha256("\n".join(tickets).encode()).hexdigest() == after["roll"]
        order = sorted(
            tickets, key=lambda each: hmac.digest(seed, (after["roll"] + each).encode(), "sha256")
        )
        for guest in guests:
            ticket = hashlib.sha256(f"{offer['id']}\n{guest.id}".encode()).hexdigest()[:32]
            place = (await guest.get(f"{path}/place")).json()["place"]
            assert place == order.index(ticket) + 1


async def test_what_cannot_be_done_is_refused_in_words(services: Services, tmp_path: Path) -> None:
    async with open_live(services, tmp_path) as live:
        host, lin = await live.member("host"), await live.guest("Lin")
        offer, other = await announced(live, host), await live.selling(host)
        path, unknown = f"/api/offers/{offer['id']}/queue", "/api/offers/ofr_none/queue"
        plain = f"/api/offers/{other['id']}/queue"
        reservations = f"/api/offers/{offer['id']}/reservations"

        assert refused(await live.nobody.post(path)) == (401, "unauthorised")
        assert refused(await lin.post(plain)) == (404, "no_queue")
        assert refused(await live.nobody.get(plain)) == (404, "no_queue")
        assert refused(await lin.post(unknown)) == (404, "unknown_offer")
        assert refused(await live.nobody.get(unknown)) == (404, "unknown_offer")
        assert refused(await lin.get(f"{path}/place")) == (404, "not_in_queue")
        assert refused(await lin.post(reservations, {}, key="1")) == (409, "not_open")
        await begin(live, offer)
        assert refused(await lin.post(reservations, {}, key="2")) == (409, "not_admitted")
        forged = {"admission": f"1.{BEFORE * 2}.{'A' * 43}"}
        assert refused(await lin.post(reservations, forged, key="3")) == (409, "not_admitted")
        seal = live.shop.queues.seal
        late = seal.sign(Admission(1, BEFORE), OfferId(offer["id"]), AccountId(lin.id))
        body = {"admission": late}
        assert refused(await lin.post(reservations, body, key="4")) == (409, "turn_over")
        waitlist = f"/api/offers/{offer['id']}/waitlist"
        assert refused(await lin.post(waitlist, {}, key="5")) == (409, "not_admitted")
        assert (await live.nobody.get(f"/api/offers/{offer['id']}")).json()["left"] == 1


async def test_a_queue_is_announced_before_it_is_drawn(services: Services, tmp_path: Path) -> None:
    async with open_live(services, tmp_path) as live:
        host, lin = await live.member("host"), await live.guest("Lin")
        show = (await host.post("/api/shows", {"title": "Tea time"})).json()
        draft = await live.drafted(host, show["id"], entry="queue", quantity=1)
        path = f"/api/offers/{draft['id']}"
        assert refused(await lin.post(f"{path}/queue")) == (409, "not_open")

        for body in ({}, {"countdown_s": 9}):
            answer = await host.post(f"{path}/open", body)
            assert refused(answer) == (422, "invalid_value")
            assert answer.json()["path"] == "$.countdown_s"
        assert (await live.nobody.get(path)).json()["state"] == "draft"
        opened = (await host.post(f"{path}/open", {"countdown_s": 10})).json()
        assert len(opened["commitment"]) == 64


async def test_two_thousand_who_come_at_once_are_written_down_together(
    services: Services, tmp_path: Path
) -> None:
    async with open_live(services, tmp_path) as live:
        host = await live.member("host")
        offer = OfferId((await announced(live, host))["id"])
        rows = await live.shop.pool.fetch(
            "INSERT INTO accounts (id, kind, name) SELECT 'acc_' || n, 'guest', 'Lin'"
            " FROM generate_series(1, 2000) AS n RETURNING id"
        )
        buyers = [AccountId(row["id"]) for row in rows]
        async with asyncio.timeout(5):
            places = await asyncio.gather(
                *(live.shop.queues.enter(offer, buyer) for buyer in buyers)
            )

        assert places == [InQueue(place=0)] * 2000
        proof = (await live.nobody.get(f"/api/offers/{offer}/queue")).json()
        assert proof["entrants"] == 2000
        entered = await live.shop.pool.fetchval(
            "SELECT count(DISTINCT entered_at) FROM entrants WHERE offer_id = $1", offer
        )
        assert entered <= 5  # transactions; the first asks alone, the others 500 at a time
