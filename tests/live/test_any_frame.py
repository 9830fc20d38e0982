"""
Whatever is sent to the socket, it is answered or refused in the document's words, and goes on.

Frames are made by the shape of the client's messages, well- and malformed, each on a connection of
its own; a clock that is wrong by half a minute changes nothing for anybody.
"""

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from websockets.sync.client import connect

from live.embedded import Services
from live.wire import ClientMessage
from tests.live.server import open_live

EXAMPLES: Final = 150
"""Frames; the seed is fixed, so they are the same in every run."""

ANSWER_S: Final = 5.0

TAGS: Final = sorted({kind.__struct_config__.tag for kind in get_args(ClientMessage)} - {"join"})
"""A second greeting ends a connection, as documented."""

FIELDS: Final = sorted(
    {name for kind in get_args(ClientMessage) for name in kind.__struct_fields__}
)

VALUES: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**64), 2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=80)
    | st.sampled_from(["", "a", "tea", "\ud800", "x" * 5000]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


def frames(real: Mapping[str, Any]) -> st.SearchStrategy[str]:
    """Messages with real, plausible and absurd fields, and what is no message at all."""
    messages = st.builds(
        lambda tag, fields: {"type": tag, **fields},
        st.sampled_from(TAGS) | st.text(max_size=10),
        st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=4).flatmap(
            lambda odd: st.sampled_from([{**real, **odd}, odd])
        ),
    )
    return st.one_of(
        messages.map(json.dumps),
        VALUES.map(json.dumps),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=50),
        st.just("[" * 5000),
        messages.map(lambda message: json.dumps(message)[:-1]),
    )


def try_frames(url: str, room: str, token: str, real: Mapping[str, Any]) -> None:
    """Send each frame after a greeting, then ask whether anyone is there."""

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(frame=frames(real))
    def answered(frame: str) -> None:
        with connect(url) as socket:
            socket.send(json.dumps({"type": "join", "room": room, "token": token}))
            heard = json.loads(socket.recv(ANSWER_S))
            assert heard[0]["type"] == "joined"
            socket.send(frame)
            socket.send('{"type":"ping","id":77,"at":78}')
            while (pong := heard[-1])["type"] != "pong" or pong["id"] != 77:
                heard += json.loads(socket.recv(ANSWER_S))
            refused = [each["code"] for each in heard if each["type"] == "error"]
            assert "internal" not in refused
            assert len(refused) <= 1

    answered()


async def test_any_frame_is_answered_and_the_connection_goes_on(
    services: Services, tmp_path: Path
) -> None:
    async with open_live(services, tmp_path) as live:
        host, buyer = await live.member("host"), await live.guest()
        offer = await live.selling(host)
        url = f"ws://127.0.0.1:{live.port}/ws"
        real = {"id": "tap", "offer": offer["id"], "room": offer["show"], "text": "hello"}
        await asyncio.to_thread(try_frames, url, offer["show"], buyer.token or "", real)
        ledger = (await host.get(f"/api/offers/{offer['id']}/ledger")).json()

    assert ledger["adds_up"]
    assert ledger["available"] >= 19


def test_the_only_moment_that_a_client_tells_is_given_back_unread() -> None:
    moments = [
        f"{kind.__struct_config__.tag}.{field.name}"
        for kind in get_args(ClientMessage)
        for field in msgspec.structs.fields(kind)
        if field.name == "at" or field.name.endswith(("_at", "_ms", "_s"))
    ]

    assert moments == ["ping.at"]


@pytest.mark.parametrize("off_s", [-30, 30])
async def test_a_clock_that_is_wrong_by_half_a_minute_opens_nothing_early(
    services: Services, tmp_path: Path, off_s: int
) -> None:
    async with open_live(services, tmp_path) as live:
        host, buyer = await live.member("host"), await live.guest()
        show = (await host.post("/api/shows", {"title": "Tea time"})).json()["id"]
        await host.post(f"/api/shows/{show}/start")
        draft = await live.drafted(host, show)
        offer = (await host.post(f"/api/offers/{draft['id']}/open", {"countdown_s": 20})).json()
        theirs = time.time_ns() // 1_000_000 + off_s * 1000
        async with live.watching(show, buyer) as viewer:
            await viewer.greeted()
            await viewer.send(type="ping", id=1, at=theirs)
            pong = await viewer.hear("pong", id=1)
            await viewer.send(type="reserve", id="tap", offer=offer["id"])
            refused = await viewer.hear("refused", to="tap")
        left = (await host.get(f"/api/offers/{offer['id']}")).json()["left"]

        # By the server's answer the client knows how wrong it is.
        assert pong["at"] == theirs
        assert round((theirs - pong["server_at"]) / 1000) == off_s
        assert refused["reason"] == "not_open"
        assert 0 < refused["retry_after_ms"] <= offer["opens_at"] - pong["server_at"] <= 20_000
        assert left == 20
