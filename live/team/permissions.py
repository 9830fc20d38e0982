"""
What a member of a team may be allowed, by name.

A host may do everything in their own shop. Invariant: nobody gives, changes or takes away what
they do not have themselves.
"""

from collections.abc import Collection
from typing import Final, Literal, get_args

Permission = Literal["run_show", "moderate", "sell", "catalogue", "orders", "numbers", "team"]

EVERYTHING: Final[tuple[Permission, ...]] = get_args(Permission)


def in_order(permissions: Collection[Permission]) -> list[Permission]:
    """Return the permissions once each, in the order of their declaration."""
    return [each for each in EVERYTHING if each in permissions]


def beyond(
    own: Collection[Permission], before: Collection[Permission], after: Collection[Permission]
) -> list[Permission]:
    """Return what a change from ``before`` to ``after`` touches and its maker does not have."""
    return [each for each in in_order({*before, *after}) if each not in own]
