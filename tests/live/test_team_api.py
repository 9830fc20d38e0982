"""
The team of a shop. The operations that need a permission are taken from the OpenAPI document: one
that forgets to name a permission, or does not ask for it, fails here.
"""

from pathlib import Path
from typing import Any, Final

from commerce.ids import AccountId, ShowId
from commerce.store import outbox
from commerce.store.pool import acquire, transaction
from live.api.endpoint import Access
from live.api.openapi import document
from live.embedded import Services
from live.media.door import Door
from live.moderation import store as moderation
from live.site import ENDPOINTS
from live.team import store
from live.team.permissions import EVERYTHING
from live.team.policy import POLICY
from live.team.standing import NotPermitted
from tests.live.shops import Visitor, Web, open_web
from tests.live.test_fulfilment_api import HOME, pay, publish
from tests.live.test_orders_api import ordered

NOT_HTTP: Final = {"video.publish"}
"""What the policy names and a camera asks for."""


async def joined(web: Web, host: Visitor, *permissions: str, name: str = "Pat") -> Visitor:
    """Return someone who followed an invitation into the host's team."""
    invited = await host.post("/api/team/invitations", {"name": name, "permissions": permissions})
    assert invited.status_code == 201, invited.text
    member = await web.member("viewer", name)
    answer = await member.post("/api/places", {"code": invited.json()["code"]})
    assert answer.status_code == 200, answer.text
    return member


async def asked_for(
    who: Visitor, host: Visitor, method: str, path: str, body: Any = None
) -> tuple[int, str | None]:
    """Ask for something as someone of the host's team; return the status and the code."""
    as_member = Visitor(who.client, who.token, who.id)
    as_member.headers = {**who.headers, "liveshop-shop": host.id}
    answer = await as_member.send(method, path, body)
    is_json = "json" in answer.headers.get("content-type", "")
    said = answer.json() if is_json and answer.content else {}
    return answer.status_code, said.get("code")


async def have(web: Web, host: Visitor, member: Visitor, permissions: list[str]) -> None:
    async with transaction(web.shop.pool) as connection:
        await store.change(
            connection,
            AccountId(host.id),
            AccountId(member.id),
            by=AccountId(host.id),
            own=EVERYTHING,
            wanted=permissions,  # type: ignore[arg-type]  # names of permissions
        )


async def have_webhook(web: Web, host: Visitor, id: str) -> None:
    async with transaction(web.shop.pool) as connection:
        await connection.execute(
            "INSERT INTO webhooks (id, account_id, url, secret, types)"
            " VALUES ($2, $1, 'https://example.com', 'x', '{}') ON CONFLICT DO NOTHING",
            host.id,
            id,
        )


def test_every_operation_for_hosts_names_a_permission_and_no_other_does() -> None:
    operations = {each.operation for each in ENDPOINTS if each.access is Access.HOST}

    assert operations <= POLICY.keys()
    assert POLICY.keys() - NOT_HTTP <= {each.operation for each in ENDPOINTS}
    assert {name for rule in POLICY.values() for name in rule.any_of} == set(EVERYTHING)


async def test_every_operation_is_refused_without_its_permission_and_not_with_it(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host)
        order = await ordered(web, buyer, offer)
        await publish(host)
        await pay(web, buyer, [order["id"]], to=HOME, option="standard")
        parcel = (await buyer.get(f"/api/orders/{order['id']}")).json()["shipment"]
        ten_off = {"code": "TEN", "percent_bp": 1_000, "quota": 1}
        coupon = (await host.post("/api/coupons", ten_off)).json()
        member = await joined(web, host, "orders")
        places = {
            "{show}": offer["show"],
            "{offer}": offer["id"],
            "{order}": order["id"],
            "{shipment}": parcel,
            "{webhook}": "whk_1",
            "{coupon}": coupon["id"],
            **dict.fromkeys(("{product}", "{variant}", "{tariff}"), "none"),
            **dict.fromkeys(("{account}", "{invitation}"), "none"),
        }
        without, holding = {}, {}
        for path, methods in document(ENDPOINTS, "1")["paths"].items():
            address = path
            for name, id in places.items():
                address = address.replace(name, id)
            for method, operation in methods.items():
                needed = operation.get("x-permissions")
                tag = f"{operation['tags'][0]}.{operation['operationId']}"
                if needed is None or "For a host" not in operation["description"]:
                    continue
                # One of the operations ends it.
                await have_webhook(web, host, "whk_1")
                await have(web, host, member, [each for each in EVERYTHING if each not in needed])
                without[tag] = await asked_for(member, host, method.upper(), address)
                await have(web, host, member, [needed[0]])
                # Not a body that it takes, so that nothing is done by those who may.
                holding[tag] = await asked_for(member, host, method.upper(), address, body=[])

        assert len(without) > 50
        assert {tag: said for tag, said in without.items() if said != (403, "not_permitted")} == {}
        refused = ("not_permitted", "forbidden", "not_yours", "unauthorised", "internal")
        assert {tag: said for tag, said in holding.items() if said[1] in refused} == {}


async def test_who_is_in_another_team_has_no_place_in_this_one(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, other = await web.member("host"), await web.member("host", "Bo")
        member = await joined(web, other, *EVERYTHING)
        offer = await web.selling(host)

        close = f"/api/offers/{offer['id']}/close"
        assert await asked_for(member, other, "POST", close) == (403, "not_yours")
        assert await asked_for(member, host, "GET", "/api/team") == (403, "not_yours")
        assert await asked_for(member, member, "GET", "/api/team") == (403, "forbidden")
        assert (await host.get(f"/api/offers/{offer['id']}")).json()["state"] == "open"


async def test_a_packer_sends_parcels_and_sees_no_takings(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host)
        order = await ordered(web, buyer, offer)
        await publish(host)
        await pay(web, buyer, [order["id"]], to=HOME, option="standard")
        packer, show = await joined(web, host, "orders"), offer["show"]
        listed = (await packer.get(f"/api/shows/{show}/pack-list")).json()["parcels"]
        shipment = listed[0]["shipment"]["id"]
        packed = await packer.post(f"/api/shipments/{shipment}/pack")
        money = await packer.get(f"/api/shows/{show}/money")
        orders = (await packer.get(f"/api/orders?show={show}")).json()

        assert [each["id"] for each in orders["orders"]] == [order["id"]]
        assert "tally" not in orders
        assert packed.json()["state"] == "packed"
        assert (money.status_code, money.json()["code"]) == (403, "not_permitted")
        assert "`numbers`" in money.json()["detail"]


async def test_a_show_is_made_for_the_host_whose_shop_is_named(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        assistant = await joined(web, host, "run_show")
        assistant.headers["liveshop-shop"] = host.id
        made = await assistant.post("/api/shows", {"title": "Tea", "id": "tea"})

        assert (made.status_code, made.json()["host"]) == (201, host.id)


async def test_nobody_gives_or_takes_what_they_do_not_have(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        deputy = await joined(web, host, "team", "orders", name="Dee")
        packer = await joined(web, host, "orders", "sell", name="Pat")
        member = f"/api/team/members/{packer.id}"
        invite = {"name": "Kim", "permissions": ["sell"]}
        before = (await host.get("/api/team")).json()
        more = await asked_for(deputy, host, "PATCH", member, {"permissions": ["orders", "sell"]})
        gone = await asked_for(deputy, host, "DELETE", member)
        invited = await asked_for(deputy, host, "POST", "/api/team/invitations", invite)

        refused = (403, "beyond_own_permissions")
        assert (more, gone, invited) == (refused, refused, refused)
        assert (await host.get("/api/team")).json() == before


async def test_an_invitation_works_once(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        invited = await host.post(
            "/api/team/invitations", {"name": "Pat", "permissions": ["orders"]}
        )
        code = {"code": invited.json()["code"]}
        first, second = await web.member("viewer", "Pat"), await web.member("viewer", "Kim")
        joining = await first.post("/api/places", code)
        again = await second.post("/api/places", code)

        place = {"host": host.id, "host_name": "Mei", "permissions": ["orders"]}
        assert joining.json() == {"places": [place]}
        assert (again.status_code, again.json()["code"]) == (410, "invitation_gone")
        assert (await second.get("/api/places")).json() == {"places": []}


async def test_a_withdrawn_invitation_and_an_old_one_lead_nowhere(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, pat = await web.member("host"), await web.member("viewer", "Pat")
        wanted = {"name": "Pat", "permissions": ["orders"]}
        withdrawn = (await host.post("/api/team/invitations", wanted)).json()
        old = (await host.post("/api/team/invitations", wanted)).json()
        await host.delete(f"/api/team/invitations/{withdrawn['id']}")
        async with transaction(web.shop.pool) as connection:
            await connection.execute("UPDATE team_invitations SET expires_at = now()")
        codes = [each["code"] for each in (withdrawn, old)]
        answers = [await pat.post("/api/places", {"code": code}) for code in codes]

        assert [answer.json()["code"] for answer in answers] == ["invitation_gone"] * 2
        assert (await host.get("/api/team")).json() == {"members": [], "invitations": []}


async def test_a_team_has_a_bound(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        wanted = {"name": "Pat", "permissions": ["orders"]}
        for _ in range(store.MAX_TEAM):
            assert (await host.post("/api/team/invitations", wanted)).status_code == 201
        refused = await host.post("/api/team/invitations", wanted)

        assert (refused.status_code, refused.json()["code"]) == (409, "team_full")


async def test_who_leaves_or_is_removed_may_nothing_from_then_on(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await host.post("/api/shows", {"title": "Tea", "id": "tea"})
        pat = await joined(web, host, "numbers", name="Pat")
        kim = await joined(web, host, "numbers", name="Kim")
        before = (await pat.get("/api/shows/tea/money")).status_code
        await pat.delete(f"/api/places/{host.id}")
        await host.delete(f"/api/team/members/{kim.id}")
        after = [(await each.get("/api/shows/tea/money")).json()["code"] for each in (pat, kim)]

        assert (before, after) == (200, ["forbidden", "forbidden"])


async def test_every_change_of_the_team_and_the_chat_is_in_one_list(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, ann = await web.member("host"), await web.guest("Ann")
        await host.post("/api/shows", {"title": "Tea", "id": "tea"})
        pat = await joined(web, host, "moderate")
        await pat.post("/api/shows/tea/moderation/mute", {"user": ann.id, "reason": "spam"})
        await host.send("PATCH", f"/api/team/members/{pat.id}", {"permissions": ["orders"]})
        await host.delete(f"/api/team/members/{pat.id}")
        entries = (await host.get("/api/audit")).json()["entries"]
        told = [
            (each["area"], each["action"], each["actor_name"], each.get("subject_name"))
            for each in reversed(entries)
        ]
        newest = (await host.get("/api/audit?limit=2&area=team")).json()
        older = (await host.get(f"/api/audit?area=team&before={newest['next']}")).json()
        by_pat = (await host.get(f"/api/audit?actor={pat.id}")).json()["entries"]

        assert told == [
            ("team", "invite", "Mei", None),
            ("team", "join", "Pat", None),
            ("chat", "mute", "Pat", "Ann"),
            ("team", "change_member", "Mei", "Pat"),
            ("team", "remove_member", "Mei", "Pat"),
        ]
        assert (entries[2]["show_title"], entries[2]["reason"]) == ("Tea", "spam")
        assert entries[1]["permissions"] == ["orders"]
        assert [each["action"] for each in newest["entries"]] == ["remove_member", "change_member"]
        assert [each["action"] for each in older["entries"]] == ["join", "invite"]
        assert [each["action"] for each in by_pat] == ["mute", "join"]


async def test_a_member_who_moderates_does_so_in_every_room_of_the_host(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        for id in ("tea", "coffee"):
            await host.post("/api/shows", {"title": id, "id": id})
        pat = await joined(web, host, "moderate")
        seller = await joined(web, host, "sell", name="Sam")
        async with acquire(web.shop.pool) as connection:
            rules = [
                (await moderation.state(connection, ShowId(id))).rules for id in ("tea", "coffee")
            ]
            facts = await outbox.waiting(connection, 100)

        assert [each.moderators for each in rules] == [frozenset({pat.id})] * 2
        assert {(fact.topic, fact.subject) for fact in facts} >= {
            ("rules", "tea"),
            ("rules", "coffee"),
        }
        mute = await seller.post("/api/shows/tea/moderation/mute", {"user": pat.id})
        assert mute.json()["code"] == "not_permitted"


async def test_a_camera_is_let_in_for_those_who_run_the_show(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await host.post("/api/shows", {"title": "Tea", "id": "tea"})
        runs = await joined(web, host, "run_show", name="Rae")
        packs = await joined(web, host, "orders", name="Pat")
        door = Door(web.shop.pool, web.shop.tokens)
        await door.admit("publish", "tea", runs.token)
        refused: list[str] = []
        try:
            await door.admit("publish", "tea", packs.token)
        except NotPermitted as error:
            refused.append(error.code)

        assert refused == ["not_permitted"]
