"""
The floor: a plain loop of ``socket.send`` over accepted sockets, one ready frame, nothing else.

Whatever a server in Python does for a delivery, this much of it is the kernel's.
"""

import asyncio
import socket
from struct import pack

from loadtest.bench.publisher import obey

HANDSHAKE_BYTES = 4096
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
"""The swarm's key never changes, so neither does the answer."""


async def main() -> None:
    """Accept, answer the handshake, and send what is published."""
    loop = asyncio.get_running_loop()
    viewers: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        listener.setblocking(False)

        async def accept() -> None:
            while True:
                viewer, _ = await loop.sock_accept(listener)
                viewer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                await loop.sock_recv(viewer, HANDSHAKE_BYTES)
                await loop.sock_sendall(viewer, ANSWER)
                viewers.append(viewer)

        async def publish(line: bytes, control: bool) -> None:
            frame = pack("!BBH", 0x81, 126, len(line) + 2) + b"[" + line + b"]"
            for viewer in viewers:
                viewer.send(frame)

        async with asyncio.TaskGroup() as tasks:
            accepting = tasks.create_task(accept())
            await obey(listener.getsockname()[1], publish)
            accepting.cancel()


if __name__ == "__main__":
    asyncio.run(main())
