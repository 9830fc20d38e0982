"""
A troll in the shop, in real browsers: the host acts, and everyone sees what concerns them.
"""

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.demo import Demo
from tests.journeys.conftest import PATIENCE_MS, Stage
from tests.journeys.test_evening import button, plan_show, sign_in, take_a_name

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)


async def says(page: Page, text: str, placeholder: str = "Say something…") -> None:
    await page.get_by_placeholder(placeholder).fill(text)
    await page.keyboard.press("Enter")


def line(page: Page, text: str) -> Locator:
    return page.get_by_role("listitem").filter(has_text=text).first


async def pick(host: Page, text: str, deed: str | re.Pattern[str]) -> None:
    """Open the menu of the line that says ``text``, and choose ``deed``."""
    said = line(host, text)
    await said.hover()
    await button(said, re.compile("What to do")).click()
    await button(host, deed).click()


async def test_a_troll_is_muted_cleared_away_and_banned(stage: Stage, demo: Demo) -> None:
    host = await stage.page("host", wide=True)
    await sign_in(host, demo)
    show = await plan_show(host, "An evening with a troll")
    await button(host, "Go live").click()
    troll, ann = await stage.page("troll"), await stage.page("ann", wide=True)
    for page, name in ((troll, "Troll"), (ann, "Ann")):
        await page.goto(f"/live/{show}")
        await says(page, f"Hello from {name}")
        await take_a_name(page, name)
        await expect(line(host, f"Hello from {name}")).to_be_visible()

    # A word is refused, and its line comes back to be written anew.
    await button(host, "Moderation").click()
    await host.get_by_label("Refused words, one a line").fill("rip-off")
    await button(host, "Save words").click()
    await expect(host.get_by_text("changed the settings")).to_be_visible()
    await button(host, "Close").click()
    await says(troll, "what a RIP-0FF")
    await expect(troll.get_by_text("a word that is not allowed")).to_be_visible()
    await expect(troll.get_by_placeholder("Say something…")).to_have_value("what a RIP-0FF")

    # A line is pinned, another taken away, and its sender muted.
    await pick(host, "Hello from Ann", "Pin above the chat")
    await expect(troll.get_by_text("Pinned: Ann Hello from Ann")).to_be_visible()
    await says(troll, "Buy at my shop instead")
    await line(ann, "Buy at my shop instead").click()
    await button(ann, "Reply").click()
    await expect(ann.get_by_text("Replying to Troll")).to_be_visible()
    await says(ann, "@Troll please don't")
    reply = line(troll, "please don't")
    await expect(reply).to_contain_text("Buy at my shop instead")
    await expect(reply.get_by_text("@Troll")).to_be_visible()
    # What is taken away is quoted no more, on no page.
    await pick(host, "Buy at my shop instead", "Delete line")
    for page in (ann, troll, host):
        await expect(page.get_by_text("Buy at my shop instead")).to_have_count(0)
    await expect(reply).to_be_visible()
    await pick(host, "Hello from Troll", "Mute Troll for 10 minutes")
    await expect(host.get_by_text("Troll is muted")).to_be_visible()
    await says(troll, "You cannot stop me")
    await expect(troll.get_by_text("A moderator muted you.")).to_be_visible()

    # The shop has the last word, and the troll the door.
    await button(host, "Speak as the shop").click()
    await says(host, "Thank you for watching.", "Say something as the shop")
    await expect(line(ann, "Thank you for watching.")).to_contain_text("Shop")
    await pick(host, "Hello from Troll", "Ban Troll")
    await button(host, "Ban, and delete all lines?").click()
    await expect(troll.get_by_text("You are banned from this host's shows")).to_be_visible()
    await expect(line(ann, "Hello from Troll")).to_be_hidden()
    await troll.reload()
    await expect(troll.get_by_text("You are banned from this host's shows")).to_be_visible()
