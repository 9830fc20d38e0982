"""
How long to wait before connecting again.

Full jitter: a room of thousands that lost its server comes back spread out, not in waves
(https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/). Chance is passed in,
so that the same draws give the same waits.
"""

from typing import Final

FIRST_S: Final = 0.5
"""Ceiling of the first wait: a dropped Wi-Fi is back that soon."""

LONGEST_S: Final = 20.0
"""Ceiling of every wait: nobody watches a dead page for longer."""


def ceiling_s(attempt: int) -> float:
    """Return the longest that try number ``attempt`` (from 0) may wait."""
    # 2 ** 6 * 0.5 s is past the ceiling already; a larger power would only overflow one day.
    return min(LONGEST_S, FIRST_S * 2.0 ** min(attempt, 6))


def wait_s(attempt: int, draw: float, hint_ms: int | None = None) -> float:
    """
    Return the seconds to wait before try number ``attempt`` (from 0).

    Args:
        attempt: Tries since the last connection that held.
        draw: A random number in [0, 1).
        hint_ms: The wait the server asked for; it knows better than any formula.

    """
    return hint_ms / 1000 if hint_ms is not None else draw * ceiling_s(attempt)
