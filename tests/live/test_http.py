"""HTTP connections as a hostile or a slow client makes them, against a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from live.http import MAX_HEAD_BYTES, MAX_HEADERS, BoundedHttp
from live.listener import listen

PATIENCE_S = 10.0
"""What a test waits for at most; all of it happens within a second."""

GET = b"GET / HTTP/1.1\r\nhost: shop\r\n"
MEBIBYTE = 1024 * 1024


async def size(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    """Run a tiny application behind the protocol; give its port."""
    app = Starlette(routes=[Route("/", size, methods=["GET", "POST"])])
    with listen("127.0.0.1", 0) as listener:
        server = uvicorn.Server(
            uvicorn.Config(app, http=BoundedHttp, ws="none", lifespan="off", log_config=None)
        )
        async with asyncio.timeout(PATIENCE_S), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(server._serve([listener]))
            try:
                yield listener.getsockname()[1]
            finally:
                server.should_exit = True
                await asyncio.wait([running])


async def answer(port: int, *sent: bytes) -> bytes:
    """Send all of it, and return what comes until the server closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in sent:
        writer.write(piece)
    received = await reader.read()
    writer.close()
    return received


@pytest.mark.parametrize(
    "head",
    [
        GET + b"x: " + b"x" * MAX_HEAD_BYTES,
        b"GET /" + b"x" * MAX_HEAD_BYTES,
        b"\r\n" * MAX_HEAD_BYTES,
        GET + b"x: y\r\n" * (2 * MAX_HEADERS) + b"\r\n",
    ],
    ids=["endless header", "endless path", "endless nothing", "200 headers"],
)
async def test_a_head_that_is_too_large_is_refused_and_the_connection_closed(head: bytes) -> None:
    async with serving() as port:
        received = await answer(port, head)

    assert received.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b"content-type: application/problem+json\r\n" in received
    assert b"connection: close\r\n" in received
    assert received.count(b"HTTP/1.1") == 1
    assert b'"code":"head_too_large"' in received


async def test_a_head_as_large_as_allowed_is_answered() -> None:
    rest = MAX_HEAD_BYTES - len(GET) - len(b"x: \r\nconnection: close\r\n\r\n")
    async with serving() as port:
        head = GET + b"connection: close\r\nx: " + b"x" * rest + b"\r\n\r\n"
        assert (await answer(port, head)).startswith(b"HTTP/1.1 200 OK")


async def test_trailers_without_end_close_the_connection() -> None:
    post = b"POST / HTTP/1.1\r\nhost: shop\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n"
    async with serving() as port:
        assert await answer(port, post, b"x: " + b"x" * (MAX_HEAD_BYTES + 4096)) == b""


async def test_a_head_that_is_slow_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("live.http.HEAD_S", 0.05)
    async with serving() as port:
        silent = await answer(port)
        slow = await answer(port, GET)
        again = await answer(port, GET + b"\r\n" + GET)

    assert silent == b""
    assert slow.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b'"code":"too_slow"' in slow
    assert again.startswith(b"HTTP/1.1 200 OK")
    assert again.count(b"HTTP/1.1 408 Request Timeout\r\n") == 1


async def test_requests_on_one_connection_and_an_upload_are_answered() -> None:
    async with (
        serving() as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):

        async def upload() -> AsyncIterator[bytes]:
            for _ in range(20_000):
                yield b"x" * 100

        assert [(await client.get("/")).text for _ in range(3)] == ["0", "0", "0"]
        assert (await client.post("/", content=b"x" * MEBIBYTE)).text == str(MEBIBYTE)
        assert (await client.post("/", content=upload())).text == "2000000"
