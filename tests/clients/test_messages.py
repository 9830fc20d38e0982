from typing import Any, is_typeddict

import pytest

from liveshop_client import messages
from tests.clients.golden import schema

NOUNS = {
    name: noun for name, noun in vars(messages).items() if is_typeddict(noun) and name in schema()
}


def test_the_nouns_of_the_room_are_all_here() -> None:
    assert {"ShowView", "OfferView", "OrderView", "Snapshot", "You", "ChatLine"} <= NOUNS.keys()


@pytest.mark.parametrize("name", NOUNS)
def test_a_noun_has_the_fields_that_the_schema_gives_it(name: str) -> None:
    noun: Any = NOUNS[name]
    declared: dict[str, Any] = schema()[name]
    # A tally has a type on the socket only.
    tag = {"type"} - noun.__annotations__.keys()

    assert noun.__annotations__.keys() == declared["properties"].keys() - tag
    assert noun.__required_keys__ == set(declared["required"]) - tag
