"""A race: buyers who intend to pay for more than there is, and the money of each when it comes."""

import time

from msgspec import Struct

from commerce.checkout import Effect
from commerce.ids import AccountId, OfferId, OrderId
from commerce.messages import OrderView
from commerce.offers.ledger import Ledger, ledger
from commerce.payments import ChargeStarted
from commerce.store import payments
from commerce.store.pool import acquire
from tests.commerce.delivery import money_comes
from tests.commerce.shop import Shop
from tests.commerce.test_combined_payments import books

PRICE_MINOR = 1990


class Runner(Struct, frozen=True):
    """Somebody at the till: an order that holds nothing, and a charge that is not paid yet."""

    order: OrderView
    started: ChargeStarted

    @property
    def id(self) -> OrderId:
        return OrderId(self.order.id)


def now() -> int:
    return time.time_ns() // 1_000_000


async def runner(shop: Shop, offer: OfferId, quantity: int = 1) -> Runner:
    order = await shop.place(offer, await shop.add_buyer(), quantity)
    started = await shop.checkout.pay(OrderId(order.id), AccountId(order.buyer))
    return Runner(order, started)


async def race(shop: Shop, *, units: int = 1, runners: int = 2) -> tuple[OfferId, list[Runner]]:
    """So many at the till for so many units."""
    offer = await shop.add_offer(quantity=units, policy="first_paid")
    return offer, [await runner(shop, offer) for _ in range(runners)]


async def pays(shop: Shop, each: Runner) -> Effect:
    return await money_comes(shop, each.started)


async def statuses(shop: Shop, runners: list[Runner]) -> list[str]:
    return [(await shop.order(each.id)).status for each in runners]


async def back(shop: Shop) -> list[tuple[str, int, str]]:
    """Every refund: of which order, how much, and why."""
    rows = await shop.pool.fetch("SELECT order_id, amount_minor, reason FROM refunds ORDER BY id")
    return [tuple(row) for row in rows]


async def everything_fits(shop: Shop, offer: OfferId) -> list[tuple[int, int, int]]:
    """Once all is told: stock, gate and money agree. Returns captured, kept and given back."""
    await shop.sweeper.sweep(now())
    while await shop.refunder.refund_due():
        pass
    found = await ledger(shop.pool, shop.gate, offer)
    assert isinstance(found, Ledger)
    assert found.adds_up
    assert found.held == 0
    levels = await shop.gate.levels([offer])
    assert isinstance(levels, dict)
    assert levels[offer].sold == found.sold <= found.allocated
    async with acquire(shop.pool) as connection:
        assert await payments.mismatched(connection) == []
        assert await payments.miscounted(connection) == []
    return await books(shop)
