"""Whether a viewer has seen every control event once."""

from collections.abc import Sequence

import pytest

from loadtest.contiguity import Lane
from loadtest.hearing import Greeting, Heard


def events(*offsets: int) -> Heard:
    return Heard(
        b"[" + b",".join(b'{"offset":%d,"type":"x"}' % offset for offset in offsets) + b"]"
    )


def standing(offset: int) -> Lane:
    lane = Lane()
    lane.greet(Greeting("e1", offset, recovered=False))
    return lane


@pytest.mark.parametrize(
    ("frames", "holes", "duplicates", "offset"),
    [
        ([(6,), (7, 8)], 0, 0, 8),
        ([(6,), (8,)], 1, 0, 8),
        ([(6, 9)], 2, 0, 9),
        ([(6,), (6, 7)], 0, 1, 7),
        ([(4, 5, 6)], 0, 2, 6),
        ([(7,), (6,)], 1, 1, 7),
    ],
    ids=["in order", "a hole", "a hole in a frame", "again", "older ones again", "out of order"],
)
def test_holes_and_duplicates_are_counted(
    frames: Sequence[tuple[int, ...]], holes: int, duplicates: int, offset: int
) -> None:
    lane = standing(5)
    for offsets in frames:
        lane.hear(events(*offsets))

    assert (lane.holes, lane.duplicates, lane.offset) == (holes, duplicates, offset)
    assert lane.whole == (holes == duplicates == 0)


def test_who_comes_back_must_be_met_where_they_stood() -> None:
    lane = standing(5)
    lane.greet(Greeting("e1", 5, recovered=True))
    assert lane.whole

    lane.greet(Greeting("e1", 8, recovered=True))
    assert (lane.holes, lane.duplicates) == (3, 0)


def test_a_position_of_another_log_cannot_be_recovered() -> None:
    lane = standing(5)
    lane.greet(Greeting("e2", 5, recovered=True))

    assert lane.holes == 1


def test_a_snapshot_stands_for_what_lies_before_it() -> None:
    lane = standing(5)
    lane.greet(Greeting("e2", 0, recovered=False))
    lane.hear(events(1))

    assert lane.whole
    assert (lane.epochs, lane.offset) == (2, 1)
