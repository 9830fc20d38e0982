import csv
import re
from importlib.resources import files
from io import StringIO
from random import Random
from typing import get_args

import pytest
from hypothesis import given, strategies as st

from loadtest.phrases import MAX_CHARACTERS, NAMES, PHRASES, Card, Language, Mood, line, name
from loadtest.topics import ANYTHING, KINDS, kind_of, short

LANGUAGES: tuple[Language, ...] = get_args(Language)
TEAPOT = Card("Speckled Stoneware Teapot", "$58", 12, "Oat")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mood", Mood)
def test_there_is_something_to_say_in_every_mood_and_language(
    mood: Mood, language: Language
) -> None:
    assert len(PHRASES[language][mood]) >= 2
    assert line(mood, language, Random(1), TEAPOT)
    assert line(mood, language, Random(1))


@given(
    mood=st.sampled_from(Mood),
    language=st.sampled_from(LANGUAGES),
    seed=st.integers(0, 10**6),
    title=st.text(max_size=400),
    option=st.text(max_size=40),
    left=st.integers(0, 10**6),
)
def test_a_line_fits_in_the_chat_and_has_no_holes(
    mood: Mood, language: Language, seed: int, title: str, option: str, left: int
) -> None:
    said = line(mood, language, Random(seed), Card(title, "$1", left, option))

    assert 1 <= len(said) <= MAX_CHARACTERS
    if not set("{}") & set(title + option):
        assert not set("{}") & set(said)


def test_the_same_seed_says_the_same() -> None:
    first, again = Random(7), Random(7)

    said = [line(Mood.CARD, "en", first, TEAPOT) for _ in range(20)]

    assert said == [line(Mood.CARD, "en", again, TEAPOT) for _ in range(20)]
    assert len(set(said)) > 8


def test_people_ask_what_makes_sense_for_the_card() -> None:
    chance = Random(3)

    said = {line(Mood.CARD, "zh", chance, TEAPOT) for _ in range(300)}

    assert "可以放洗碗机吗" in said
    assert "这个茶壶好看" in said
    assert not any("扎不扎皮肤" in text for text in said)


def test_every_sample_product_is_recognised() -> None:
    text = (files("live.sample") / "products.csv").read_text(encoding="utf-8-sig")
    titles = [row["Title"] for row in csv.DictReader(StringIO(text)) if row["Title"]]

    unknown = [title for title in titles if kind_of(title)[0] == "宝贝"]

    assert len(titles) > 50
    assert unknown == []


def test_a_product_that_nobody_knows_is_still_something_to_talk_about() -> None:
    assert kind_of("Quantum flux sampler") == ("宝贝", ANYTHING)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Espresso Cups, Set of Two", "espresso cups"),
        ("Honey Pot & Dipper", "honey pot"),
        ("Loose Leaf Tea in a Keepsake Tin", "loose leaf tea"),
        ("Moon Glaze Mug", "moon glaze mug"),
    ],
)
def test_people_call_a_product_by_the_short_of_its_title(title: str, said: str) -> None:
    assert short(title) == said


def test_no_kind_hides_behind_an_earlier_one() -> None:
    words = [word for word, _, _ in KINDS]

    for position, word in enumerate(words):
        assert kind_of(word)[0] == KINDS[position][1], f"{word} is taken for something else"


def test_a_name_is_one_that_the_shop_accepts() -> None:
    names = {name(language, Random(seed)) for language in LANGUAGES for seed in range(500)}

    assert names == {each for names in NAMES.values() for each in names}
    assert all(re.fullmatch(r"\S.{0,38}\S", each) for each in names)
