from hypothesis import given, strategies as st

from liveshop_client.recovery import Position, Verdict, advanced, judge


def test_only_the_next_event_may_be_applied() -> None:
    here = Position("e1", 7)

    assert [judge(here, offset) for offset in (6, 7, 8, 9)] == [
        Verdict.SKIP,
        Verdict.SKIP,
        Verdict.APPLY,
        Verdict.GAP,
    ]


def test_a_position_advances_within_its_epoch() -> None:
    assert advanced(Position("e1", 7), 8) == Position("e1", 8)


@given(start=st.integers(0, 100), arriving=st.lists(st.integers(0, 120)))
def test_whatever_arrives_what_is_applied_is_contiguous_and_once(
    start: int, arriving: list[int]
) -> None:
    position = Position("e1", start)
    applied = []

    for offset in arriving:
        if judge(position, offset) is Verdict.APPLY:
            position = advanced(position, offset)
            applied.append(offset)

    assert applied == list(range(start + 1, start + 1 + len(applied)))
    assert position.offset == start + len(applied)
