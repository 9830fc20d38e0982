"""
What the rooms cost: ``python -m loadtest.bench.rooms``; see `loadtest.bench.suite`.
"""

import sys
from collections.abc import Sequence
from typing import Final

from loadtest.bench.figures.arrivals import arrivals
from loadtest.bench.figures.delivery import delivery, left_out
from loadtest.bench.figures.evening import evening
from loadtest.bench.figures.slow import slow
from loadtest.bench.figures.storm import storm
from loadtest.bench.suite import Suite, main


def _left_out(names: Sequence[str]) -> tuple[str, ...]:
    return left_out() if "delivery" in names else ()


ROOMS: Final = Suite(
    name="rooms",
    title="What the rooms cost",
    alone={"delivery": delivery, "slow": slow},
    with_shop={"evening": evening, "storm": storm, "arrivals": arrivals},
    left_out=_left_out,
)

if __name__ == "__main__":
    sys.exit(main(ROOMS))
