"""
liveshop beside its peers: ``python -m loadtest.bench.peers``; see `loadtest.bench.suite`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from loadtest.bench import plots
from loadtest.bench.fanout import fanout, left_out
from loadtest.bench.report import Figure
from loadtest.bench.suite import Suite, main
from loadtest.bench.usual_way import usual_way

PICTURES: Final = {"fan-out": "peers-fanout.svg", "flash sale": "peers-sale.svg"}
"""How the titles of a picture's figures begin, and its file."""


def draw(figures: Sequence[Figure], folder: Path) -> None:
    """Draw the fan-out and the sale, a picture each."""
    for title, name in PICTURES.items():
        if chosen := [each for each in figures if each.title.startswith(title)]:
            plots.bars(chosen, folder / name)


def _left_out(names: Sequence[str]) -> tuple[str, ...]:
    return left_out() if "fanout" in names else ()


PEERS: Final = Suite(
    name="peers",
    title="liveshop beside its peers",
    alone={"fanout": fanout},
    with_shop={"sale": usual_way},
    left_out=_left_out,
    draw=draw,
)

if __name__ == "__main__":
    sys.exit(main(PEERS))
