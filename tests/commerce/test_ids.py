import re
import time

from commerce.ids import ALPHABET, new_id, random_characters


def test_an_id_says_what_it_names() -> None:
    assert re.fullmatch(rf"ofr_[{ALPHABET}]{{20}}", new_id("ofr"))


def test_no_id_comes_twice() -> None:
    assert len({new_id("ord") for _ in range(10_000)}) == 10_000


def test_ids_of_later_milliseconds_sort_later() -> None:
    earlier = new_id("ord")
    now = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 == now:
        pass

    assert earlier < new_id("ord")


def test_random_characters_are_as_many_as_asked_for() -> None:
    assert re.fullmatch(rf"[{ALPHABET}]{{4}}", random_characters(4))
