"""The host made of nothing: what it looks and sounds like, and when it is on air."""

import asyncio
from random import Random

import aioice.ice
import httpx
import pytest

from loadtest.loopback import reach_loopback
from loadtest.picture import HEIGHT, WIDTH, paint
from loadtest.speech import CHUNK, Speech
from tests.demo import running_demo
from tests.live.media.people import Client, publisher, viewer

ON_AIR_S = 20


def test_the_picture_has_the_size_it_says_and_moves_with_time_and_voice() -> None:
    luma, blue, red = paint(12.0, 0.0)

    assert len(luma) == WIDTH * HEIGHT
    assert len(blue) == len(red) == WIDTH * HEIGHT // 4
    assert paint(12.0, 0.0)[0] == luma
    assert paint(12.1, 0.0)[0] != luma
    assert paint(12.0, 1.0)[0] != luma


def test_the_voice_speaks_and_pauses_and_says_the_same_again() -> None:
    speech = Speech(Random(7))
    loudness = [speech.loudness(number) for number in range(250)]

    assert len(speech.chunk(0)) == 2 * CHUNK
    assert min(loudness) == 0
    assert 0.4 < max(loudness) <= 1
    assert Speech(Random(7)).chunk(11) == speech.chunk(11)


async def test_the_demo_is_on_air_at_once_and_yields_to_a_person(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aioice.ice, "get_host_addresses", aioice.ice.get_host_addresses)
    reach_loopback("http://127.0.0.1")
    async with (
        running_demo("--no-crowd") as demo,
        httpx.AsyncClient(base_url=demo.url) as http,
        viewer(http) as ann,
    ):
        await watching(http, ann)
        await ann.until(lambda: len(ann.frames) >= 10)
        assert {(frame.width, frame.height) for frame in ann.frames} == {(WIDTH, HEIGHT)}

        async with demo.host() as api, publisher(http, api.token) as person:
            assert (await person.call("/whip/demo?takeover=true")).status_code == 201
            await ann.until(lambda: ann.frames[-1].width == 160)
        # The person has gone; the test picture comes back by itself.
        await ann.until(lambda: ann.frames[-1].width == WIDTH)


async def watching(http: httpx.AsyncClient, client: Client) -> None:
    """Watch as soon as somebody is on air."""
    async with asyncio.timeout(ON_AIR_S):
        while (await client.http.get("/api/shows/demo")).json()["show"].get("on_air") is None:
            pass
    assert (await client.call("/whep/demo")).status_code == 201
