"""What is counted of passes, and that it is what happened."""

from rooms.passes import BOUNDS_S, Durations, Passes


def test_a_duration_falls_under_the_first_bound_that_it_does_not_exceed() -> None:
    durations = Durations()
    for seconds in (0.0, 0.001, 0.0011, 5.0, 6.0):
        durations.add(seconds)

    assert durations.counts == [2, 1, *[0] * (len(BOUNDS_S) - 3), 1, 1]
    assert durations.total_s == 11.0021


def test_a_pass_is_measured_from_its_first_message_and_from_its_beginning() -> None:
    passes = Passes()
    passes.begun(40, 3)
    passes.ended(10.0, 12.0, 12.5)
    passes.begun(41, 0)

    assert (passes.deliveries, passes.left_out) == (81, 3)
    assert (passes.reached.total_s, passes.took.total_s) == (2.5, 0.5)
    assert sum(passes.took.counts) == 1
