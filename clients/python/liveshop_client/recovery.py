"""
Whether a control event is the next one, an old one, or proof that one is missing.

The control lane of a room is contiguous, so a viewer who stands at offset 7 may only apply 8.
Invariant: a position never moves past an event that was not applied. Nothing here waits.
"""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Position:
    """The last control event a viewer has applied, in the epoch that counted it."""

    epoch: str
    offset: int


class Verdict(Enum):
    """What to do with a control event."""

    APPLY = "apply"
    SKIP = "skip"
    GAP = "gap"


def judge(position: Position, offset: int) -> Verdict:
    """Say what a viewer at ``position`` does with the event at ``offset``."""
    if offset <= position.offset:
        return Verdict.SKIP
    return Verdict.APPLY if offset == position.offset + 1 else Verdict.GAP


def advanced(position: Position, offset: int) -> Position:
    """Return the position after the event at ``offset`` was applied."""
    return Position(position.epoch, offset)
