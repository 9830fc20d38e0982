"""Where the video is, who may have it, and what is said when it is away."""

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from commerce.ids import ShowId
from commerce.store import shows
from commerce.store.pool import acquire
from live.config import ConfigError
from live.embedded import Services
from live.media.mediamtx import MediaMtx
from live.media.onair import OnAir
from live.media.process import listening, media, open_studio
from tests.live.media.footage import VP8_TRACK
from tests.live.media.host import Host
from tests.live.media.offers import RFC_9725
from tests.live.shops import Visitor, Web, config_for, open_web

MEDIAMTX = {
    "MEDIA": "mediamtx",
    "MEDIA_URL": "https://video.example.com:8889",
    "MEDIA_API_URL": "http://127.0.0.1:9",
}


@pytest.fixture
async def web(services: Services, tmp_path: Path) -> AsyncIterator[Web]:
    async with open_web(services, tmp_path) as web:
        yield web


@pytest.fixture
async def beside_mediamtx(services: Services, tmp_path: Path) -> AsyncIterator[Web]:
    async with open_web(services, tmp_path, **MEDIAMTX) as web:
        yield web


async def video(visitor: Visitor) -> Any:
    return (await visitor.get("/api/shows/tea")).json().get("video")


async def tea(web: Web) -> Visitor:
    host = await web.member("host")
    assert (await host.post("/api/shows", {"title": "Tea", "id": "tea"})).status_code == 201
    return host


async def test_everyone_learns_where_to_watch_and_the_host_where_to_publish(web: Web) -> None:
    host = await tea(web)

    watched = {"whep": "/whep/tea", "hls": "/hls/tea/index.m3u8"}
    assert await video(web.nobody) == watched
    assert await video(await web.member("host", "Noor")) == watched
    assert await video(host) == {
        **watched,
        "publish": "/whip/tea",
        "rehearse": {
            "publish": "/whip/tea?rehearsal=true",
            "whep": "/whep/tea?rehearsal=true",
        },
    }
    assert await video(await web.member("admin", "Ada")) == await video(host)


async def test_without_video_nothing_is_said_of_it(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path, MEDIA="off") as web:
        host = await tea(web)

        assert await video(host) is None
        assert (await host.post("/whip/tea")).status_code == 404


async def test_mediamtx_is_another_address_of_the_same_kind(beside_mediamtx: Web) -> None:
    host = await tea(beside_mediamtx)

    assert await video(host) == {
        "whep": "https://video.example.com:8889/tea/whep",
        "hls": "https://video.example.com:8888/tea/index.m3u8",
        "publish": "https://video.example.com:8889/tea/whip",
        "rehearse": {
            "publish": "https://video.example.com:8889/rehearsal/tea/whip",
            "whep": "https://video.example.com:8889/rehearsal/tea/whep",
        },
    }
    page = await beside_mediamtx.nobody.get("/live/tea")
    if page.status_code == 200:  # the pages are built
        assert (
            "connect-src 'self' https://video.example.com:8888 https://video.example.com:8889;"
            in page.headers["content-security-policy"]
        )


async def test_mediamtx_needs_both_its_addresses(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="LIVESHOP_MEDIA_API_URL is missing"):
        config_for(tmp_path, **{**MEDIAMTX, "MEDIA_API_URL": ""})


async def ask(web: Web, **asked: str) -> tuple[int, str]:
    """Ask as MediaMTX does: every field is there, most are empty."""
    body = {
        "user": "",
        "password": "",
        "token": "",
        "ip": "198.51.100.4",
        "path": "tea",
        "protocol": "webrtc",
        "id": "7c1f9a0e-0000-4000-8000-000000000000",
        "query": "",
        "userAgent": "OBS",
        **asked,
    }
    answer = await web.nobody.post("/api/media/auth", body)
    return answer.status_code, answer.json().get("code", "")


async def test_mediamtx_asks_who_may_publish_and_watch(beside_mediamtx: Web) -> None:
    web = beside_mediamtx
    host, another = await tea(web), await web.member("host", "Noor")
    assert host.token is not None
    assert another.token is not None

    assert await ask(web, action="publish", token=host.token) == (200, "")
    assert await ask(web, action="publish", user="mei", password=host.token) == (200, "")
    assert await ask(web, action="publish") == (401, "unauthorised")
    assert await ask(web, action="publish", token="guess") == (401, "bad_token")
    assert await ask(web, action="publish", token=another.token) == (403, "not_yours")
    assert await ask(web, action="publish", token=host.token, path="x") == (404, "unknown_show")
    assert await ask(web, action="read") == (200, "")
    assert await ask(web, action="playback", path="x") == (404, "unknown_show")
    rehearsal = "rehearsal/tea"
    assert await ask(web, action="publish", path=rehearsal, token=host.token) == (200, "")
    assert await ask(web, action="read", path=rehearsal, token=host.token) == (200, "")
    assert await ask(web, action="read", path=rehearsal) == (401, "unauthorised")
    assert await ask(web, action="read", path=rehearsal, token=another.token) == (403, "not_yours")
    assert await ask(web, action="api", token=host.token) == (403, "forbidden")
    assert await ask(web, action="dance") == (422, "invalid_value")


async def test_the_video_of_a_rehearsed_show_wants_a_token_of_its_team(
    beside_mediamtx: Web,
) -> None:
    web = beside_mediamtx
    host, another = await web.member("host", "Mei"), await web.member("host", "Noor")
    assert host.token is not None
    assert another.token is not None
    show = (await host.post("/api/shows", {"title": "Tea time"})).json()["id"]
    rehearsal = (await host.post(f"/api/shows/{show}/rehearsal")).json()["id"]
    seen = (await host.get(f"/api/shows/{rehearsal}")).json()["video"]

    for action in ("read", "playback", "publish"):
        ours = await ask(web, action=action, path=rehearsal, token=host.token)
        theirs = await ask(web, action=action, path=rehearsal, token=another.token)
        assert (ours, theirs) == ((200, ""), (404, "unknown_show"))
    for action in ("read", "playback"):
        assert await ask(web, action=action, path=rehearsal) == (404, "unknown_show")
        assert await ask(web, action=action, path=show) == (200, "")
    # Players of HLS have no token to show, so none is sent there.
    assert seen["whep"].endswith(f"/{rehearsal}/whep")
    assert "hls" not in seen


async def test_nobody_but_mediamtx_is_answered(web: Web) -> None:
    await tea(web)

    assert await ask(web, action="read") == (404, "not_found")


async def test_what_mediamtx_has_on_air_is_told_to_the_room(web: Web) -> None:
    await tea(web)
    ready = ["tea", "rehearsal/tea"]

    async def paths(request: Request) -> Response:
        items = [{"name": name, "ready": True, "tracks": ["H264"]} for name in ready]
        return JSONResponse({"itemCount": 1, "pageCount": 1, "items": items})

    routes = [Route("/v3/paths/list", paths)]
    async with served(Starlette(routes=routes), socket.create_server(("127.0.0.1", 0))) as port:
        backend = MediaMtx("http://video.example.com", f"http://127.0.0.1:{port}")
        on_air = OnAir(web.shop.pool, backend.on_air)

        await on_air.write(await backend.on_air())
        assert await is_on_air(web)
        ready.remove("tea")
        await on_air.write(await backend.on_air())
        assert not await is_on_air(web)
    with pytest.raises(OSError, match="MediaMTX cannot be asked"):
        await backend.on_air()


async def is_on_air(web: Web) -> bool:
    async with acquire(web.shop.pool) as connection:
        return (await shows.get(connection, ShowId("tea"))).on_air


class served:
    """Serve an application on a listening socket for as long as the block lasts."""

    def __init__(self, application: Any, listener: socket.socket) -> None:
        config = uvicorn.Config(application, lifespan="off", log_config=None)
        self._server = uvicorn.Server(config)
        self._listener = listener

    async def __aenter__(self) -> int:
        self._serving = asyncio.create_task(self._server._serve([self._listener]))
        address = self._listener.getsockname()
        return int(address[1]) if isinstance(address, tuple) else 0

    async def __aexit__(self, *_: object) -> None:
        self._server.should_exit = True
        await self._serving


async def test_everyone_is_told_of_the_servers_that_help_them_connect(
    services: Services, tmp_path: Path
) -> None:
    servers = "stun:stun.example.net,turn:mei:secret@turn.example.net?transport=tcp"
    async with open_web(services, tmp_path, ICE_SERVERS=servers) as web:
        await tea(web)

        assert (await video(web.nobody))["ice_servers"] == [
            {"urls": "stun:stun.example.net"},
            {
                "urls": "turn:turn.example.net?transport=tcp",
                "username": "mei",
                "credential": "secret",
            },
        ]


async def test_the_host_is_told_how_the_video_stands(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = config_for(tmp_path, RECORDING_DAYS="0")
    async with open_web(services, tmp_path) as web:
        host, another = await tea(web), await web.member("host", "Noor")

        away = await host.get("/api/shows/tea/video")
        assert (away.status_code, away.json()["code"]) == (503, "unavailable")
        with listening(config) as listener:
            async with open_studio(config, services) as studio, served(media(studio), listener):
                answer = await host.get("/api/shows/tea/video")
                assert answer.json() == {"publishing": False}
                source = Host(VP8_TRACK)
                for asked in ("source", "public_source"):
                    monkeypatch.setattr(studio.stages, asked, {"tea": source}.get)
                assert studio.channels.watch("tea") is not None
                answer = await host.get("/api/shows/tea/video")
                assert answer.json() == {
                    "publishing": True,
                    "codec": "VP8",
                    "packaged": True,
                    "transcoding": True,
                }
                refused = await another.get("/api/shows/tea/video")
                assert (refused.status_code, refused.json()["code"]) == (403, "not_yours")


async def test_offers_pass_through_the_public_port_and_answers_come_back(
    services: Services, tmp_path: Path
) -> None:
    config = config_for(tmp_path)
    async with open_web(services, tmp_path) as web:
        host = await tea(web)
        headers = {**host.headers, "content-type": "application/sdp"}

        async def publish(query: str = "") -> httpx.Response:
            path = f"/whip/tea{query}"
            return await web.client.post(path, content=RFC_9725, headers=headers)

        away = await publish()
        assert (away.status_code, away.json()["code"]) == (503, "unavailable")
        assert away.headers["retry-after"] == "1"
        with listening(config) as listener:
            async with open_studio(config, services) as studio, served(media(studio), listener):
                answered = await publish()
                assert answered.status_code == 201, answered.text
                assert answered.headers["content-type"] == "application/sdp"
                assert answered.headers["access-control-allow-origin"] == "*"
                location = answered.headers["location"]
                again = await publish()
                assert (again.status_code, again.json()["code"]) == (409, "already_publishing")
                assert (await publish("?takeover=true")).status_code == 201
                assert (await web.client.options("/whep/tea")).headers["accept-post"]
                figures = (await web.client.get("/metrics/media")).text
                assert "liveshop_media_sessions_refused_total" in figures
                assert (await web.client.delete(f"{location}x")).json()["status"] == 404
        assert (await publish()).status_code == 503
        huge = await web.client.post("/whip/tea", content=b"x" * 70_000, headers=headers)
        assert (huge.status_code, huge.json()["code"]) == (413, "too_large")
