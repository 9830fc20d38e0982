"""
``kill -9`` of any process in the middle of a flash sale, and what must be true afterwards.
"""

import asyncio
from collections.abc import AsyncIterator

import pytest

from liveshop_client import Api, connect
from liveshop_client.messages import OfferView
from loadtest.invariants import check
from tests.demo import Demo, running_demo
from tests.waiting import is_running

UNITS = 20
BUYERS = 40
SETTLED_S = 60


@pytest.fixture
async def demo() -> AsyncIterator[Demo]:
    async with running_demo() as running:
        yield running


async def flash_sale(host: Api) -> OfferView:
    """Open a flash sale of 20 units, one a buyer, in the demo's show."""
    [product] = (await host.products("Speckled Stoneware Teapot"))["products"]
    offer = await host.create_offer(
        "demo",
        {
            "variant": product["variants"][0]["id"],
            "kind": "flash",
            "quantity": UNITS,
            "limit_per_buyer": 1,
            "price_minor": 1900,
        },
    )
    return await host.open_offer(offer["id"])


class Buyer:
    """Someone who taps once, and asks with the same id until there is an answer for good."""

    def __init__(self, number: int) -> None:
        self.name = f"Buyer {number}"
        self.answer = ""
        self.placed: list[str] = []

    async def buy(self, url: str, offer: str, first_placed: asyncio.Event) -> None:
        async with Api(url) as api:
            await api.guest(self.name)
            async with connect(url, "demo", token=api.token) as room:
                while self.answer not in ("reserved", "sold_out"):
                    answered = await room.reserve(offer, id="tap", timeout=SETTLED_S)
                    self.answer = str(answered.get("reason", answered["type"]))
                    if answered["type"] == "refused" and "retry_after_ms" in answered:
                        await asyncio.sleep(answered["retry_after_ms"] / 1000)
                if self.answer != "reserved":
                    return
                try:
                    order = await room.until(
                        lambda state: next(
                            (order for order in state.orders.values() if order["offer"] == offer),
                            None,
                        ),
                        timeout=15,
                    )
                except TimeoutError:
                    return  # Redis may forget a hold with its last second; it was never `placed`.
                self.placed.append(order["id"])
                first_placed.set()


@pytest.mark.parametrize("victim", ["serve", "work", "media", "redis", "postgres", "demo"])
async def test_no_placed_order_is_lost_and_nothing_is_oversold(demo: Demo, victim: str) -> None:
    async with demo.host() as host:
        offer = (await flash_sale(host))["id"]
    buyers = [Buyer(number) for number in range(BUYERS)]
    first_placed = asyncio.Event()

    async with asyncio.timeout(2 * SETTLED_S), asyncio.TaskGroup() as crowd:
        for buyer in buyers:
            crowd.create_task(buyer.buy(demo.url, offer, first_placed))
        await first_placed.wait()
        demo.kill(victim)
        if victim == "demo":
            assert demo.process is not None
            await demo.process.wait()
            await demo.start()

    await demo.ready()
    async with demo.host() as host:
        orders = {order["id"]: order for order in (await host.orders(show="demo"))["orders"]}
        ledger = await host.ledger(offer)
        broken = await check(host, "demo")
    live = [order for order in orders.values() if order["offer"] == offer]
    seen = {id for buyer in buyers for id in buyer.placed}

    assert broken == []
    assert ledger["adds_up"]
    assert ledger["allocated"] == UNITS
    assert seen <= {order["id"] for order in live}
    assert len(live) == ledger["held"] + ledger["sold"] <= UNITS
    if victim != "redis":
        assert len(seen) == len(live) == UNITS
        assert ledger["available"] == ledger["in_flight"] == 0


async def test_ctrl_c_leaves_no_process_and_the_next_start_finds_the_same_shop(
    demo: Demo,
) -> None:
    async def remembered(host: Api) -> object:
        detail = await host.show("demo")
        # A new start of the gate begins new versions; everything else is as it was.
        return {**detail, "offers": [{**offer, "version": 0} for offer in detail["offers"]]}

    async with demo.host() as host:
        before = await remembered(host)
        redis, postgres = demo.pid_of("redis"), demo.pid_of("postgres")
        assert await demo.interrupt() == 0
        left_running = [pid for pid in (redis, postgres) if is_running(pid)]
        await demo.start()
        after = await remembered(host)

    assert left_running == []
    assert after == before
