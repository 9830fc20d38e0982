"""
What was said: lines by id, oldest first, whom they call, and what they answer.

Invariant: what was taken away is nowhere, not even where another line quotes it. Pure.
"""

import re
from collections.abc import Callable, Iterable
from typing import Final, cast

from liveshop_client.messages import ChatLine, Mention

Chat = dict[str, ChatLine]

MAX_MENTIONS: Final = 5
"""The server's own bound."""

_SIGN: Final = re.compile(r"(?<!\w)@")
_WORD_GOES_ON: Final = re.compile(r"[A-Za-z0-9_]{2}")
"""Where scripts write no spaces, nobody can tell where a name ends."""


def without_line(chat: Chat, id: str) -> Chat:
    """Return the chat without the line ``id``, and without what others quote of it."""
    return _without(chat, lambda line: line["id"] == id, lambda line: line.get("reply_to") == id)


def without_sender(chat: Chat, sender: str) -> Chat:
    """Return the chat without all that ``sender`` has said, and what others quote of it."""
    return _without(
        chat,
        lambda line: line["from"]["id"] == sender,
        lambda line: line["quote"]["from"]["id"] == sender,
    )


def _without(
    chat: Chat, goes: Callable[[ChatLine], bool], quotes: Callable[[ChatLine], bool]
) -> Chat:
    return {
        id: _unquoted(line) if "quote" in line and quotes(line) else line
        for id, line in chat.items()
        if not goes(line)
    }


def _unquoted(line: ChatLine) -> ChatLine:
    return cast(ChatLine, {name: value for name, value in line.items() if name != "quote"})


def mentions_in(text: str, people: Iterable[tuple[str, str]]) -> list[Mention]:
    """
    Return whom ``text`` calls: ``@`` and a name of ``people`` (ids and names), in any case.

    Of the same name the first is meant, of two that fit the longer: "@Ann Lee" is not Ann.
    """
    known = list(people)
    found: dict[str, Mention] = {}
    for sign in _SIGN.finditer(text):
        begin = sign.end()
        fitting = [(id, len(name)) for id, name in known if _calls(text, begin, name)]
        if fitting and len(found) < MAX_MENTIONS:
            id, length = max(fitting, key=lambda each: each[1])
            found[id] = {"id": id, "name": text[begin : begin + length]}
    return list(found.values())


def _calls(text: str, begin: int, name: str) -> bool:
    end = begin + len(name)
    if not name or text[begin:end].lower() != name.lower():
        return False
    return _WORD_GOES_ON.fullmatch(text[end - 1 : end + 1]) is None


def is_for(line: ChatLine, id: str, name: str) -> bool:
    """Whether the line calls the one with this ``id`` by this ``name``, or answers them."""
    if line["from"]["id"] == id:
        return False
    if line.get("reply_to", "").startswith(f"{id}."):
        return True
    return any(
        each["id"] == id and each["name"].lower() == name.lower()
        for each in line.get("mentions", ())
    )
