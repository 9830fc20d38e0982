import pytest
from hypothesis import given, strategies as st

from liveshop_client.backoff import ceiling_s, wait_s

draws = st.floats(0, 1, exclude_max=True)


def test_the_ceiling_doubles_from_half_a_second_to_twenty() -> None:
    assert [ceiling_s(attempt) for attempt in range(8)] == [0.5, 1, 2, 4, 8, 16, 20, 20]


@given(attempt=st.integers(0, 10_000), draw=draws)
def test_a_wait_is_never_longer_than_its_ceiling(attempt: int, draw: float) -> None:
    assert 0 <= wait_s(attempt, draw) <= ceiling_s(attempt) <= 20


@given(draw=draws)
def test_the_same_draw_gives_the_same_wait(draw: float) -> None:
    assert wait_s(3, draw) == draw * 4


@pytest.mark.parametrize("hint_ms", [0, 250, 60_000])
def test_a_hint_of_the_server_wins(hint_ms: int) -> None:
    assert wait_s(5, 0.9, hint_ms) == hint_ms / 1000
