"""The shipped nginx configuration in front of a real shop: TLS, rooms, pages, video, addresses."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from msgspec import Struct
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.demo import Demo, running_demo
from tests.deploy.nginx import HOST, Nginx, in_front
from tests.waiting import until_it_holds

SHOW = "demo"
ONE_ADDRESS = "3"
"""Connections that one address may hold in these tests."""

AT_ONCE = 20


class Site(Struct, frozen=True):
    demo: Demo
    nginx: Nginx


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """A demo with a camera and nobody else, behind nginx."""
    settings = {"LIVESHOP_CONNECTIONS_PER_ADDRESS": ONE_ADDRESS}
    async with (
        running_demo("--no-crowd", settings=settings) as demo,
        in_front(tmp_path_factory.mktemp("nginx"), [demo.port]) as nginx,
    ):
        yield Site(demo, nginx)


async def test_the_page_comes_over_http2(site: Site) -> None:
    asking = await asyncio.create_subprocess_exec(
        *("curl", "--silent", "--http2", "--cacert", site.nginx.certificate),
        *("--output", "/dev/null", "--write-out", "%{http_version} %{http_code}"),
        f"{site.nginx.url}/live/{SHOW}",
        stdout=asyncio.subprocess.PIPE,
    )
    said, _ = await asking.communicate()

    assert said == b"2 200"


async def test_the_socket_runs_over_tls_and_its_page_may_open_it(site: Site) -> None:
    async with connect(
        f"wss://{HOST}:{site.nginx.port}/ws",
        ssl=site.nginx.trust,
        origin=site.nginx.url,  # type: ignore[arg-type]
    ) as socket:
        await socket.send(json.dumps({"type": "join", "room": SHOW}))
        joined = json.loads(await socket.recv())[0]

    assert (joined["type"], joined["room"]) == ("joined", SHOW)


async def test_another_sites_page_may_not(site: Site) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(
            f"wss://{HOST}:{site.nginx.port}/ws",
            ssl=site.nginx.trust,
            origin="https://elsewhere.example",  # type: ignore[arg-type]
        ):
            pass

    assert refused.value.response.status_code == 403


async def test_each_client_is_counted_by_its_own_address_whatever_it_says(site: Site) -> None:
    sockets = []

    async def come(address: str, says: str) -> int:
        try:
            sockets.append(
                await connect(
                    f"wss://{HOST}:{site.nginx.port}/ws",
                    ssl=site.nginx.trust,
                    local_addr=(address, 0),
                    additional_headers={"X-Forwarded-For": says},
                )
            )
        except InvalidStatus as refused:
            return refused.response.status_code
        return 101

    try:
        first = [await come("127.0.0.2", f"203.0.113.{n}") for n in range(4)]
        other = await come("127.0.0.3", "203.0.113.0")
    finally:
        for socket in sockets:
            await socket.close()

    assert (first, other) == ([101, 101, 101, 429], 101)


async def test_a_crowd_that_waits_for_one_playlist_is_one_request(site: Site) -> None:
    async with httpx.AsyncClient(
        base_url=site.nginx.url, verify=site.nginx.trust, timeout=20
    ) as client:
        playlist = await on_air(client)
        number = int(playlist.partition("#EXT-X-MEDIA-SEQUENCE:")[2].split()[0])
        coming = number + playlist.count("#EXTINF") + 1
        path = f"/hls/{SHOW}/index.m3u8"
        answers = await asyncio.gather(
            *(client.get(path, params={"_HLS_msn": coming}) for _ in range(AT_ONCE))
        )
        part = f"/hls/{SHOW}/seg-{coming}.m4s"
        pictures = await asyncio.gather(*(client.get(part) for _ in range(AT_ONCE)))

    for same in (answers, pictures):
        assert {answer.status_code for answer in same} == {200}
        assert len({answer.content for answer in same}) == 1
        fates = sorted(answer.headers["x-cache-status"] for answer in same)
        assert fates == ["HIT"] * (AT_ONCE - 1) + ["MISS"]


async def test_what_is_for_the_operator_is_not_for_everyone(site: Site) -> None:
    async with httpx.AsyncClient(base_url=site.nginx.url, verify=site.nginx.trust) as client:
        found = [(await client.get(path)).status_code for path in ("/metrics", "/readyz")]

    assert found == [404, 404]


async def on_air(client: httpx.AsyncClient) -> str:
    """Wait for the camera's first segments, and return the playlist."""
    playlist = ""

    async def has_segments() -> bool:
        nonlocal playlist
        answer = await client.get(f"/hls/{SHOW}/index.m3u8")
        playlist = answer.text
        return answer.status_code == 200 and "#EXTINF" in playlist

    await until_it_holds(has_segments)
    return playlist
