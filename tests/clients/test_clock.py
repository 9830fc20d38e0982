from hypothesis import given, strategies as st

from liveshop_client.clock import SAMPLES, Clock

delays = st.floats(0, 2_000)


def test_before_the_first_sample_time_is_local_and_admits_it() -> None:
    clock = Clock()

    assert clock.now(1_000) == 1_000
    assert not clock.synchronised
    assert clock.uncertainty_ms == float("inf")


def test_the_sample_with_the_shortest_round_trip_is_believed() -> None:
    clock = Clock()

    clock.sample(sent_at=0, received_at=900, server_at=50_900)
    clock.sample(sent_at=1_000, received_at=1_010, server_at=51_505)
    clock.sample(sent_at=2_000, received_at=2_400, server_at=52_700)

    assert clock.offset_ms == 50_500
    assert clock.uncertainty_ms == 5
    assert clock.now(3_000) == 53_500


def test_a_pong_from_before_its_ping_teaches_nothing() -> None:
    clock = Clock()

    clock.sample(sent_at=10, received_at=9, server_at=1)

    assert not clock.synchronised


def test_an_old_sample_is_forgotten_in_the_end() -> None:
    clock = Clock()

    clock.sample(sent_at=0, received_at=0, server_at=5_000)
    for _ in range(SAMPLES):
        clock.sample(sent_at=0, received_at=20, server_at=7_010)

    assert clock.offset_ms == 7_000


@given(
    offset=st.floats(-(10**9), 10**9),
    trips=st.lists(st.tuples(delays, delays), min_size=1, max_size=20),
)
def test_the_estimate_is_never_further_off_than_it_says(
    offset: float, trips: list[tuple[float, float]]
) -> None:
    clock = Clock()
    local = 0.0

    for there, back in trips:
        clock.sample(
            sent_at=local, received_at=local + there + back, server_at=local + there + offset
        )
        local += there + back

    assert abs(clock.offset_ms - offset) <= clock.uncertainty_ms + 1e-3
