"""A product that was made by hand, with a picture, in real browsers: from the form to the sale."""

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import expect

from tests.demo import Demo
from tests.journeys.conftest import PATIENCE_MS, Stage
from tests.journeys.test_evening import (
    add_flash_sale,
    button,
    plan_show,
    sign_in,
    take_a_name,
)

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)

SMALL = re.compile(r"^/pictures/[0-9a-f]{32}-small\.webp$")


async def test_a_product_made_by_hand_is_sold_with_its_picture(
    stage: Stage, demo: Demo, tmp_path: Path
) -> None:
    photo, broken = tmp_path / "jug.jpg", tmp_path / "broken.png"
    Image.new("RGB", (1600, 1200), (180, 70, 40)).save(photo)
    broken.write_bytes(b"<html>")
    host = await stage.page("host", wide=True)
    await sign_in(host, demo)
    await host.get_by_role("link", name="Products").click()
    await host.get_by_role("link", name="New product").click()

    # What is missing is said where it is missing.
    await button(host, "Create product").click()
    await expect(host.get_by_label("Title")).to_be_focused()
    await expect(host.get_by_text("A price such as 12.50")).to_be_visible()
    await host.get_by_label("Title").fill("Salt-glazed Jug")
    await host.get_by_label("SKU").fill("JRN-JUG")
    await host.get_by_label("Price in USD").fill("42.50")
    await host.get_by_label("Units in the warehouse").fill("3")
    await button(host, "Create product").click()
    await expect(host.get_by_role("heading", name="Salt-glazed Jug")).to_be_visible()

    # A file that is no picture is refused with a sentence; the photo is kept, and described.
    files = host.locator("input[type=file]")
    await files.set_input_files(broken)
    await expect(host.get_by_text("This is no picture that can be read")).to_be_visible()
    await files.set_input_files(photo)
    await host.get_by_label("What picture 1 shows").fill("A brown jug")
    await host.keyboard.press("Tab")
    await expect(host.get_by_role("img", name="A brown jug")).to_have_attribute("src", SMALL)

    # One breaks on the shelf.
    await button(host, re.compile("JRN-JUG")).click()
    await host.get_by_label("More or fewer units").fill("-1")
    await host.get_by_label("Why").select_option("damaged")
    await button(host, "Correct the stock").click()
    await expect(host.get_by_role("heading", name="In the warehouse: 2")).to_be_visible()
    await expect(host.get_by_role("listitem").filter(has_text="−1")).to_contain_text("Damaged")
    await button(host, "Close").click()

    show = await plan_show(host, "An evening with a jug")
    await add_flash_sale(host, "Salt-glazed Jug", units=2)
    await button(host, "Go live").click()
    await button(host, "Pin Salt-glazed Jug").click()
    await button(host, "Open Salt-glazed Jug").click()
    await button(host, "Now").click()

    ann = await stage.page("ann")
    await ann.goto(f"/live/{show}")
    card = ann.get_by_role("article").filter(has_text="Salt-glazed Jug").first
    picture = card.locator("img")
    await expect(picture).to_have_attribute("src", SMALL)
    await expect(picture).to_have_js_property("naturalWidth", 320)
    await button(card, "Buy").click()
    await take_a_name(ann, "Ann")
    await expect(card).to_contain_text(re.compile(r"Pay \d"))
