from hypothesis import given, strategies as st

from rooms.brokers import Line
from rooms.sampling import BURST_S, Sampler

pauses = st.lists(st.tuples(st.floats(0, 0.3), st.booleans()), min_size=1, max_size=300)


@given(rate=st.floats(1, 50), said=pauses)
def test_every_line_is_shown_or_counted_and_the_rate_holds(
    rate: float, said: list[tuple[float, bool]]
) -> None:
    sampler, now, shown, told = Sampler(rate, 0.0), 0.0, 0, 0
    for pause, always in said:
        now += pause
        admitted = sampler.admits(Line("ann", b"{}", always=always), now)
        assert admitted or not always
        shown += admitted and not always
        told += sampler.told()

    assert shown + told == sum(not always for _, always in said)
    assert shown <= max(1.0, BURST_S * rate) + rate * now + 1e-6


def test_lines_that_are_never_left_out_take_nobodys_place() -> None:
    sampler = Sampler(1.0, 0.0)
    for _ in range(100):
        assert sampler.admits(Line("host", b"{}", always=True), 0.0)

    assert sampler.admits(Line("ann", b"{}"), 0.0)
