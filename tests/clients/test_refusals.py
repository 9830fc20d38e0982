"""
Whatever the shop refuses to a page, the page can say in the language of who reads it.

Which codes a page may hear is worked out from the paths that its sources ask and from what the
interface says of each; what it has words for is read from its sources as well.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from live.api.openapi import codes
from live.api.problems import STATUS
from live.site import ENDPOINTS

CLIENTS = Path(__file__).parents[2] / "clients"

OURS = {"malformed_json", "wrong_content_type"}
"""A page would have to be wrong itself to hear these."""

SIGNED_OUT = {"bad_token", "expired_token"}
"""The viewer's page takes a new token and asks again."""

OF_THE_ROOM = {
    *("muted", "slow_mode", "followers_only", "buyers_only", "word_refused", "link_refused"),
    *("rate_limited", "banned"),
}
OF_THE_PAGE = {"unreachable", "unexpected", "unanswered"}
"""Said by a page when the shop does not answer, or not sensibly."""


def sources(*packages: str) -> list[Path]:
    return [
        path for package in packages for path in sorted((CLIENTS / package / "src").rglob("*.ts*"))
    ]


def heard(files: Iterable[Path]) -> set[str]:
    """Return the codes that the interface may answer to what these files ask."""
    asked = {
        re.sub(r"\$\{[^}]*\}", "{}", path)
        for file in files
        for path in re.findall(r"/api/[^`\"?\s]*", file.read_text())
    }
    patterns = [re.compile(re.escape(path).replace(r"\{\}", "[^/]+")) for path in asked]
    found = [
        endpoint
        for endpoint in ENDPOINTS
        if any(each.fullmatch(endpoint.path) for each in patterns)
    ]
    assert len({endpoint.path for endpoint in found}) >= 15
    return {code for endpoint in found for code in codes(endpoint)}


def keys(file: str, table: str) -> set[str]:
    """Return the keys of a table of words in a source."""
    text = (CLIENTS / file).read_text()
    body = text[text.index(table) :]
    return set(re.findall(r"^  (\w+): \"", body[: body.index("\n}")], re.MULTILINE))


def test_the_console_says_in_chinese_whatever_the_shop_refuses() -> None:
    words = keys("console/src/texts/problems.ts", "zhProblems")

    assert heard(sources("console")) - words - OURS == set()
    assert words - STATUS.keys() - OF_THE_ROOM - OF_THE_PAGE == set()


def test_the_viewers_page_says_in_either_language_whatever_the_shop_refuses() -> None:
    explained = keys("viewer/src/explain.ts", "EXPLAINED")
    en, zh = (keys(f"viewer/src/words/{name}.ts", f"const {name}") for name in ("en", "zh"))
    # Coupons and reminders are refused beside their field; what is wrong in a form is said before
    # it is sent; and who is not let in at all sees a page of its own.
    beside = {code for code in en if code in STATUS} | {
        *("starts_in_past", "not_planned", "invalid_value", "too_large"),
        *("forbidden", "not_yours", "not_permitted", "unknown_account", "unknown_show"),
    }

    assert heard(sources("viewer", "ui", "js")) - explained - beside - OURS - SIGNED_OUT == set()
    assert explained - STATUS.keys() - OF_THE_PAGE == set()
    assert {code for code in en if code in STATUS} == {code for code in zh if code in STATUS}
