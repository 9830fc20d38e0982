"""Money that somebody gives back at the gateway, of several wins that were paid together."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from commerce.ids import AccountId, OrderId
from commerce.messages import OrderView
from commerce.payments import ChargeStarted
from commerce.payments.reconcile import GRACE_MS, Reconciled, Reconciliation
from commerce.store import payments
from commerce.store.pool import acquire
from tests.commerce.delivery import begin, money_comes, quoted, win
from tests.commerce.shop import Shop, open_shop

PRICE = 1990
HOST = AccountId("acc_admin")


@pytest.fixture
async def shop(database_url: str, redis_url: str) -> AsyncIterator[Shop]:
    async with open_shop(database_url, redis_url) as shop:
        yield shop


async def paid_together(shop: Shop) -> tuple[list[OrderView], ChargeStarted]:
    """Two orders of one unit and one of two between them, in one payment of 79.60."""
    buyer = await shop.add_buyer()
    bought = [
        *await win(shop, buyer, 1),
        await shop.place(await shop.add_offer(limit=2), buyer, 2),
        *await win(shop, buyer, 1),
    ]
    started = await begin(shop, bought, await quoted(shop, bought, address=None))
    assert await money_comes(shop, started) == "paid"
    return bought, started


async def by_hand(shop: Shop, started: ChargeStarted, amount_minor: int, id: str = "re_1") -> None:
    await shop.pool.execute(
        "INSERT INTO sandbox_refunds (id, reference, amount_minor) VALUES ($1, $2, $3)",
        id,
        started.reference,
        amount_minor,
    )


async def reconcile(shop: Shop, *, mend: bool = True) -> Reconciled:
    until = time.time_ns() // 1_000_000 + GRACE_MS + 60_000
    return await Reconciliation(shop.pool, shop.checkout, {"sandbox": shop.sandbox}).reconcile(
        0, until, mend=mend
    )


async def found(shop: Shop) -> list[tuple[str, bool]]:
    return [(each.code, each.mended) for each in (await reconcile(shop)).drift]


async def rows(shop: Shop) -> list[tuple[str, int]]:
    """What the gateway's refund is in the books, an order a row."""
    noted = await shop.pool.fetch(
        "SELECT order_id, refunds.amount_minor, refunds.status "
        "FROM refunds JOIN orders ON orders.id = order_id "
        "WHERE reference = 're_1' ORDER BY placed_at"
    )
    assert {row["status"] for row in noted} <= {"done"}
    return [(row["order_id"], row["amount_minor"]) for row in noted]


async def back(shop: Shop, bought: list[OrderView]) -> list[int]:
    return [(await shop.order(each.id)).refunded_minor for each in bought]


async def money(shop: Shop) -> tuple[int, int, int]:
    """Captured, kept, given back; every order and every payment fits."""
    async with acquire(shop.pool) as connection:
        assert await payments.mismatched(connection) == []
        assert await payments.miscounted(connection) == []
        (total,) = await payments.totals(connection)
    assert total.adds_up
    assert total.captured_minor == total.kept_minor + total.refunded_minor
    return total.captured_minor, total.kept_minor, total.refunded_minor


async def test_a_refund_of_more_than_one_order_is_shared_out_the_oldest_first(shop: Shop) -> None:
    bought, started = await paid_together(shop)
    one, two, _ = bought
    await by_hand(shop, started, 5000)

    assert await found(shop) == [("refund_unknown", True)]

    assert await rows(shop) == [(one.id, PRICE), (two.id, 5000 - PRICE)]
    assert await back(shop, bought) == [PRICE, 5000 - PRICE, 0]
    assert [(await shop.order(each.id)).status for each in bought] == ["paid"] * 3
    assert [(each.id, each.refunded_minor) for each in shop.heard.refunded_orders] == [
        (one.id, PRICE),
        (two.id, 5000 - PRICE),
    ]
    assert await shop.payments() == ["captured"]
    assert await money(shop) == (4 * PRICE, 4 * PRICE - 5000, 5000)
    assert await shop.refunder.refund_due() == 0
    assert (await reconcile(shop, mend=False)).drift == []


async def test_a_refund_of_exactly_one_orders_money_is_of_that_order(shop: Shop) -> None:
    bought, started = await paid_together(shop)
    await by_hand(shop, started, 2 * PRICE)

    assert await found(shop) == [("refund_unknown", True)]

    assert await back(shop, bought) == [0, 2 * PRICE, 0]
    assert await money(shop) == (4 * PRICE, 2 * PRICE, 2 * PRICE)


async def test_a_refund_of_the_whole_payment_is_of_all_its_orders(shop: Shop) -> None:
    bought, started = await paid_together(shop)
    await by_hand(shop, started, 4 * PRICE)

    assert await found(shop) == [("refund_unknown", True)]

    assert await back(shop, bought) == [PRICE, 2 * PRICE, PRICE]
    assert await shop.payments() == ["refunded"]
    assert await money(shop) == (4 * PRICE, 0, 4 * PRICE)
    assert (await reconcile(shop, mend=False)).drift == []


async def test_however_many_look_at_once_it_is_noted_once(shop: Shop) -> None:
    bought, started = await paid_together(shop)
    await by_hand(shop, started, 5000)

    looked = await asyncio.gather(*(reconcile(shop) for _ in range(3)))
    again = await reconcile(shop)

    assert {drift.mended for each in looked for drift in each.drift} == {True}
    assert again.drift == []
    assert len(await rows(shop)) == 2
    assert await back(shop, bought) == [PRICE, 5000 - PRICE, 0]
    assert await money(shop) == (4 * PRICE, 4 * PRICE - 5000, 5000)


async def test_what_is_more_than_all_of_them_have_is_for_a_person(shop: Shop) -> None:
    bought, started = await paid_together(shop)
    await shop.checkout.refund(OrderId(bought[0].id), HOST, any_host=True)
    await by_hand(shop, started, 3 * PRICE + 1)

    assert await found(shop) == [("refund_unknown", False)]

    assert await rows(shop) == []
    assert await back(shop, bought) == [PRICE, 0, 0]
    assert await money(shop) == (4 * PRICE, 3 * PRICE, PRICE)


async def test_refunds_that_were_refused_because_of_it_are_parts_of_it(shop: Shop) -> None:
    bought, started = await paid_together(shop)
    one, two, three = bought
    await by_hand(shop, started, 4 * PRICE)
    await shop.checkout.refund(OrderId(one.id), HOST, any_host=True)
    await shop.checkout.refund(OrderId(three.id), HOST, any_host=True)
    assert await shop.refunder.refund_due() == 0

    assert await found(shop) == [("refund_unknown", True)]

    assert await rows(shop) == [(one.id, PRICE), (two.id, 2 * PRICE), (three.id, PRICE)]
    assert [(await shop.order(each.id)).status for each in bought] == [
        "refunded",
        "paid",
        "refunded",
    ]
    assert await shop.payments() == ["refunded"]
    assert await money(shop) == (4 * PRICE, 0, 4 * PRICE)
    assert await shop.refunder.refund_due() == 0
    assert (await reconcile(shop, mend=False)).drift == []


async def test_an_order_that_was_paid_otherwise_gives_nothing_of_it(shop: Shop) -> None:
    one, two = await win(shop, await shop.add_buyer())
    alone = await shop.checkout.pay(OrderId(one.id), AccountId(one.buyer))
    both = await begin(shop, [one, two], await quoted(shop, [one, two], address=None))
    assert [await money_comes(shop, each) for each in (alone, both)] == ["paid", "paid"]
    assert await shop.refunder.refund_due() == 1
    await by_hand(shop, both, 700)

    assert await found(shop) == [("refund_unknown", True)]

    assert await back(shop, [one, two]) == [0, 700]
    assert await money(shop) == (3 * PRICE, 2 * PRICE - 700, PRICE + 700)
    assert (await reconcile(shop, mend=False)).drift == []


async def test_a_second_one_goes_on_where_the_first_ended(shop: Shop) -> None:
    bought, started = await paid_together(shop)
    await by_hand(shop, started, 700)
    assert await found(shop) == [("refund_unknown", True)]
    await by_hand(shop, started, 3000, "re_2")

    assert await found(shop) == [("refund_unknown", True)]

    assert await back(shop, bought) == [PRICE, 3000 - (PRICE - 700), 0]
    assert await money(shop) == (4 * PRICE, 4 * PRICE - 3700, 3700)
    assert (await reconcile(shop, mend=False)).drift == []
