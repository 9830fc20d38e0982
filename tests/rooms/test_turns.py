"""Who gets the loop when, with a clock and a queue that the test moves on."""

from rooms.turns import SLICE_S
from tests.rooms.test_fanout import Loop


class Work:
    """So many writes, each of which takes a tenth of a slice."""

    def __init__(self, loop: Loop, writes: int) -> None:
        self.loop = loop
        self.left = writes
        self.slices = 0

    def __call__(self, until: float) -> bool:
        self.slices += 1
        while self.left and self.loop.now < until:
            self.left -= 1
            self.loop.now += SLICE_S / 10
        return self.left > 0


def test_a_long_pass_gives_the_loop_back_after_each_slice() -> None:
    loop = Loop()
    work = Work(loop, 95)
    loop.turns.ask(work)

    turns = 0
    while loop.calls:
        before = loop.now
        loop.step()
        turns += 1
        assert loop.now - before <= SLICE_S + SLICE_S / 10

    assert (work.left, turns) == (0, 10)


def test_rooms_share_one_slice_and_none_waits_for_the_whole_of_another() -> None:
    loop = Loop()
    long, short = Work(loop, 100), Work(loop, 5)
    loop.turns.ask(long)
    loop.turns.ask(short)

    loop.step()
    assert (long.slices, short.slices) == (1, 0)
    loop.step()

    assert short.left == 0
    assert long.left > 75


def test_several_short_passes_fit_into_one_turn() -> None:
    loop = Loop()
    works = [Work(loop, 2) for _ in range(3)]
    for work in works:
        loop.turns.ask(work)
    loop.step()

    assert [work.left for work in works] == [0, 0, 0]
    assert not loop.calls


def test_who_asks_while_it_works_gets_another_turn() -> None:
    loop = Loop()
    asked = []

    def again(until: float) -> bool:
        asked.append(until)
        if len(asked) < 3:
            loop.turns.ask(again)
        return False

    loop.turns.ask(again)
    loop.drain()

    assert len(asked) == 3
