"""
Two browsers: one films the clock and publishes it, the other shows it and reads it off its screen.

Both clocks are this machine's. A stamp is 32 bits of milliseconds in blocks of 16 pixels, black or
white, with the opposite below each, so that a torn one is known.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Error as BrowserError, Page, async_playwright

from loadtest.bench.process import CROWD_CORE, SERVER_CORE, on_core
from loadtest.bench.servers import ServerGone

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--autoplay-policy=no-user-gesture-required",
)
HLS_JS: Final = (
    Path(__file__).parents[3] / "clients" / "node_modules" / "hls.js" / "dist" / "hls.light.min.js"
)
PATIENCE_MS: Final = 20_000
BLANK: Final = "/healthz"
"""A page of the shop's origin on which nothing happens."""

_PUBLISH: Final = """async ([url, token]) => {
  const [width, height, block] = [1280, 720, 16];
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d", { alpha: false });
  const paint = () => {
    const now = Date.now();
    pen.fillStyle = `hsl(${(now / 40) % 360} 60% 40%)`;
    pen.fillRect(0, 0, width, height);
    for (let y = 80; y < height; y += 40) {
      pen.fillStyle = `hsl(${y} 80% 60%)`;
      pen.fillRect((now / 5 + y * 3) % width, y, 240, 24);
    }
    for (let bit = 0; bit < 32; bit++) {
      const on = Math.floor(now / 2 ** (31 - bit)) % 2;
      pen.fillStyle = on ? "#fff" : "#000";
      pen.fillRect(bit * block, 0, block, block);
      pen.fillStyle = on ? "#000" : "#fff";
      pen.fillRect(bit * block, block, block, block);
    }
  };
  setInterval(paint, 1000 / 30);
  const sound = new AudioContext();
  const tone = sound.createOscillator();
  const out = sound.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  const peer = (window.peer = new RTCPeerConnection());
  peer.addTransceiver(out.stream.getAudioTracks()[0], { direction: "sendonly" });
  const video = peer.addTransceiver(canvas.captureStream(30).getVideoTracks()[0], {
    direction: "sendonly",
    sendEncodings: [{ maxBitrate: 2_500_000 }],
  });
  const parameters = video.sender.getParameters();
  parameters.degradationPreference = "maintain-resolution";
  await video.sender.setParameters(parameters);
  await peer.setLocalDescription();
  const headers = { "Content-Type": "application/sdp", Authorization: `Bearer ${token}` };
  const answer = await fetch(url, { method: "POST", headers, body: peer.localDescription.sdp });
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
}"""

_SENT: Final = """async () => {
  for (const each of (await window.peer.getStats()).values())
    if (each.type === "outbound-rtp" && each.kind === "video") return each.framesSent ?? 0;
  return 0;
}"""

_READ: Final = """() => {
  const video = Object.assign(document.createElement("video"), { muted: true, autoplay: true });
  document.body.replaceChildren(video);
  const pen = new OffscreenCanvas(512, 32).getContext("2d", { willReadFrequently: true });
  window.video = video;
  window.delays = [];
  window.first = null;
  const look = () => {
    pen.drawImage(video, 0, 0, 512, 32, 0, 0, 512, 32);
    const { data } = pen.getImageData(0, 0, 512, 32);
    const bit = (x, y) => (data[4 * ((y * 16 + 8) * 512 + x * 16 + 8)] > 127 ? 1 : 0);
    let time = 0;
    for (let x = 0; x < 32 && time !== null; x++)
      time = bit(x, 0) === bit(x, 1) ? null : time * 2 + bit(x, 0);
    window.first ??= performance.now();
    if (time !== null) delays.push((Date.now() % 2 ** 32) - time);
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
}"""

_WHEP: Final = """async (url) => {
  const peer = (window.peer = new RTCPeerConnection());
  const stream = new MediaStream();
  for (const kind of ["audio", "video"]) {
    const { receiver } = peer.addTransceiver(kind, { direction: "recvonly" });
    receiver.jitterBufferTarget = 0;
    stream.addTrack(receiver.track);
  }
  video.srcObject = stream;
  await peer.setLocalDescription();
  const headers = { "Content-Type": "application/sdp" };
  window.asked = performance.now();
  const answer = await fetch(url, { method: "POST", headers, body: peer.localDescription.sdp });
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
}"""

_HLS: Final = """(url) => {
  window.asked = performance.now();
  const hls = new Hls({
    lowLatencyMode: true,
    liveSyncOnStallIncrease: 0,
    maxLiveSyncPlaybackRate: 1.1,
    enableWorker: false,
  });
  hls.loadSource(url);
  hls.attachMedia(video);
}"""


class Screen:
    """A page that shows a show."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def first_ms(self) -> float:
        """Return what passed between asking and the first picture."""
        await self._page.wait_for_function("first !== null", timeout=PATIENCE_MS)
        waited: float = await self._page.evaluate("first - asked")
        return waited

    async def forget(self) -> None:
        """Begin a window."""
        await self._page.evaluate("delays.length = 0")

    async def delays_ms(self) -> list[float]:
        """Return how old each picture of the window was when it was shown."""
        delays: list[float] = await self._page.evaluate("delays")
        return delays


class Browsers:
    """The two; made by `open_browsers`."""

    def __init__(self, publisher: Browser, viewer: Browser) -> None:
        self._publisher = publisher
        self._viewer = viewer

    @asynccontextmanager
    async def publishing(self, origin: str, url: str, token: str) -> AsyncIterator[None]:
        """Film the clock for as long as the block lasts; pictures leave when it begins."""
        async with _page(self._publisher, origin) as page:
            await page.evaluate(_PUBLISH, [url, token])
            await page.wait_for_function(
                f"({_SENT})().then(sent => sent > 60)", timeout=PATIENCE_MS
            )
            yield

    @asynccontextmanager
    async def whep(self, origin: str, url: str) -> AsyncIterator[Screen]:
        """Show what comes by WHEP."""
        async with _page(self._viewer, origin) as page:
            await page.evaluate(_READ)
            await page.evaluate(_WHEP, url)
            yield Screen(page)

    @asynccontextmanager
    async def hls(self, origin: str, url: str) -> AsyncIterator[Screen]:
        """Show what comes by low-latency HLS, with hls.js as the viewer page sets it up."""
        async with _page(self._viewer, origin) as page:
            await page.add_script_tag(path=HLS_JS)
            await page.evaluate(_READ)
            await page.evaluate(_HLS, url)
            yield Screen(page)


@asynccontextmanager
async def _page(browser: Browser, origin: str) -> AsyncIterator[Page]:
    context = await browser.new_context(bypass_csp=True)
    try:
        page = await context.new_page()
        await page.goto(f"{origin}{BLANK}")
        yield page
    finally:
        await context.close()


@asynccontextmanager
async def open_browsers() -> AsyncIterator[Browsers]:
    """
    Run both for as long as the block lasts, on every core.

    Raises:
        ServerGone: there is no Chromium here, or a page did not do what was asked of it.

    """
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        raise ServerGone("there is no Chromium on this machine")
    launched: dict[str, Any] = {"executable_path": path, "args": list(FLAGS)}
    with on_core(SERVER_CORE, CROWD_CORE):
        manager = async_playwright()
        playwright = await manager.start()
    try:
        publisher = await playwright.chromium.launch(**launched)
        viewer = await playwright.chromium.launch(**launched)
        yield Browsers(publisher, viewer)
        await viewer.close()
        await publisher.close()
    except BrowserError as error:
        raise ServerGone(f"a browser: {error.message}") from error
    finally:
        await playwright.stop()
