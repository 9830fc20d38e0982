"""
A phone that sleeps through a flash sale wakes to what is so now; a page that nobody sees costs
nothing.
"""

import asyncio
import json
import re
import time
from typing import Any, Final

import pytest
from playwright.async_api import Page, WebSocketRoute, expect

from liveshop_client import Api
from tests.demo import Demo
from tests.journeys.conftest import PATIENCE_MS, Stage
from tests.journeys.test_evening import button

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)

SLEPT_MS: Final = 600_000

AT_ONCE_S: Final = 2.0
"""What nobody who has picked a phone up calls waiting."""

RIGHT_TO_S: Final = 0.3
"""The page looks at its clock ten times a second, and knows the server's to a few ms."""

TRIES: Final = 3
"""A machine that is busy draws late at times; what is found out late is late every time."""

QUICK_PINGS: Final = 3
"""By which a page sets its clock."""

WATCHED_MS: Final = 10_000

TURNED: Final = """
(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""
"""A browser without a window shows all of its pages: one is told that it is not seen."""

COUNTED: Final = """
(() => {
  window.ran = { timers: 0, frames: 0 };
  const counted = (kind, schedule) => (run, ...others) =>
    schedule((...given) => { window.ran[kind] += 1; run(...given); }, ...others);
  for (const name of ["setTimeout", "setInterval"]) window[name] = counted("timers", window[name]);
  window.requestAnimationFrame = counted("frames", window.requestAnimationFrame);
})();
"""


class Network:
    """What carries a page's sockets; a socket that was slept through stays silent for ever."""

    def __init__(self) -> None:
        self.joins: list[dict[str, Any]] = []
        self._nights = 0
        self._pongs = 0
        self._quiet = asyncio.Event()

    async def quiet(self) -> None:
        """Wait until the page has set its clock: then it waits for no answer for a while."""
        async with asyncio.timeout(PATIENCE_MS / 1000):
            await self._quiet.wait()

    async def carry(self, page: Page) -> None:
        """Carry every socket that ``page`` opens from now on."""
        await page.route_web_socket(re.compile("/ws$"), self._opened)

    def die(self) -> None:
        """Lose every connection that there is, and tell nobody."""
        self._nights += 1

    def _opened(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        night = self._nights

        def from_page(frame: str | bytes) -> None:
            if self._nights != night:
                return
            message = json.loads(frame)
            if message["type"] == "join":
                self.joins.append(message)
            server.send(frame)

        def from_server(frame: str | bytes) -> None:
            if self._nights != night:
                return
            socket.send(frame)
            self._pongs += sum(message["type"] == "pong" for message in json.loads(frame))
            if self._pongs >= QUICK_PINGS:
                self._quiet.set()

        socket.on_message(from_page)
        server.on_message(from_server)


class Evening:
    """A show with two flash sales of one unit each, the first of them on screen."""

    def __init__(self, host: Api, demo: Demo, show: str, titles: tuple[str, str]) -> None:
        self.show = show
        self.titles = titles
        self._host = host
        self._demo = demo
        self._offers: list[str] = []

    async def prepare(self, variants: list[str]) -> None:
        """Draft both."""
        for variant in variants:
            new = {"kind": "flash", "quantity": 1, "variant": variant}
            self._offers.append((await self._host.create_offer(self.show, new))["id"])
        await self._host.pin_offer(self._offers[0])

    async def goes_on(self) -> int:
        """Open, sell and close the first; show the second, and return when it opens."""
        first, second = self._offers
        await self._host.open_offer(first, duration_s=60)
        async with Api(self._demo.url) as quick:
            await quick.guest("Quick")
            await quick.reserve(first)
        await self._host.close_offer(first)
        await self._host.pin_offer(second)
        return (await self._host.open_offer(second, countdown_s=600))["opens_at"]


async def an_evening(host: Api, demo: Demo) -> Evening:
    show = (await host.create_show("While you slept"))["id"]
    await host.start_show(show)
    products = (await host.products(limit=2))["products"]
    evening = Evening(host, demo, show, (products[0]["title"], products[1]["title"]))
    await evening.prepare([product["variants"][0]["id"] for product in products])
    return evening


async def sees_what_is_so(page: Page, evening: Evening, opens_at: int) -> float:
    """Wait until the page shows the truth, and return how long that took in seconds."""
    began = time.monotonic()
    was, comes = evening.titles
    card = page.get_by_role("region", name="On screen now")
    await expect(card).to_contain_text(comes)
    await expect(card).to_contain_text("Opens in")
    took = time.monotonic() - began

    before = opens_at / 1000 - time.time()
    found = re.search(r"Opens in (\d+):(\d+)", await card.inner_text())
    after = opens_at / 1000 - time.time()
    assert found is not None
    # A second that has begun is counted whole.
    assert after - RIGHT_TO_S <= int(found[1]) * 60 + int(found[2]) <= before + 1 + RIGHT_TO_S
    await button(page, re.compile("^Bag")).click()
    missed = page.get_by_role("dialog").get_by_role("article").filter(has_text=was)
    await expect(missed).to_contain_text("Closed")
    return took


async def test_a_page_that_was_frozen_sees_what_is_so_at_once(stage: Stage, demo: Demo) -> None:
    took: list[float] = []
    async with demo.host() as host:
        while len(took) < TRIES and not (took and took[-1] <= AT_ONCE_S):
            evening = await an_evening(host, demo)
            ann = await stage.page(f"ann-{len(took)}")
            await ann.goto(f"/live/{evening.show}")
            await expect(ann.get_by_role("region", name="On screen now")).to_contain_text("Soon")
            devtools = await ann.context.new_cdp_session(ann)
            await devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
            opens_at = await evening.goes_on()
            await devtools.send("Page.setWebLifecycleState", {"state": "active"})
            took.append(await sees_what_is_so(ann, evening, opens_at))
    assert min(took) <= AT_ONCE_S


async def test_a_phone_whose_network_died_in_its_sleep_sees_what_is_so_at_once(
    stage: Stage, demo: Demo
) -> None:
    took: list[float] = []
    async with demo.host() as host:
        while len(took) < TRIES and not (took and took[-1] <= AT_ONCE_S):
            evening = await an_evening(host, demo)
            ben = await stage.page(f"ben-{len(took)}")
            network = Network()
            await network.carry(ben)
            await ben.clock.install()
            await ben.goto(f"/live/{evening.show}")
            await expect(ben.get_by_role("region", name="On screen now")).to_contain_text("Soon")
            await network.quiet()
            await ben.evaluate(TURNED, True)
            network.die()
            opens_at = await evening.goes_on()
            # Its clock went on for ten minutes that the server's did not: it is wrong as well.
            await ben.clock.fast_forward(SLEPT_MS)
            await ben.evaluate(TURNED, False)
            took.append(await sees_what_is_so(ben, evening, opens_at))
            first, again = network.joins
            # It comes back to where it was: nothing is missing, and nothing is sent twice.
            assert "since" not in first
            assert again["since"]["offset"] > 0
    assert min(took) <= AT_ONCE_S


async def test_a_page_that_nobody_sees_draws_nothing_and_looks_at_no_clock(
    stage: Stage, demo: Demo
) -> None:
    async with demo.host() as host:
        evening = await an_evening(host, demo)
        await evening.goes_on()
        cleo = await stage.page("cleo")
        await cleo.clock.install()
        await cleo.add_init_script(COUNTED)
        await cleo.goto(f"/live/{evening.show}")
        card = cleo.get_by_role("region", name="On screen now")
        await expect(card).to_contain_text("Opens in")

        await cleo.clock.run_for(1_000)
        seen = await cleo.evaluate("ran")
        await cleo.evaluate(TURNED, True)
        await cleo.evaluate("void Object.assign(ran, { timers: 0, frames: 0 })")
        await host.moderate(evening.show, "say", text="Anybody there?")
        await cleo.clock.run_for(WATCHED_MS)
        unseen = await cleo.evaluate("ran")
        assert seen["timers"] >= 10
        assert unseen["frames"] == 0
        assert unseen["timers"] <= WATCHED_MS / 1000
        await cleo.evaluate(TURNED, False)
        await expect(cleo.get_by_role("listitem").filter(has_text="Anybody there?")).to_be_visible()
