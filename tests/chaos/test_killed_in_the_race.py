"""
``kill -9`` between the steps of a race for the last unit: won, lost, told, given back.

The moments are found from outside, as in `test_killed_at_each_step`. What was killed comes back; in
the end one of those who paid has the unit, and the other all of the money, once.
"""

import asyncio
from typing import Final

import httpx
import pytest

from commerce.store.pool import Pool
from commerce.store.queries import load
from liveshop_client import Api
from liveshop_client.messages import OfferView, OrderView
from loadtest.invariants import check
from tests.chaos import test_killed_at_each_step as step
from tests.chaos.test_killed_at_each_step import (
    Buyer,
    Moment,
    comes_in,
    happened,
    kill_at,
    quiet,
    script,
)
from tests.processes import Part, Shop
from tests.waiting import until_it_holds

RACES = load("races")

MOMENTS: Final = {
    "before it is committed who lost": Moment(
        "serve", "postgres", RACES.lose, "answer", ("serve", "postgres")
    ),
    "before the gate hears of a unit that it did not hold": Moment(
        "serve", "redis", script("settle"), "question", ("redis",)
    ),
    "before it is committed that others need not pay": Moment(
        "work", "postgres", RACES.lose, "answer", ("work",)
    ),
}
"""What differs from an order that holds its unit; the other steps are the same code."""

shop, books, host, people = step.shop, step.books, step.host, step.people


async def raced_for(host: Api) -> OfferView:
    """One unit, for whoever pays first, in a show of its own."""
    show = await host.create_show("Tea time")
    await host.start_show(show["id"])
    variant = {"sku": show["id"], "price_minor": 1900, "currency": "USD", "available": 1}
    product = await host.create_product(
        {"title": "Teapot", "handle": show["id"], "variants": [variant]}
    )
    draft = {"variant": product["variants"][0]["id"], "quantity": 1, "policy": "first_paid"}
    offer = await host.create_offer(show["id"], draft)
    return await host.open_offer(offer["id"])


@pytest.mark.parametrize(("moment", "victim"), step.cases(MOMENTS))
async def test_one_has_the_unit_and_the_other_the_money_whoever_is_killed(
    shop: Shop, books: Pool, host: Api, people: httpx.AsyncClient, moment: Moment, victim: Part
) -> None:
    offer = await raced_for(host)
    two = [await comes_in(people, offer) for _ in range(2)]
    idle = await comes_in(people, offer)
    pages: list[str] = []
    for buyer in (*two, idle):
        await buyer.reserve("tap")
        [order] = await buyer.orders("awaiting_payment")
        started = await buyer.insist("POST", f"/api/orders/{order['id']}/pay", {})
        pages.append(started["redirect_url"])

    async def decided() -> bool:
        return sorted([(await order_of(buyer))["status"] for buyer in two]) == ["paid", "sold_out"]

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(kill_at(shop, books, moment, victim))
        for buyer, page in zip(two, pages[:2], strict=True):
            tasks.create_task(buyer.decide(page))
        await until_it_holds(decided)
        [beaten] = await idle.orders("sold_out")
    await quiet(shop, books, people)

    won, lost = sorted([await order_of(buyer) for buyer in two], key=lambda order: order["status"])
    went = await books.fetch(
        "SELECT refunds.order_id, refunds.amount_minor, refunds.status,"
        " sandbox_refunds.amount_minor "
        "FROM refunds JOIN payments ON payments.id = payment_id "
        "JOIN sandbox_refunds ON sandbox_refunds.reference = payments.reference "
        "WHERE refunds.order_id = ANY($1::text[])",
        [won["id"], lost["id"], beaten["id"]],
    )
    assert [tuple(row) for row in went] == [(lost["id"], 1900, "done", 1900)]
    assert (lost["money_back"], beaten.get("money_back", False)) == (True, False)
    assert await happened(books, won) == ["order.placed", "order.paid"]
    for order in (lost, beaten):
        assert await happened(books, order) == ["order.placed", "order.sold_out"]
    assert step.places(await host.ledger(offer["id"])) == (1, 0, 0, 1, 0)
    assert await check(host, offer["show"]) == []


async def order_of(buyer: Buyer) -> OrderView:
    orders: list[OrderView] = (await buyer.insist("GET", "/api/orders"))["orders"]
    [order] = orders
    return order
