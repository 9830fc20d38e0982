import pytest

from commerce.ids import OfferId, ShowId
from live.ticker import PAUSE_S, Tick, Ticker


def tick(version: int, offer: str = "mug") -> Tick:
    return Tick(ShowId("tea"), OfferId(offer), left=20 - version, version=version)


def test_the_first_number_is_told_at_once() -> None:
    ticker = Ticker()
    ticker.note(tick(1))

    assert ticker.wait_s(0.0) == 0.0
    assert ticker.due(0.0) == [tick(1)]
    assert ticker.wait_s(0.0) is None


def test_numbers_that_follow_wait_and_only_the_newest_is_told() -> None:
    ticker = Ticker()
    ticker.note(tick(1))
    ticker.due(10.0)
    for version in (2, 4, 3):
        ticker.note(tick(version))

    assert ticker.due(10.1) == []
    assert ticker.wait_s(10.1) == pytest.approx(0.1)
    assert ticker.due(10.0 + PAUSE_S) == [tick(4)]


def test_offers_do_not_wait_for_each_other() -> None:
    ticker = Ticker()
    ticker.note(tick(1))
    ticker.due(0.0)
    ticker.note(tick(2))
    ticker.note(tick(1, "pot"))

    assert ticker.due(0.1) == [tick(1, "pot")]


def test_what_is_told_is_forgotten() -> None:
    ticker = Ticker()
    for number in range(100):
        ticker.note(tick(1, f"offer-{number}"))
    ticker.due(0.0)
    ticker.due(1.0)

    assert ticker._pausing_until == {}
