"""
When a show is planned for: from about now to a year ahead.
"""

from typing import Final

from msgspec import Struct

from commerce.errors import InvalidValue, StartsInPast

LATE_MS: Final = 60_000
"""A field for day and time knows no seconds: who picks this very minute means now."""

AHEAD_MS: Final = 366 * 86_400_000
"""Farther ahead is a slip of the hand, and no calendar of a viewer's is that long."""


class Plan(Struct, frozen=True):
    """
    When a show is planned for; moments are Unix milliseconds.

    ``revision`` grows with every change of the plan, and ``changed_at`` is when that was.
    """

    show: str
    title: str
    host_name: str
    created_at: int
    changed_at: int
    revision: int
    starts_at: int


def checked(starts_at: int, now: int) -> int:
    """
    Return a planned start in Unix milliseconds, if it may be one.

    Raises:
        StartsInPast: it was before ``now``.
        InvalidValue: it is more than a year ahead.

    """
    if starts_at < now - LATE_MS:
        raise StartsInPast
    if starts_at > now + AHEAD_MS:
        raise InvalidValue("$.starts_at", "a show starts within a year")
    return starts_at
