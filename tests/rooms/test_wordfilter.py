import random
from time import process_time

import pytest
from hypothesis import given, settings, strategies as st

from rooms.spelling import LEET, LOOK_ALIKES
from rooms.wordfilter import WordFilter, holds_link

DRAWN_LIKE: dict[str, list[str]] = {}
for found, drawn in LOOK_ALIKES.items():
    DRAWN_LIKE.setdefault(chr(drawn), []).append(chr(found))

LETTERS = "abcdefghijklmnopqrstuvwxyz"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\ufe0f\u034f"

ORDINARY = [
    "Scunthorpe",
    "Penistone",
    "assess",
    "assassin",
    "class",
    "bass",
    "cockpit",
    "cocktail",
    "peacock",
    "hancock",
    "Dickens",
    "dickens",
    "shiitake",
    "mushiest",
    "analysis",
    "canal",
    "grapefruit",
    "therapist",
    "circumstance",
    "cucumber",
    "document",
    "title",
    "constitution",
    "essex",
    "sussex",
    "middlesex",
    "hello",
    "shell",
    "good",
    "goods",
    "burning",
    "button",
    "saturday",
    "scrape",
]
RUDE = ["ass", "cock", "cunt", "tit", "sex", "hell", "god", "bum", "anal", "rape", "shit", "cum"]


@st.composite
def disguises(draw: st.DrawFn, word: str) -> str:
    """Write ``word`` so that a person still reads it, and a computer does not."""
    written = []
    for letter in word:
        capital = ord(letter) - ord("a")
        forms = [
            letter,
            letter.upper(),
            chr(0xFF41 + capital),  # full-width
            chr(0x24D0 + capital),  # circled
            chr(0x1D41A + capital),  # mathematical bold
            letter + draw(st.sampled_from(INVISIBLE)),
            letter + "\u0301",
            *DRAWN_LIKE.get(letter, []),
        ]
        written.append(draw(st.sampled_from(forms)))
    return "".join(written)


@settings(deadline=None)
@given(st.data(), st.text(LETTERS, min_size=2, max_size=12))
def test_a_refused_word_is_found_in_every_disguise(data: st.DataObject, word: str) -> None:
    disguised = data.draw(disguises(word))

    assert WordFilter([word]).finds(f"oh, {disguised}!")


@settings(deadline=None)
@given(st.data(), st.text(LETTERS, min_size=2, max_size=12))
def test_a_refused_word_is_found_in_leet_as_long_as_a_letter_is_left(
    data: st.DataObject, word: str
) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    digits = {letter: [sign for sign in LEET[letter] if sign.isdigit()] for letter in LEET}
    # Digits that may be two letters read one way at a time, so each stands beside letters here.
    sign = data.draw(st.sampled_from(digits.get(word[at], [word[at]])))
    leet = word[:at] + sign + word[at + 1 :]

    assert WordFilter([word]).finds(leet)


@settings(deadline=None)
@given(st.text(LETTERS, min_size=1, max_size=8), st.text(LETTERS, min_size=1, max_size=8))
def test_a_refused_word_is_not_found_as_a_part_of_another(word: str, more: str) -> None:
    longer = word + more
    # "aa" and an "aaa" is the same word said with more feeling.
    if len(set(longer)) > 1 and not any(3 * letter in longer for letter in LETTERS):
        assert not WordFilter([word]).finds(longer) or word == longer
        assert not WordFilter([word]).finds(more + "q" + word)


@pytest.mark.parametrize("word", ORDINARY)
def test_ordinary_words_have_rude_ones_in_them_and_are_ordinary(word: str) -> None:
    assert not WordFilter(RUDE).finds(f"a {word} for you")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("what a shiiiiit", True),
        ("what a shi111t", True),
        ("A1L", True),
        ("i11", True),
        ("s.h.i.t", True),
        ("s h i t", True),
        ("$h1t", True),
        ("good", False),
        ("oh goood grief", True),
        ("it is 455 dollars", False),
        ("_ass_", True),
        ("你是ass吗", True),
        ("buy    now!", True),
        ("to buy, now or never", False),
    ],
)
def test_repeated_spaced_and_leet_letters_are_read_as_far_as_that_is_sound(
    line: str, found: bool
) -> None:
    assert WordFilter([*RUDE, "buy now", "ail", "ill"]).finds(line) is found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("大家加微信聊", True),
        ("加 微 信", True),
        ("加.微-信", True),
        ("加\u200b微\ufe0f信", True),
        ("Ｖ信号发我", True),
        ("我加，微小的信", False),
        ("请加购物车", False),
        ("이바보야", True),
        ("คนโกงมาก", True),
    ],
)
def test_scripts_without_spaces_are_searched_for_the_characters(line: str, found: bool) -> None:
    assert WordFilter(["加微信", "v信", "바보", "โกง"]).finds(line) is found


def test_an_empty_filter_and_words_of_nothing_find_nothing() -> None:
    assert not WordFilter().finds("anything")
    assert not WordFilter(["", "!!!", " ", "\u200b"]).finds("any!!! thing")


@pytest.mark.parametrize(
    "line",
    [
        "see https://x.example/y",
        "HTTP://x",
        "www.evil.example",
        "go to evil.com now",
        "еvіl.соm",
        "ｅｖｉｌ．ｃｏｍ",
        "evil。cn",
        "evil[dot]com",
        "t.me/abc",
        "evil . com/x",
    ],
)
def test_an_address_is_found(line: str) -> None:
    assert holds_link(line)


@pytest.mark.parametrize(
    "line",
    ["3.5kg", "e.g. this", "hi there.me too", "great.in red?", "1.to be", "mail me@x.com", "v1.2"],
)
def test_what_only_has_a_dot_in_it_is_no_address(line: str) -> None:
    assert not holds_link(line)


def test_no_line_takes_long_to_search() -> None:
    chance = random.Random(2)
    words = WordFilter(["il" * 30, "li" * 30, "illillill" * 6, "a" * 40, "aaaa", "ab" * 20])
    signs = [["1"], ["1", "|"], ["111!"], ["1111", "!", "i"], ["1", "1", "1", "i", "l"], ["a "]]
    began = process_time()
    for kinds in signs * 20:
        words.finds("".join(chance.choices(kinds, k=300))[:300])

    assert process_time() - began < 1.0  # 50 ms; reading one in every way takes seconds


def test_two_hundred_words_cost_a_line_of_chat_little() -> None:
    chance = random.Random(1)
    words = ["".join(chance.choices(LETTERS, k=chance.randint(4, 10))) for _ in range(200)]
    search = WordFilter(words)
    began = process_time()
    for _ in range(100):
        search.finds("how big is the blue one, and is it dishwasher safe?")

    assert process_time() - began < 0.5  # 5 ms here: 50 us a line
