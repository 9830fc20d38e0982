import re
import time

from commerce.ids import ALPHABET, new_id, new_ids, random_characters


def test_an_id_says_what_it_names() -> None:
    assert re.fullmatch(rf"ofr_[{ALPHABET}]{{20}}", new_id("ofr"))


def test_no_id_comes_twice() -> None:
    assert len({new_id("ord") for _ in range(10_000)}) == 10_000


def test_many_ids_at_once_look_like_those_that_come_alone() -> None:
    many = new_ids("ord", 10_000)

    assert len(set(many)) == 10_000
    assert all(re.fullmatch(rf"ord_[{ALPHABET}]{{20}}", each) for each in many)
    assert many[0][:13] <= new_id("ord")[:13]
    assert new_ids("ord", 0) == []
    # Every digit that is left to chance takes every value.
    for place in range(13, 24):
        assert {each[place] for each in many} == set(ALPHABET)


def test_ids_of_later_milliseconds_sort_later() -> None:
    earlier = new_id("ord")
    now = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 == now:
        pass

    assert earlier < new_id("ord")


def test_random_characters_are_as_many_as_asked_for() -> None:
    assert re.fullmatch(rf"[{ALPHABET}]{{4}}", random_characters(4))
