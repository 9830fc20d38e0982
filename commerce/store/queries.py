"""
The SQL of the shop, kept as named paragraphs in ``sql/<aggregate>.sql``.

A paragraph begins with ``-- name: place_order`` and a comment that states its guarantee. A missing
file or a name used twice fails when the module that loads it is imported.
"""

import re
from importlib import resources
from typing import Final

_HEADING: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


class Queries:
    """The paragraphs of one file, as attributes."""

    def __init__(self, aggregate: str, text: str) -> None:
        _preamble, *parts = _HEADING.split(text)
        self._aggregate = aggregate
        self._texts: dict[str, str] = {}
        for name, query in zip(parts[::2], parts[1::2], strict=True):
            if name in self._texts:
                raise ValueError(f"{aggregate}.sql names two queries {name}")
            self._texts[name] = query.strip()

    def __getattr__(self, name: str) -> str:
        try:
            return self._texts[name]
        except KeyError:
            raise AttributeError(f"{self._aggregate}.sql has no query {name}") from None

    def __dir__(self) -> list[str]:
        return list(self._texts)


def load(aggregate: str, package: str = __package__) -> Queries:
    """Read ``sql/<aggregate>.sql`` of the package that owns these queries."""
    file = resources.files(package) / "sql" / f"{aggregate}.sql"
    return Queries(aggregate, file.read_text(encoding="utf-8"))
