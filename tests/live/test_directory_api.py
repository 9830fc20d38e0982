import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from commerce.store import directory, reminders
from commerce.store.pool import Connection, acquire, transaction
from live import showcase
from live.embedded import Services
from tests.live.shops import Visitor, Web, open_web

HOUR_MS = 3_600_000


def soon(hours: float = 1) -> int:
    return time.time_ns() // 1_000_000 + round(hours * HOUR_MS)


async def planned(host: Visitor, id: str, **about: Any) -> dict[str, Any]:
    answer = await host.post("/api/shows", {"title": f"The {id}", "id": id, **about})
    assert answer.status_code == 201, answer.text
    show: dict[str, Any] = answer.json()
    return show


def refusal(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def sections(visitor: Visitor) -> dict[str, list[str]]:
    answer = (await visitor.get("/api/directory")).json()
    return {name: [card["show"]["id"] for card in cards] for name, cards in answer.items()}


# -- The directory ------------------------------------------------------------------------------


async def test_a_crowd_on_the_first_page_costs_a_reading_or_two(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = []

    async def counted(connection: Connection) -> list[directory.Window]:
        readings.append(found := await directory.windows(connection))
        return found

    monkeypatch.setattr(showcase, "windows", counted)
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await planned(host, "tea", starts_at=soon(1))
        crowd = await asyncio.gather(*(sections(web.nobody) for _ in range(50)))
        read = len(readings)
        await planned(host, "mugs", starts_at=soon(2))

        assert crowd == [{"live": [], "coming": ["tea"], "replays": []}] * 50
        assert read < 10
        assert (await sections(web.nobody))["coming"] == ["tea", "mugs"]


# -- Planning -----------------------------------------------------------------------------------


async def test_a_show_that_has_not_started_is_moved_and_renamed(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        show = await planned(host, "tea", starts_at=soon(1))
        later = soon(2)
        moved = await host.send("PATCH", "/api/shows/tea", {"starts_at": later})
        renamed = await host.send("PATCH", "/api/shows/tea", {"title": "Coffee"})
        unplanned = await host.send("PATCH", "/api/shows/tea", {"starts_at": None})

        assert moved.json() == {**show, "starts_at": later}
        assert renamed.json() == {**show, "starts_at": later, "title": "Coffee"}
        assert "starts_at" not in unplanned.json()


async def test_a_time_in_the_past_is_refused(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        show = await planned(host, "tea", starts_at=soon(1))
        past = {"starts_at": soon(-1)}
        created = await host.post("/api/shows", {"title": "Late", "id": "late", **past})
        moved = await host.send("PATCH", "/api/shows/tea", past)
        too_far = await host.send("PATCH", "/api/shows/tea", {"starts_at": soon(24 * 400)})

        assert refusal(created) == refusal(moved) == (422, "starts_in_past")
        assert moved.json()["detail"] == (
            "A show cannot be planned for a time in the past; choose one to come"
        )
        assert (refusal(too_far), too_far.json()["path"]) == (
            (422, "invalid_value"),
            "$.starts_at",
        )
        assert (await web.nobody.get("/api/shows/tea")).json()["show"] == show
        assert (await web.nobody.get("/api/shows/late")).status_code == 404


async def test_a_live_show_and_another_hosts_stay_as_they_are(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, other = await web.member("host"), await web.member("host", "Ann")
        await planned(host, "tea")
        by_other = await other.send("PATCH", "/api/shows/tea", {"title": "Mine"})
        await host.post("/api/shows/tea/start")
        live = await host.send("PATCH", "/api/shows/tea", {"title": "Coffee"})

        assert refusal(by_other) == (403, "not_yours")
        assert refusal(live) == (409, "wrong_state")
        assert (await web.nobody.get("/api/shows/tea")).json()["show"]["title"] == "The tea"


# -- The directory ------------------------------------------------------------------------------


async def test_shows_are_live_coming_or_to_see_again(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await planned(host, "undated")
        await planned(host, "tomorrow", starts_at=soon(24))
        await planned(host, "tonight", starts_at=soon(3))
        for id in ("first", "second", "on-air"):
            await planned(host, id)
            await host.post(f"/api/shows/{id}/start")
        await host.post("/api/shows/first/end")
        await host.post("/api/shows/second/end")

        assert await sections(web.nobody) == {
            "live": ["on-air"],
            "coming": ["tonight", "tomorrow", "undated"],
            "replays": ["second", "first"],
        }


async def test_a_show_that_is_a_day_late_is_not_coming(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await planned(host, "tea", starts_at=soon(1))
        await plan_by_hand(web, "tea", late_h=23)
        late = await sections(web.nobody)
        await plan_by_hand(web, "tea", late_h=25)

        assert late["coming"] == ["tea"]
        assert (await sections(web.nobody))["coming"] == []


async def plan_by_hand(web: Web, show: str, *, late_h: int) -> None:
    async with acquire(web.shop.pool) as connection:
        await connection.execute(
            "UPDATE shows SET starts_at = now() - $2 * interval '1 hour' WHERE id = $1",
            show,
            late_h,
        )


async def test_a_card_has_pictures_viewers_and_the_length_of_the_replay(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await planned(host, "tea")
        picture = "https://shop.example/pot.jpg"
        variant = {"sku": "POT", "price_minor": 4800, "currency": "USD", "available": 5}
        product = await host.post(
            "/api/products", {"title": "Pot", "variants": [variant], "pictures": [picture]}
        )
        pot = product.json()["variants"][0]["id"]
        await host.post("/api/shows/tea/offers", {"variant": pot, "quantity": 1})
        await host.post("/api/shows/tea/offers", {"variant": pot, "quantity": 2})
        await host.post("/api/shows/tea/start")
        await web.shop.broker.count("tea", "a worker", 3, 0)
        (live,) = (await web.nobody.get("/api/directory")).json()["live"]
        await host.post("/api/shows/tea/end")
        folder = web.shop.config.recordings / "tea"
        folder.mkdir(parents=True)
        (folder / "1760000000000-61000.mp4").touch()
        (folder / "1760000100000-2000.mp4").touch()
        (ended,) = (await web.nobody.get("/api/directory")).json()["replays"]

        assert (live["pictures"], live["viewers"]) == ([picture], 3)
        assert (ended["pictures"], ended["replay_ms"]) == ([picture], 63_000)
        assert "viewers" not in ended


# -- Reminders ----------------------------------------------------------------------------------


async def test_a_guest_is_reminded_until_the_show_is_over(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, guest, other = await web.member("host"), await web.guest(), await web.guest("Ann")
        show = await planned(host, "tea", starts_at=soon(1))
        asked = await guest.post("/api/shows/tea/reminder")
        again = await guest.post("/api/shows/tea/reminder")
        coming = (await guest.get("/api/reminders")).json()
        (card,) = (await guest.get("/api/directory")).json()["coming"]
        (others,) = (await other.get("/api/directory")).json()["coming"]
        await host.post("/api/shows/tea/start")
        live = (await guest.get("/api/reminders")).json()["reminders"]
        await host.post("/api/shows/tea/end")
        ended = (await guest.get("/api/reminders")).json()
        async with transaction(web.shop.pool) as connection:
            purged = await reminders.purge(connection)

        assert asked.json() == again.json() == {"show": "tea", "reminded": True}
        assert coming == {"reminders": [{"show": show, "why": "asked"}]}
        assert card["reminder"] == "asked"
        assert "reminder" not in others
        assert [(each["show"]["state"], each["why"]) for each in live] == [("live", "asked")]
        assert ended == {"reminders": []}
        assert purged == 1


async def test_who_follows_a_host_is_told_of_all_their_shows(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        host, guest = await web.member("host"), await web.guest()
        await planned(host, "tea", starts_at=soon(2))
        await planned(host, "mugs", starts_at=soon(1))
        await guest.post("/api/shows/tea/reminder")
        await guest.post(f"/api/hosts/{host.id}/follow")
        followed = (await guest.get("/api/reminders")).json()["reminders"]
        await guest.delete(f"/api/hosts/{host.id}/follow")
        left = (await guest.get("/api/reminders")).json()["reminders"]

        assert [(each["show"]["id"], each["why"]) for each in followed] == [
            ("mugs", "follows"),
            ("tea", "follows"),
        ]
        assert [(each["show"]["id"], each["why"]) for each in left] == [("tea", "asked")]


async def test_a_reminder_is_taken_back(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host, guest = await web.member("host"), await web.guest()
        await planned(host, "tea")
        await guest.post("/api/shows/tea/reminder")
        taken = await guest.delete("/api/shows/tea/reminder")
        again = await guest.delete("/api/shows/tea/reminder")

        assert taken.json() == again.json() == {"show": "tea", "reminded": False}
        assert (await guest.get("/api/reminders")).json() == {"reminders": []}


async def test_nobody_is_reminded_of_what_has_begun_or_of_more_than_they_may(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "REMINDERS_KEPT", 2)
    async with open_web(services, tmp_path) as web:
        host, guest = await web.member("host"), await web.guest()
        for id in ("a", "b", "c", "live"):
            await planned(host, id)
        await host.post("/api/shows/live/start")
        begun = await guest.post("/api/shows/live/reminder")
        nowhere = await guest.post("/api/shows/nowhere/reminder")
        nobody = await web.nobody.post("/api/shows/a/reminder")
        await guest.post("/api/shows/a/reminder")
        await guest.post("/api/shows/b/reminder")
        third = await guest.post("/api/shows/c/reminder")
        second_again = await guest.post("/api/shows/b/reminder")
        await guest.delete("/api/shows/a/reminder")
        freed = await guest.post("/api/shows/c/reminder")

        assert refusal(begun) == (409, "wrong_state")
        assert refusal(nowhere) == (404, "unknown_show")
        assert refusal(nobody) == (401, "unauthorised")
        assert refusal(third) == (409, "too_many_reminders")
        assert (second_again.status_code, freed.status_code) == (200, 200)


# -- Calendars ----------------------------------------------------------------------------------


async def test_the_entry_of_a_show_grows_with_its_plan(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path, PUBLIC_URL="https://live.example.com") as web:
        host = await web.member("host")
        await planned(host, "tea", starts_at=1_000 * (soon(1) // 1_000))
        first = await web.nobody.get("/api/shows/tea/calendar.ics")
        again = await host.send("PATCH", "/api/shows/tea", {"title": "The tea"})
        same = await web.nobody.get("/api/shows/tea/calendar.ics")
        await host.send("PATCH", "/api/shows/tea", {"starts_at": soon(2)})
        moved = await web.nobody.get("/api/shows/tea/calendar.ics")

        assert first.headers["content-type"] == "text/calendar; charset=utf-8"
        assert first.headers["content-disposition"] == 'attachment; filename="tea.ics"'
        assert "\r\nURL:https://live.example.com/live/tea\r\n" in first.text
        assert (again.status_code, same.content) == (200, first.content)
        assert ("SEQUENCE:0" in first.text, "SEQUENCE:1" in moved.text) == (True, True)


async def test_a_show_without_a_time_has_no_entry(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        await planned(await web.member("host"), "tea")

        unplanned = await web.nobody.get("/api/shows/tea/calendar.ics")
        unknown = await web.nobody.get("/api/shows/nowhere/calendar.ics")

        assert refusal(unplanned) == (409, "not_planned")
        assert refusal(unknown) == (404, "unknown_show")
