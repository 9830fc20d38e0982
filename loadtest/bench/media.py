"""
What the video costs and how late it is: ``python -m loadtest.bench.media``; see
`loadtest.bench.suite`.
"""

import sys
from typing import Final

from loadtest.bench.figures.forwarding import forwarding
from loadtest.bench.figures.glass import glass
from loadtest.bench.figures.packaging import packaging
from loadtest.bench.figures.purchases import purchases
from loadtest.bench.suite import Suite, main

MEDIA: Final = Suite(
    name="media",
    title="What the video costs",
    with_shop={
        "forwarding": forwarding,
        "packaging": packaging,
        "purchases": purchases,
        "glass": glass,
    },
    cores_of=(
        "Media process and web process share core 0, aiortc's relay has it to itself; publishers, "
        "viewers, databases and order writer are on core 1. While purchases are measured, web and "
        "media process have both; so do the two browsers of a figure from glass to glass."
    ),
)

if __name__ == "__main__":
    sys.exit(main(MEDIA))
