"""
One Chromium and one demo for every journey; what people saw is kept in ``tests/artefacts``.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from clients.build import CLIENTS
from tests.demo import Demo, free_port, running_demo
from tests.journeys import chromium

ARTEFACTS = Path(__file__).parents[1] / "artefacts"

PATIENCE_MS = 15_000
"""Two cores run two browsers, a shop and its databases: slow is not wrong."""

SHOP_PORTS = (free_port(), free_port())
SHOP_ORIGINS = tuple(f"http://127.0.0.1:{port}" for port in SHOP_PORTS)
"""A shop on another origin, which the demo knows, and one that it does not."""


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    try:
        path = chromium.executable()
    except chromium.NoBrowser as none:
        if chromium.required():
            raise
        pytest.skip(str(none))
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=chromium.FLAGS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def demo() -> AsyncIterator[Demo]:
    async with running_demo(settings={"LIVESHOP_ORIGINS": SHOP_ORIGINS[0]}) as running:
        yield running


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing about it."""

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop_pages() -> Iterator[None]:
    """Serve the example shop on both origins."""
    files = partial(Quiet, directory=str(CLIENTS / "examples" / "shop"))
    with ExitStack() as stack:
        for port in SHOP_PORTS:
            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", port), files))
            serving = Thread(target=server.serve_forever)
            serving.start()
            stack.callback(serving.join)
            stack.callback(server.shutdown)
        yield


class Stage:
    """Opens pages for the people of a journey, and keeps what they saw."""

    def __init__(self, browser: Browser, demo: Demo, name: str) -> None:
        self._browser = browser
        self._demo = demo
        self._name = name
        self._contexts: list[BrowserContext] = []
        self._pages: dict[str, Page] = {}
        self.complaints: list[str] = []

    async def page(self, who: str, *, wide: bool = False, locale: str = "en-US") -> Page:
        """Open an empty page for ``who``, in a browser of their own."""
        context = await self._browser.new_context(
            base_url=self._demo.url,
            viewport={"width": 1440, "height": 900} if wide else {"width": 390, "height": 844},
            has_touch=not wide,
            locale=locale,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        page = self._pages[who] = await context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{who}: {error}"))
        return page

    async def keep_pictures(self) -> None:
        """Write a screenshot of every page that is open."""
        ARTEFACTS.mkdir(exist_ok=True)
        for who, page in self._pages.items():
            if not page.is_closed():
                await page.screenshot(path=ARTEFACTS / f"{self._name}-{who}.png")

    async def close(self) -> None:
        """Close every browser."""
        for context in self._contexts:
            await context.close()


@pytest.fixture
async def stage(
    browser: Browser, demo: Demo, request: pytest.FixtureRequest
) -> AsyncIterator[Stage]:
    stage = Stage(browser, demo, request.node.name)
    try:
        yield stage
        await stage.keep_pictures()
    finally:
        await stage.close()
    assert stage.complaints == []
