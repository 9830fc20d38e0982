"""
A visitor of the pages: a Chromium whose page runs as on a slow phone, and what it says of itself.

Its processor is slowed by Chromium itself, so the figures of two machines are comparable only
roughly; a floor of the same run says what the browser alone would need. Nothing is kept between
two visits: each has a fresh cache.
"""

import asyncio
import gzip
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
from playwright.async_api import Browser, CDPSession, Error, Page, async_playwright

from loadtest.bench.process import CROWD_CORE, SERVER_CORE, on_core
from loadtest.bench.servers import ServerGone
from loadtest.bench.video.screens import BLANK, FLAGS, NAMES

SLOWED: Final = 4
"""Times; what Lighthouse takes for a mid-range phone."""

PATIENCE_MS: Final = 30_000

SETTLES_S: Final = 5.0
"""From the navigation on; what a page does later than this is not its opening."""

TASK_MS: Final = 50.0
"""What a task may take before it blocks (W3C Long Tasks, section 1)."""

_NOTES: Final = """(() => {
  const notes = (window.notes = { largest: 0, shift: 0, tasks: [], line: 0 });
  const watch = (type, see) =>
    new PerformanceObserver((list) => list.getEntries().forEach(see))
      .observe({ type, buffered: true });
  watch("largest-contentful-paint", ({ startTime }) => (notes.largest = startTime));
  // Lines that move up for a new one are what a chat is for.
  const talks = ({ node }) => (node?.parentElement ?? node)?.closest?.(".chat") != null;
  watch("layout-shift", ({ value, hadRecentInput, sources }) => {
    if (!hadRecentInput && !sources.every(talks)) notes.shift += value;
  });
  watch("longtask", ({ startTime, duration }) => notes.tasks.push([startTime, duration]));
  new MutationObserver((_, watching) => {
    if (document.querySelector(".chat-line") === null) return;
    watching.disconnect();
    // Drawn in the next frame: then the one after it begins.
    requestAnimationFrame(() => requestAnimationFrame((now) => (notes.line = now)));
  }).observe(document, { childList: true, subtree: true });
})()"""

_OPENED: Final = """() => ({
  ...notes,
  first: performance.getEntriesByName("first-contentful-paint")[0].startTime,
  scripts: performance
    .getEntriesByType("resource")
    .filter(({ name, responseEnd }) => name.endsWith(".js") && responseEnd <= notes.line)
    .map(({ name }) => name),
})"""

_FRAMES: Final = """(ms) => new Promise((resolve) => {
  let frames = 0;
  const from = (begin) => {
    const next = (now) => {
      frames += 1;
      if (now - begin >= ms) resolve((frames * 1000) / (now - begin));
      else requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  };
  requestAnimationFrame(from);
})"""

_FLOOR: Final = """([url, room, most, wide]) => {
  document.body.innerHTML = "<ol></ol>";
  document.body.style.margin = "0";
  const list = document.querySelector("ol");
  const size = wide
    ? "width:328px;height:calc(100vh - 200px);right:16px;top:80px"
    : "width:300px;height:25vh;left:12px;bottom:80px";
  list.style.cssText =
    `position:fixed;${size};margin:0;padding:0;overflow:hidden;display:flex;` +
    "flex-direction:column;justify-content:end;font:14px/1.4 sans-serif;list-style:none";
  window.said = 0;
  const socket = new WebSocket(url);
  socket.onopen = () => socket.send(JSON.stringify({ type: "join", room }));
  socket.onmessage = ({ data }) => {
    for (const message of JSON.parse(data)) {
      if (message.type !== "chat") continue;
      window.said += 1;
      const line = document.createElement("li");
      line.textContent = `${message.from.name} ${message.text}`;
      list.append(line);
      if (list.children.length > most) list.firstChild.remove();
    }
  };
}"""


@dataclass(frozen=True, slots=True)
class Device:
    """What a visitor looks at."""

    name: str
    width: int
    height: int
    # Lines that the page keeps for it: the floor keeps as many.
    lines: int

    @property
    def wide(self) -> bool:
        """Whether the chat has a column of its own."""
        return self.width >= 720


PHONE: Final = Device("phone", 390, 844, 20)
DESK: Final = Device("desk", 1440, 900, 50)


@dataclass(frozen=True, slots=True)
class Opened:
    """How a page came up, in ms after the navigation."""

    first_ms: float
    largest_ms: float
    line_ms: float
    # What tasks took beyond `TASK_MS`, summed, from the first paint on.
    blocked_ms: float
    # Layout shifts but for those within the chat, summed; no unit.
    shift: float
    # The scripts that came before the first line.
    scripts: tuple[str, ...]


class Visit:
    """A page that is looked at; made by `Visitor`."""

    def __init__(self, page: Page, devtools: CDPSession) -> None:
        self.page = page
        self._devtools = devtools

    async def opened(self) -> Opened:
        """Return how the page came up; waits until it has settled."""
        await self.page.wait_for_function("notes.line > 0", timeout=PATIENCE_MS)
        await self.page.wait_for_function(
            f"performance.now() > {SETTLES_S * 1000}", timeout=PATIENCE_MS
        )
        return _opened(await self.page.evaluate(_OPENED))

    async def frames(self, seconds: float) -> float:
        """Return how many frames a second begin in a window."""
        async with asyncio.timeout(seconds + PATIENCE_MS / 1000):
            rate: float = await self.page.evaluate(_FRAMES, seconds * 1000)
        return rate

    async def heap_bytes(self) -> int:
        """Return what JavaScript holds on to, after its garbage was collected."""
        await self._devtools.send("HeapProfiler.collectGarbage")
        return int((await self._devtools.send("Runtime.getHeapUsage"))["usedSize"])

    async def nodes(self) -> int:
        """Return the nodes of the document, and those that are held on to without it."""
        await self._devtools.send("HeapProfiler.collectGarbage")
        return int((await self._devtools.send("Memory.getDOMCounters"))["nodes"])


class Visitor:
    """A browser that makes visits; made by `open_visitor`."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @asynccontextmanager
    async def visit(self, url: str, device: Device) -> AsyncIterator[Visit]:
        """Look at a page for as long as the block lasts."""
        async with self._page(device) as (page, devtools):
            await page.add_init_script(_NOTES)
            await page.goto(url, wait_until="commit")
            yield Visit(page, devtools)

    @asynccontextmanager
    async def floor(self, origin: str, room: str, device: Device) -> AsyncIterator[Visit]:
        """Look at an empty page that does nothing but to list the same lines as plain text."""
        async with self._page(device) as (page, devtools):
            await page.goto(f"{origin}{BLANK}")
            socket = f"{origin.replace('http', 'ws', 1)}/ws"
            await page.evaluate(_FLOOR, [socket, room, device.lines, device.wide])
            await page.wait_for_function("said > 0", timeout=PATIENCE_MS)
            yield Visit(page, devtools)

    @asynccontextmanager
    async def _page(self, device: Device) -> AsyncIterator[tuple[Page, CDPSession]]:
        viewport: Any = {"width": device.width, "height": device.height}
        context = await self._browser.new_context(
            viewport=viewport, has_touch=not device.wide, locale="en-US", bypass_csp=True
        )
        try:
            page = await context.new_page()
            devtools = await context.new_cdp_session(page)
            await devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
            yield page, devtools
        finally:
            await context.close()


@asynccontextmanager
async def open_visitor() -> AsyncIterator[Visitor]:
    """
    Run a Chromium for as long as the block lasts, on every core.

    Raises:
        ServerGone: there is no Chromium here, or a page did not do what was asked of it.

    """
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        raise ServerGone("there is no Chromium on this machine")
    with on_core(SERVER_CORE, CROWD_CORE):
        playwright = await async_playwright().start()
    try:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield Visitor(browser)
        await browser.close()
    except Error as error:
        raise ServerGone(f"a browser: {error.message}") from error
    finally:
        await playwright.stop()


async def gzipped_bytes(scripts: Sequence[str]) -> int:
    """Return what scripts weigh on a line that compresses them, each by itself."""
    async with httpx.AsyncClient(trust_env=False) as client:
        answers = [(await client.get(script)).raise_for_status() for script in scripts]
    return sum(len(gzip.compress(answer.content, 9)) for answer in answers)


def _opened(notes: Mapping[str, Any]) -> Opened:
    first: float = notes["first"]
    blocked = sum(
        max(duration - TASK_MS, 0.0) for start, duration in notes["tasks"] if start >= first
    )
    return Opened(
        first_ms=first,
        largest_ms=notes["largest"],
        line_ms=notes["line"],
        blocked_ms=blocked,
        shift=notes["shift"],
        scripts=tuple(notes["scripts"]),
    )
