"""The gate against a model of it: whatever happens, in whatever order, no unit is lost or made."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, settings, strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from commerce.ids import AccountId, HoldId
from commerce.offers.outcomes import Attempt, Closed, Held, LimitReached, Outcome, SoldOut
from commerce.offers.stock import Freed, Gate, Sold, hold_id
from tests.commerce.shop import TERMS, open_bare_gate, terms

OFFER, ALLOCATED, LIMIT = TERMS.offer, 6, 3

buyers = st.sampled_from([AccountId(f"acc_{n}") for n in range(4)])
attempts = st.builds(
    Attempt,
    offer=st.just(OFFER),
    buyer=buyers,
    id=st.sampled_from("abcdef"),
    quantity=st.integers(1, 4),
)


class GateMachine(RuleBasedStateMachine):
    """Attempts, replays, payments, releases and a close; the real scripts on a real Redis."""

    url: str

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.context = open_bare_gate(self.url)
        self.gate: Gate = self.run(self.context.__aenter__())
        self.run(self.gate.client.flushdb())
        self.run(self.gate.client.set(self.gate.keys.epoch, 1))
        self.run(self.gate.load(terms(allocated=ALLOCATED, limit=LIMIT)))
        self.answers: dict[HoldId, tuple[int, Outcome]] = {}
        self.live: dict[HoldId, tuple[AccountId, int]] = {}
        self.sold: set[HoldId] = set()
        self.allocated = ALLOCATED
        self.version = 0
        self.closed = False
        self.entries = 0

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.run(self.context.__aexit__(None, None, None))
        self.runner.close()

    holds = Bundle("holds")

    @rule(target=holds, batch=st.lists(attempts, min_size=1, max_size=5))
    def reserve(self, batch: list[Attempt]) -> Any:
        sold = self.run(self.gate.reserve(OFFER, batch))
        assert isinstance(sold, Sold)
        fresh = []
        for attempt, outcome in zip(batch, sold.outcomes, strict=True):
            hold = hold_id(attempt)
            if hold in self.answers:
                self.same_answer(attempt, outcome)
            elif self.closed:
                assert outcome == Closed()
            else:
                self.first_answer(attempt, outcome)
                if isinstance(outcome, Held):
                    fresh.append(hold)
        return multiple(*fresh)

    def same_answer(self, attempt: Attempt, outcome: Outcome) -> None:
        quantity, first = self.answers[hold_id(attempt)]
        if quantity != attempt.quantity:
            assert type(outcome).__name__ == "KeyReused"
        elif isinstance(first, Held):
            assert isinstance(outcome, Held)
            assert (outcome.hold, outcome.expires_at) == (first.hold, first.expires_at)
        else:
            assert outcome == first

    def first_answer(self, attempt: Attempt, outcome: Outcome) -> None:
        taken = sum(units for buyer, units in self.live.values() if buyer == attempt.buyer)
        left = self.allocated - sum(units for _, units in self.live.values())
        if taken + attempt.quantity > LIMIT:
            assert outcome == LimitReached(held=taken)
        elif attempt.quantity > left:
            assert outcome == SoldOut()
        else:
            assert isinstance(outcome, Held)
            self.live[outcome.hold] = (attempt.buyer, attempt.quantity)
            self.entries += 1
        self.answers[hold_id(attempt)] = (attempt.quantity, outcome)

    @rule(hold=holds)
    def settle(self, hold: HoldId) -> None:
        units = self.run(self.gate.settle(OFFER, [hold]))
        if hold in self.live and hold not in self.sold:
            assert units == self.live[hold][1]
            self.sold.add(hold)
        else:
            assert units == 0

    @rule(hold=holds)
    def release(self, hold: HoldId) -> None:
        self.give_back(hold)

    @rule(hold=consumes(holds))
    def release_for_the_last_time(self, hold: HoldId) -> None:
        self.give_back(hold)
        self.give_back(hold)

    def give_back(self, hold: HoldId) -> None:
        freed = self.run(self.gate.release(OFFER, [hold]))
        assert isinstance(freed, Freed)
        _buyer, units = self.live.pop(hold, ("", 0))
        assert freed.units == units
        self.sold.discard(hold)
        if self.closed:
            self.allocated -= units

    @rule()
    def load_again(self) -> None:
        assert self.run(self.gate.load(terms(allocated=99))) == "already"

    # A closed offer is dull, so it comes late, if at all.
    @rule(chance=st.integers(0, 9))
    def close(self, chance: int) -> None:
        if chance == 0:
            assert self.run(self.gate.close(OFFER)) == ("already" if self.closed else "ok")
            if not self.closed:
                self.closed = True
                self.entries += 1
                self.allocated = sum(units for _, units in self.live.values())

    @invariant()
    def no_unit_is_lost_or_made(self) -> None:
        levels = self.run(self.gate.levels([OFFER]))
        level = levels[OFFER]
        sold = sum(units for hold, (_, units) in self.live.items() if hold in self.sold)
        held = sum(units for hold, (_, units) in self.live.items() if hold not in self.sold)
        assert (level.held, level.sold) == (held, sold)
        assert level.allocated == self.allocated == level.available + held + sold
        assert level.available >= 0
        assert level.version >= self.version
        self.version = level.version

    @invariant()
    def the_limit_is_kept(self) -> None:
        counts = self.run(self.gate.client.hgetall(self.gate.keys.buyers(OFFER)))
        expected: dict[str, int] = {}
        for buyer, units in self.live.values():
            expected[buyer] = expected.get(buyer, 0) + units
        assert {buyer: int(units) for buyer, units in counts.items()} == expected
        assert all(units <= LIMIT for units in expected.values())

    @invariant()
    def every_hold_has_its_entry(self) -> None:
        assert self.run(self.gate.client.xlen(self.gate.keys.orders)) == self.entries


@pytest.fixture
def machine(redis_url: str) -> type[GateMachine]:
    return type("GateMachineHere", (GateMachine,), {"url": redis_url})


def test_the_gate_is_its_model(machine: type[GateMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
