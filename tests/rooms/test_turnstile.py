from rooms.messages import Arrivals
from rooms.turnstile import TOLD_EVERY_S, Came, Entered, Turnstile


def test_who_came_before_a_room_was_opened_here_is_not_told() -> None:
    turnstile = Turnstile()

    assert turnstile.news(Came(500, 500, "Mia"), 0.0) is None
    assert turnstile.news(Came(500, 500, "Mia"), 60.0) is None


def test_those_who_come_in_are_told_together_every_few_seconds() -> None:
    turnstile = Turnstile()
    turnstile.news(Came(), 0.0)

    assert turnstile.news(Came(1, 1, "Ann"), 1.0) == Arrivals(count=1, newest="Ann")
    assert turnstile.news(Came(10, 9, "Ben"), 2.0) is None
    assert turnstile.news(Came(25, 20, "Mia"), 1.0 + TOLD_EVERY_S) == Arrivals(
        count=24, newest="Mia"
    )


def test_a_name_is_told_once_and_those_without_one_are_a_number() -> None:
    turnstile = Turnstile()
    turnstile.news(Came(), 0.0)
    turnstile.news(Came(3, 3, "Mia"), 1.0)

    assert turnstile.news(Came(9, 3, "Mia"), 9.0) == Arrivals(count=6)


def test_a_count_that_was_lost_begins_anew() -> None:
    turnstile = Turnstile()
    turnstile.news(Came(500, 500, "Mia"), 0.0)

    assert turnstile.news(Came(2, 2, "Ann"), 9.0) is None
    assert turnstile.news(Came(3, 3, "Ben"), 10.0) == Arrivals(count=1, newest="Ben")


def test_who_comes_in_while_a_count_is_on_its_way_is_in_the_next() -> None:
    turnstile = Turnstile()
    for name in ("Ann", None):
        turnstile.enter(name)
    said = turnstile.entered
    assert said == Entered(2, "Ann")
    turnstile.enter("Ben")

    turnstile.brought(said)

    assert turnstile.entered == Entered(1, "Ben")
