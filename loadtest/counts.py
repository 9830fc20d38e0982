"""
What happened so far, as one line of JSON.

Invariant: every number only grows, except ``joined``, which is who is in the room now.
"""

import json
from collections import Counter
from typing import Protocol

from liveshop_client import LiveshopError


class Seat(Protocol):
    """What is read off a seat in a room."""

    @property
    def live(self) -> bool:
        """Whether it is connected."""

    @property
    def gaps(self) -> int:
        """Control events it missed."""

    @property
    def reconnects(self) -> int:
        """How often it came back."""


class Counts:
    """The tally of a crowd; whoever does something adds it to ``of``."""

    def __init__(self) -> None:
        self.of: Counter[str] = Counter()
        # Refusals of the gate, by reason.
        self.refused: Counter[str] = Counter()
        # What went wrong otherwise, by code.
        self.errors: Counter[str] = Counter()
        self._seats: set[Seat] = set()

    def enter(self, seat: Seat) -> None:
        """Count somebody in."""
        self._seats.add(seat)
        self.of["entered"] += 1

    def leave(self, seat: Seat) -> None:
        """Count somebody out, keeping what happened to them."""
        self._seats.remove(seat)
        self.of["gaps"] += seat.gaps
        self.of["reconnects"] += seat.reconnects

    def status(self) -> str:
        """Return the line, without its end."""
        return json.dumps(
            {
                "joined": sum(seat.live for seat in self._seats),
                "entered": self.of["entered"],
                "chat": self.of["chat"],
                "likes": self.of["likes"],
                "reserved": self.of["reserved"],
                "refused": dict(sorted(self.refused.items())),
                "placed": self.of["placed"],
                "paid": self.of["paid"],
                "declined": self.of["declined"],
                "cancelled": self.of["cancelled"],
                "lapsed": self.of["lapsed"],
                "flash_sales": self.of["flash_sales"],
                "reconnects": self.of["reconnects"] + sum(s.reconnects for s in self._seats),
                "gaps": self.of["gaps"] + sum(seat.gaps for seat in self._seats),
                "errors": dict(sorted(self.errors.items())),
            }
        )


def code_of(error: Exception) -> str:
    """Return what to count an error under."""
    return error.code if isinstance(error, LiveshopError) else "timeout"


def errors_in(group: BaseExceptionGroup[Exception]) -> list[Exception]:
    """Return the errors of a group, and of the groups in it."""
    found: list[Exception] = []
    for error in group.exceptions:
        found += errors_in(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
