"""
A shop of its own, on an origin of its own, with a live room in its page and a cart that both fill.
"""

import re

import pytest
from playwright.async_api import FrameLocator, Page, expect

from loadtest.invariants import check
from tests.demo import Demo
from tests.journeys.conftest import PATIENCE_MS, SHOP_ORIGINS, Stage
from tests.journeys.test_evening import button

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)

MUG = "TT-CER-102-MIDNIG"
MUGS = "Moon Glaze Mug"


async def offers_in(demo: Demo, show: str) -> tuple[str, str]:
    """Begin a show with a mug that is sold every day, and a flash sale of teapots on screen."""
    async with demo.host() as api:
        await api.create_show("Live from the workshop", id=show)
        await api.start_show(show)
        ids = []
        for query, sku, kind in (
            (MUGS, MUG, "everyday"),
            ("Speckled Stoneware Teapot", "TT-CER-101-OAT", "flash"),
        ):
            [product] = (await api.products(query, limit=1))["products"]
            [variant] = [each["id"] for each in product["variants"] if each["sku"] == sku]
            terms = {"variant": variant, "quantity": 5, "kind": kind}
            offer = await api.create_offer(show, terms)
            await api.open_offer(offer["id"])
            ids.append(offer["id"])
        await api.pin_offer(ids[0])
    return ids[0], ids[1]


async def open_shop(page: Page, demo: Demo, origin: str, show: str) -> FrameLocator:
    await page.goto(f"{origin}/index.html?server={demo.url}&show={show}")
    return page.frame_locator("live-room iframe")


async def test_a_shop_sells_from_the_show_with_its_own_cart_and_sees_what_a_sale_holds(
    stage: Stage, demo: Demo, shop_pages: None
) -> None:
    allowed, other = SHOP_ORIGINS
    everyday, flash = await offers_in(demo, "workshop")
    page = await stage.page("shopper", wide=True)
    news: list[dict[str, object]] = []
    await page.expose_function("hear", lambda said: news.append(said))
    room = await open_shop(page, demo, allowed, "workshop")
    await page.evaluate(
        "document.querySelector('live-room').addEventListener('live-screen', e => hear(e.detail))"
    )

    # What the shop sells itself goes into its cart, and the room sees what is in there.
    card = room.get_by_role("article").filter(has_text=MUGS).first
    await button(card, re.compile("^Add to cart")).click()
    await expect(page.locator(".lines")).to_contain_text(f"1 × {MUGS} $24.00")
    await expect(button(card, re.compile("^In cart · 1"))).to_be_visible()
    await page.get_by_role("button", name=f"Add {MUGS}").click()
    await expect(button(card, re.compile("^In cart · 2"))).to_be_visible()
    await expect(page.locator("#count")).to_have_text("2")

    # A unit of a sale stays with the gate; the cart shows it, and until when it is held.
    async with demo.host() as api:
        await api.pin_offer(flash)
        teapots = room.get_by_role("article").filter(has_text="Speckled Stoneware Teapot").first
        await button(teapots, re.compile("^Buy")).click()
        await room.get_by_role("dialog").get_by_role("textbox").fill("Robin")
        await page.keyboard.press("Enter")
        await expect(page.locator(".held")).to_contain_text("1 × Speckled Stoneware Teapot")
        await expect(page.locator(".held")).to_contain_text("Pay in the show by")
        await expect(page.locator("#count")).to_have_text("3")
        assert (await api.ledger(flash))["held"] == 1
        # No unit of the show was taken for what went into the shop's cart.
        assert (await api.ledger(everyday))["held"] == 0

        # A shop may take the money itself ...
        order = (await api.orders(show="workshop"))["orders"][0]["id"]
        await page.evaluate(
            """() => {
              document.querySelector("live-room").cart.checkout = (held) => {
                hear({ asked: held.map(({ order }) => order) });
                return held.length === 1 ? "shop" : "liveshop";
              };
            }"""
        )
        await button(teapots, re.compile("^Pay")).click()
        url = await page.evaluate(f"document.querySelector('live-room').pay('{order}')")
        assert re.search("/sandbox/pay/", url)
        refused = await page.evaluate(
            "document.querySelector('live-room').pay('ord_other').catch(({ code }) => code)"
        )
        assert refused == "unknown_order"
        await page.evaluate("delete document.querySelector('live-room').cart.checkout")

        # ... or leave that to the room: on a page beside the shop's, which hears of it.
        async with page.context.expect_page() as paying:
            await button(teapots, re.compile("^Pay")).click()
        till = await paying.value
        await button(till, re.compile("^Pay")).first.click()
        await expect(page.locator(".held")).to_contain_text("Paid")
        assert (await api.ledger(flash))["sold"] == 1
        assert await check(api, "workshop") == []
    assert {"offer": flash, "sku": "TT-CER-101-OAT"} in news
    assert {"asked": [order]} in news

    # The element's theme and language are the room's.
    await page.evaluate("document.querySelector('live-room').setAttribute('theme', 'dark')")
    body = room.locator("body")
    await page.emulate_media(color_scheme="null")
    assert await body.evaluate("() => matchMedia('(prefers-color-scheme: dark)').matches")
    await page.evaluate("document.querySelector('live-room').setAttribute('lang', 'zh-CN')")
    await expect(room.get_by_role("button", name="菜单")).to_be_visible()

    # Nobody else may embed the room, or load the script with which it is done.
    stranger = await stage.page("stranger")
    await stranger.goto(f"{other}/nothing")
    await stranger.set_content(f"<iframe src='{demo.url}/live/workshop?embed=1'></iframe>")
    frame = stranger.frames[1]
    await frame.wait_for_load_state()
    assert frame.url.startswith("chrome-error:")
    script = f"import('{demo.url}/embed.js').then(() => 'loaded', () => 'refused')"
    assert await stranger.evaluate(script) == "refused"
