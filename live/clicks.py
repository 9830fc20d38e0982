"""
How many viewers opened an offer, or tried for it, minute by minute, as one web process sees it.

A viewer counts once a minute for an offer, however often they press. Nothing here waits or reads a
clock. Invariant: what `take` gave away is counted no more, unless it is given back.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from commerce.ids import OfferId, ShowId
from commerce.store.minutes import Clicked
from commerce.summary import MINUTE_MS

SEEN: Final = 100_000
"""Viewers and offers remembered in a minute, 20 MiB; whoever comes after that counts each time."""

WAITING: Final = 10_000
"""Offers and minutes that wait to be written; beyond, clicks on others are not counted."""

_OFFER: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
"""Anything else is no offer's id, and might be something that PostgreSQL cannot store."""


class Clicks:
    """The clicks that no process has written down yet; ``now`` is in Unix milliseconds."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[ShowId, OfferId, int]] = Counter()
        self._minute = 0
        self._seen: set[tuple[str, OfferId]] = set()

    def note(self, show: ShowId, offer: OfferId, viewer: str, now: int) -> None:
        """Count a viewer who opened an offer or tried for it."""
        minute = now - now % MINUTE_MS
        if minute != self._minute:
            self._minute = minute
            self._seen.clear()
        who = (viewer, offer)
        if who in self._seen or not _OFFER.fullmatch(offer):
            return
        if len(self._seen) < SEEN:
            self._seen.add(who)
        self._add(Clicked(show, offer, minute, 1))

    def take(self) -> list[Clicked]:
        """Give away what was counted."""
        taken = [Clicked(*at, count) for at, count in self._counts.items()]
        self._counts.clear()
        return taken

    def give_back(self, clicked: Iterable[Clicked]) -> None:
        """Count again what could not be written."""
        for each in clicked:
            self._add(each)

    def _add(self, clicked: Clicked) -> None:
        at = (clicked.show, clicked.offer, clicked.minute)
        if at in self._counts or len(self._counts) < WAITING:
            self._counts[at] += clicked.count
