"""What the doctor says of the video."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import cast

from aioice import stun

from live.config import Config
from live.embedded import Services
from live.finding import Finding
from live.media.checkup import video
from live.media.process import listening, media, open_studio
from tests.live.shops import config_for
from tests.live.test_media_api import served


async def findings(config: Config) -> dict[str, Finding]:
    return {each.subject: each async for each in video(config)}


@contextmanager
def taken() -> Iterator[int]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        yield other.getsockname()[1]


async def test_a_shop_on_this_machine_needs_nothing(tmp_path: Path) -> None:
    found = await findings(config_for(tmp_path))

    assert {name: each.verdict for name, each in found.items()} == {
        "Media process": "warn",
        "Media port": "ok",
        "Media addresses": "ok",
        "Codecs": "ok",
        "ICE servers": "ok",
    }
    assert found["Media process"].detail.endswith("run liveshop media")


async def test_a_media_process_that_runs_is_found_with_its_port(
    services: Services, tmp_path: Path
) -> None:
    with taken() as free:
        pass
    config = config_for(tmp_path, MEDIA_PORT=str(free))
    with listening(config) as listener:
        async with open_studio(config, services) as studio, served(media(studio), listener):
            found = await findings(config)

    assert found["Media process"].verdict == "ok"
    assert found["Media port"] == Finding(
        "ok", "Media port", f"UDP {free}, in use by liveshop media"
    )


async def test_a_port_that_another_program_has_is_a_failure(tmp_path: Path) -> None:
    with taken() as port:
        found = await findings(config_for(tmp_path, MEDIA_PORT=str(port)))

    assert found["Media port"].verdict == "fail"
    assert "choose another with LIVESHOP_MEDIA_PORT" in found["Media port"].detail


async def test_what_a_server_for_everyone_lacks_is_said(tmp_path: Path) -> None:
    open_to_all = await findings(config_for(tmp_path, HOST="0.0.0.0"))
    assert open_to_all["Media port"].verdict == "warn"
    assert "set LIVESHOP_MEDIA_PORT" in open_to_all["Media port"].detail

    behind_a_nat = config_for(tmp_path, HOST="0.0.0.0", MEDIA_ADDRESSES="10.0.0.4")
    assert (await findings(behind_a_nat))["Media addresses"] == Finding(
        "warn",
        "Media addresses",
        "10.0.0.4: not to be reached from the internet; set LIVESHOP_MEDIA_ADDRESSES",
    )
    told = config_for(tmp_path, HOST="0.0.0.0", MEDIA_ADDRESSES="8.8.8.8")
    assert (await findings(told))["Media addresses"].verdict == "ok"


class Stun(asyncio.DatagramProtocol):
    """A STUN server."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's is no subclass of asyncio's.
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        asked = stun.parse_message(data)
        answer = stun.Message(
            stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=asked.transaction_id
        )
        self._transport.sendto(bytes(answer), addr)


@asynccontextmanager
async def stun_server() -> AsyncIterator[int]:
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        Stun, local_addr=("127.0.0.1", 0)
    )
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()


async def test_servers_that_help_to_connect_are_asked(tmp_path: Path) -> None:
    async with stun_server() as port:
        for url, verdict in (
            (f"stun:127.0.0.1:{port}", "ok"),
            (f"turn:mei:secret@127.0.0.1:{port}", "ok"),
            ("stun:127.0.0.1:1", "warn"),
            ("turn:mei:secret@127.0.0.1:1?transport=tcp", "warn"),
        ):
            found = await findings(config_for(tmp_path, ICE_SERVERS=url))
            assert found["ICE servers"].verdict == verdict, url
            assert "secret" not in found["ICE servers"].detail


async def test_another_carrier_is_asked_for_itself(tmp_path: Path) -> None:
    away = config_for(
        tmp_path,
        MEDIA="mediamtx",
        MEDIA_URL="https://video.example.com:8889",
        MEDIA_API_URL="http://127.0.0.1:9",
    )

    assert (await findings(away))["Video"].verdict == "fail"
    assert await findings(config_for(tmp_path, MEDIA="off")) == {
        "Video": Finding("ok", "Video", "switched off")
    }
