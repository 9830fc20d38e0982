"""
Who came into a room lately, told in groups: "Mia and 23 others".

Each worker counts those who come in through it, and says once a second how many they were and what
the last of them is called; what all workers said is told to each worker's viewers every few
seconds. So a thousand who come in a second cost a room what one does. Pure.
"""

from typing import Final

from msgspec import Struct

from rooms.messages import Arrivals

TOLD_EVERY_S: Final = 3.0
"""As often as a line that replaces itself can be read."""


class Came(Struct, frozen=True):
    """
    How many ever came into a room, on all workers.

    ``newest`` is what the last one with a name is called, and ``named`` how many had come by then.
    """

    total: int = 0
    named: int = 0
    newest: str = ""


class Entered(Struct, frozen=True):
    """How many came in through one worker since it said so last; ``newest`` if one has a name."""

    count: int = 0
    newest: str = ""


class Turnstile:
    """One room's entrance on this worker; ``now`` is monotonic seconds."""

    __slots__ = ("_due", "_told", "entered")

    def __init__(self) -> None:
        self.entered = Entered()
        self._told: int | None = None
        self._due = 0.0

    def enter(self, name: str | None) -> None:
        """Count someone who came in, by name if they have one."""
        self.entered = Entered(self.entered.count + 1, name or self.entered.newest)

    def brought(self, entered: Entered) -> None:
        """Take off what was said of those who came in; others may have come since."""
        now = self.entered
        newest = "" if now.newest == entered.newest else now.newest
        self.entered = Entered(now.count - entered.count, newest)

    def news(self, came: Came, now: float) -> Arrivals | None:
        """Return what there is to tell of those who came; None: nobody, or not yet."""
        told = self._told
        if told is None or came.total < told:
            # The room has just been opened here, or the count was lost: it begins anew.
            self._told = came.total
            return None
        if came.total == told or now < self._due:
            return None
        self._told, self._due = came.total, now + TOLD_EVERY_S
        newest = came.newest if came.named > told else ""
        return Arrivals(count=came.total - told, newest=newest or None)
