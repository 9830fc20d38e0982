"""The gate against a model of it: whatever happens, in whatever order, no unit is lost or made."""

import asyncio
from typing import Any, Literal

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
from msgspec import Struct

from commerce.ids import AccountId, HoldId
from commerce.messages import OfferEntry, OfferPolicy
from commerce.offers.admission import Admission
from commerce.offers.outcomes import (
    Attempt,
    Closed,
    Crowded,
    Held,
    InLine,
    KeyReused,
    LimitReached,
    LineFull,
    NoLine,
    NotAdmitted,
    Outcome,
    Place,
    SoldOut,
    Turn,
)
from commerce.offers.stock import Freed, Gate, Settled, Sold, hold_id
from commerce.offers.waitlist import Lined, Waitlist
from tests.commerce.shop import BEFORE, TERMS, open_bare_gate, terms

OFFER, ALLOCATED, LIMIT, MOST, RIVALS = TERMS.offer, 6, 3, 3, 2

FOR_EVER = 4 * BEFORE
"""In the year 2096."""

buyers = st.sampled_from([AccountId(f"acc_{n}") for n in range(4)])
attempts = st.builds(
    Attempt,
    offer=st.just(OFFER),
    buyer=buyers,
    id=st.sampled_from("abcdef"),
    quantity=st.integers(1, 4),
    admission=st.one_of(
        st.none(),
        st.builds(Admission, turn=st.integers(1, 3), until=st.sampled_from([BEFORE, FOR_EVER])),
    ),
)


class Waiter(Struct, frozen=True):
    buyer: AccountId
    wanted: int
    hold: HoldId


class GateMachine(RuleBasedStateMachine):
    """Attempts, replays, a line, payments, releases and a close; the real scripts and Redis."""

    url: str
    entry: OfferEntry
    policy: OfferPolicy

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.context = open_bare_gate(self.url)
        self.gate: Gate = self.run(self.context.__aenter__())
        self.run(self.gate.client.flushdb())
        self.run(self.gate.client.set(self.gate.keys.epoch, 1))
        offered = terms(allocated=ALLOCATED, limit=LIMIT, entry=self.entry, policy=self.policy)
        self.run(self.gate.load(offered))
        self.answers: dict[HoldId, tuple[int, Outcome]] = {}
        self.live: dict[HoldId, tuple[AccountId, int]] = {}
        self.sold: set[HoldId] = set()
        self.allocated = ALLOCATED
        self.version = 0
        self.closed = False
        self.entries = 0
        self.waitlist = Waitlist(self.gate)
        self.line: list[Waiter] = []
        # What each turn was asked for, and what it is for.
        self.turns: dict[HoldId, tuple[int, int]] = {}
        self.spent: dict[AccountId, int] = {}

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
        taken, left = self.taken(attempt.buyer), self.left()
        if (why := self.why_not(attempt)) is not None:
            assert outcome == NotAdmitted(why=why)
            return
        if taken + attempt.quantity > LIMIT:
            assert outcome == LimitReached(held=taken)
        elif attempt.quantity > left:
            assert outcome == SoldOut()
        elif self.races() and self.intended() + attempt.quantity > left * RIVALS:
            assert isinstance(outcome, Crowded)
            return
        else:
            assert isinstance(outcome, Held)
            assert outcome.first_paid == self.races()
            self.live[outcome.hold] = (attempt.buyer, attempt.quantity)
            self.entries += 1
            if self.entry == "queue" and attempt.admission is not None:
                self.spent[attempt.buyer] = attempt.admission.turn
        self.answers[hold_id(attempt)] = (attempt.quantity, outcome)

    def why_not(self, attempt: Attempt) -> Literal["not_admitted", "turn_used", "turn_over"] | None:
        """Say why an offer with a queue gives nothing; other offers do not ask."""
        if self.entry == "open":
            return None
        if attempt.admission is None:
            return "not_admitted"
        if attempt.admission.turn <= self.spent.get(attempt.buyer, 0):
            return "turn_used"
        return "turn_over" if attempt.admission.until == BEFORE else None

    def taken(self, by: AccountId) -> int:
        return sum(units for buyer, units in self.live.values() if buyer == by)

    def left(self) -> int:
        """What nobody has: of a first-paid offer, whatever is not paid for."""
        return self.allocated - sum(
            units for hold, (_, units) in self.live.items() if not self.races(hold)
        )

    def races(self, hold: HoldId | None = None) -> bool:
        """Whether the first to pay is served, or whether a hold is an intent to pay."""
        return self.policy == "first_paid" and hold not in self.sold

    def intended(self) -> int:
        return sum(units for hold, (_, units) in self.live.items() if self.races(hold))

    @rule(batch=st.lists(attempts, min_size=1, max_size=3))
    def wait(self, batch: list[Attempt]) -> None:
        lined = self.run(self.waitlist.join(OFFER, batch))
        assert isinstance(lined, Lined)
        for attempt, place in zip(batch, lined.places, strict=True):
            assert self.place(place) == self.expected_place(attempt)

    def place(self, place: Place) -> Place | tuple[HoldId, int]:
        return (place.held.hold, place.quantity) if isinstance(place, Turn) else place

    def expected_place(self, attempt: Attempt) -> Place | tuple[HoldId, int]:
        hold = hold_id(attempt, waited=True)
        if hold in self.turns:
            wanted, units = self.turns[hold]
            return (hold, units) if wanted == attempt.quantity else KeyReused()
        for number, waiter in enumerate(self.line, 1):
            if waiter.buyer == attempt.buyer:
                if waiter.hold == hold and waiter.wanted != attempt.quantity:
                    return KeyReused()
                return InLine(place=number, quantity=waiter.wanted)
        if self.closed:
            return Closed()
        if self.entry == "queue":
            return NotAdmitted(why="not_admitted")
        if self.policy == "first_paid":
            return NoLine()
        taken = self.taken(attempt.buyer)
        if taken + attempt.quantity > LIMIT:
            return LimitReached(held=taken)
        if self.left() == 0 and len(self.line) == MOST:
            return LineFull()
        self.line.append(Waiter(attempt.buyer, attempt.quantity, hold))
        if self.left() > 0:
            self.serve()
            return hold, self.turns[hold][1]
        self.entries += 1
        return InLine(place=len(self.line), quantity=attempt.quantity)

    def serve(self) -> None:
        """Units that came back go to the first in line, as many as there are and they may have."""
        while self.line and self.left() > 0:
            waiter = self.line.pop(0)
            units = min(waiter.wanted, LIMIT - self.taken(waiter.buyer), self.left())
            if units > 0:
                self.live[waiter.hold] = (waiter.buyer, units)
                self.turns[waiter.hold] = (waiter.wanted, units)
            self.entries += 1

    @rule(buyer=buyers)
    def leave(self, buyer: AccountId) -> None:
        waits = [waiter for waiter in self.line if waiter.buyer == buyer]
        assert self.run(self.waitlist.leave(OFFER, buyer)) == bool(waits)
        self.line = [waiter for waiter in self.line if waiter.buyer != buyer]
        self.entries += len(waits)

    @rule(which=st.integers(0, 9))
    def release_one(self, which: int) -> None:
        if self.live:
            self.give_back(sorted(self.live)[which % len(self.live)])

    @rule(hold=holds)
    def settle(self, hold: HoldId) -> None:
        settled = self.run(self.gate.settle(OFFER, [hold]))
        assert isinstance(settled, Settled)
        if hold not in self.live or hold in self.sold:
            assert (settled.units, settled.taken, settled.waiting) == (0, 0, [])
            return
        units, raced = self.live[hold][1], self.races(hold)
        if raced and not self.closed and units > self.left():
            # The ledger does not sell it before the gate hears of a refund.
            assert (settled.units, settled.waiting) == (0, [hold])
            return
        self.sold.add(hold)
        assert (settled.units, settled.taken, settled.waiting) == (units, units * raced, [])
        if raced and self.closed:
            self.allocated += units
        assert settled.left == (0 if self.closed else self.left())

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
        raced = self.races(hold)
        _buyer, units = self.live.pop(hold, ("", 0))
        units = 0 if raced else units
        assert freed.units == units
        self.sold.discard(hold)
        if self.closed:
            self.allocated -= units
        elif units:
            self.serve()
        assert freed.left == (0 if self.closed else self.left())

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
                self.allocated -= self.left()
                self.line = []

    @invariant()
    def no_unit_is_lost_or_made(self) -> None:
        levels = self.run(self.gate.levels([OFFER]))
        level = levels[OFFER]
        sold = sum(units for hold, (_, units) in self.live.items() if hold in self.sold)
        held = sum(units for _, units in self.live.values()) - sold - self.intended()
        assert (level.held, level.sold, level.intents) == (held, sold, self.intended())
        assert level.allocated == self.allocated == level.available + held + sold
        assert level.available >= 0
        assert level.version >= self.version
        self.version = level.version

    @invariant()
    def the_line_is_in_its_order_and_nothing_is_left_while_anyone_waits(self) -> None:
        keys, client = self.gate.keys, self.gate.client
        assert self.run(client.zrange(keys.line(OFFER), 0, -1)) == [w.buyer for w in self.line]
        assert self.run(client.hgetall(keys.waits(OFFER))) == {
            waiter.buyer: f"{waiter.wanted} {waiter.hold}" for waiter in self.line
        }
        if self.line:
            assert self.left() == 0

    @invariant()
    def the_limit_is_kept(self) -> None:
        counts = self.run(self.gate.client.hgetall(self.gate.keys.buyers(OFFER)))
        expected: dict[str, int] = {}
        for buyer, units in self.live.values():
            expected[buyer] = expected.get(buyer, 0) + units
        assert {buyer: int(units) for buyer, units in counts.items()} == expected
        assert all(units <= LIMIT for units in expected.values())

    @invariant()
    def each_turn_buys_once(self) -> None:
        spent = self.run(self.gate.client.hgetall(self.gate.keys.turns(OFFER)))
        assert spent == {buyer: str(turn) for buyer, turn in self.spent.items()}

    @invariant()
    def every_hold_has_its_entry(self) -> None:
        assert self.run(self.gate.client.xlen(self.gate.keys.orders)) == self.entries


@pytest.fixture(
    params=[("open", "hold"), ("queue", "hold"), ("open", "first_paid")],
    ids=["open", "queue", "first_paid"],
)
def machine(
    redis_url: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> type[GateMachine]:
    monkeypatch.setattr("commerce.offers.waitlist.MOST", MOST)
    monkeypatch.setattr("commerce.offers.policy.RIVALS", RIVALS)
    entry, policy = request.param
    here = {"url": redis_url, "entry": entry, "policy": policy}
    return type("GateMachineHere", (GateMachine,), here)


def test_the_gate_is_its_model(machine: type[GateMachine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=60 if (machine.entry, machine.policy) == ("open", "hold") else 30,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
