"""
The server under measure: this project's media process, or aiortc's own relay beside it.

``python -m tests.bench.media_server forward|relay`` writes a line of JSON with its address, serves
until its input ends, and then writes how much of a core it took while it was told to count.
"""

import asyncio
import json
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aioice.ice
import uvicorn
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commerce.ids import ShowId
from commerce.store import accounts, shows
from commerce.store.migrate import migrate
from commerce.store.pool import open_pool, transaction
from commerce.store.shows import NewShow
from live.auth import Tokens
from live.config import Config, read, signing_secret
from live.embedded import services
from live.listener import Server, listen
from live.media.process import media, open_studio
from live.telemetry import configure_logging

SHOW = "bench"


@asynccontextmanager
async def forwarding(folder: Path) -> AsyncIterator[tuple[Starlette, str]]:
    """Give this project's application, and a host's token."""
    config = read({"LIVESHOP_DATA_DIR": str(folder), "LIVESHOP_MEDIA_VIEWERS": "500"})
    with services(folder) as running:
        await migrate(running.database_url)
        token = await _show(config, running.database_url)
        async with open_studio(config, running) as studio:
            yield media(studio), token


async def _show(config: Config, database_url: str) -> str:
    async with open_pool(database_url, size=1) as pool, transaction(pool) as connection:
        host = await accounts.register(
            connection, kind="host", name="Mei", email="mei@bench.example", password_hash="none"
        )
        await shows.create(connection, host.id, NewShow(title="Bench", id=ShowId(SHOW)))
    tokens = Tokens(signing_secret(config), hours=1)
    return tokens.issue(account=host.id, name="Mei", role="host", now=time.time())[0]


@asynccontextmanager
async def relaying(folder: Path) -> AsyncIterator[tuple[Starlette, str]]:
    """Give what aiortc's examples do: decode what comes in, encode it for each viewer."""
    relay, tracks = MediaRelay(), {}
    connections: list[RTCPeerConnection] = []

    async def answer(request: Request, prepare: Any) -> Response:
        connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        connections.append(connection)
        prepare(connection)
        offer = RTCSessionDescription((await request.body()).decode(), "offer")
        await connection.setRemoteDescription(offer)
        await connection.setLocalDescription(await connection.createAnswer())
        sdp = connection.localDescription.sdp
        return Response(sdp, 201, {"Location": f"{request.url.path}/1"}, "application/sdp")

    async def whip(request: Request) -> Response:
        def prepare(connection: RTCPeerConnection) -> None:
            @connection.on("track")
            def keep(track: Any) -> None:
                tracks[track.kind] = track

        return await answer(request, prepare)

    async def whep(request: Request) -> Response:
        def prepare(connection: RTCPeerConnection) -> None:
            for track in tracks.values():
                connection.addTrack(relay.subscribe(track))

        return await answer(request, prepare)

    yield (
        Starlette(
            routes=[
                Route(f"/{name}/{{show}}", endpoint, methods=["POST"])
                for name, endpoint in (("whip", whip), ("whep", whep))
            ]
        ),
        "",
    )
    await asyncio.gather(*(each.close() for each in connections))


def loopback(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    """Return the address that everything here happens on."""
    return ["127.0.0.1"]


async def main(mode: str) -> None:
    """Serve; every line of input ends a stretch of time, whose cost is written."""
    configure_logging("console", "warning")
    aioice.ice.get_host_addresses = loopback
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="liveshop-")))
        opened = forwarding if mode == "forward" else relaying
        application, token = await stack.enter_async_context(opened(folder))
        listener = stack.enter_context(listen("127.0.0.1", 0))
        server = Server(
            lambda: None, uvicorn.Config(application, loop="none", lifespan="off", log_config=None)
        )
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        serving = tasks.create_task(server.serve([listener]))
        say(url=f"http://127.0.0.1:{listener.getsockname()[1]}", token=token)
        while await asyncio.to_thread(sys.stdin.readline):
            say(cpu_s=time.process_time(), at_s=time.monotonic())
        server.should_exit = True
        await serving


def say(**values: object) -> None:
    """Write a line for the driver."""
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
