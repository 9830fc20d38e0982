from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from commerce.ids import AccountId, ShowId
from commerce.store import outbox
from commerce.store.pool import acquire
from live.embedded import Services
from live.moderation import store
from rooms.brokers import Line
from rooms.messages import ChatLine, Sender
from tests.live.shops import Visitor, Web, open_web

TEA = "/api/shows/tea/moderation"


async def stage(web: Web) -> tuple[Visitor, Visitor]:
    """Return the host of the show `tea`, and a guest."""
    host, guest = await web.member("host"), await web.guest("Ann")
    await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
    return host, guest


async def audit(who: Visitor) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = (await who.get(f"{TEA}/audit")).json()["entries"]
    return entries


async def topics(web: Web) -> list[tuple[str, str]]:
    async with acquire(web.shop.pool) as connection:
        return [(fact.topic, fact.subject) for fact in await outbox.waiting(connection, 100)]


async def circles_of(web: Web, who: Visitor) -> frozenset[str]:
    async with acquire(web.shop.pool) as connection:
        coming = (AccountId(who.id), ShowId("tea"), None)
        return (await store.arrive(connection, [coming]))[coming].circles


async def test_every_decision_is_logged_with_who_what_whom_when_and_why(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, ann = await stage(web)
        line = ChatLine(
            id=f"{ann.id}.7", sender=Sender(id=ann.id, name="Ann"), text="buy mine", at=5
        )
        await web.shop.broker.say("tea", Line(ann.id, msgspec.json.encode(line)))
        answers = [
            await host.post(f"{TEA}/mute", {"user": ann.id, "for_s": 60, "reason": "shouting"}),
            await host.post(f"{TEA}/unmute", {"user": ann.id}),
            await host.post(f"{TEA}/remove-line", {"line": line.id, "reason": "spam"}),
            await host.post(f"{TEA}/pin-comment", {"line": line.id}),
            await host.post(f"{TEA}/unpin-comment"),
            await host.post(f"{TEA}/ban", {"user": ann.id, "reason": "spam"}),
            await host.post(f"{TEA}/unban", {"user": ann.id}),
            await host.post(f"{TEA}/say", {"text": "  Ships   tomorrow. "}),
            await host.post("/api/shows/tea/moderators", {"user": ann.id}),
            await host.send("DELETE", f"/api/shows/tea/moderators/{ann.id}"),
        ]
        await host.send("PATCH", TEA, {"slow_s": 10, "words": ["scam"]})
        log = await audit(host)

        assert [answer.status_code for answer in answers] == [200] * 10
        assert log == [
            *(entry for entry in log if entry["action"] == "settings"),
            *(answer.json() for answer in reversed(answers)),
        ]
        assert {entry["actor"] for entry in log} == {host.id}
        assert all(entry["at"] > 1_700_000_000_000 for entry in log)
        told = [
            {name: entry.get(name) for name in ("action", "subject_name", "reason", "text")}
            for entry in reversed(log)
        ]
        assert [tuple(each.values()) for each in told] == [
            ("mute", "Ann", "shouting", None),
            ("unmute", "Ann", None, None),
            ("remove_line", "Ann", "spam", "buy mine"),
            ("pin_comment", None, None, "buy mine"),
            ("unpin_comment", None, None, None),
            ("ban", "Ann", "spam", None),
            ("unban", "Ann", None, None),
            ("say", None, None, "Ships tomorrow."),
            ("appoint", "Ann", None, None),
            ("dismiss", "Ann", None, None),
            ("settings", None, None, None),
        ]
        assert log[0]["details"] == {"slow_s": 10, "words": ["scam"]}
        assert log[-1]["until"] - log[-1]["at"] == pytest.approx(60_000, abs=2_000)


async def test_the_log_is_read_page_by_page(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, ann = await stage(web)
        made = [(await host.post(f"{TEA}/mute", {"user": ann.id})).json()["id"] for _ in range(5)]
        first = (await host.get(f"{TEA}/audit?limit=3")).json()
        rest = (await host.get(f"{TEA}/audit?limit=3&before={first['next']}")).json()

        assert [entry["id"] for entry in first["entries"]] == made[:1:-1]
        assert [entry["id"] for entry in rest["entries"]] == made[1::-1]
        assert "next" not in rest


async def test_what_holds_is_shown_and_a_setting_left_out_stays(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, ann = await stage(web)
        fresh = (await host.get(TEA)).json()
        await host.send("PATCH", TEA, {"audience": "followers", "words": ["a  b", "a b", "c"]})
        changed = await host.send("PATCH", TEA, {"slow_s": 5})
        before = len(await audit(host))
        same = await host.send("PATCH", TEA, {"slow_s": 5})
        await host.post(f"{TEA}/mute", {"user": ann.id})
        await host.post(f"{TEA}/ban", {"user": ann.id})
        people = (await host.get(TEA)).json()["people"]

        assert fresh == {
            "settings": {"slow_s": 0, "audience": "everyone", "links": "everyone", "words": []},
            "people": [],
        }
        assert changed.json()["settings"] == {
            "slow_s": 5,
            "audience": "followers",
            "links": "everyone",
            "words": ["a b", "c"],
        }
        assert same.json() == changed.json()
        assert len(await audit(host)) == before + 2  # nothing was changed the second time
        assert [(each["what"], each["name"]) for each in people] == [
            ("banned", "Ann"),
            ("muted", "Ann"),
        ]


async def test_moderators_moderate_and_only_the_host_appoints_them(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, ann = await stage(web)
        bo, other = await web.guest("Bo"), await web.member("host", "Zoe")
        early = await bo.post(f"{TEA}/mute", {"user": ann.id})
        by_itself = await bo.post("/api/shows/tea/moderators", {"user": bo.id})
        by_other = await other.post("/api/shows/tea/moderators", {"user": bo.id})
        await host.post("/api/shows/tea/moderators", {"user": bo.id})
        muted = await bo.post(f"{TEA}/mute", {"user": ann.id})
        settings = await bo.send("PATCH", TEA, {"slow_s": 3})
        of_host = await bo.post(f"{TEA}/mute", {"user": host.id})
        of_moderator = await host.post(f"{TEA}/ban", {"user": bo.id})
        of_nobody = await bo.post(f"{TEA}/ban", {"user": "acc_nobody"})
        await host.send("DELETE", f"/api/shows/tea/moderators/{bo.id}")
        late = await bo.post(f"{TEA}/unmute", {"user": ann.id})
        stranger = await web.nobody.get(TEA)
        log = await audit(host)

        assert (early.status_code, early.json()["code"]) == (403, "forbidden")
        assert (by_itself.status_code, by_itself.json()["code"]) == (403, "forbidden")
        assert (by_other.status_code, by_other.json()["code"]) == (403, "not_yours")
        assert (muted.status_code, settings.status_code) == (200, 200)
        assert (of_host.status_code, of_host.json()["code"]) == (403, "may_not_be_moderated")
        assert (of_moderator.status_code, of_moderator.json()["code"]) == (
            403,
            "may_not_be_moderated",
        )
        assert (of_nobody.status_code, of_nobody.json()["code"]) == (404, "unknown_account")
        assert (late.status_code, late.json()["code"]) == (403, "forbidden")
        assert stranger.status_code == 401
        assert [entry["action"] for entry in reversed(log)] == [
            "appoint",
            "mute",
            "settings",
            "dismiss",
        ]


async def test_a_ban_is_told_to_every_room_of_the_host_in_its_own_transaction(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, ann = await stage(web)
        other = await web.member("host", "Zoe")
        await host.post("/api/shows", {"title": "Hats", "id": "hats"})
        await other.post("/api/shows", {"title": "Shoes", "id": "shoes"})
        await host.post(f"{TEA}/ban", {"user": ann.id})
        told = await topics(web)
        of_hats = (await host.get("/api/shows/hats/moderation")).json()["people"]

        assert sorted(told) == [("lines", ann.id), ("rules", "hats"), ("rules", "tea")]
        assert [each["name"] for each in of_hats] == ["Ann"]


async def test_only_a_line_that_was_said_can_be_pinned(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, ann = await stage(web)
        made_up = await host.post(f"{TEA}/pin-comment", {"line": f"{ann.id}.99"})
        removed = await host.post(f"{TEA}/remove-line", {"line": f"{ann.id}.99"})

        assert (made_up.status_code, made_up.json()["code"]) == (404, "unknown_line")
        assert removed.json()["subject_name"] == "Ann"  # its id says whose it was
        assert (await host.get(TEA)).json().get("pinned") is None
        assert await topics(web) == [("line", f"{ann.id}.99")]


async def test_a_decision_sent_again_with_its_key_is_made_once(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, _ = await stage(web)
        first = await host.post(f"{TEA}/say", {"text": "hello"}, key="k1")
        again = await host.post(f"{TEA}/say", {"text": "hello"}, key="k1")

        assert first.content == again.content
        assert len(await audit(host)) == 1
        assert len(await topics(web)) == 1


async def test_settings_that_cannot_be_are_refused_and_say_where(
    services: Services, tmp_path: Path
) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"slow_s": -1}, "$.slow_s"),
        ({"slow_s": 3601}, "$.slow_s"),
        ({"audience": "friends"}, "$.audience"),
        ({"words": [" "]}, "$.words[0]"),
        ({"words": ["x"] * 201}, "$.words"),
        ({"colour": "red"}, "$"),
    ]
    async with open_web(services, tmp_path) as web:
        host, _ = await stage(web)
        for body, path in wrong:
            answer = await host.send("PATCH", TEA, body)

            assert (answer.status_code, answer.json()["code"]) == (422, "invalid_value")
            assert answer.json()["path"] == path
        assert await audit(host) == []


async def test_the_log_cannot_be_rewritten(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, ann = await stage(web)
        await host.post(f"{TEA}/mute", {"user": ann.id})
        async with acquire(web.shop.pool) as connection:
            with pytest.raises(asyncpg.RaiseError, match="only ever added to"):
                await connection.execute("UPDATE moderation_log SET reason = ''")
            with pytest.raises(asyncpg.RaiseError, match="only ever added to"):
                await connection.execute("DELETE FROM moderation_log")

        assert len(await audit(host)) == 1


async def test_a_viewer_follows_a_host_and_nobody_else(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, ann = await stage(web)
        path = f"/api/hosts/{host.id}/follow"
        answers = [await ann.post(path), await ann.post(path)]
        circles = await circles_of(web, ann)
        await ann.send("DELETE", path)
        after = await circles_of(web, ann)
        of_guest = await host.post(f"/api/hosts/{ann.id}/follow")

        assert [answer.json() for answer in answers] == [{"host": host.id, "following": True}] * 2
        assert (circles, after) == (frozenset({"followers"}), frozenset())
        assert (of_guest.status_code, of_guest.json()["code"]) == (404, "unknown_account")
