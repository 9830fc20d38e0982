import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rooms.wheel import SPOKES, Wheel

things = st.integers(0, 9)


class Turning(RuleBasedStateMachine):
    """The wheel beside a list of moments."""

    def __init__(self) -> None:
        super().__init__()
        self.wheel: Wheel[int] = Wheel()
        self.due: dict[int, int] = {}
        self.now = 0

    @rule(thing=things, in_s=st.integers(1, SPOKES - 1))
    def put(self, thing: int, in_s: int) -> None:
        self.wheel.put(thing, in_s)
        self.due[thing] = self.now + in_s

    @rule(thing=things)
    def take_out(self, thing: int) -> None:
        self.wheel.take_out(thing)
        self.due.pop(thing, None)

    @rule(seconds=st.integers(1, 2 * SPOKES))
    def turn(self, seconds: int) -> None:
        for _ in range(seconds):
            self.now += 1
            expected = {thing for thing, at in self.due.items() if at == self.now}
            assert set(self.wheel.turn()) == expected
            for thing in expected:
                del self.due[thing]

    @invariant()
    def it_holds_what_is_not_due_yet(self) -> None:
        assert len(self.wheel) == len(self.due)
        assert set(self.wheel.things()) == set(self.due)
        assert all(thing in self.wheel for thing in self.due)


TestTurning = Turning.TestCase


@pytest.mark.parametrize("in_s", [0, -1, SPOKES])
def test_what_is_not_within_a_turn_is_refused(in_s: int) -> None:
    wheel: Wheel[str] = Wheel()

    with pytest.raises(ValueError, match="within one turn"):
        wheel.put("ann", in_s)

    assert len(wheel) == 0
