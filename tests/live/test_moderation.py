"""Moderation in a live room: two servers on one Redis, a worker, and those it concerns."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio
from msgspec import Struct

from live.embedded import Services
from rooms.moderation import Rules
from tests.live.server import PATIENCE_S, Live, Watcher, open_live, open_server
from tests.live.shops import Visitor, open_web

TEA = "/api/shows/tea/moderation"
BANNED = 3504


class Room(Struct):
    """A show with its host, on two servers."""

    here: Live
    there: Live
    host: Visitor


@asynccontextmanager
async def tea(services: Services, folder: Path) -> AsyncIterator[Room]:
    async with open_live(services, folder) as here, open_server(services, folder) as there:
        host = await here.member("host")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        yield Room(here, there, host)


@asynccontextmanager
async def watching(live: Live, visitor: Visitor | None, **fields: Any) -> AsyncIterator[Watcher]:
    async with live.watching("tea", visitor, **fields) as watcher:
        await watcher.hear("joined")
        yield watcher


async def refused(live: Live, visitor: Visitor | None, **fields: Any) -> tuple[str, int | None]:
    """Try to join, and return why it was refused."""
    async with live.watching("tea", visitor, **fields) as watcher:
        error = await watcher.hear("error")
        return error["code"], await watcher.closed()


async def says(watcher: Watcher, id: str, text: str = "hello") -> dict[str, Any]:
    """Say a line, and return the answer."""
    await watcher.send(type="chat", id=id, text=text)
    return await watcher.answer(id)


async def knows(live: Live, condition: Callable[[Rules], bool]) -> None:
    """Wait until a server judges by rules of which ``condition`` holds."""
    async with asyncio.timeout(PATIENCE_S):
        while (rules := live.shop.node.rulebook.rules("tea")) is None or not condition(rules):
            await live.client.get("/healthz")


async def test_a_ban_closes_every_connection_on_every_server_and_refuses_the_next(
    services: Services, tmp_path: Path
) -> None:
    async with tea(services, tmp_path) as room:
        troll, ann = await room.here.guest("Troll"), await room.here.guest("Ann")
        other = await room.here.guest("Other")
        device = {"device": "phone-of-troll"}
        async with (
            watching(room.there, troll, **device) as theirs,
            watching(room.here, troll) as too,
            watching(room.there, other, **device) as same_phone,
            watching(room.there, ann) as ann_watches,
        ):
            said = await says(theirs, "1")
            answer = await room.host.post(f"{TEA}/ban", {"user": troll.id, "reason": "spam"})
            errors = [await each.hear("error") for each in (theirs, too, same_phone)]
            codes = [await each.closed() for each in (theirs, too, same_phone)]
            cleared = await ann_watches.hear("chat_cleared")
            stayed = await says(ann_watches, "1")
        by_account = await refused(room.here, troll)
        by_device = await refused(room.there, None, **device)
        async with watching(room.here, None, device="another-phone"):
            pass
        await room.host.post(f"{TEA}/unban", {"user": troll.id})
        await knows(room.there, lambda rules: not rules.banned)
        async with room.there.watching("tea", troll, **device) as back:
            greeting = await back.greeted()

        assert said["type"] == "ok"
        assert answer.json()["details"] == {"devices": 1, "lines_removed": True}
        assert [error["code"] for error in errors] == ["banned"] * 3
        assert codes == [BANNED] * 3
        assert cleared["sender"] == troll.id
        assert stayed["type"] == "ok"
        assert by_account == by_device == ("banned", BANNED)
        assert [line["from"]["name"] for line in greeting["chat"]] == ["Ann"]


async def test_a_server_that_was_cut_off_during_a_ban_applies_it_when_it_is_back(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with tea(services, tmp_path) as room:
        troll = await room.here.guest("Troll")
        async with watching(room.there, troll) as theirs:
            monkeypatch.setattr("rooms.brokers.subscription.RETRY_S", 1.0)
            async with redis.asyncio.Redis.from_url(services.redis_url) as admin:
                while room.there.shop.broker.ready:
                    await admin.client_kill_filter(_type="pubsub", skipme=True)
            await room.host.post(f"{TEA}/ban", {"user": troll.id})
            cut_off = not room.there.shop.broker.ready
            code = await theirs.closed()

        assert cut_off
        assert code == BANNED


async def test_a_ban_holds_before_anyone_has_told_the_rooms(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:  # no worker: nothing is relayed
        host, troll = await web.member("host"), await web.guest("Troll")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        await host.post(f"{TEA}/ban", {"user": troll.id})
        rules = await web.shop.node.rulebook.open("tea")

        assert rules.rules.banned == {troll.id}


async def test_a_mute_refuses_lines_until_it_is_over_and_nobody_else_sees_them(
    services: Services, tmp_path: Path
) -> None:
    async with tea(services, tmp_path) as room:
        ann, ben = await room.here.guest("Ann"), await room.here.guest("Ben")
        async with watching(room.there, ann) as speaker, watching(room.there, ben) as listener:
            await room.host.post(f"{TEA}/mute", {"user": ann.id, "for_s": 3600})
            await knows(room.there, lambda rules: ann.id in rules.mutes)
            muted = await says(speaker, "1", "not to be heard")
            await room.host.post(f"{TEA}/unmute", {"user": ann.id})
            await knows(room.there, lambda rules: ann.id not in rules.mutes)
            after = await says(speaker, "2", "to be heard")
            heard = await listener.hear("chat")

        assert muted["code"] == "muted"
        assert 3_590_000 < muted["retry_after_ms"] <= 3_600_000
        assert after["type"] == "ok"
        assert heard["text"] == "to be heard"


async def test_settings_reach_every_viewer_and_bind_speakers_but_not_moderators(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.session.CIRCLES_REFUSED_S", 0.0)
    async with tea(services, tmp_path) as room:
        ann, mod = await room.here.guest("Ann"), await room.here.guest("Mod")
        await room.host.post("/api/shows/tea/moderators", {"user": mod.id})
        wanted = {"slow_s": 60, "audience": "followers", "words": ["scam"], "links": "moderators"}
        await room.host.send("PATCH", TEA, wanted)
        async with (
            watching(room.there, ann) as speaker,
            watching(room.here, mod) as moderator,
            room.there.watching("tea") as late,
        ):
            snapshot = (await late.greeted())["snapshot"]
            outsider = await says(speaker, "1")
            await ann.post(f"/api/hosts/{room.host.id}/follow")
            follower = await says(speaker, "2")
            slow = await says(speaker, "3")
            by_moderator = [await says(moderator, str(n), "no scam: x.com") for n in range(2)]
            line = await moderator.hear("chat", text="no scam: x.com")
            await room.host.send("PATCH", TEA, {"slow_s": 0})
            mode = await late.hear("chat_mode", audience="followers")
            await knows(room.there, lambda rules: rules.slow_s == 0)
            word, link = (
                await says(speaker, "4", "a ѕ c a m"),
                await says(speaker, "5", "see x.com"),
            )

        assert (snapshot["slow_s"], snapshot["audience"]) == (60, "followers")
        assert outsider["code"] == "followers_only"
        assert follower["type"] == "ok"
        assert slow["code"] == "slow_mode"
        assert 50_000 < slow["retry_after_ms"] <= 60_000
        assert [answer["type"] for answer in by_moderator] == ["ok", "ok"]
        assert line["from"]["badges"] == ["moderator"]
        assert "slow_s" not in mode  # its default is left out
        assert (word["code"], link["code"]) == ("word_refused", "link_refused")


async def test_lines_are_removed_pinned_and_said_as_the_shop_for_those_here_and_those_to_come(
    services: Services, tmp_path: Path
) -> None:
    async with tea(services, tmp_path) as room:
        ann = await room.here.guest("Ann")
        async with watching(room.there, ann) as viewer:
            lines = []
            for number in range(3):
                await viewer.send(type="chat", id=str(number), text=f"line {number}")
                lines.append(await viewer.hear("chat"))
            await room.host.post(f"{TEA}/pin-comment", {"line": lines[0]["id"]})
            pinned = await viewer.hear("comment_pinned")
            await room.host.post(f"{TEA}/remove-line", {"line": lines[1]["id"]})
            removed = await viewer.hear("chat_removed")
            await room.host.post(f"{TEA}/say", {"text": "Ships tomorrow."})
            shop = await viewer.hear("chat")
            greetings = []
            for live in (room.here, room.there):
                async with live.watching("tea") as late:
                    greetings.append(await late.greeted())
            # A pinned line that is removed is not pinned any more.
            await room.host.post(f"{TEA}/remove-line", {"line": lines[0]["id"]})
            unpinned = await viewer.hear("comment_unpinned")

        assert pinned["line"] == lines[0]
        assert removed["id"] == lines[1]["id"]
        assert unpinned["offset"] > removed["offset"] > pinned["offset"]
        assert shop["from"] == {"id": "shop", "name": "Mei", "badges": ["shop"]}
        assert shop["text"] == "Ships tomorrow."
        for greeting in greetings:
            assert greeting["chat"] == [lines[0], lines[2], shop]
            assert greeting["snapshot"]["comment"] == lines[0]


async def test_buyers_have_their_badge_and_may_speak_where_only_they_may(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.session.CIRCLES_REFUSED_S", 0.0)
    async with open_live(services, tmp_path) as live:
        host, ann = await live.member("host"), await live.guest("Ann")
        offer = await live.selling(host)
        show = offer["show"]
        await host.send("PATCH", f"/api/shows/{show}/moderation", {"audience": "buyers"})
        async with live.watching(show, ann) as viewer:
            await viewer.greeted()
            before = await says(viewer, "1")
            await viewer.send(type="reserve", id="r1", offer=offer["id"])
            await viewer.hear("placed")
            after = await says(viewer, "2")
            line = await viewer.hear("chat")
        async with live.watching(show, ann) as again:
            await again.greeted()
            await again.send(type="chat", id="x", text="still me")
            later = await again.hear("chat")

        assert before["code"] == "buyers_only"
        assert after["type"] == "ok"
        assert line["from"]["badges"] == later["from"]["badges"] == ["buyer"]
