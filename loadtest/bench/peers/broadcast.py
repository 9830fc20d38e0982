"""``websockets.broadcast``: the fastest that the library offers, without compression or pings."""

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

from loadtest.bench.publisher import obey


async def main() -> None:
    """Accept, and broadcast what is published."""
    viewers: set[ServerConnection] = set()

    async def stay(viewer: ServerConnection) -> None:
        viewers.add(viewer)
        try:
            await viewer.wait_closed()
        finally:
            viewers.discard(viewer)

    async def publish(line: bytes, control: bool) -> None:
        broadcast(viewers, "[" + line.decode() + "]")

    async with serve(
        stay, "127.0.0.1", 0, compression=None, ping_interval=None, open_timeout=60, backlog=4096
    ) as server:
        [listener] = server.sockets
        await obey(listener.getsockname()[1], publish)


if __name__ == "__main__":
    uvloop.run(main())
