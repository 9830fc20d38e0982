from hypothesis import given, strategies as st

from rooms.history import History, Position


@given(size=st.integers(1, 8), before=st.integers(0, 20), missed=st.integers(0, 20))
def test_a_returning_viewer_gets_every_missed_event_or_none(
    size: int, before: int, missed: int
) -> None:
    history = History(Position("e1", 0), limit=size)
    for number in range(before + missed):
        history.append(b"%d" % number)

    events = history.since(Position("e1", before))

    if missed > size:
        assert events is None
    else:
        assert events == [b"%d" % number for number in range(before, before + missed)]


def test_a_position_of_another_epoch_or_of_the_future_needs_a_snapshot() -> None:
    history = History(Position("e1", 2), [b"1", b"2"])

    assert history.since(Position("e0", 1)) is None
    assert history.since(Position("e1", 3)) is None
    assert history.since(Position("e1", 2)) == []


def test_a_history_begins_with_what_was_kept_elsewhere() -> None:
    history = History(Position("e1", 7), [b"6", b"7"], limit=3)

    history.append(b"8")

    assert history.position == Position("e1", 8)
    assert history.past() == [b"6", b"7", b"8"]
    assert history.since(Position("e1", 4)) is None
