"""
``kill -9`` between the steps of a queue: entered, drawn, admitted, told, bought.

The moments are found from outside, as in `test_killed_at_each_step`. What was killed comes back; in
the end everyone has one place, as many were admitted as there are units, and each bought once.
"""

import asyncio
from typing import Any, Final

import httpx
import pytest

from commerce.offers.keys import Keys
from commerce.rounds import OUTAGE
from commerce.store.pool import Pool
from commerce.store.queries import load
from liveshop_client import Api
from liveshop_client.messages import OfferView
from loadtest.invariants import check
from tests.chaos import test_killed_at_each_step as step
from tests.chaos.test_killed_at_each_step import Buyer, Moment, comes_in, kill_at, quiet, script
from tests.commerce.shop import BEFORE
from tests.processes import Part, Shop
from tests.waiting import until_it_holds

QUEUES = load("queues")
UNITS, PEOPLE = 2, 4

MOMENTS: Final = {
    "before a place is committed": Moment("serve", "postgres", QUEUES.enter, "answer", ("serve",)),
    "before the turns are committed": Moment("work", "postgres", QUEUES.admit, "answer", ("work",)),
    "before the buyer hears what the gate said": Moment(
        "serve", "redis", script("reserve"), "answer", ("redis",)
    ),
}
"""Each case takes seven seconds; what else may die is in `commerce/test_queue.py`, at its steps."""

shop, books, host, people = step.shop, step.books, step.host, step.people


async def announced(host: Api) -> OfferView:
    """Two units with a queue that opens in an hour, one a buyer."""
    show = await host.create_show("Tea time")
    await host.start_show(show["id"])
    variant = {"sku": show["id"], "price_minor": 1900, "currency": "USD", "available": UNITS}
    product = await host.create_product(
        {"title": "Teapot", "handle": show["id"], "variants": [variant]}
    )
    draft = {"variant": product["variants"][0]["id"], "quantity": UNITS, "entry": "queue"}
    offer = await host.create_offer(show["id"], draft)
    return await host.open_offer(offer["id"], countdown_s=3600)


async def begin(shop: Shop, books: Pool, offer: OfferView) -> None:
    """Let the moment come at which it opens; a gate that is rebuilt hears of it from the ledger."""
    await books.execute(
        "UPDATE offers SET opens_at = moment($2) WHERE id = $1", offer["id"], BEFORE
    )

    async def gate_knows() -> bool:
        try:
            async with shop.gate() as gate:
                await gate.hset(Keys().terms(offer["id"]), "opens_at", str(BEFORE))
        except OUTAGE:
            return False
        return True

    await until_it_holds(gate_knows)


async def turn(buyer: Buyer, path: str) -> dict[str, Any] | None:
    """Return where somebody stands once all places are drawn, and their turn if it has come."""
    place: dict[str, Any] = await buyer.insist("GET", f"{path}/place")
    return place if place.get("admission") else None


@pytest.mark.parametrize(("moment", "victim"), step.cases(MOMENTS))
async def test_everyone_keeps_their_place_and_each_turn_buys_once_whoever_is_killed(
    shop: Shop, books: Pool, host: Api, people: httpx.AsyncClient, moment: Moment, victim: Part
) -> None:
    offer = await announced(host)
    path = f"/api/offers/{offer['id']}/queue"
    buyers = [await comes_in(people, offer) for _ in range(PEOPLE)]
    admitted: list[tuple[Buyer, dict[str, Any]]] = []

    async def two_have_their_turn() -> bool:
        found = [(buyer, await turn(buyer, path)) for buyer in buyers]
        admitted[:] = [(buyer, place) for buyer, place in found if place is not None]
        return len(admitted) == UNITS

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(kill_at(shop, books, moment, victim))
        for buyer in buyers:
            await buyer.insist("POST", path, {})
        await begin(shop, books, offer)
        await until_it_holds(two_have_their_turn)
        for buyer, place in admitted:
            body = {"admission": place["admission"]}
            await buyer.insist("POST", f"/api/offers/{offer['id']}/reservations", body, key="tap")
            await buyer.orders("awaiting_payment")
    await quiet(shop, books, people)

    places = [(await buyer.insist("GET", f"{path}/place"))["place"] for buyer in buyers]
    assert sorted(places) == [1, 2, 3, 4]
    assert sorted(place["place"] for _, place in admitted) == [1, 2]
    queue = await admitted[0][0].insist("GET", path)
    assert (queue["entrants"], queue["called"]) == (PEOPLE, UNITS)
    assert step.places(await host.ledger(offer["id"])) == (UNITS, 0, UNITS, 0, 0)
    assert await check(host, offer["show"]) == []
