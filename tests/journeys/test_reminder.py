"""
A show is planned in the console, and whoever asked is told when it begins: on the directory, and in
the room of another show.
"""

import re
from datetime import datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from tests.demo import Demo
from tests.journeys.conftest import PATIENCE_MS, Stage
from tests.journeys.test_evening import button, sign_in, take_a_name

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)

TITLE = "Kettles, cups & a 惊喜"

DEVICE = """
window.told = [];
window.Notification = class {
  static permission = "default";
  static async requestPermission() { return (this.permission = "granted"); }
  constructor(title) { told.push(title); }
};
"""
"""A device that allows what it is asked for, and keeps what it was told."""


async def open_directory(page: Page) -> None:
    await page.add_init_script(DEVICE)
    await page.clock.install()
    await page.goto("/")


async def ask(page: Page, name: str) -> None:
    await button(page, f"Remind me: {TITLE}").click()
    await take_a_name(page, name)
    await expect(button(page, f"Reminder set: {TITLE}")).to_be_visible()


async def test_who_asked_is_told_when_the_show_begins(stage: Stage, demo: Demo) -> None:
    host = await stage.page("host", wide=True)
    await sign_in(host, demo)

    # A time that is over is refused, in words and under its field.
    await button(host, "New show").click()
    await host.get_by_label("Title").fill(TITLE)
    await host.get_by_label("Starts at").fill("2020-01-01T20:00")
    await button(host, "Create show").click()
    await expect(host.get_by_text("cannot be planned for a time in the past")).to_be_visible()
    evening = datetime.now() + timedelta(hours=2)  # noqa: DTZ005  # the field has no zone
    await host.get_by_label("Starts at").fill(f"{evening:%Y-%m-%dT%H:%M}")
    await button(host, "Create show").click()
    await expect(host.get_by_role("heading", name="Run of show")).to_be_visible()

    # It is moved: from two hours to twenty minutes from now.
    await host.get_by_role("link", name="Shows").first.click()
    await button(host, f"Change plan of {TITLE}").click()
    sooner = datetime.now() + timedelta(minutes=20, seconds=59)  # noqa: DTZ005
    await host.get_by_label("Starts at").fill(f"{sooner:%Y-%m-%dT%H:%M}")
    await button(host, "Save").click()
    await expect(host.get_by_role("dialog")).to_have_count(0)

    lin, ann = await stage.page("lin"), await stage.page("ann", wide=True)
    for page, name in ((lin, "Lin"), (ann, "Ann")):
        await open_directory(page)
        await expect(page.get_by_text(re.compile(r"^in (19|20|21) minutes$"))).to_be_visible()
        await ask(page, name)
    async with lin.expect_download() as downloading:
        await lin.get_by_role("link", name=f"Add to calendar: {TITLE}").click()
    assert (await downloading.value).suggested_filename.endswith(".ics")
    await ann.goto("/live/demo")
    await expect(ann.get_by_placeholder("Say something…")).to_be_visible()
    async with ann.expect_response("**/api/reminders"):
        await ann.clock.fast_forward(21_000)

    await host.get_by_role("link", name=TITLE).click()
    await button(host, "Go live").click()
    await expect(button(host, "End show")).to_be_visible()

    # The page looks by itself; here its clock goes faster.
    await lin.clock.fast_forward(16_000)
    note = lin.get_by_role("status").filter(has_text=f"“{TITLE}” is live now")
    await expect(note).to_be_visible()
    live = lin.get_by_role("region", name="Live now")
    await expect(live.get_by_role("heading", name=TITLE)).to_be_visible()
    assert await lin.evaluate("told") == [f"“{TITLE}” is live now"]
    await lin.clock.fast_forward(16_000)
    assert await lin.evaluate("told.length") == 1

    await ann.clock.fast_forward(31_000)
    note = ann.get_by_role("status").filter(has_text=f"“{TITLE}” is live now")
    await note.get_by_role("link", name="Watch").click()
    await expect(ann).to_have_title(f"{TITLE} · liveshop")
    await button(host, "End show").click()
