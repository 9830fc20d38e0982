"""
Money against its invariants: whatever buyers, hosts, gateways and clocks do, in whatever order.

The ledger is the real one, the gateway the sandbox on a clock that the test tells. Webhooks come
late, twice, out of order or never; refunds are asked for while the line is down.
"""

import asyncio
import time
from typing import Any

from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from commerce.errors import PayWindowOver, RefundTooLarge, WrongState
from commerce.ids import AccountId, OfferId, OrderId
from commerce.payments import GatewayUnavailable, Refund
from commerce.payments.reconcile import GRACE_MS, Reconciled, Reconciliation
from commerce.payments.refunder import Refunder
from commerce.payments.sandbox import Decision
from commerce.payments.signature import sign
from commerce.payments.withdrawer import Withdrawer
from commerce.quoting import make_quote
from commerce.store import orders, payments
from commerce.store.pool import acquire
from tests.commerce.shop import SECRET, Shop, open_shop

PRICE = 1990
UNITS = 50
NOBODY = AccountId("acc_admin")

amounts = st.one_of(st.none(), st.integers(1, PRICE))
faults = st.sampled_from(["", "", "before", "after"])
chances = st.integers(0, 10_000)
decisions: st.SearchStrategy[Decision | None] = st.sampled_from(
    ["succeed", "succeed", "late", "decline", None]
)


class Clock:
    """The sandbox's time: the machine's, and as much ahead as a test likes."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead_ms


class Unsteady:
    """The sandbox behind a line that breaks, before or after the work was done."""

    name = "sandbox"

    def __init__(self, shop: Shop, fault: str) -> None:
        self._sandbox = shop.sandbox
        self._fault = fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sandbox, name)

    async def refund(self, refund: Refund) -> None:
        if self._fault == "before":
            raise GatewayUnavailable(self.name)
        await self._sandbox.refund(refund)
        if self._fault == "after":
            raise GatewayUnavailable(self.name)


class MoneyMachine(RuleBasedStateMachine):
    """Orders, payments, lapses, refunds and reconciliation; one shop for all examples."""

    runner: asyncio.Runner
    shop: Shop
    clock: Clock

    def __init__(self) -> None:
        super().__init__()
        self.offer: OfferId = self.run(
            self.shop.add_offer(quantity=UNITS, stock=UNITS, limit=UNITS)
        )

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    placed = Bundle("placed")

    @rule(target=placed, decision=decisions)
    def buy(self, decision: Decision | None) -> str:
        """Order, go to the gateway's page, and perhaps decide something there."""
        return self._buy(decision)

    @initialize(target=placed)
    def begin_with_a_sale(self) -> str:
        return self.sell_one()

    @rule(target=placed)
    def sell(self) -> str:
        """Order and pay, and let the shop hear of it."""
        return self.sell_one()

    def sell_one(self) -> str:
        order = self._buy("succeed")
        self.run(self._deliver_of(order, 0, times=1))
        return order

    def _buy(self, decision: Decision | None) -> str:
        order = self.run(self._place())
        self.run(self._pay(order, decision))
        return str(order)

    async def _place(self) -> str:
        return (await self.shop.place(self.offer, await self.shop.add_buyer())).id

    @rule(target=placed, decision=decisions, chance=chances)
    def buy_together(self, decision: Decision | None, chance: int) -> MultipleResults[str]:
        """Order twice, and pay for both in one payment; perhaps one is gone before the money."""
        return multiple(*self.run(self._buy_together(decision, chance)))

    async def _buy_together(self, decision: Decision | None, chance: int) -> list[str]:
        buyer = await self.shop.add_buyer()
        for attempt in ("1", "2"):
            await self.shop.reserve(self.offer, buyer, attempt)
        await self.shop.write_orders()
        async with acquire(self.shop.pool) as connection:
            bought = [OrderId(each.id) for each in await orders.of_buyer(connection, buyer)]
            if len(bought) < 2:  # sold out
                return [str(each) for each in bought]
            quote = (await make_quote(connection, buyer, bought)).quote
        started = await self.shop.checkout.pay_quoted(
            bought, buyer, quote=quote.id, amount_minor=quote.total_minor
        )
        if chance % 3 == 0:
            await self.shop.checkout.cancel(bought[chance % 2], buyer)
        if decision:
            await self.shop.sandbox.decide(started.reference, decision)
        if chance % 2:
            await self._deliver_of(bought[0], 0, times=1)
        return [str(each) for each in bought]

    @rule(order=placed, decision=decisions)
    def pay(self, order: str, decision: Decision | None) -> None:
        self.run(self._pay(order, decision))

    async def _pay(self, order: str, decision: Decision | None) -> None:
        view = await self.shop.order(order)
        try:
            started = await self.shop.checkout.pay(OrderId(order), AccountId(view.buyer))
        except WrongState:
            assert view.status != "awaiting_payment"
        except PayWindowOver:
            assert view.pay_by < time.time() * 1000
        else:
            if decision:
                await self.shop.sandbox.decide(started.reference, decision)

    @rule(order=placed, chance=chances)
    def decide_what_is_open(self, order: str, chance: int) -> None:
        """A page that was left open, of a payment whatever became of it."""
        self.run(self._decide(order, "decline" if chance % 4 == 0 else "succeed"))

    async def _decide(self, order: str, decision: Decision) -> None:
        for row in await self.shop.pool.fetch(
            "SELECT reference FROM payments JOIN payment_parts ON payment_id = payments.id "
            "WHERE payment_parts.order_id = $1 AND reference IS NOT NULL",
            order,
        ):
            await self.shop.sandbox.decide(row["reference"], decision)

    @rule(order=placed, chance=chances, times=st.integers(1, 2))
    def deliver(self, order: str, chance: int, times: int) -> None:
        """Deliver some event about an order, old or new; perhaps for the fifth time."""
        self.run(self._deliver_of(order, chance, times=times))

    async def _deliver_of(self, order: str, chance: int, *, times: int) -> None:
        events = await self.shop.pool.fetch(
            "SELECT sandbox_events.id, body FROM sandbox_events "
            "JOIN payments USING (reference) JOIN payment_parts ON payment_id = payments.id "
            "WHERE payment_parts.order_id = $1 ORDER BY sandbox_events.id",
            order,
        )
        for event in events[chance % len(events) :][:1] if events else []:
            for _ in range(times):
                await self._deliver(event["id"], event["body"].encode())

    async def _deliver(self, id: str, body: bytes) -> None:
        now = self.clock()
        await self.shop.checkout.webhook("sandbox", sign(SECRET, id, now // 1000, body), body, now)

    @rule(order=placed)
    def lapse(self, order: str) -> None:
        self.run(self.shop.overdue(order))
        self.sweep()

    @rule(order=placed)
    def let_the_pay_window_end(self, order: str) -> None:
        self.run(
            self.shop.pool.execute("UPDATE orders SET pay_by = moment(0) WHERE id = $1", order)
        )

    @rule()
    def sweep(self) -> None:
        self.run(self.shop.sweeper.sweep(self.clock()))

    @rule(order=placed)
    def cancel(self, order: str) -> None:
        self.run(self._cancel(order))

    async def _cancel(self, order: str) -> None:
        view = await self.shop.order(order)
        try:
            await self.shop.checkout.cancel(OrderId(order), AccountId(view.buyer))
        except WrongState:
            assert view.status != "awaiting_payment"

    @rule(
        order=placed,
        amount_minor=amounts,
        return_units=st.booleans(),
        key=st.sampled_from([None, "a"]),
    )
    def refund(
        self, order: str, amount_minor: int | None, return_units: bool, key: str | None
    ) -> None:
        self.run(self._refund(order, amount_minor, return_units, key))

    async def _refund(
        self, order: str, amount_minor: int | None, return_units: bool, key: str | None
    ) -> None:
        before = await self.shop.order(order)
        left = before.total_minor - before.refunded_minor
        repeated = key and await self.shop.pool.fetchval(
            "SELECT true FROM refunds WHERE order_id = $1 AND request_key = $2",
            order,
            f"{order} {key} {amount_minor}",
        )
        try:
            after = await self.shop.checkout.refund(
                OrderId(order),
                NOBODY,
                amount_minor=amount_minor,
                return_units=return_units,
                key=key and f"{order} {key} {amount_minor}",
                any_host=True,
            )
        except WrongState:
            assert before.status not in (("paid",) if return_units else ("paid", "refunded"))
        except RefundTooLarge:
            assert (amount_minor or 1) > left
        else:
            back = 0 if repeated else left if amount_minor is None else amount_minor
            assert after.refunded_minor == before.refunded_minor + back

    @rule(chance=chances, amount_minor=st.integers(1, 2 * PRICE))
    def refund_at_the_gateway(self, chance: int, amount_minor: int) -> None:
        """Somebody gives money back on the gateway's pages; the shop finds out the same day."""
        self.run(self._refund_at_the_gateway(chance, amount_minor))

    async def _refund_at_the_gateway(self, chance: int, amount_minor: int) -> None:
        # As much as the orders that were paid with it have left: beyond that it is for a person.
        captured = await self.shop.pool.fetch(
            "SELECT reference, sum(orders.total_minor - orders.refunded_minor) AS left_minor "
            "FROM payments JOIN orders ON orders.paid_with = payments.id "
            "WHERE payments.status = 'captured' AND orders.refunded_minor < orders.total_minor "
            "GROUP BY payments.id ORDER BY payments.id"
        )
        if not captured:
            return
        reference, left = captured[chance % len(captured)]
        await self.shop.pool.execute(
            "INSERT INTO sandbox_refunds (id, reference, amount_minor, created_at) "
            "VALUES ('re_' || gen_random_uuid(), $1, $2, moment($3))",
            reference,
            min(amount_minor, left),
            self.clock(),
        )
        found = await self._reconcile()
        assert ("refund_unknown", True) in [(each.code, each.mended) for each in found.drift]

    @rule(fault=faults)
    def refund_what_is_due(self, fault: str) -> None:
        self.run(Refunder(self.shop.pool, {"sandbox": Unsteady(self.shop, fault)}).refund_due())

    @rule()
    def withdraw_what_is_over(self) -> None:
        self.run(Withdrawer(self.shop.pool, {"sandbox": self.shop.sandbox}).withdraw_over())

    @rule()
    def reconcile(self) -> None:
        found = self.run(self._reconcile())
        assert [each for each in found.drift if not each.mended] == []

    async def _reconcile(self) -> Reconciled:
        reconciliation = Reconciliation(
            self.shop.pool, self.shop.checkout, {"sandbox": self.shop.sandbox}
        )
        until = self.clock() + GRACE_MS + 60_000
        return await reconciliation.reconcile(0, until, mend=True)

    @rule(seconds=st.integers(1, 3_600))
    def let_time_pass(self, seconds: int) -> None:
        self.clock.ahead_ms += seconds * 1000

    # -- What holds after every step ------------------------------------------------------------

    @invariant()
    def what_was_captured_is_kept_or_goes_back(self) -> None:
        self.run(self._money_fits())

    async def _money_fits(self) -> None:
        async with acquire(self.shop.pool) as connection:
            assert await payments.mismatched(connection) == []
            assert await payments.miscounted(connection) == []
            for total in await payments.totals(connection):
                assert total.captured_minor == total.kept_minor + total.refunded_minor
            # Nothing is in the books that the gateway does not have, and nothing too often there.
            assert (
                await connection.fetch(
                    "SELECT payments.id FROM payments "
                    "LEFT JOIN sandbox_charges ON sandbox_charges.payment_id = payments.id "
                    "WHERE payments.captured_at IS NOT NULL "
                    "AND sandbox_charges.captured_at IS NULL"
                )
                == []
            )
            assert (
                await connection.fetch(
                    "SELECT id FROM refunds WHERE status = 'done' "
                    "AND NOT EXISTS (SELECT FROM sandbox_refunds "
                    "WHERE id = coalesce(refunds.reference, refunds.id))"
                )
                == []
            )
            assert (
                await connection.fetch(
                    "SELECT reference FROM sandbox_charges JOIN sandbox_refunds USING (reference) "
                    "GROUP BY reference, sandbox_charges.amount_minor "
                    "HAVING sum(sandbox_refunds.amount_minor) > sandbox_charges.amount_minor"
                )
                == []
            )

    @invariant()
    def every_unit_is_somewhere(self) -> None:
        self.run(self._units_fit())

    async def _units_fit(self) -> None:
        async with acquire(self.shop.pool) as connection:
            assert await orders.miscounted(connection) == []
            told = await orders.untold(connection, 100) == []
        _, allocated, held, sold = await self.shop.ledger(self.offer)
        if told:
            assert await self.shop.units(self.offer) == (
                allocated,
                allocated - held - sold,
                held,
                sold,
            )

    def teardown(self) -> None:
        self.run(self._at_rest())

    async def _at_rest(self) -> None:
        """When all is delivered and done, gateway and books agree to the cent, buyer by buyer."""
        for event in await self.shop.pool.fetch("SELECT id, body FROM sandbox_events"):
            await self._deliver(event["id"], event["body"].encode())
        await self.shop.sweeper.sweep(self.clock())
        await self.shop.refunder.refund_due()
        assert (await self._reconcile()).drift == []
        left = await self.shop.pool.fetch(
            """
            SELECT
                orders.buyer_id,
                sum(
                    CASE WHEN status IN ('paid', 'refunded') THEN $1 - refunded_minor ELSE 0 END
                ) AS owed,
                max(coalesce(gateway.kept, 0)) AS kept
            FROM orders
            LEFT JOIN (
                SELECT
                    buyer_id, sum(sandbox_charges.amount_minor - coalesce(back.minor, 0)) AS kept
                FROM payments JOIN orders ON orders.id = order_id
                JOIN sandbox_charges ON payment_id = payments.id
                LEFT JOIN (
                    SELECT reference, sum(amount_minor) AS minor FROM sandbox_refunds GROUP BY 1
                ) AS back ON back.reference = sandbox_charges.reference
                WHERE sandbox_charges.captured_at IS NOT NULL
                GROUP BY buyer_id
            ) AS gateway USING (buyer_id)
            GROUP BY orders.buyer_id
            """,
            PRICE,
        )
        for buyer in left:
            assert buyer["kept"] == buyer["owed"], dict(buyer)


def run_machine(database_url: str, redis_url: str) -> set[str]:
    """Run it on one shop, and return the states of orders and payments that it got to."""
    clock = Clock()
    with asyncio.Runner() as runner:
        context = open_shop(database_url, redis_url, clock=clock)
        shop = runner.run(context.__aenter__())
        parts = {"runner": runner, "shop": shop, "clock": clock}
        run_state_machine_as_test(
            type("MoneyMachineHere", (MoneyMachine,), parts),
            settings=settings(
                max_examples=20,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
        seen = runner.run(
            shop.pool.fetch(
                "SELECT DISTINCT orders.status || '/' || payments.status || CASE "
                "WHEN payments.refunded_minor BETWEEN 1 AND amount_minor - 1 THEN '/part' "
                "ELSE '' END AS state "
                "FROM orders JOIN payments ON payments.order_id = orders.id"
            )
        )
        runner.run(context.__aexit__(None, None, None))
    return {row["state"] for row in seen}


async def test_no_cent_is_lost_or_made(database_url: str, redis_url: str) -> None:
    # In a thread: the machine runs a loop of its own, step by step.
    seen = await asyncio.to_thread(run_machine, database_url, redis_url)

    # It got about: a machine that only lets orders lapse would find nothing.
    assert "paid/captured" in seen
    assert any(state.endswith(("/part", "/refunded", "/refund_due")) for state in seen), seen
