"""Coupons in the ledger: each use is taken once, kept with the money, and returned when it goes."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import asyncpg
import pytest

from commerce.checkout import COUPON_GONE
from commerce.coupons import CouponView, NewCoupon, checked
from commerce.errors import (
    CouponCodeTaken,
    CouponRefused,
    InvalidValue,
    NotFound,
    NotYours,
    QuoteChanged,
    WrongState,
)
from commerce.ids import AccountId, CouponId, OrderId, ShowId
from commerce.messages import CouponCard, OrderView
from commerce.payments import ChargeStarted, GatewayEvent
from commerce.quoting import Quote, make_quote
from commerce.store import coupons, shows
from commerce.store.pool import acquire, transaction
from tests.commerce.delivery import BERLIN, host_of, money_comes, publish, win
from tests.commerce.shop import Shop, open_shop
from tests.commerce.stage import add_host, facts
from tests.commerce.test_combined_payments import books


async def give(shop: Shop, code: str = "TEA-10", **terms: Any) -> CouponView:
    new = {"quota": 5, "percent_bp": 1_000, **terms}
    async with transaction(shop.pool) as connection:
        return await coupons.create(
            connection, await host_of(shop), checked(NewCoupon(code=code, **new))
        )


async def quoted(shop: Shop, bought: Sequence[OrderView], **how: Any) -> Quote:
    async with acquire(shop.pool) as connection:
        ids = [OrderId(each.id) for each in bought]
        how = {"coupon": "TEA-10", **how}
        return (await make_quote(connection, AccountId(bought[0].buyer), ids, **how)).quote


async def begin(shop: Shop, bought: Sequence[OrderView], quote: Quote) -> ChargeStarted:
    return await shop.checkout.pay_quoted(
        [OrderId(each.id) for each in bought],
        AccountId(bought[0].buyer),
        quote=quote.id,
        amount_minor=quote.total_minor,
        address=quote.address,
        option=quote.option,
        coupon=quote.coupon,
    )


async def used(shop: Shop) -> int:
    """How often the only coupon is used, as it says itself and as its uses do."""
    row = await shop.pool.fetchrow(
        "SELECT used, (SELECT count(*) FROM coupon_uses WHERE returned_at IS NULL) AS listed "
        "FROM coupons"
    )
    assert row is not None
    assert row["used"] == row["listed"]
    return int(row["used"])


async def says(shop: Shop, started: ChargeStarted, outcome: Any) -> str:
    """Let the gateway say what became of a charge."""
    charge = await shop.sandbox.get_charge(started.reference)
    event = GatewayEvent(
        event_id=f"evt_{started.reference}_{outcome}",
        payment=charge.payment,
        reference=started.reference,
        outcome=outcome,
        amount_minor=charge.amount_minor,
        currency=charge.currency,
    )
    return await shop.checkout.apply("sandbox", event)


async def test_of_five_hundred_buyers_at_once_exactly_twenty_get_the_coupon(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        coupon = await give(shop, quota=20)
        offer = await shop.add_offer(quantity=500, stock=500)
        await shop.pool.executemany(
            "INSERT INTO accounts (id, kind, name) VALUES ($1, 'guest', 'Bo')",
            [(f"acc_{number:03}",) for number in range(500)],
        )
        for number in range(500):
            await shop.hold(offer, AccountId(f"acc_{number:03}"))
        await shop.write_orders()
        won = shop.heard.placed_orders
        quotes = [await quoted(shop, [order]) for order in won]
        outcomes: Counter[str] = Counter()

        async def pay(order: OrderView, quote: Quote) -> None:
            try:
                await begin(shop, [order], quote)
                outcomes["charged"] += 1
            except CouponRefused as refused:
                outcomes[refused.code] += 1

        async with asyncio.TaskGroup() as crowd:
            for order, quote in zip(won, quotes, strict=True):
                crowd.create_task(pay(order, quote))

        assert coupon.used == 0
        assert outcomes == {"charged": 20, "coupon_used_up": 480}
        assert await used(shop) == 20
        assert (await shop.pool.fetchval("SELECT count(DISTINCT buyer_id) FROM coupon_uses")) == 20
        # Who was refused has no payment, and may pay the whole price.
        assert len(await shop.payments()) == 20


async def test_one_buyer_who_pays_eight_orders_at_once_uses_it_once(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await give(shop)
        won = await win(shop, await shop.add_buyer(), 8)
        quotes = [await quoted(shop, [order]) for order in won]

        tries = await asyncio.gather(
            *(begin(shop, [order], quote) for order, quote in zip(won, quotes, strict=True)),
            return_exceptions=True,
        )

        refused = [each.code for each in tries if isinstance(each, CouponRefused)]
        assert refused == ["coupon_yours_used"] * 7
        assert await used(shop) == 1
        assert len(await shop.payments()) == 1


async def test_the_database_refuses_a_use_too_many_whatever_the_code_does(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        coupon = await give(shop, quota=1)
        (order,) = await win(shop, await shop.add_buyer(), 1)
        (other,) = await win(shop, await shop.add_buyer(), 1)
        await begin(shop, [order], await quoted(shop, [order]))
        await shop.checkout.pay(OrderId(other.id), AccountId(other.buyer))

        with pytest.raises(asyncpg.CheckViolationError, match="never_claimed_too_often"):
            await shop.pool.execute(
                "INSERT INTO coupon_uses (payment_id, coupon_id, buyer_id, discount_minor) "
                "SELECT id, $1, $2, 1 FROM payments WHERE order_id = $3",
                coupon.id,
                other.buyer,
                other.id,
            )
        assert await used(shop) == 1


async def test_discount_shipping_and_tax_of_each_line_are_exact_and_all_of_it_can_go_back(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        await give(shop, percent_bp=None, amount_minor=1_001, currency="USD")
        won = await win(shop, await shop.add_buyer())
        quote = await quoted(shop, won, address=BERLIN)
        full = await quoted(shop, won, address=BERLIN, coupon=None)
        effect = await money_comes(shop, await begin(shop, won, quote))
        paid = [await shop.order(each.id) for each in won]

        assert effect == "paid"
        # 2 x 1990 - 1001 + 500; tax is 10 % of 1489 and of 1490, a half up.
        assert (quote.goods_minor, quote.discount_minor, quote.shipping_minor) == (3980, 1001, 500)
        assert (quote.tax_minor, quote.total_minor, quote.coupon) == (298, 3777, "TEA-10")
        assert (full.total_minor, full.id == quote.id) == (4878, False)
        assert [(each.discount_minor, each.tax_minor, each.total_minor) for each in paid] == [
            (501, 149, 1888),
            (500, 149, 1889),
        ]
        assert await books(shop) == [(3777, 3777, 0)]

        host = await host_of(shop)
        await shop.checkout.refund(OrderId(won[0].id), host, amount_minor=88, return_units=False)
        await shop.checkout.refund(OrderId(won[0].id), host)
        assert await used(shop) == 1
        assert await books(shop) == [(3777, 1889, 1888)]
        await shop.checkout.refund(OrderId(won[1].id), host)
        assert await shop.refunder.refund_due() == 3
        assert await books(shop) == [(3777, 0, 3777)]
        # Everything went back, and so does the use.
        assert await used(shop) == 0


async def test_free_is_as_cheap_as_it_gets(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await give(shop, percent_bp=10_000)
        won = await win(shop, await shop.add_buyer())
        quote = await quoted(shop, won)

        effect = await money_comes(shop, await begin(shop, won, quote))

        assert (quote.discount_minor, quote.total_minor, effect) == (3980, 0, "paid")
        assert [(await shop.order(each.id)).total_minor for each in won] == [0, 0]
        assert await books(shop) == [(0, 0, 0)]


async def test_a_coupon_is_part_of_what_was_quoted(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await give(shop)
        await give(shop, "SAME-10")
        (order,) = await win(shop, await shop.add_buyer(), 1)
        without = await quoted(shop, [order], coupon=None)
        one, two = await quoted(shop, [order]), await quoted(shop, [order], coupon="same-10")

        with pytest.raises(QuoteChanged):
            await shop.checkout.pay_quoted(
                [OrderId(order.id)],
                AccountId(order.buyer),
                quote=one.id,
                amount_minor=one.total_minor,
            )

        assert await quoted(shop, [order], coupon=" tea-10 ") == one
        assert len({without.id, one.id, two.id}) == 3
        assert await used_of(shop) == {"TEA-10": 0, "SAME-10": 0}


async def used_of(shop: Shop) -> dict[str, int]:
    return {row["code"]: row["used"] for row in await shop.pool.fetch("SELECT * FROM coupons")}


async def test_paying_again_is_the_same_use_and_another_price_moves_it(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await publish(shop)
        await give(shop, quota=1)
        (order,) = await win(shop, await shop.add_buyer(), 1)
        standard = await quoted(shop, [order], address=BERLIN)
        first, again = [await begin(shop, [order], standard) for _ in range(2)]
        express = await quoted(shop, [order], address=BERLIN, option="express")
        second = await begin(shop, [order], express)

        assert first == again != second
        assert await used(shop) == 1
        # The first page was still open, and is what gets paid: it takes the use back.
        assert await money_comes(shop, first) == "paid"
        assert await used(shop) == 1
        assert await money_comes(shop, second) == "refund_due"
        assert await used(shop) == 1
        both = standard.total_minor + express.total_minor
        assert await books(shop) == [(both, standard.total_minor, express.total_minor)]


async def test_a_use_comes_back_when_the_payment_fails_or_its_order_lapses(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await give(shop, quota=2)
        (declined,) = await win(shop, await shop.add_buyer(), 1)
        (lapsing,) = await win(shop, await shop.add_buyer(), 1)
        (third,) = await win(shop, await shop.add_buyer(), 1)
        failed = await begin(shop, [declined], await quoted(shop, [declined]))
        await begin(shop, [lapsing], await quoted(shop, [lapsing]))
        with pytest.raises(CouponRefused, match="TEA-10 is used up"):
            await quoted(shop, [third])
        assert await coupons.return_idle(shop.pool) == 0

        assert await says(shop, failed, "declined") == "declined"
        assert (await coupons.return_idle(shop.pool), await used(shop)) == (1, 1)
        await shop.overdue(lapsing.id)
        await shop.sweeper.sweep(time.time_ns() // 1_000_000)
        assert (await coupons.return_idle(shop.pool), await used(shop)) == (1, 0)
        assert await coupons.return_idle(shop.pool) == 0
        await begin(shop, [third], await quoted(shop, [third]))
        assert await used(shop) == 1


async def test_money_that_comes_when_its_use_is_taken_by_another_goes_back(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await give(shop, quota=1)
        (slow,) = await win(shop, await shop.add_buyer(), 1)
        (quick,) = await win(shop, await shop.add_buyer(), 1)
        first = await begin(shop, [slow], await quoted(shop, [slow]))
        await says(shop, first, "declined")
        await coupons.return_idle(shop.pool)
        second = await begin(shop, [quick], await quoted(shop, [quick]))
        assert await money_comes(shop, second) == "paid"

        assert await money_comes(shop, first) == "refund_due"

        assert await used(shop) == 1
        assert (await shop.order(slow.id)).status == "awaiting_payment"
        assert (await shop.order(quick.id)).total_minor == 1791
        assert shop.heard.releases == []
        rows = await shop.pool.fetch("SELECT amount_minor, reason FROM refunds")
        assert [tuple(row) for row in rows] == [(1791, COUPON_GONE)]
        assert await shop.refunder.refund_due() == 1
        assert await books(shop) == [(3582, 1791, 1791)]


async def test_money_for_an_order_that_is_over_keeps_no_use(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        await give(shop)
        (order,) = await win(shop, await shop.add_buyer(), 1)
        started = await begin(shop, [order], await quoted(shop, [order]))
        await shop.overdue(order.id)
        await shop.sweeper.sweep(time.time_ns() // 1_000_000)

        assert await money_comes(shop, started) == "refund_due"
        await coupons.return_idle(shop.pool)

        assert await used(shop) == 0


async def test_who_began_before_the_end_may_pay_and_nobody_else_begins(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        coupon = await give(shop)
        (order,) = await win(shop, await shop.add_buyer(), 1)
        (later,) = await win(shop, await shop.add_buyer(), 1)
        started = await begin(shop, [order], await quoted(shop, [order]))
        agreed = await quoted(shop, [later])
        async with acquire(shop.pool) as connection:
            host = await host_of(shop)
            ended = await coupons.end(connection, host, CouponId(coupon.id))

        with pytest.raises(CouponRefused) as refused:
            await begin(shop, [later], agreed)
        assert await money_comes(shop, started) == "paid"
        async with acquire(shop.pool) as connection:
            (view,) = await coupons.of_host(connection, host)

        assert refused.value.code == "coupon_over"
        assert ended.ended_at is not None
        assert (view.used, view.given_minor) == (1, 199)


async def test_what_is_on_screen_is_told_as_it_is(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        coupon = await give(shop, quota=1, show=shop.show)
        host, id = await host_of(shop), CouponId(coupon.id)
        (order,) = await win(shop, await shop.add_buyer(), 1)
        card = CouponCard(
            id=id, code="TEA-10", percent_bp=1_000, valid_from=coupon.valid_from, used_up=False
        )
        async with acquire(shop.pool) as connection:
            await facts(connection)
            assert await coupons.on_screen(connection, shop.show) is None
            await coupons.pin(connection, host, id, shop.show)
            assert await coupons.on_screen(connection, shop.show) == card
            assert await facts(connection) == [("coupon", shop.show)]
            # The last use is news; so is that it came back.
            started = await begin(shop, [order], await quoted(shop, [order]))
            assert ("coupon", shop.show) in await facts(connection)
            shown = await coupons.on_screen(connection, shop.show)
            assert shown is not None
            assert shown.used_up
            await says(shop, started, "declined")
            await facts(connection)
            await coupons.return_idle(shop.pool)
            assert await facts(connection) == [("coupon", shop.show)]
            await coupons.unpin(connection, shop.show)
            await coupons.unpin(connection, shop.show)
            assert await facts(connection) == [("coupon", shop.show)]
            await coupons.pin(connection, host, id, shop.show)
            await facts(connection)
            await coupons.end(connection, host, id)
            assert await facts(connection) == [("coupon", shop.show)]
            assert await coupons.on_screen(connection, shop.show) is None
            with pytest.raises(WrongState):
                await coupons.pin(connection, host, id, shop.show)


async def test_when_the_show_ends_nothing_is_on_screen(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        coupon = await give(shop)
        async with acquire(shop.pool) as connection:
            host, id = await host_of(shop), CouponId(coupon.id)
            await coupons.pin(connection, host, id, shop.show)
            await shows.end(connection, shop.show)
            assert ("coupon", shop.show) in await facts(connection)
            assert await coupons.on_screen(connection, shop.show) is None
            with pytest.raises(WrongState):
                await coupons.pin(connection, host, id, shop.show)


async def test_a_coupon_is_its_hosts(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        coupon = await give(shop)
        id = CouponId(coupon.id)
        async with acquire(shop.pool) as connection:
            rival = await add_host(connection)
            with pytest.raises(NotYours):
                await coupons.end(connection, rival, id)
            with pytest.raises(NotYours):
                await coupons.pin(connection, rival, id, shop.show)
            with pytest.raises(NotYours):
                await coupons.create(connection, rival, NewCoupon("X-1", 1, 100, show=shop.show))
            with pytest.raises(NotFound):
                await coupons.create(connection, rival, NewCoupon("X-1", 1, 100, show="nowhere"))
            with pytest.raises(InvalidValue):
                await coupons.create(connection, rival, NewCoupon("X-1", 1, 100, products=["no"]))
            with pytest.raises(CouponCodeTaken):
                await give(shop, "tea-10")
            with pytest.raises(NotFound):
                await coupons.by_code(connection, rival, "TEA-10")
            # Another shop may have the same code.
            theirs = await coupons.create(connection, rival, NewCoupon("tea-10", 1, 100))
            assert [each.id for each in await coupons.of_host(connection, rival)] == [theirs.id]
            mine = await coupons.of_host(connection, await host_of(shop), show=ShowId("another"))
            assert [each.code for each in mine] == ["TEA-10"]
