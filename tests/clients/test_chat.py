from typing import Any

import pytest

from liveshop_client.chat import is_for, mentions_in
from tests.clients.golden import server_message

PEOPLE = [("ann", "Ann"), ("lee", "Ann Lee"), ("lin", "小林"), ("ann2", "Ann")]


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@ann lee and @Ann, look", [("lee", "ann lee"), ("ann", "Ann")]),
        ("me@ann.example @Annabel foo@Ann", []),
        ("@小林可以的", [("lin", "小林")]),
        ("@ @@", []),
    ],
)
def test_a_line_calls_whom_it_names(text: str, called: list[tuple[str, str]]) -> None:
    assert [(each["id"], each["name"]) for each in mentions_in(text, PEOPLE)] == called


def test_five_are_called_at_most() -> None:
    crowd = [(str(number), f"n{number}") for number in range(9)]

    assert len(mentions_in(" ".join(f"@{name}" for _, name in crowd), crowd)) == 5


def test_a_line_is_for_whom_it_calls_by_their_name_and_for_whom_it_answers() -> None:
    line: Any = server_message("chat")
    asker = line["mentions"][0]
    called: Any = {**line, "reply_to": "acc_9.1"}

    assert is_for(line, asker["id"], "anybody")
    assert is_for(called, asker["id"], asker["name"])
    assert not is_for(called, asker["id"], "anybody")
    assert not is_for(called, "acc_8", asker["name"])
    assert not is_for(line, line["from"]["id"], asker["name"])
