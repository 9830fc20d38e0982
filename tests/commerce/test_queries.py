"""Every query that is asked for exists, and every query that exists is asked for and explained."""

import re
from pathlib import Path

import pytest

from commerce.store.queries import Queries, load

STORE = Path(__file__).parents[2] / "commerce/store"
AGGREGATES = sorted(file.stem for file in (STORE / "sql").glob("*.sql"))


def uses(aggregate: str) -> set[str]:
    """The names that the modules ask an aggregate's file for."""
    texts = [module.read_text() for module in STORE.parent.rglob("*.py")]
    return {
        name
        for text in texts
        for variable in re.findall(rf'^(\w+)\b.*= load\("{aggregate}"\)', text, re.MULTILINE)
        for name in re.findall(rf"\b{variable}\.(\w+)", text)
    }


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_the_code_and_the_file_name_the_same_queries(aggregate: str) -> None:
    assert uses(aggregate) == set(dir(load(aggregate)))


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_every_query_states_its_guarantee(aggregate: str) -> None:
    queries = load(aggregate)

    assert [name for name in dir(queries) if not getattr(queries, name).startswith("-- ")] == []


def test_a_query_that_is_not_there_is_named() -> None:
    with pytest.raises(AttributeError, match=r"outbox\.sql has no query lose"):
        load("outbox").lose  # noqa: B018


def test_a_file_that_is_not_there_fails_at_once() -> None:
    with pytest.raises(FileNotFoundError):
        load("nothing")


def test_two_queries_of_one_name_are_refused() -> None:
    text = "-- name: get\n-- One.\nSELECT 1;\n\n-- name: get\n-- Two.\nSELECT 2;\n"

    with pytest.raises(ValueError, match="two queries get"):
        Queries("orders", text)
