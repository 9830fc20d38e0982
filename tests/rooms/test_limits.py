from hypothesis import given, strategies as st

from rooms.limits import TokenBucket


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
