"""From a real publisher over WHIP to HLS and a recording, through the media process."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from live.embedded import Services
from live.media.recording.library import recordings
from tests.live.media.conftest import House, open_house
from tests.live.media.packaging import seen
from tests.live.media.rules import follows_the_rules
from tests.live.media.test_forwarded import on_air

BEHIND_S = 10.0


@pytest.fixture
async def house(services: Services, tmp_path: Path) -> AsyncIterator[House]:
    """A house that records."""
    async with open_house(services, tmp_path) as house:
        yield house


async def test_what_is_published_is_packaged_recorded_and_dated(
    house: House, tmp_path: Path
) -> None:
    show, token = await house.show()
    async with on_air(house, show, token):
        answer = await house.http.get(f"/hls/{show}/index.m3u8")
        listed = follows_the_rules(answer.text)
        first = listed.segments[0]
        awaited = f"?_HLS_msn={first.number}&_HLS_part={len(first.parts)}"
        later = follows_the_rules((await house.http.get(f"/hls/{show}/index.m3u8{awaited}")).text)
        file = (await house.http.get(f"/hls/{show}/{first.map}")).content
        for uri, *_ in later.segments[0].parts:
            file += (await house.http.get(f"/hls/{show}/{uri}")).content
        copied = await house.metric('liveshop_media_packaged_shows{pictures="copied"}')
        await house.end(show)
        folder = tmp_path / "recordings"
        async with asyncio.timeout(BEHIND_S):
            while not (found := await asyncio.to_thread(recordings, folder, show)):
                pass

    watched = seen(file)
    [recording] = found
    assert len(watched.pictures) >= 20
    assert watched.sounds != []
    assert copied == 1
    assert 0 < time.time() - recording.started_at / 1000 < BEHIND_S
    assert len(seen((folder / show / recording.file).read_bytes()).pictures) >= 20
