from pathlib import Path

from live.embedded import Services
from tests.live.shops import open_web


async def test_a_show_is_announced_started_and_ended(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        created = await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        started = await host.post("/api/shows/tea/start")
        again = await host.post("/api/shows/tea/start")
        ended = await host.post("/api/shows/tea/end")
        seen = await web.nobody.get("/api/shows/tea")

        assert created.status_code == 201
        assert created.json() == {
            "id": "tea",
            "title": "Tea time",
            "host": host.id,
            "host_name": "Mei",
            "state": "draft",
        }
        assert started.json()["state"] == "live"
        assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
        assert ended.json()["state"] == "ended"
        video = {"whep": "/whep/tea"}
    assert seen.json() == {"show": ended.json(), "offers": [], "video": video}


async def test_shows_are_listed_for_everyone(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await host.post("/api/shows", {"title": "Coming", "id": "coming"})
        await host.post("/api/shows", {"title": "On air", "id": "on-air"})
        await host.post("/api/shows/on-air/start")
        listed = await web.nobody.get("/api/shows")
        live = await web.nobody.get("/api/shows?state=live")

        assert [show["id"] for show in listed.json()["shows"]] == ["on-air", "coming"]
        assert [show["id"] for show in live.json()["shows"]] == ["on-air"]


async def test_only_its_host_and_an_admin_change_a_show(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host", "Mei")
        other = await web.member("host", "Ann")
        viewer = await web.guest()
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        by_other = await other.post("/api/shows/tea/start")
        by_viewer = await viewer.post("/api/shows/tea/start")
        by_nobody = await web.nobody.post("/api/shows/tea/start")
        state = (await web.nobody.get("/api/shows/tea")).json()["show"]["state"]
        by_admin = await (await web.member("admin")).post("/api/shows/tea/start")

        assert (by_other.status_code, by_other.json()["code"]) == (403, "not_yours")
        assert (by_viewer.status_code, by_viewer.json()["code"]) == (403, "forbidden")
        assert (by_nobody.status_code, by_nobody.json()["code"]) == (401, "unauthorised")
        assert state == "draft"
        assert by_admin.json()["state"] == "live"


async def test_a_retried_request_is_done_once(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        first = await host.post("/api/shows", {"title": "Tea time"}, key="k1")
        again = await host.post("/api/shows", {"title": "Tea time"}, key="k1")
        other = await host.post("/api/shows", {"title": "Coffee time"}, key="k1")
        listed = (await web.nobody.get("/api/shows")).json()["shows"]

        assert (again.status_code, again.content) == (201, first.content)
        assert again.headers["idempotent-replayed"] == "true"
        assert "idempotent-replayed" not in first.headers
        assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
        assert [show["id"] for show in listed] == [first.json()["id"]]


async def test_a_retried_refusal_is_the_same_refusal(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        host = await web.member("host")
        await host.post("/api/shows", {"title": "Tea time", "id": "tea"})
        first = await host.post("/api/shows", {"title": "Mine", "id": "tea"}, key="k1")
        again = await host.post("/api/shows", {"title": "Mine", "id": "tea"}, key="k1")

        assert (first.status_code, first.json()["code"]) == (409, "show_id_taken")
        assert (again.status_code, again.content) == (409, first.content)
        assert again.headers["content-type"] == "application/problem+json"
