"""
aiortc's own relay, as its examples use it: decode what comes in, encode it for each viewer.

It writes a line of JSON with its port and serves until its input ends. WHIP and WHEP, no token.
"""

import asyncio
import sys
from typing import Any

import uvicorn
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loadtest.bench.video.actor import cued, say
from loadtest.loopback import reach_loopback


def relaying(connections: list[RTCPeerConnection]) -> Starlette:
    """Return the application; its connections are kept in the list, to be closed."""
    relay, tracks = MediaRelay(), dict[str, Any]()

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

    return Starlette(
        routes=[
            Route(f"/{name}/{{show}}", endpoint, methods=["POST"])
            for name, endpoint in (("whip", whip), ("whep", whep))
        ]
    )


async def main() -> None:
    """Serve until the input ends."""
    connections: list[RTCPeerConnection] = []
    config = uvicorn.Config(
        relaying(connections), port=0, loop="none", lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    reach_loopback("http://127.0.0.1")
    async with asyncio.TaskGroup() as tasks:
        listener = config.bind_socket()
        serving = tasks.create_task(server.serve([listener]))
        say(port=listener.getsockname()[1])
        while await cued() is not None:
            continue
        server.should_exit = True
        await serving
    await asyncio.gather(*(each.close() for each in connections))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
