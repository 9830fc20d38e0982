import sys

import pytest
from hypothesis import given, settings, strategies as st

from rooms.spelling import LOOK_ALIKES, normalise


@settings(deadline=None)
@given(st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise(text)

    assert normalise(once) == once


def test_every_single_character_settles() -> None:
    unsettled = [
        chr(point)
        for point in [*range(0x3000), *range(0xA000, 0xD800), *range(0xF900, 0x20000)]
        if normalise(normalise(chr(point))) != normalise(chr(point))
    ]

    assert unsettled == []


@pytest.mark.parametrize(
    "disguised",
    [
        "Ｂａｄ",  # full-width
        "b\u200ba\u2060d",  # zero-width
        "b\u00ada\ufe0fd",  # a soft hyphen, a variation selector
        "bаd",  # a Cyrillic a
        "βαd",  # Greek
        "BÄD",
        "b̵̢̛a̸d̷",
        "ⓑⓐⓓ",
        "𝕓𝖆𝒹",
        "ᴮᴬᴰ",
        "ʙᴀᴅ",
        "🅱🅰🅳",
        "🇧🇦🇩",
    ],
)
def test_a_disguised_word_has_the_spelling_of_the_plain_one(disguised: str) -> None:
    assert normalise(disguised) == "bad"


def test_other_scripts_keep_what_is_a_letter_to_them() -> None:
    assert normalise("日本がガ 한국 ไทย हिन्दी") == "日本がガ 한국 ไทย हिन्दी"


def test_every_look_alike_is_one_letter_for_one_of_another_alphabet() -> None:
    for found, drawn in LOOK_ALIKES.items():
        assert found > 0x7F
        assert found <= sys.maxunicode
        assert isinstance(drawn, int)
        assert chr(drawn) in "abcdefghijklmnopqrstuvwxyz"
