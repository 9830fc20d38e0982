"""
How long messages took, as counts of tenths of a millisecond.

Millions of receptions are counted, none is kept. Invariant: a percentile is never lower than what
was measured (the upper edge of its tenth).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Final, NamedTuple

from loadtest.hearing import Heard

_TENTH_NS: Final = 100_000


class Latency(NamedTuple):
    """Milliseconds from the publisher's stamp; ``last_*`` to the last receiver of a message."""

    receptions: int
    p50_ms: float
    p99_ms: float
    max_ms: float
    last_p50_ms: float
    last_p99_ms: float


def latency(frames: Iterable[Heard]) -> Latency:
    """Summarise what frames with stamps took to everyone who received them."""
    every: Counter[int] = Counter()
    last_of: dict[int, int] = {}
    for heard in frames:
        if not heard.times:
            continue
        latest = max(heard.times)
        for stamp in heard.stamps:
            every.update((time - stamp) // _TENTH_NS for time in heard.times)
            last_of[stamp] = max(latest, last_of.get(stamp, 0))
    last = Counter((latest - stamp) // _TENTH_NS for stamp, latest in last_of.items())
    return Latency(
        receptions=every.total(),
        p50_ms=percentile(every, 0.5),
        p99_ms=percentile(every, 0.99),
        max_ms=percentile(every, 1.0),
        last_p50_ms=percentile(last, 0.5),
        last_p99_ms=percentile(last, 0.99),
    )


def percentile(tenths: Counter[int], share: float) -> float:
    """Return the milliseconds within which ``share`` of what was counted lies; 0 of nothing."""
    wanted, seen = share * tenths.total(), 0
    for tenth in sorted(tenths):
        seen += tenths[tenth]
        if seen >= wanted:
            return (tenth + 1) / 10
    return 0.0


def nearest(values: Sequence[float], share: float) -> float:
    """Return the value within which ``share`` of ``values`` lie; 0 of nothing."""
    ranked = sorted(values)
    return ranked[min(ceil(share * len(ranked)), len(ranked)) - 1] if ranked else 0.0
