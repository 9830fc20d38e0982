"""The sold-out latch: refusals without a round trip, and never one that should not be."""

import asyncio
from collections.abc import Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from msgspec import Struct, structs

from commerce.ids import AccountId, HoldId, OfferId, ShowId
from commerce.offers.batcher import Batcher, open_batcher
from commerce.offers.latch import KNOWN, LATCH_S, Latches
from commerce.offers.outcomes import Attempt, Closed, Held, Outcome, SoldOut, Unavailable
from commerce.offers.stock import Freed, Gate, Sold, hold_id
from tests.commerce.shop import TERMS, open_bare_gate, terms

OFFER = TERMS.offer


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def attempt(number: int, *, fresh: bool = True) -> Attempt:
    return Attempt(OFFER, AccountId(f"acc_{number}"), "1", 1, fresh)


def ignore(show: ShowId, offer: OfferId, left: int, version: int) -> None:
    pass


async def calls(gate: Gate) -> int:
    stats = await gate.client.info("commandstats")
    return int(stats.get("cmdstat_evalsha", {"calls": 0})["calls"])


# -- One worker ---------------------------------------------------------------------------------


async def test_what_is_sold_out_costs_no_call(redis_url: str) -> None:
    async with (
        open_bare_gate(redis_url) as gate,
        open_batcher(gate, ignore, clock=Clock()) as batcher,
    ):
        await gate.load(terms(allocated=1))
        assert isinstance(await batcher.reserve(attempt(1)), Held)
        before = await calls(gate)
        outcomes = await asyncio.gather(*(batcher.reserve(attempt(n)) for n in range(2, 1_000)))

        assert set(outcomes) == {SoldOut()}
        assert await calls(gate) == before
        # Nothing was stored for them: later the gate decides, for the first time.
        assert await gate.client.hlen(gate.keys.answers(OFFER)) == 1


async def test_what_waits_behind_the_last_unit_is_answered_with_it(redis_url: str) -> None:
    async with (
        open_bare_gate(redis_url) as gate,
        open_batcher(gate, ignore, clock=Clock()) as batcher,
    ):
        await gate.load(terms(allocated=1))
        before = await calls(gate)
        outcomes = await asyncio.gather(*(batcher.reserve(attempt(n)) for n in range(2_000)))

        assert outcomes.count(SoldOut()) == 1_999
        assert await calls(gate) - before <= 2  # one a flight


async def test_the_buyer_who_got_the_last_unit_hears_so_again(redis_url: str) -> None:
    async with (
        open_bare_gate(redis_url) as gate,
        open_batcher(gate, ignore, clock=Clock()) as batcher,
    ):
        await gate.load(terms(allocated=1))
        first = await batcher.reserve(attempt(1))
        assert await batcher.reserve(attempt(2)) == SoldOut()

        assert await batcher.reserve(attempt(1, fresh=False)) == first


async def test_lost_news_costs_one_second(redis_url: str) -> None:
    clock = Clock()
    async with (
        open_bare_gate(redis_url) as gate,
        open_batcher(gate, ignore, clock=clock) as batcher,
    ):
        await gate.load(terms(allocated=1))
        held = await batcher.reserve(attempt(1))
        assert isinstance(held, Held)
        await gate.release(OFFER, [held.hold])

        clock.now += LATCH_S - 0.001
        assert await batcher.reserve(attempt(2)) == SoldOut()
        clock.now += 0.001
        assert isinstance(await batcher.reserve(attempt(3)), Held)


async def test_news_of_units_opens_the_latch_at_once(redis_url: str) -> None:
    async with (
        open_bare_gate(redis_url) as gate,
        open_batcher(gate, ignore, clock=Clock()) as batcher,
    ):
        await gate.load(terms(allocated=1))
        held = await batcher.reserve(attempt(1))
        assert isinstance(held, Held)
        freed = await gate.release(OFFER, [held.hold])
        assert isinstance(freed, Freed)

        batcher.hear(OFFER, held.left, held.version)  # what was told before comes late
        assert await batcher.reserve(attempt(2)) == SoldOut()
        batcher.hear(OFFER, freed.left, freed.version)
        assert isinstance(await batcher.reserve(attempt(3)), Held)


async def test_an_offer_that_is_over_is_not_sold_out(redis_url: str) -> None:
    async with (
        open_bare_gate(redis_url) as gate,
        open_batcher(gate, ignore, clock=Clock()) as batcher,
    ):
        await gate.load(TERMS)
        await gate.close(OFFER)

        assert [await batcher.reserve(attempt(n)) for n in range(2)] == [Closed()] * 2


async def test_another_epoch_forgets_what_was_sold_out(redis_url: str) -> None:
    async with (
        open_bare_gate(redis_url) as gate,
        open_batcher(gate, ignore, clock=Clock()) as batcher,
    ):
        await gate.load(terms(allocated=1))
        await batcher.reserve(attempt(1))
        assert await batcher.reserve(attempt(2)) == SoldOut()

        assert gate.fence.standing is not None
        await gate.client.set(gate.keys.epoch, 2)
        gate.fence.open(structs.replace(gate.fence.standing, epoch=2))
        assert await batcher.reserve(attempt(3)) == Closed()  # it was not brought over


async def test_an_answer_that_news_overtook_latches_nothing(redis_url: str) -> None:
    async with open_bare_gate(redis_url) as gate:
        await gate.load(terms(allocated=1))
        decided, go_on = asyncio.Event(), asyncio.Event()

        class Slow(Gate):
            """A gate whose answer is on its way for as long as the test wants."""

            async def reserve(
                self, offer: OfferId, attempts: Sequence[Attempt]
            ) -> Sold | Unavailable:
                sold = await super().reserve(offer, attempts)
                decided.set()
                await go_on.wait()
                return sold

        async with open_batcher(Slow(gate.client, gate.fence), ignore, clock=Clock()) as batcher:
            first = asyncio.create_task(batcher.reserve(attempt(1)))
            await decided.wait()
            (hold,) = await gate.holds(OFFER)
            freed = await gate.release(OFFER, [hold])
            assert isinstance(freed, Freed)
            batcher.hear(OFFER, freed.left, freed.version)
            go_on.set()

            assert isinstance(await first, Held)
            assert isinstance(await batcher.reserve(attempt(2)), Held)


def test_only_so_many_offers_are_remembered() -> None:
    latches = Latches()
    for number in range(KNOWN + 1):
        latches.hear(OfferId(str(number)), 0, 10**9, 0.0)

    assert not latches.sold_out(OfferId("0"), 1, 0.0)
    assert latches.sold_out(OfferId("1"), 1, 0.0)


@given(st.lists(st.integers(0, 3), max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_news_does_not_matter(lefts: list[int], chance: object) -> None:
    told = list(enumerate(lefts, 10**9))
    shuffled = [*told, *told]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    latches = Latches()
    for version, left in shuffled:
        latches.hear(OFFER, left, version, 0.0)

    assert latches.sold_out(OFFER, 1, 0.5) == (bool(lefts) and lefts[-1] == 0)


# -- Several workers, whose news is late, lost or out of order ------------------------------------


class Try(Struct, frozen=True):
    worker: int
    lost: bool


class Again(Struct, frozen=True):
    worker: int
    which: int


class Return(Struct, frozen=True):
    which: int


class Hear(Struct, frozen=True):
    worker: int
    which: int


class Pass(Struct, frozen=True):
    seconds: float


Step = Try | Again | Return | Hear | Pass
workers = st.integers(0, 1)
which = st.integers(0, 7)
steps = st.lists(
    st.one_of(
        st.builds(Try, workers, st.booleans()),
        st.builds(Again, workers, which),
        st.builds(Return, which),
        st.builds(Hear, workers, which),
        st.builds(Pass, st.sampled_from([0.3, 0.9, 1.1])),
    ),
    min_size=4,
    max_size=30,
)


class Evening:
    """Two workers before one gate, and what must be true of their answers."""

    def __init__(self, gate: Gate, clock: Clock, batchers: list[Batcher]) -> None:
        self.gate = gate
        self.clock = clock
        self.batchers = batchers
        self.numbers = count()
        self.sent: list[Attempt] = []
        self.told: list[tuple[int, int]] = []
        self.newest: list[int] = [0, 0]
        self.back_at: float | None = clock.now

    async def left(self) -> tuple[int, int]:
        levels = await self.gate.levels([OFFER])
        assert isinstance(levels, dict)
        level = levels[OFFER]
        assert level.adds_up
        return level.available, level.version

    async def take(self, step: Step) -> None:
        match step:
            case Try(worker, lost):
                await self.try_for_one(worker, lost=lost)
            case Again(worker, which) if self.sent:
                await self.ask_again(worker, self.sent[which % len(self.sent)])
            case Return(which) if holds := sorted(await self.gate.holds(OFFER)):
                freed = await self.gate.release(OFFER, [holds[which % len(holds)]])
                assert isinstance(freed, Freed)
                self.told.append((freed.left, freed.version))
                if freed.left == 1:
                    self.back_at = self.clock.now
            case Hear(worker, which) if self.told:
                left, version = self.told[which % len(self.told)]
                self.batchers[worker].hear(OFFER, left, version)
                self.newest[worker] = max(self.newest[worker], version)
            case Pass(seconds):
                self.clock.now += seconds
            case _:
                pass

    async def try_for_one(self, worker: int, *, lost: bool) -> None:
        left, version = await self.left()
        trying = attempt(next(self.numbers))
        outcome = await self.batchers[worker].reserve(trying)
        if left == 0:
            assert outcome == SoldOut()
        elif outcome == SoldOut():
            # Units came back, and this worker has neither heard of it nor had the time to ask.
            assert self.newest[worker] < version
            assert self.back_at is not None
            assert self.clock.now < self.back_at + LATCH_S
        else:
            assert isinstance(outcome, Held)
        # A buyer whose answer is lost on the way sends the same again, from anywhere.
        if lost or isinstance(outcome, Held):
            self.sent.append(trying)

    async def ask_again(self, worker: int, before: Attempt) -> None:
        again = Attempt(before.offer, before.buyer, before.id, before.quantity)
        stored = await self.stored(again)
        outcome = await self.batchers[worker].reserve(again)
        if stored is not None:
            assert outcome == stored or (
                isinstance(outcome, Held)
                and isinstance(stored, Held)
                and outcome.expires_at == stored.expires_at
            )

    async def stored(self, again: Attempt) -> Outcome | None:
        hold: HoldId = hold_id(again)
        answer = await self.gate.client.hget(self.gate.keys.answers(OFFER), hold)
        match str(answer or "").split(" "):
            case [_, "held", expires_at]:
                return Held(hold=hold, expires_at=int(expires_at), left=0, version=0)
            case [_, "sold_out"]:
                return SoldOut()
            case _:
                return None


@pytest.mark.parametrize("allocated", [1, 2])
def test_no_holder_is_ever_told_sold_out_and_no_one_else_for_longer_than_a_second(
    redis_url: str, allocated: int
) -> None:
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(steps)
    def evening(steps: list[Step]) -> None:
        async def run() -> None:
            clock = Clock()
            async with open_bare_gate(redis_url) as gate:
                await gate.client.flushdb()
                await gate.client.set(gate.keys.epoch, 1)
                await gate.load(terms(allocated=allocated))
                async with (
                    open_batcher(gate, ignore, clock=clock) as one,
                    open_batcher(gate, ignore, clock=clock) as other,
                ):
                    live = Evening(gate, clock, [one, other])
                    for step in steps:
                        await live.take(step)

        asyncio.run(run())

    evening()
