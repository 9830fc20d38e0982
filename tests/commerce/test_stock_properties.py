"""
Stock against its invariant: every counter is the sum of its movements, whatever happened.

The ledger is the real one. Imports, corrections, offers and bundles of the same variants, orders
and their ends come in any order; after each, the counters are rebuilt from the movements alone.
"""

import asyncio
from typing import Any

import asyncpg
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from commerce.catalogue import NewProduct, NewVariant
from commerce.errors import NotEnoughStock, RefundTooLarge, WrongState
from commerce.ids import AccountId, HoldId, OfferId, OrderId, ShowId, VariantId, new_id
from commerce.movements import Adjustment
from commerce.store import accounts, movements, offers, orders, placing, products
from commerce.store.offers import NewItem, NewOffer
from commerce.store.placing import Reservation
from commerce.store.pool import Connection
from tests.commerce.stage import NOW, add_live_show

SKUS = ("A", "B", "C")
MEI = AccountId("acc_mei")

chances = st.integers(0, 10_000)


class StockMachine(RuleBasedStateMachine):
    """Three variants and whatever is sold of them; one database for all examples."""

    runner: asyncio.Runner
    connection: Connection
    show: ShowId
    buyer: AccountId

    def __init__(self) -> None:
        super().__init__()
        self.number = new_id("n")
        self.offers: list[OfferId] = []
        self.orders: list[OrderId] = []
        self.run(self._import([30, 30, 30]))
        self.variants: list[VariantId] = [
            VariantId(variant.id)
            for variant in self.run(products.search(self.connection, text=self.number))[0][
                0
            ].variants
        ]

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def pick(self, things: list[Any], chance: int) -> Any:
        """One of the latest: of what is long over, little can be made."""
        latest = things[-3:]
        return latest[chance % len(latest)]

    @precondition(lambda self: self.offers and not self.orders)
    @rule(units=st.lists(st.integers(0, 40), min_size=3, max_size=3))
    def bring_a_file(self, units: list[int]) -> None:
        self.run(self._import(units))

    async def _import(self, units: list[int]) -> None:
        variants = [
            NewVariant(
                sku=f"{sku}-{self.number}",
                price_minor=1990,
                currency="USD",
                options=[sku],
                available=count,
            )
            for sku, count in zip(SKUS, units, strict=True)
        ]
        new = NewProduct(
            title=f"Mug {self.number}", handle=self.number, options=["Size"], variants=variants
        )
        await products.import_products(self.connection, [new])

    @precondition(lambda self: self.offers and not self.orders)
    @rule(chance=chances, change=st.integers(-20, 20).filter(bool))
    def correct(self, chance: int, change: int) -> None:
        variant = self.pick(self.variants, chance)
        adjustment = Adjustment(change=change, why="counted")
        try:
            self.run(movements.adjust(self.connection, variant, adjustment, by=MEI))
        except NotEnoughStock:
            assert change < 0

    @rule(counts=st.lists(st.integers(0, 3), min_size=3, max_size=3), quantity=st.integers(1, 8))
    def offer(self, counts: list[int], quantity: int) -> None:
        """One variant, several of one, or a bundle."""
        counts = counts if any(counts) else [1, 0, 0]
        items = [
            NewItem(variant, count)
            for variant, count in zip(self.variants, counts, strict=True)
            if count
        ]
        new = NewOffer(items=items, quantity=quantity)
        offer = OfferId(self.run(offers.create(self.connection, self.show, new)).id)
        try:
            self.run(offers.open_(self.connection, offer, now=NOW))
        except NotEnoughStock:
            assert self.run(offers.get(self.connection, offer)).state == "draft"
        else:
            self.offers.append(offer)

    @precondition(lambda self: self.offers)
    @rule(chance=chances, quantities=st.lists(st.integers(1, 4), min_size=1, max_size=3))
    def place(self, chance: int, quantities: list[int]) -> None:
        offer = self.pick(self.offers, chance)
        reservations = [
            Reservation(
                show=self.show,
                offer=offer,
                hold=HoldId(new_id("hld")),
                buyer=self.buyer,
                quantity=quantity,
                at=NOW,
                expires_at=NOW + 60_000,
            )
            for quantity in quantities
        ]
        batch = self.run(placing.place(self.connection, reservations))
        self.orders += [OrderId(order.id) for order in batch.placed]

    @precondition(lambda self: self.orders)
    @rule(chance=chances)
    def pay(self, chance: int) -> None:
        self.run(orders.pay(self.connection, self.pick(self.orders, chance)))

    @precondition(lambda self: self.orders)
    @rule(chance=chances, how=st.sampled_from(["cancel", "return", "money"]))
    def end(self, chance: int, how: str) -> None:
        order = self.pick(self.orders, chance)
        try:
            if how == "cancel":
                self.run(orders.cancel(self.connection, order))
            else:
                self.run(orders.refund(self.connection, order, return_units=how == "return"))
        except (WrongState, RefundTooLarge):
            pass  # ended before, or its money went back before

    @precondition(lambda self: self.orders)
    @rule(limit=st.integers(1, 2))
    def lapse(self, limit: int) -> None:
        self.run(orders.lapse_due(self.connection, NOW + 60_000, limit))

    @precondition(lambda self: self.offers)
    @rule(chance=chances, finish=st.sampled_from([True, True, False]))
    def close(self, chance: int, finish: bool) -> None:
        offer = self.pick(self.offers, chance)
        self.run(offers.start_closing(self.connection, offer))
        if finish:
            self.run(offers.finish_closing(self.connection, offer))

    @invariant()
    def the_movements_are_the_counters(self) -> None:
        assert self.run(movements.miscounted(self.connection)) == ([], [])

    @invariant()
    def a_closed_offer_keeps_nothing_unsold(self) -> None:
        kept = "SELECT id FROM offers WHERE state = 'closed' AND allocated <> taken"
        assert self.run(self.connection.fetch(kept)) == []

    @invariant()
    def the_orders_are_what_was_taken(self) -> None:
        assert self.run(orders.miscounted(self.connection)) == []


def run_machine(database_url: str) -> set[str]:
    """Run it in one database, and return every reason for which units moved."""
    with asyncio.Runner() as runner:
        connection = runner.run(asyncpg.connect(database_url))
        parts = {
            "runner": runner,
            "connection": connection,
            "show": runner.run(add_live_show(connection)),
            "buyer": runner.run(accounts.create_guest(connection, "Bo")).id,
        }
        run_state_machine_as_test(
            type("StockMachineHere", (StockMachine,), parts),
            settings=settings(
                max_examples=15,
                stateful_step_count=40,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow],
            ),
        )
        rows = runner.run(connection.fetch("SELECT DISTINCT why::text FROM stock_movements"))
        runner.run(connection.close())
    return {row["why"] for row in rows}


async def test_counters_rebuilt_from_the_movements_are_the_live_ones(database_url: str) -> None:
    # In a thread: the machine runs a loop of its own, step by step.
    seen = await asyncio.to_thread(run_machine, database_url)

    # It got about: a machine that only imports would find nothing.
    assert seen >= {"imported", "opened", "closed", "placed", "paid"}
    assert seen & {"lapsed", "cancelled", "refunded"}
