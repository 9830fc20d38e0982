"""
The server dies while the host works: what they typed stays, and what they ask again is done once.
"""

import re

import pytest
from playwright.async_api import Route, expect

from tests.demo import Demo
from tests.journeys.conftest import PATIENCE_MS, Stage
from tests.journeys.test_evening import button, sign_in

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)


async def test_what_was_done_before_the_server_died_is_not_done_again(
    stage: Stage, demo: Demo
) -> None:
    async with demo.host() as api:
        variant = {"sku": "JRN-OUT", "price_minor": 1900, "currency": "USD", "available": 9}
        await api.create_product(
            {"title": "Brittle Bowl", "handle": "brittle-bowl", "variants": [variant]}
        )
    host = await stage.page("host", wide=True)
    await sign_in(host, demo)
    await host.get_by_role("link", name="Products").click()
    await host.get_by_label("Search").fill("Brittle Bowl")
    await host.get_by_role("link", name=re.compile("Brittle Bowl")).first.click()
    await button(host, re.compile("JRN-OUT")).click()
    await host.get_by_label("More or fewer units").fill("-2")
    await host.get_by_label("Why").select_option("damaged")

    # The correction is committed, and the server dies before it can say so.
    async def lose_the_answer(route: Route) -> None:
        answer = await route.fetch()
        assert answer.ok
        demo.kill("serve")
        await route.abort()

    await host.route("**/adjustments", lose_the_answer, times=1)
    await button(host, "Correct the stock").click()
    refusal = host.get_by_text("The shop cannot be reached right now.", exact=True)
    await expect(refusal).to_be_visible()
    await expect(host.get_by_label("More or fewer units")).to_have_value("-2")
    await expect(host.get_by_label("Why")).to_have_value("damaged")

    # Back again, the same correction is answered, not repeated; another one is another.
    await demo.ready()
    await button(host, "Correct the stock").click()
    await expect(host.get_by_role("heading", name="In the warehouse: 7")).to_be_visible()
    await expect(host.get_by_role("listitem").filter(has_text="−2")).to_have_count(1)
    await host.get_by_label("More or fewer units").fill("-2")
    await host.get_by_label("Why").select_option("damaged")
    await button(host, "Correct the stock").click()
    await expect(host.get_by_role("heading", name="In the warehouse: 5")).to_be_visible()
    await expect(host.get_by_role("listitem").filter(has_text="−2")).to_have_count(2)

    async with demo.host() as api:
        [product] = (await api.products(search="Brittle Bowl"))["products"]
    assert product["variants"][0]["available"] == 5
