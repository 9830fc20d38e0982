"""
An evening in the shop, in real browsers: a host, and viewers who want the same two cups.
"""

import re
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from liveshop_client import Api
from loadtest.invariants import check
from tests.demo import Demo
from tests.journeys.conftest import PATIENCE_MS, Stage

pytestmark = pytest.mark.browser

CATALOGUE = """\
Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,\
Variant Inventory Qty,Variant Price,Variant Compare At Price,Image Src,Status
evening-cup,Evening Cup,<p>Holds one quiet hour.</p>,Journey,Cups,,true,Title,Default Title,\
JRN-CUP,2,12.00,18.00,/sample/moon-mug.svg,active
evening-kettle,Evening Kettle,,Journey,Kettles,,true,Title,Default Title,\
JRN-KETTLE,5,49.00,,/sample/pour-over-kettle.svg,active
broken-lamp,Broken Lamp,,Journey,Lamps,,true,Title,Default Title,JRN-LAMP,3,a lot,,,active
"""

expect.set_options(timeout=PATIENCE_MS)


def button(page: Page | Locator, name: str | re.Pattern[str], *, exact: bool = True) -> Locator:
    return page.get_by_role("button", name=name, exact=exact if isinstance(name, str) else None)


async def sign_in(page: Page, demo: Demo) -> None:
    email, password = demo.host_credentials()
    await page.goto("/console")
    await page.get_by_label("Email").fill(email)
    await page.get_by_label("Password").fill(password)
    await button(page, "Sign in").click()
    await expect(page.get_by_role("heading", name="Shows", exact=True)).to_be_visible()


async def import_catalogue(page: Page, file: Path) -> None:
    await page.get_by_role("link", name="Products").click()
    await page.locator("input[type=file]").set_input_files(file)
    # One line is wrong, so nothing is written until the host says so.
    await expect(page.get_by_text("1 line needs mending")).to_be_visible()
    await expect(page.get_by_text("a lot")).to_be_visible()
    await button(page, "Import the good products").click()
    await expect(page.get_by_text("2 new products")).to_be_visible()


async def plan_show(page: Page, title: str) -> str:
    await page.get_by_role("link", name="Shows").click()
    await button(page, "New show").click()
    await page.get_by_label("Title").fill(title)
    await button(page, "Create show").click()
    await expect(page.get_by_role("heading", name="Run of show")).to_be_visible()
    found = re.search(r"([a-z0-9-]+)$", page.url)
    assert found is not None
    return found[1]


async def add_flash_sale(page: Page, product: str, units: int) -> None:
    await button(page, "Add offer").first.click()
    await page.get_by_label("Find a product").fill(product)
    await button(page, re.compile(product)).click()
    await page.get_by_label("Units", exact=True).fill(str(units))
    await page.get_by_label("Limit a buyer").fill("1")
    await button(page, "Add to the run").click()
    await expect(page.get_by_role("heading", name=product, exact=True).first).to_be_visible()


async def take_a_name(page: Page, name: str) -> None:
    await page.get_by_label("Your name").fill(name)
    await button(page, "Continue").click()


async def test_an_evening_from_the_import_to_the_last_cup(
    stage: Stage, demo: Demo, tmp_path: Path
) -> None:
    file = tmp_path / "products.csv"
    file.write_text(CATALOGUE)
    host = await stage.page("host", wide=True)
    await sign_in(host, demo)
    await import_catalogue(host, file)
    show = await plan_show(host, "An evening with two cups")
    await add_flash_sale(host, "Evening Cup", units=2)

    # A viewer is early; the show begins under their eyes.
    ann = await stage.page("ann")
    await ann.goto(f"/live/{show}")
    await expect(ann.get_by_text("Time to be announced")).to_be_visible()
    await button(host, "Go live").click()
    await expect(ann.get_by_placeholder("Say something…")).to_be_visible()

    # They talk.
    await ann.get_by_placeholder("Say something…").fill("How big is it?")
    await ann.keyboard.press("Enter")
    await take_a_name(ann, "Ann")
    await expect(host.get_by_text("How big is it?", exact=True)).to_be_visible()
    await host.get_by_placeholder("Say something as the host").fill("One quiet hour.")
    await host.keyboard.press("Enter")
    await expect(ann.get_by_role("listitem").filter(has_text="One quiet hour.")).to_be_visible()
    await button(ann, "Like").click()
    await expect(host.get_by_text("Likes")).to_be_visible()

    # The cup is on screen, and opens after a countdown.
    await button(host, "Pin Evening Cup").click()
    card = ann.get_by_role("article").filter(has_text="Evening Cup").first
    await expect(card).to_be_visible()
    await button(host, "Open Evening Cup").click()
    await button(host, "10 s").click()
    await expect(card).to_contain_text(re.compile(r"0:0\d"))
    await button(card, "Buy").click()
    await expect(card).to_contain_text(re.compile(r"Pay \d"))

    # Ann pays, and comes back to what is hers.
    await button(card, re.compile(r"^Pay")).click()
    await expect(ann).to_have_url(re.compile("/sandbox/pay/"))
    await button(ann, re.compile("^Pay")).first.click()
    await ann.wait_for_url(f"**/live/{show}")
    await expect(card).to_contain_text("It's yours")
    orders = host.get_by_role("region", name="Orders")
    await expect(orders).to_contain_text("Ann")
    await expect(orders).to_contain_text("Paid")

    # Ben takes the last one, Cleo is told.
    ben, cleo = await stage.page("ben"), await stage.page("cleo", locale="zh-CN")
    for page in (ben, cleo):
        await page.goto(f"/live/{show}")
    last = ben.get_by_role("article").filter(has_text="Evening Cup").first
    await button(last, "Buy").click()
    await take_a_name(ben, "Ben")
    await expect(last).to_contain_text(re.compile(r"Pay \d"))
    gone = cleo.get_by_role("article").filter(has_text="Evening Cup").first
    await expect(gone).to_contain_text("已抢光")

    # Cleo waits in line, and gets what Ben lets go.
    await button(gone, "排队等候").click()
    await cleo.get_by_label("昵称").fill("Cleo")
    await button(cleo, "继续").click()
    await expect(gone).to_contain_text("下一个就是你")

    # Ben's card is declined, and he lets it be.
    await button(last, re.compile(r"^Pay")).click()
    await button(ben, re.compile("Decline")).click()
    await ben.wait_for_url(f"**/live/{show}")
    await expect(last).to_contain_text(re.compile(r"Pay \d"))
    await button(ben, "Menu").click()
    await button(ben, "My orders").click()
    await button(ben, "Cancel").click()
    await expect(gone).to_contain_text(re.compile(r"付款 \d"))

    await button(host, "End show").click()
    await button(host, re.compile("End for everyone")).click()
    await expect(ann.get_by_text("That's a wrap")).to_be_visible()

    async with Api(demo.url) as api:
        await api.login(*demo.host_credentials())
        assert await check(api, show) == []
        tally = await api.tally(show)
        [offer] = (await api.show(show))["offers"]
    assert (tally["orders"], tally["paid"], tally["awaiting"]) == (3, 1, 1)
    assert tally["takings_minor"] == offer["price_minor"]
