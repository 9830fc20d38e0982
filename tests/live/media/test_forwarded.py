"""A show's video from its host to its viewers, between real connections on the loopback address."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiortc.rtp import RtpPacket

from live.embedded import Services
from live.media.ice import Path as UdpPath
from live.media.recording.library import recordings
from live.media.tap import Kind
from tests.live.media.conftest import House, open_house
from tests.live.media.people import Client, brightness, publisher, viewer
from tests.waiting import until

DARK, BRIGHT = 60, 200


@asynccontextmanager
async def on_air(
    house: House, show: str, token: str, *, codec: str = "H264", level: int = DARK
) -> AsyncIterator[Client]:
    """Publish to a show; its video comes in when the block begins."""
    async with publisher(house.http, token, codec=codec, level=level) as host:
        assert (await host.call(f"/whip/{show}")).status_code == 201
        await live(house, show)
        yield host


async def live(house: House, show: str) -> None:
    await until(lambda: show in house.studio.stages.live)


async def watching(house: House, show: str, client: Client) -> None:
    """Watch, and see something."""
    assert (await client.call(f"/whep/{show}")).status_code == 201
    await client.until(lambda: client.frames)


def shows(client: Client, level: int) -> Callable[[], bool]:
    return lambda: bool(client.frames) and abs(brightness(client.frames[-1]) - level) < 5


@pytest.mark.parametrize("codec", ["H264", "VP8"])
async def test_a_viewer_sees_what_the_host_publishes_and_hears_it(house: House, codec: str) -> None:
    show, token = await house.show()
    async with on_air(house, show, token, codec=codec), viewer(house.http) as ann:
        await watching(house, show, ann)
        await ann.until(lambda: len(ann.frames) >= 10)

        assert {abs(brightness(frame) - DARK) < 5 for frame in ann.frames} == {True}
        assert len({packet.ssrc for packet in ann.packets}) == 2
        assert await house.metric("liveshop_media_publishers") == 1
        assert await house.metric("liveshop_media_viewers") == 1


async def test_whoever_joins_gets_a_keyframe_although_the_stream_has_none_of_its_own(
    house: House,
) -> None:
    show, token = await house.show()
    async with on_air(house, show, token), viewer(house.http) as ann, viewer(house.http) as ben:
        await watching(house, show, ann)
        began = asyncio.get_running_loop().time()
        await watching(house, show, ben)

        # Keyframes may be half a second apart; everything else takes some tens of milliseconds.
        assert asyncio.get_running_loop().time() - began < 2


async def test_lost_packets_come_again_and_nothing_freezes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    show, token = await house.show()
    send = UdpPath.send
    media: list[bytes] = []
    sent, lost = [0], [0]

    def lose_some(path: UdpPath, data: bytes) -> None:
        # One picture's packet in twenty. What comes again arrives: aiortc asks only once.
        if data[8:12] == media[0]:
            sent[0] += 1
            if sent[0] % 20 == 0:
                lost[0] += 1
                return
        send(path, data)

    async with on_air(house, show, token), viewer(house.http) as ann:
        await watching(house, show, ann)
        [stream] = re.findall(r"a=ssrc-group:FID (\d+)", ann.connection.remoteDescription.sdp)
        media.append(int(stream).to_bytes(4, "big"))
        monkeypatch.setattr(UdpPath, "send", lose_some)
        frames = len(ann.frames)
        await ann.until(lambda: lost[0] >= 3 and len(ann.frames) >= frames + 60)

    assert await house.metric("liveshop_media_packets_repaired_total") >= 3


async def test_a_publisher_who_comes_back_is_seen_over_the_same_connection(house: House) -> None:
    show, token = await house.show()
    async with viewer(house.http) as ann:
        async with on_air(house, show, token, level=DARK) as host:
            await watching(house, show, ann)
            assert (await host.http.delete(host.location)).status_code == 200
            await host.closed()
        assert (await house.http.post(f"/whep/{show}")).status_code == 415
        await until(lambda: show not in house.studio.stages.live)
        assert ann.connection.connectionState == "connected"

        async with on_air(house, show, token, level=BRIGHT):
            await ann.until(shows(ann, BRIGHT))


async def test_a_second_publisher_takes_over_only_when_it_says_so(house: House) -> None:
    show, token = await house.show()
    async with (
        on_air(house, show, token, level=DARK) as first,
        publisher(house.http, token, level=BRIGHT) as second,
        viewer(house.http) as ann,
    ):
        await watching(house, show, ann)
        refused = await second.call(f"/whip/{show}")
        assert (refused.status_code, refused.json()["code"]) == (409, "already_publishing")
        assert "takeover=true" in refused.json()["detail"]
        assert shows(ann, DARK)()

        assert (await second.call(f"/whip/{show}?takeover=true")).status_code == 201
        await ann.until(shows(ann, BRIGHT))
        await first.closed()
        assert await house.metric("liveshop_media_publishers") == 1


async def test_a_viewer_who_cannot_decode_the_new_publisher_is_sent_away(house: House) -> None:
    show, token = await house.show()
    async with (
        on_air(house, show, token, codec="H264"),
        publisher(house.http, token, codec="VP8") as second,
        viewer(house.http) as ann,
    ):
        await watching(house, show, ann)
        assert (await second.call(f"/whip/{show}?takeover=true")).status_code == 201

        await ann.closed()


async def test_viewers_beyond_the_cap_are_told_when_to_come_back(house: House) -> None:
    show, token = await house.show()
    async with (
        on_air(house, show, token),
        viewer(house.http) as ann,
        viewer(house.http) as ben,
        viewer(house.http) as cleo,
    ):
        await watching(house, show, ann)
        await watching(house, show, ben)
        refused = await cleo.call(f"/whep/{show}")
        assert (refused.status_code, refused.json()["code"]) == (503, "media_full")
        assert refused.headers["retry-after"] == "10"

        await ann.http.delete(ann.location)
        await ann.closed()
        await watching(house, show, cleo)


async def test_a_viewer_who_vanishes_leaves_nothing_behind(
    services: Services, tmp_path: Path
) -> None:
    # Viewers report once in 1.5 s at the latest.
    async with open_house(services, tmp_path, silent_s=2.0) as house:
        show, token = await house.show()
        async with on_air(house, show, token), viewer(house.http) as ann, viewer(house.http) as ben:
            await watching(house, show, ann)
            await watching(house, show, ben)
            ann.vanish()
            await until(lambda: len(house.studio.stages) == 1)

            gone = 'liveshop_media_sessions_ended_total{reason="silent",side="whep"}'
            assert await house.metric(gone) == 1
            assert (await house.http.delete(ann.location)).status_code == 404
            frames = len(ben.frames)
            await ben.until(lambda: len(ben.frames) > frames + 5)


async def test_a_rehearsal_is_seen_by_the_host_and_nobody_else(
    services: Services, tmp_path: Path
) -> None:
    async with open_house(services, tmp_path, RECORDING_DAYS="1") as house:
        show, token = await house.show()
        async with (
            publisher(house.http, token, level=BRIGHT) as host,
            viewer(house.http, token=token) as mirror,
            viewer(house.http) as ann,
        ):
            assert (await host.call(f"/whip/{show}?rehearsal=true")).status_code == 201
            await host.connected()
            await mirror.until_called(f"/whep/{show}?rehearsal=true")
            await mirror.until(shows(mirror, BRIGHT))

            refused = await ann.call(f"/whep/{show}")
            assert (refused.status_code, refused.json()["code"]) == (409, "not_on_air")
            playlist = await house.http.get(f"/hls/{show}/index.m3u8")
            assert (playlist.status_code, playlist.json()["code"]) == (404, "no_video")
            assert house.studio.stages.live == frozenset()
            assert not house.studio.status(show).recording
            assert not (await house.view(show)).on_air

            assert (await host.http.delete(host.location)).status_code == 200
            await host.closed()
    assert recordings(tmp_path / "recordings", show) == []


async def test_the_video_of_a_rehearsed_show_is_for_its_team(
    services: Services, tmp_path: Path
) -> None:
    async with open_house(services, tmp_path, RECORDING_DAYS="1") as house:
        show, token = await house.rehearsal()
        async with (
            on_air(house, show, token),
            viewer(house.http, token=token) as mei,
            viewer(house.http) as ann,
        ):
            await watching(house, show, mei)
            await house.until_on_air(show, True)

            refused = await ann.call(f"/whep/{show}")
            nowhere = await ann.call("/whep/nowhere")
            assert (refused.status_code, refused.json()["code"]) == (404, "unknown_show")
            assert (nowhere.status_code, nowhere.json()["code"]) == (404, "unknown_show")
            playlist = await house.http.get(f"/hls/{show}/index.m3u8")
            assert (playlist.status_code, playlist.json()["code"]) == (404, "no_video")
            assert house.studio.status(show).publishing
            assert not house.studio.status(show).recording
            await house.end(show)
            await mei.closed()
    assert recordings(tmp_path / "recordings", show) == []


async def test_the_room_is_told_when_video_comes_and_goes(house: House) -> None:
    show, token = await house.show()
    assert not (await house.view(show)).on_air
    async with on_air(house, show, token):
        await house.until_on_air(show, True)
    await house.until_on_air(show, False)


async def test_a_show_that_ends_ends_its_video(house: House) -> None:
    show, token = await house.show()
    async with on_air(house, show, token) as host, viewer(house.http) as ann:
        await watching(house, show, ann)
        await house.end(show)

        await host.closed()
        await ann.closed()
        refused = await ann.http.post(f"/whip/{show}", headers=host.headers)
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")


class Ear:
    """A tap that keeps what it hears."""

    def __init__(self) -> None:
        self.packets: list[tuple[Kind, RtpPacket, int]] = []
        self.reports: list[Kind] = []
        self.ends = 0

    def packet(self, kind: Kind, packet: RtpPacket, arrived_ms: int) -> None:
        self.packets.append((kind, packet, arrived_ms))

    def report(self, kind: Kind, ntp_time: int, rtp_timestamp: int) -> None:
        self.reports.append(kind)

    def ended(self) -> None:
        self.ends += 1


async def test_a_tap_hears_every_packet_once_and_the_end(house: House) -> None:
    show, token = await house.show()
    ear = Ear()
    async with on_air(house, show, token):
        source = house.studio.stages.source(show)
        assert source is not None
        assert {(each.kind, each.codec, each.clock_rate) for each in source.tracks} == {
            ("video", "H264", 90_000),
            ("audio", "opus", 48_000),
        }
        source.attach(ear)
        source.attach(ear)
        await until(lambda: len(ear.packets) >= 30 and len(set(ear.reports)) == 2)

    await until(lambda: ear.ends == 1)
    numbers = [packet.sequence_number for kind, packet, _ in ear.packets if kind == "audio"]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    late = Ear()
    source.attach(late)
    assert (late.ends, house.studio.stages.source(show)) == (1, None)
