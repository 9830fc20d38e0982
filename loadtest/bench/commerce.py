"""
What the shop carries: ``python -m loadtest.bench.commerce``; see `loadtest.bench.suite`.
"""

import sys
from typing import Final

from loadtest.bench.figures.orders import orders
from loadtest.bench.figures.sale import sale
from loadtest.bench.figures.searching import searching
from loadtest.bench.suite import Suite, main

COMMERCE: Final = Suite(
    name="commerce",
    title="What the shop carries",
    alone={"search": searching},
    with_shop={"sale": sale, "orders": orders},
)

if __name__ == "__main__":
    sys.exit(main(COMMERCE))
