"""How long messages took."""

from collections import Counter

from loadtest.hearing import Heard
from loadtest.latency import Latency, latency, nearest, percentile

MS = 1_000_000


def heard(stamps_ms: list[int], times_ms: list[float]) -> Heard:
    lines = b",".join(b'{"type":"chat","text":"~%d x"}' % (stamp * MS) for stamp in stamps_ms)
    found = Heard(b"[" + lines + b"]")
    found.times.extend(round(time * MS) for time in times_ms)
    return found


def test_every_reception_counts_and_the_last_receiver_as_well() -> None:
    frames = [heard([10], [11.0, 12.0, 13.05, 20.0]), heard([20, 24], [30.0, 30.0])]

    # Tenths are closed at their upper edge: what took 1.0 ms is within 1.1 ms.
    assert latency(frames) == Latency(
        receptions=8, p50_ms=6.1, p99_ms=10.1, max_ms=10.1, last_p50_ms=10.1, last_p99_ms=10.1
    )


def test_a_message_that_came_in_two_frames_has_one_last_receiver() -> None:
    assert latency([heard([10], [11.0]), heard([10], [19.0])]).last_p50_ms == 9.1


def test_of_nothing_there_is_nothing_to_say() -> None:
    assert latency([heard([10], [])]) == Latency(0, 0.0, 0.0, 0.0, 0.0, 0.0)
    assert nearest([], 0.99) == 0.0


def test_a_percentile_is_never_lower_than_what_was_measured() -> None:
    tenths = Counter({9: 99, 500: 1})

    assert percentile(tenths, 0.99) == 1.0
    assert percentile(tenths, 1.0) == 50.1
    assert nearest(list(range(1, 101)), 0.99) == 99
