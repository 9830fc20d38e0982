"""
A host looks for a product among 100,000 SKUs; beside it stands the page that nobody searched for.
"""

from collections.abc import Sequence
from typing import Final

from loadtest.bench.bare import run_bare
from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.latency import nearest

SKUS: Final = 100_000


async def searching(scale: Scale) -> list[Figure]:
    """Fill a catalogue of its own once, and ask it as often as the scale says."""
    skus = round(SKUS * scale.share)
    found = await run_bare("search", skus, "--json")
    return [
        Figure(
            title=f"product search among {skus:,} SKUs: p95",
            unit="ms",
            ours=Series("liveshop", _p95(found["searched"], scale.runs)),
            beside=(Series("the unsearched page", _p95(found["listed"], scale.runs)),),
            aim=Aim(20.0),
            full=scale.full,
            notes=(
                "20 kinds of query, their first page of 50 and the next, on one connection to "
                "PostgreSQL; English, Chinese, beginnings of SKUs, what half of the shop has and "
                "what one product has",
            ),
        )
    ]


def _p95(rounds: Sequence[Sequence[float]], runs: int) -> tuple[float, ...]:
    """Return the 95th percentile of each run; a run is as many rounds as another."""
    size = len(rounds) // runs
    return tuple(
        nearest([ms for took in rounds[run * size : (run + 1) * size] for ms in took], 0.95)
        for run in range(runs)
    )
