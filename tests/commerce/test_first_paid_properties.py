"""
Races against their invariant: what is paid and kept is never more than there is, and nobody who
lost has paid.

Ledger, gate, gateway and checkout are the real ones. Buyers come, pay, pay again, change their
minds and return what they won, in any order, while the gate is fenced, forgets everything and is
rebuilt; news from the gateway comes late, twice, or out of order.
"""

import asyncio
from typing import Any

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from commerce.checkout import BEATEN
from commerce.errors import CouponRefused, PaidByOthers, PayWindowOver, WrongState
from commerce.ids import AccountId, OfferId, OrderId, new_id
from commerce.messages import OrderView
from commerce.offers.outcomes import Crowded, Held, SoldOut
from commerce.payments import ChargeStarted
from commerce.store import coupons
from tests.commerce.delivery import host_of, money_comes
from tests.commerce.racing import everything_fits, now
from tests.commerce.shop import Shop, open_shop
from tests.commerce.test_coupon_uses import begin, give, quoted

UNITS, QUOTA = 2, 3

chances = st.integers(0, 10_000)


class RaceMachine(RuleBasedStateMachine):
    """One offer after the other of two units; one shop for all examples."""

    runner: asyncio.Runner
    shop: Shop
    seen: set[str]

    def __init__(self) -> None:
        super().__init__()
        self.run(self.shop.renew())
        self.offer: OfferId = self.run(
            self.shop.add_offer(quantity=UNITS, limit=2, policy="first_paid")
        )
        self.coupon = self.run(
            give(self.shop, new_id("tea").upper().replace("_", "-"), quota=QUOTA)
        )
        self.orders: list[OrderView] = []
        self.charges: list[ChargeStarted] = []

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    @rule(wanted=st.lists(st.integers(1, 2), min_size=1, max_size=3), coupon=st.booleans())
    def come(self, wanted: list[int], coupon: bool) -> None:
        """Buyers reserve and go to the till; a gate that is shut is rebuilt by then."""
        if self.shop.gate.fence.standing is None:
            self.run(self.shop.renew())
        for quantity in wanted:
            buyer = self.run(self.shop.add_buyer())
            outcome = self.run(self.shop.reserve(self.offer, buyer, "1", quantity))
            assert isinstance(outcome, Held | SoldOut | Crowded)
            if isinstance(outcome, Held):
                assert outcome.first_paid
                self.run(self.shop.write_orders())
                self.orders.append(self.shop.heard.placed_orders[-1])
                self.go_to_the_till(len(self.orders) - 1, coupon)

    @precondition(lambda self: self.orders)
    @rule(chance=chances, coupon=st.booleans())
    def go_to_the_till(self, chance: int, coupon: bool) -> None:
        order = self.orders[chance % len(self.orders)]
        try:
            code = self.coupon.code if coupon else None
            quote = self.run(quoted(self.shop, [order], coupon=code))
            self.charges.append(self.run(begin(self.shop, [order], quote)))
        except (PaidByOthers, WrongState, PayWindowOver, CouponRefused):
            pass  # over, or every use is taken

    @precondition(lambda self: self.charges)
    @rule(chance=chances)
    def money_comes(self, chance: int) -> None:
        self.run(money_comes(self.shop, self.charges[chance % len(self.charges)]))

    @precondition(lambda self: len(self.charges) > 1)
    @rule(chance=chances)
    def money_comes_for_two_in_the_same_moment(self, chance: int) -> None:
        both = [self.charges[(chance + n) % len(self.charges)] for n in (0, 1)]

        async def at_once() -> None:
            await asyncio.gather(*(money_comes(self.shop, each) for each in both))

        self.run(at_once())

    @precondition(lambda self: self.orders)
    @rule(chance=chances, how=st.sampled_from(["cancel", "return"]))
    def end(self, chance: int, how: str) -> None:
        order = self.orders[chance % len(self.orders)]
        id, buyer = OrderId(order.id), AccountId(order.buyer)
        try:
            if how == "cancel":
                self.run(self.shop.checkout.cancel(id, buyer))
            else:
                self.run(self.shop.checkout.refund(id, self.run(host_of(self.shop))))
        except WrongState:
            pass  # ended before, or was not paid

    @precondition(lambda self: self.orders)
    @rule(chance=chances)
    def wait_too_long(self, chance: int) -> None:
        self.run(self.shop.overdue(self.orders[chance % len(self.orders)].id))

    @rule()
    def sweep(self) -> None:
        self.run(self.shop.sweeper.sweep(now()))
        self.run(self.shop.refunder.refund_due())
        self.run(coupons.return_idle(self.shop.pool))

    @rule(how=st.sampled_from(["fence", "forget", "rebuild"]))
    def break_the_gate(self, how: str) -> None:
        if how == "rebuild":
            self.run(self.shop.renew())
            return
        if self.shop.gate.fence.standing is not None:
            self.run(self.shop.gate.fence_off("the test says so"))
        if how == "forget":
            self.run(self.shop.gate.client.flushdb())
            self.run(self.shop.renew())

    @invariant()
    def nobody_has_more_than_there_is(self) -> None:
        row = self.run(
            self.shop.pool.fetchrow(
                "SELECT allocated, taken, (SELECT coalesce(sum(quantity), 0) FROM orders"
                " WHERE offer_id = offers.id AND status = 'paid') AS paid"
                " FROM offers WHERE id = $1",
                self.offer,
            )
        )
        assert row["taken"] == row["paid"] <= row["allocated"] == UNITS

    @invariant()
    def who_has_no_unit_has_paid_nothing(self) -> None:
        # What came for an order that is not paid is due back or went back: all of it, once.
        off = self.run(
            self.shop.pool.fetch(
                """
                SELECT orders.id, orders.status FROM orders
                CROSS JOIN LATERAL (
                    SELECT coalesce(sum(part.amount_minor), 0) AS minor
                    FROM payment_parts AS part JOIN payments ON payments.id = part.payment_id
                    WHERE part.order_id = orders.id AND payments.captured_at IS NOT NULL
                ) AS came
                CROSS JOIN LATERAL (
                    SELECT coalesce(sum(amount_minor), 0) AS minor FROM refunds
                    WHERE refunds.order_id = orders.id
                ) AS back
                WHERE orders.offer_id = $1
                    AND came.minor - back.minor
                        <> CASE orders.status WHEN 'paid' THEN orders.total_minor ELSE 0 END
                """,
                self.offer,
            )
        )
        assert off == []

    @invariant()
    def no_coupon_is_used_too_often(self) -> None:
        assert self.used() <= QUOTA

    def used(self) -> int:
        """How often the coupon is used, as it says itself and as its uses do."""
        row = self.run(
            self.shop.pool.fetchrow(
                "SELECT used, (SELECT count(*) FROM coupon_uses"
                " WHERE coupon_id = coupons.id AND returned_at IS NULL) AS listed"
                " FROM coupons WHERE id = $1",
                self.coupon.id,
            )
        )
        assert row["used"] == row["listed"]
        return int(row["used"])

    def teardown(self) -> None:
        """Once all is told everything fits; once all is returned, no money and no use is kept."""
        self.run(self.shop.renew())
        self.run(everything_fits(self.shop, self.offer))
        for order in self.orders:
            match self.run(self.shop.order(order.id)).status:
                case "paid":
                    host = self.run(host_of(self.shop))
                    self.run(self.shop.checkout.refund(OrderId(order.id), host))
                    self.seen.add("returned")
                case "awaiting_payment":
                    self.run(self.shop.overdue(order.id))
                case status:
                    self.seen.add(status)
        self.run(everything_fits(self.shop, self.offer))
        self.run(coupons.return_idle(self.shop.pool))

        self.who_has_no_unit_has_paid_nothing()
        assert self.used() == 0
        levels = self.run(self.shop.gate.levels([self.offer]))
        assert (levels[self.offer].available, levels[self.offer].intents) == (UNITS, 0)


def run_machine(database_url: str, redis_url: str) -> set[str]:
    """Run it in one shop, and return how orders ended, and why money went back."""
    seen: set[str] = set()
    with asyncio.Runner() as runner:
        opening = open_shop(database_url, redis_url)
        shop = runner.run(opening.__aenter__())
        run_state_machine_as_test(
            type("RaceMachineHere", (RaceMachine,), {"runner": runner, "shop": shop, "seen": seen}),
            settings=settings(
                max_examples=12,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
        reasons = runner.run(shop.pool.fetch("SELECT DISTINCT reason FROM refunds"))
        runner.run(opening.__aexit__(None, None, None))
    return seen | {row["reason"] for row in reasons}


async def test_races_keep_their_promises_whatever_happens(
    database_url: str, redis_url: str
) -> None:
    # In a thread: the machine runs a loop of its own, step by step.
    seen = await asyncio.to_thread(run_machine, database_url, redis_url)

    # It got about: a machine in which nobody loses would find nothing.
    assert seen >= {"returned", "sold_out", BEATEN}
