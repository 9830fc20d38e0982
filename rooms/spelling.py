"""
One spelling for every way to write a word, so that a filter finds it in disguise.

``normalise`` undoes what hides a word: compatibility forms (full-width, circled, mathematical
letters), invisible characters, accents, capitals, and letters of other alphabets that look Latin.
Invariant: it is idempotent, and both sides of a comparison went through it. What else may stand for
a letter (``LEET``) is up to the word that is looked for: 1 is an i in one, an l in another.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""What draws nothing although Unicode files it under letters, marks or symbols; see also ``Cf``."""

ACCENTS: Final = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
"""Marks that decorate a Latin, Greek or Cyrillic letter; those that are vowels elsewhere stay."""

UNSPACED: Final = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u30ff\u3130-\u318f"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\U0001b000-\U0001b2ff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Han, Kana and Hangul: a word there has no spaces around it."""

LOOK_ALIKES: Final = str.maketrans(
    # Capitals come first: a capital eta looks like an H, a small one like an n.
    "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϺ"
    "αβεγηικνορτυχωςϲϳ"
    "АВЕКМНОРСТУХЅІЈҮԚԜҺӀԌ"
    "авекмнорстухѕіјүԛԝһӏԁԍьѵ"
    "ՕՍՏԼհոսօցզյ"
    "ᎪᏴᏟᎠᎬᎰᎶᎻᎥᎫᏦᏞᎷᏃᎾᏢᎡᏚᎢᏙᎳᎩᏌ"
    "ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ"
    "ɑɡɩʟƽ",
    "abezhikmnoptyxcm"
    "abeynikvoptuxwccj"
    "abekmhopctyxsijyqwhig"
    "abekmhopctyxsijyqwhidgbv"
    "ouslhnuogqj"
    "abcdefghijklmzoprstvwyu"
    "abcdefghijklmnoprstuvwxyz"
    "agils",
)
"""
Letters of other alphabets by the Latin one they are drawn like (Unicode TS 39, the common part).

Only one letter for one letter: TS 39 takes m for rn as well, which would find "bum" in "burn".
"""

LEET: Final = {
    "a": "a4@",
    "b": "b8",
    "e": "e3",
    "g": "g9",
    "i": "i1!|",
    "l": "l1|",
    "o": "o0",
    "s": "s5$",
    "t": "t7+",
    "z": "z2",
}
"""What may stand for a letter, the letter itself first."""

_LATIN: Final = re.compile(
    r"(?:LATIN (?:SMALL LETTER|CAPITAL LETTER|LETTER SMALL CAPITAL)"
    r"|(?:NEGATIVE (?:CIRCLED|SQUARED)|CROSSED NEGATIVE SQUARED) LATIN CAPITAL LETTER"
    r"|REGIONAL INDICATOR SYMBOL LETTER) ([A-Z])(?: WITH .*)?"
)


def normalise(text: str) -> str:
    """Return the one spelling of ``text``; idempotent."""
    # A letter may need a second turn: a capital gamma is a small one first, and then a y.
    while (simpler := _simpler(text)) != text:
        text = simpler
    return text


def _simpler(text: str) -> str:
    # Compatibility forms may be look-alikes: a lunate sigma is drawn like a C before it is a sigma.
    text = unicodedata.normalize("NFKC", text.translate(LOOK_ALIKES))
    text = unicodedata.normalize("NFD", text)
    text = ACCENTS.sub("", INVISIBLE.sub("", text)).translate(LOOK_ALIKES)
    text = "".join(map(_drawn, text)).casefold()
    return unicodedata.normalize("NFKC", text)


@lru_cache(4096)
def _drawn(character: str) -> str:
    """Return the Latin letter that is drawn, a space for a break, nothing for the invisible."""
    if character.isascii():
        return " " if character.isspace() else character
    category = unicodedata.category(character)
    if category in ("Cf", "Cc", "Cn", "Cs"):
        return ""
    if category[0] == "Z":
        return " "
    found = _LATIN.fullmatch(unicodedata.name(character, ""))
    return found[1].lower() if found else character
