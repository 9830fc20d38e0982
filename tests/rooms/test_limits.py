from hypothesis import given, strategies as st

from rooms.limits import Buckets, JoinGate, TokenBucket


@given(
    rate=st.floats(0.1, 100),
    burst=st.integers(1, 50),
    pauses=st.lists(st.floats(0, 5), min_size=1, max_size=200),
)
def test_no_stretch_of_time_gives_more_than_the_burst_and_the_rate(
    rate: float, burst: int, pauses: list[float]
) -> None:
    bucket, now, given_at = TokenBucket(rate, burst, 0.0), 0.0, []
    for pause in pauses:
        now += pause
        if bucket.take(now) == 0.0:
            given_at.append(now)

    for first, begin in enumerate(given_at):
        for last in range(first, len(given_at)):
            assert last - first + 1 <= burst + rate * (given_at[last] - begin) + 1e-6


def test_a_refusal_says_how_long_to_wait_and_takes_nothing() -> None:
    bucket = TokenBucket(rate=2.0, burst=1.0, now=0.0)

    assert bucket.take(0.0) == 0.0
    assert bucket.take(0.0) == 0.5
    assert bucket.take(0.25) == 0.25
    assert bucket.take(0.5) == 0.0


def test_more_than_the_burst_is_never_there_at_once() -> None:
    assert TokenBucket(rate=1.0, burst=3.0, now=0.0).take(1e9, 4.0) == float("inf")


def test_a_key_has_a_bucket_of_its_own_that_everyone_who_goes_by_it_shares() -> None:
    buckets = Buckets(rate=1.0, burst=2.0)

    assert [buckets.take("ann", 0.0), buckets.take("ann", 0.0)] == [0.0, 0.0]
    assert buckets.take("ann", 0.0) == 1.0
    assert buckets.take("bob", 0.0) == 0.0


def test_buckets_that_are_full_again_are_forgotten_and_the_others_are_not() -> None:
    buckets = Buckets(rate=1.0, burst=1.0)
    for number in range(Buckets.TIDY_AT):
        buckets.take(number, 0.0)
    buckets.take("late", 10.0)

    assert len(buckets) == 1
    assert buckets.take("late", 10.0) == 1.0


@given(
    rate=st.floats(1, 1_000),
    pauses=st.lists(st.floats(0, 0.01), min_size=1, max_size=300),
)
def test_a_gate_lets_in_no_more_than_its_rate(rate: float, pauses: list[float]) -> None:
    gate, now, admitted = JoinGate(rate, 0.0), 0.0, 0
    for pause in pauses:
        now += pause
        admitted += gate.knock(now) == 0.0

    assert admitted <= max(1.0, rate) + rate * now + 1e-6


def test_those_turned_away_are_told_to_come_back_one_after_another() -> None:
    gate = JoinGate(rate=100.0, now=0.0)
    answers = [gate.knock(0.0) for _ in range(400)]

    assert answers[:100] == [0.0] * 100
    waits = answers[100:]
    assert waits == sorted(waits)
    assert waits[0] >= JoinGate.SOONEST_S
    # Three hundred of them, at a hundred a second.
    assert round(waits[-1] - waits[0], 1) == 3.0


def test_who_comes_back_when_told_is_let_in() -> None:
    gate = JoinGate(rate=100.0, now=0.0)
    waits = sorted(wait for wait in (gate.knock(0.0) for _ in range(300)) if wait)

    assert [gate.knock(wait) for wait in waits] == [0.0] * 200
