"""Every query that is asked for exists, and every query that exists is asked for and explained."""

import re
from pathlib import Path

import pytest

from commerce.store.queries import Queries, load

ROOT = Path(__file__).parents[2]
AGGREGATES = sorted(
    (file.stem, ".".join(file.parent.parent.relative_to(ROOT).parts))
    for package in ("commerce", "live")
    for file in (ROOT / package).glob("*/sql/*.sql")
)


def uses(aggregate: str) -> set[str]:
    """The names that the modules ask an aggregate's file for."""
    modules = [*(ROOT / "commerce").rglob("*.py"), *(ROOT / "live").rglob("*.py")]
    texts = [module.read_text() for module in modules]
    return {
        name
        for text in texts
        for variable in re.findall(rf'^(\w+)\b.*= load\("{aggregate}"', text, re.MULTILINE)
        for name in re.findall(rf"\b{variable}\.(\w+)", text)
    }


@pytest.mark.parametrize(("aggregate", "package"), AGGREGATES)
def test_the_code_and_the_file_name_the_same_queries(aggregate: str, package: str) -> None:
    assert uses(aggregate) == set(dir(load(aggregate, package)))


@pytest.mark.parametrize(("aggregate", "package"), AGGREGATES)
def test_every_query_states_its_guarantee(aggregate: str, package: str) -> None:
    queries = load(aggregate, package)

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
