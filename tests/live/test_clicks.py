"""Clicks: each viewer counts once a minute for an offer."""

import pytest

from commerce.ids import OfferId, ShowId
from commerce.store.minutes import Clicked
from live import clicks as clicks_module
from live.clicks import Clicks

TEA, CUP, POT = ShowId("tea"), OfferId("ofr_cup"), OfferId("ofr_pot")
NOON = 1_800_000_000_000


def test_a_viewer_counts_once_a_minute_for_an_offer() -> None:
    clicks = Clicks()
    for at, offer, who in (
        (0, CUP, "ann"),
        (1, CUP, "ann"),
        (2, CUP, "ben"),
        (3, POT, "ann"),
        (60_000, CUP, "ann"),
    ):
        clicks.note(TEA, offer, who, NOON + at)

    assert clicks.take() == [
        Clicked(TEA, CUP, NOON, 2),
        Clicked(TEA, POT, NOON, 1),
        Clicked(TEA, CUP, NOON + 60_000, 1),
    ]


def test_what_was_taken_counts_no_more_unless_it_is_given_back() -> None:
    clicks = Clicks()
    clicks.note(TEA, CUP, "ann", NOON)
    taken = clicks.take()
    clicks.note(TEA, CUP, "ann", NOON + 1)
    clicks.note(TEA, CUP, "ben", NOON + 2)
    clicks.give_back(taken)

    assert clicks.take() == [Clicked(TEA, CUP, NOON, 2)]
    assert clicks.take() == []


@pytest.mark.parametrize("id", ["", "nul\0", "ofr 1", "ofr_\ud800", "x" * 65])
def test_what_is_no_offers_id_is_not_counted(id: str) -> None:
    clicks = Clicks()
    clicks.note(TEA, OfferId(id), "ann", NOON)

    assert clicks.take() == []


def test_what_waits_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clicks_module, "WAITING", 2)
    clicks = Clicks()
    for offer in ("a", "b", "c", "a"):
        clicks.note(TEA, OfferId(offer), f"viewer of {offer}", NOON)
    clicks.note(TEA, OfferId("a"), "another", NOON)

    assert clicks.take() == [
        Clicked(TEA, OfferId("a"), NOON, 2),
        Clicked(TEA, OfferId("b"), NOON, 1),
    ]
