"""
What the viewer's page costs: ``python -m loadtest.bench.pages [--minutes N]``; see
`loadtest.bench.suite`.
"""

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from typing import Final

from loadtest.bench.figures.opening import opening
from loadtest.bench.figures.reading import reading
from loadtest.bench.figures.staying import MINUTES, staying
from loadtest.bench.suite import Suite, main

QUICK_MINUTES: Final = 0.5
MOST_MINUTES: Final = 240.0


def pages(minutes: float) -> Suite:
    """Return the suite whose visitor stays for ``minutes``."""
    return Suite(
        name="pages",
        title="What the viewer's page costs",
        with_shop={
            "opening": opening,
            "reading": reading,
            "staying": partial(staying, minutes=minutes),
        },
        cores_of=(
            "Web process on core 0; crowd, databases and order writer on core 1; the browser has "
            "both, and its page is slowed by Chromium."
        ),
        longer_s=2 * minutes * 60,
    )


def run(arguments: Sequence[str]) -> int:
    """Run the command line; return the exit code."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--minutes", type=_minutes)
    own, others = parser.parse_known_args(arguments)
    usual = QUICK_MINUTES if "--quick" in others else MINUTES
    return main(pages(own.minutes or usual), others)


def _minutes(text: str) -> float:
    try:
        minutes = float(text)
    except ValueError:
        minutes = 0.0
    if not 0.0 < minutes <= MOST_MINUTES:
        raise argparse.ArgumentTypeError(f"a number of minutes, at most {MOST_MINUTES:g}")
    return minutes


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
