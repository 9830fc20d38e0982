"""
What a line must not hold: words, however they are disguised, and links.

Invariant: a refused word is found as a word, never inside another one. Where scripts write spaces
it must stand alone; where they do not (Han, Kana, Hangul, Thai...) it may stand anywhere.
"""

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from rooms.spelling import LEET, UNSPACED, normalise

REPEATED: Final = 3
"""No ordinary word has a letter three times in a row: from here on, repeating is a disguise."""

SPELT_OUT: Final = 3
"""Letters that must stand apart, as in "b a d", before they are read as one word."""

_LETTER: Final = rf"[^\W_{UNSPACED}]|[\u0591-\u05c7\u0610-\u06ed\u0900-\u0963\u0966-\u0dff]"
"""A letter of a script with spaces, or a vowel that Unicode files under marks."""

_UNSPACED: Final = re.compile(f"[{UNSPACED}]")

_PADDING: Final = re.compile(rf"[^\w{UNSPACED},!?:;。、]|_")
"""What may be put between the characters of a word; what separates clauses separates words."""

_APART: Final = r"(?:[^\w!|@$+]|_)++"
"""What stands between letters that are spelt out: never what may itself stand for a letter."""

_TOP_LEVEL: Final = "com|net|org|info|biz|io|cn|tv|cc|xyz|vip|gg|ly|tk|ml|ru|uk|jp|kr|hk|tw|sg"
"""Domains that spam uses and that are no words: "great.in" lacks a space, and is no address."""

_DOT: Final = r"(?:\.|。|\(dot\)|\[dot\])"
_LINK: Final = re.compile(
    r"https?\s*:\s*/\s*/|\bwww\s*\.\s*\w"
    rf"|(?<![\w@])(?:[a-z0-9-]+\s?{_DOT}\s?)+[a-z]{{2,}}(?=/\w|:\d)"
    rf"|(?<![\w@])(?:[a-z0-9-]+{_DOT})+(?:{_TOP_LEVEL})(?![\w-]|\.\w)"
)
"""A scheme, a ``www.``, a name with a path behind it, or one under a domain of spam."""


def holds_link(text: str) -> bool:
    """Whether ``text`` names an address on the web."""
    return _LINK.search(normalise(text)) is not None


class WordFilter:
    """
    Finds any of ``words``; built once and used for many lines.

    A word may be a phrase. One that has nothing but punctuation in it is left out.
    """

    __slots__ = ("_anywhere", "_spaced", "words")

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words = tuple(words)
        spellings = {" ".join(normalise(word).split()) for word in self.words}
        wanted = sorted(word for word in spellings if re.search(r"[^\W_]", word))
        anywhere = [_squeezed(word) for word in wanted if _UNSPACED.search(word)]
        spaced = [_pattern(word) for word in wanted if not _UNSPACED.search(word)]
        self._anywhere = re.compile("|".join(map(re.escape, anywhere))) if anywhere else None
        alternatives = "|".join(spaced)
        self._spaced = (
            re.compile(f"(?<!{_LETTER})(?:{alternatives})(?!{_LETTER})") if spaced else None
        )

    def finds(self, text: str) -> bool:
        """Whether one of the words is in ``text``."""
        if self._anywhere is None and self._spaced is None:
            return False
        text = normalise(text)
        if self._anywhere is not None and self._anywhere.search(_squeezed(text)):
            return True
        if self._spaced is None:
            return False
        # 455 dollars spell no word: a letter must be a letter.
        return any(re.search(r"[^\W\d_]", found[0]) for found in self._spaced.finditer(text))


def _squeezed(text: str) -> str:
    return _PADDING.sub("", text)


def _pattern(phrase: str) -> str:
    together = r"\s+".join(map(_word, phrase.split()))
    if len(phrase) < SPELT_OUT or " " in phrase:
        return together
    return f"{together}|{_APART.join(map(_class, phrase))}"


def _word(word: str) -> str:
    """
    Match each letter as often as the word has it, or far too often: "good" is no "god".

    Beside a letter that shares a sign with it (1 is an i and an l) only as often as the word has
    it. So there is one way to read a line, and searching it takes as long as it is, not 2 to that.
    """
    runs = [(letter, len(list(same))) for letter, same in groupby(word)]
    letters = ["", *(letter for letter, _ in runs), ""]
    pattern = ""
    for (letter, count), before, after in zip(runs, letters, letters[2:], strict=False):
        which, signs = _class(letter), set(_signs(letter))
        pattern += f"(?:{which}{{{count}}}(?!{re.escape(letter)})"
        if signs.isdisjoint(_signs(before) + _signs(after)):
            pattern += f"|{which}{{{max(REPEATED, count + 1)},}}+"
        pattern += ")"
    return pattern


def _signs(letter: str) -> str:
    return LEET.get(letter, letter)


def _class(letter: str) -> str:
    return f"[{re.escape(_signs(letter))}]"
