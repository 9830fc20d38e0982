import json

from liveshop_client import LiveshopError, Rejected
from loadtest.counts import Counts, code_of, errors_in


class Chair:
    """A seat in a room that is nowhere."""

    def __init__(self, *, live: bool, gaps: int = 0, reconnects: int = 0) -> None:
        self.live = live
        self.gaps = gaps
        self.reconnects = reconnects


def test_the_status_is_one_line_with_every_number() -> None:
    counts = Counts()

    status = json.loads(counts.status())

    assert "\n" not in counts.status()
    assert status.pop("refused") == {}
    assert status.pop("errors") == {}
    assert set(status.values()) == {0}
    assert {"joined", "chat", "likes", "reserved", "placed", "paid", "gaps"} <= status.keys()


def test_who_left_is_no_longer_there_but_what_happened_to_them_is_kept() -> None:
    counts = Counts()
    gone, here, away = Chair(live=True, gaps=1, reconnects=2), Chair(live=True), Chair(live=False)
    for chair in (gone, here, away):
        counts.enter(chair)

    counts.leave(gone)
    here.reconnects = 3

    status = json.loads(counts.status())
    assert (status["joined"], status["entered"]) == (1, 3)
    assert (status["gaps"], status["reconnects"]) == (1, 5)


def test_refusals_are_counted_by_reason() -> None:
    counts = Counts()
    counts.refused.update(["sold_out", "sold_out", "limit_reached"])

    assert json.loads(counts.status())["refused"] == {"limit_reached": 1, "sold_out": 2}


def test_errors_are_found_in_groups_of_groups() -> None:
    slow, shut = TimeoutError(), Rejected("rate_limited", "slower, please")

    found = errors_in(ExceptionGroup("", [slow, ExceptionGroup("", [shut])]))

    assert found == [slow, shut]
    assert [code_of(error) for error in found] == ["timeout", "rate_limited"]
    assert isinstance(found[1], LiveshopError)
