from collections import Counter
from random import Random

from hypothesis import given, strategies as st

from loadtest.temperament import CAST, LINES_A_SECOND, Payment, crowding, draw, pause_s


def test_the_shares_make_a_hundred() -> None:
    assert sum(kind.share for kind in CAST) == 100


def test_an_audience_has_everybody_in_it_by_their_share() -> None:
    chance = Random(1)

    drawn = Counter(draw(chance).name for _ in range(20_000))

    for kind in CAST:
        assert abs(drawn[kind.name] / 200 - kind.share) < 2


def test_every_way_to_pay_is_tried_by_somebody() -> None:
    assert {kind.payment for kind in CAST} == set(Payment)


@given(viewers=st.integers(1, 100_000))
def test_a_crowd_never_talks_faster_than_people_can_read(viewers: int) -> None:
    lines_a_second = sum(
        viewers * kind.share / 100 / (kind.chat_s * crowding(viewers)) for kind in CAST
    )

    assert lines_a_second <= LINES_A_SECOND * 1.001


def test_sixty_people_talk_as_much_as_they_like() -> None:
    assert crowding(60) == 1


@given(mean=st.floats(0.1, 1_000), seed=st.integers(0, 10**6))
def test_a_pause_is_never_negative_nor_endless(mean: float, seed: int) -> None:
    assert 0 <= pause_s(mean, Random(seed)) <= 4 * mean
