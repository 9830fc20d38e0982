"""The browser with which the viewer's page is weighed, on a page whose figures are known."""

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest

from loadtest.bench.pages import run
from loadtest.bench.visitor import PHONE, SETTLES_S, gzipped_bytes, open_visitor
from tests.journeys import chromium

pytestmark = pytest.mark.browser

SCRIPT = b"""
document.body.innerHTML = "<p>Welcome</p><ol class=chat></ol>";
setTimeout(() => {
  const begin = performance.now();
  while (performance.now() - begin < 200);
  document.querySelector("ol").innerHTML = "<li class=chat-line>Hello</li>";
}, 300);
setTimeout(() => document.body.prepend(Object.assign(new Image(), { height: 300 })), 600);
setTimeout(() => import("./late.js"), 700);
"""
FILES = {
    "/": (b"text/html", b"<!doctype html><body><script type=module src=/page.js></script>"),
    "/page.js": (b"text/javascript", SCRIPT),
    "/late.js": (b"text/javascript", b"export {}"),
}


@pytest.fixture
async def origin() -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        kind, body = FILES.get(path, (b"text/plain", b""))
        head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n" % (kind, len(body))
        writer.write(head + b"Connection: close\r\n\r\n" + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_visit_notes_what_was_painted_what_blocked_and_what_moved(origin: str) -> None:
    try:
        chromium.executable()
    except chromium.NoBrowser as none:
        if chromium.required():
            raise
        pytest.skip(str(none))
    async with open_visitor() as visitor, visitor.visit(f"{origin}/", PHONE) as visit:
        opened = await visit.opened()
        held = await visit.heap_bytes()
        await visit.page.evaluate("window.kept = Array.from({ length: 5e5 }, (_, n) => n / 2)")
        assert await visit.heap_bytes() - held > 2_000_000
        assert 1 < await visit.frames(0.5) <= 65
        nodes = await visit.nodes()
        await visit.page.evaluate("for (let n = 0; n < 50; n++) document.body.append('x')")
        assert await visit.nodes() - nodes == 50

    assert 0 < opened.first_ms < opened.line_ms
    assert 500 <= opened.line_ms < SETTLES_S * 1000
    # A busy wait of 200 ms blocks for what is beyond the first 50.
    assert opened.blocked_ms >= 150
    assert 0.1 < opened.shift < 1
    # What came after the first line does not count.
    assert opened.scripts == (f"{origin}/page.js",)
    assert await gzipped_bytes(opened.scripts) == len(gzip.compress(SCRIPT, 9))


@pytest.mark.parametrize("minutes", ["0", "-1", "soon", "100000"])
def test_a_visitor_stays_for_a_number_of_minutes(
    minutes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run(["--minutes", minutes])
    assert "--minutes: a number of minutes, at most 240" in capsys.readouterr().err
