"""The processes with which the video is measured."""

import os

import pytest

from loadtest.bench.servers import ServerGone
from loadtest.bench.video.actor import open_actor
from loadtest.bench.video.receiver import starts_keyframe


async def test_an_actor_is_heard_and_ends_with_its_block() -> None:
    async with open_actor("peers.relay") as relay:
        assert (await relay.hear())["port"] > 0
    with pytest.raises(ProcessLookupError):
        os.kill(relay.pid, 0)


async def test_an_actor_that_ends_early_is_missed(capfd: pytest.CaptureFixture[str]) -> None:
    async with open_actor("video.nobody") as nobody:
        with pytest.raises(ServerGone, match=r"video\.nobody ended early"):
            await nobody.hear()
    assert "No module named" in capfd.readouterr().err


def test_a_keyframe_is_known_however_it_is_packed() -> None:
    assert starts_keyframe(b"\x65slice")
    assert starts_keyframe(b"\x18\x00\x05\x67")
    assert starts_keyframe(b"\x7c\x85")
    assert not starts_keyframe(b"\x7c\x05")
    assert not starts_keyframe(b"\x41slice")
