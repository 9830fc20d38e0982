"""HLS over HTTP, from the first request to the end of the video."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette

from live.media.hls import channel as channel_module, transcode as transcode_module
from live.media.hls.channels import GONE_S, IDLE_S, KEPT_S, Channels, open_channels
from live.media.hls.routes import Hls
from live.media.tap import Track
from tests.live.media.footage import VP8_TRACK, Sent, h264, sound, together, tone, video, vp8
from tests.live.media.host import Host
from tests.live.media.packaging import seen
from tests.live.media.rules import follows_the_rules

SHOW = "tea-time"
INDEX = f"/hls/{SHOW}/index.m3u8"


class Screen:
    """A player, the channels it watches, and who publishes."""

    def __init__(
        self, channels: Channels, http: httpx.AsyncClient, on_air: dict[str, Host]
    ) -> None:
        self.channels = channels
        self.http = http
        self._on_air = on_air

    def publish(self, host: Host) -> Host:
        self._on_air[SHOW] = host
        self.channels.changed(SHOW)
        return host

    def vanish(self) -> None:
        self._on_air.pop(SHOW).leave()
        self.channels.changed(SHOW)

    async def began(self, host: Host, packets: list[Sent]) -> str:
        """Ask for the playlist, then let the packets come; return it."""
        asking = asyncio.create_task(self.http.get(INDEX))
        await host.heard.wait()
        host.send(packets)
        answer = await asking
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
async def screen() -> AsyncIterator[Screen]:
    on_air: dict[str, Host] = {}
    async with open_channels(on_air.get, None) as channels:
        transport = httpx.ASGITransport(Starlette(routes=Hls(channels).routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://media.test") as http:
            yield Screen(channels, http, on_air)


@asynccontextmanager
async def waiting(screen: Screen, path: str) -> AsyncIterator[asyncio.Task[httpx.Response]]:
    """Ask, and be sure that the answer has to wait."""
    asking = asyncio.create_task(screen.http.get(path))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not asking.done()
    yield asking


async def test_the_first_request_begins_it_and_everything_listed_is_served(screen: Screen) -> None:
    host = screen.publish(Host())
    assert host.taps == []  # nobody watches by HLS, so nothing is packaged

    text = await screen.began(host, together(h264(150), sound(tone(250))))
    listed = follows_the_rules(text)
    file = b""
    for segment in listed.segments:
        assert segment.map is not None
        file = file or (await screen.http.get(f"/hls/{SHOW}/{segment.map}")).content
        pieces = [
            (await screen.http.get(f"/hls/{SHOW}/{uri}")).content for uri, *_ in segment.parts
        ]
        if segment.uri is not None:
            whole = await screen.http.get(f"/hls/{SHOW}/{segment.uri}")
            assert whole.content == b"".join(pieces)
            assert whole.headers["content-type"] == "video/mp4"
            assert whole.headers["cache-control"] == "public, max-age=3600"
            assert whole.headers["access-control-allow-origin"] == "*"
        file += b"".join(pieces)

    assert len(seen(file).pictures) == 142  # the last eight wait for their part to be full
    assert host.asked >= 1


async def test_a_reload_waits_for_the_very_part_it_names(screen: Screen) -> None:
    host = screen.publish(Host())
    packets = together(h264(150), sound(tone(250)))
    text = await screen.began(host, [each for each in packets if each.at_ms < 1000])
    first = follows_the_rules(text).segments[0]
    assert len(first.parts) == 2

    query = f"?_HLS_msn={first.number}&_HLS_part=3"
    async with waiting(screen, INDEX + query) as asking:
        # A third part of eleven pictures is complete; one more is wanted.
        host.send([each for each in packets if 1000 <= each.at_ms < 1400])
        for _ in range(50):
            await asyncio.sleep(0)
        assert not asking.done()
        host.send([each for each in packets if 1400 <= each.at_ms < 1500])
        answer = await asking
    [segment] = follows_the_rules(answer.text).segments

    assert len(segment.parts) == 4
    assert answer.headers["cache-control"] == "public, max-age=4"


async def test_the_hinted_part_can_be_asked_for_before_it_is_there(screen: Screen) -> None:
    host = screen.publish(Host())
    packets = together(h264(60), sound(tone(100)))
    early = [each for each in packets if each.at_ms < 1000]
    hint = follows_the_rules(await screen.began(host, early)).hint

    async with waiting(screen, f"/hls/{SHOW}/{hint}") as asking:
        host.send([each for each in packets if each.at_ms >= 1000])
        answer = await asking
    assert answer.status_code == 200
    assert answer.content[4:8] == b"moof"


async def test_what_cannot_be_waited_for_is_refused(screen: Screen) -> None:
    nobody = await screen.http.get(INDEX)
    host = screen.publish(Host())
    first = follows_the_rules(await screen.began(host, h264(60))).segments[0].number

    refusals = {
        query: (await screen.http.get(f"{INDEX}?{query}"))
        for query in (
            f"_HLS_msn={first + 2}",
            f"_HLS_msn={first}&_HLS_part=40",
            "_HLS_part=1",
            "_HLS_msn=-1",
            "_HLS_msn=" + "9" * 40,
            "_HLS_msn=one",
        )
    }

    assert (nobody.status_code, nobody.json()["code"]) == (404, "no_video")
    assert [(r.status_code, r.json()["code"]) for r in refusals.values()] == [
        (400, "too_far_ahead"),
        (400, "too_far_ahead"),
        *[(422, "invalid_value")] * 4,
    ]
    for path in (f"seg-{first + 9}.m4s", f"part-{first}.99.m4s", "init-1.mp4", "seg-x.m4s"):
        assert (await screen.http.get(f"/hls/{SHOW}/{path}")).status_code == 404


async def test_whoever_waited_long_enough_hears_503(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel_module, "WAIT_S", 0.01)
    host = screen.publish(Host())
    silent = await screen.http.get(INDEX)
    first = follows_the_rules(await screen.began(host, h264(60))).segments[0].number
    answer = await screen.http.get(f"{INDEX}?_HLS_msn={first}&_HLS_part=9")

    for refused in (silent, answer):
        assert (refused.status_code, refused.json()["code"]) == (503, "not_yet")
        assert refused.headers["retry-after"] == "1"


async def test_a_publisher_that_came_back_goes_on_in_the_same_playlist(screen: Screen) -> None:
    host = screen.publish(Host())
    before = follows_the_rules(await screen.began(host, h264(60)))
    screen.vanish()
    back = screen.publish(Host())
    back.send(h264(60, sequence=1, timestamp=77))
    text = (await screen.http.get(INDEX)).text
    after = follows_the_rules(text, None)

    assert host.taps == []
    assert [segment.number - before.sequence for segment in after.segments] == [0, 1]
    assert [segment.discontinuity for segment in after.segments] == [False, True]
    assert len({segment.map for segment in after.segments}) == 2


async def test_the_playlist_ends_when_the_publisher_does_not_come_back(screen: Screen) -> None:
    host = screen.publish(Host())
    number = follows_the_rules(await screen.began(host, h264(60))).segments[0].number
    screen.vanish()
    now_s = asyncio.get_running_loop().time()
    screen.channels.look_after(now_s)
    async with waiting(screen, f"{INDEX}?_HLS_msn={number + 1}") as asking:
        screen.channels.look_after(now_s + GONE_S + 1)
        over = follows_the_rules((await asking).text)

    assert over.ended
    screen.channels.look_after(now_s + GONE_S + KEPT_S + 2)
    assert (await screen.http.get(INDEX)).status_code == 404


async def test_packaging_stops_some_time_after_the_last_request(screen: Screen) -> None:
    host = screen.publish(Host())
    await screen.began(host, h264(60))
    now_s = asyncio.get_running_loop().time()
    screen.channels.look_after(now_s + IDLE_S - 1)
    assert len(host.taps) == 1
    screen.channels.look_after(now_s + IDLE_S + 1)

    assert host.taps == []
    assert screen.channels.status(SHOW) is None


async def test_a_vp8_publisher_is_transcoded_and_the_status_says_so(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All at once, which is faster than they are shown and than they are encoded.
    monkeypatch.setattr(transcode_module, "BACKLOG", 90)
    host = screen.publish(Host(VP8_TRACK))
    asking = asyncio.create_task(screen.http.get(INDEX))
    await host.heard.wait()
    host.send(video(vp8(90)))
    answer = await asking
    status = screen.channels.status(SHOW)

    assert status is not None
    assert status.transcoding
    assert screen.channels.count(transcoding=True) == 1
    assert screen.channels.count(transcoding=False) == 0
    listed = follows_the_rules(answer.text)
    file = (await screen.http.get(f"/hls/{SHOW}/{listed.segments[0].map}")).content
    for uri, *_ in listed.segments[0].parts:
        file += (await screen.http.get(f"/hls/{SHOW}/{uri}")).content
    assert seen(file).size == (320, 240)
    assert len(seen(file).pictures) >= 11


async def test_a_publisher_without_a_picture_is_refused_with_the_reason(screen: Screen) -> None:
    screen.publish(Host(Track("audio", "opus", 48_000, 111, "")))
    answer = await screen.http.get(INDEX)

    assert answer.status_code == 404
    assert answer.json()["detail"] == "There is no video to package"
