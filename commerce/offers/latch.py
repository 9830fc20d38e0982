"""
What this worker may answer by itself: that an offer the gate has sold out is sold out, and that an
offer with a queue sells to nobody without an admission.

A flash sale is refusals, a thousand for each unit sold. Once the gate said that nothing is left,
as of a version, a *fresh* attempt gets the same answer from here, until anyone tells of a newer
version with units left, the epoch changes, or `LATCH_S` is over: lost news costs no more than that.

Invariant: an attempt that may have been held is never answered from here. Which ones may have been
cannot be remembered: news of a hold that another worker got can be late. So the sender says which
are fresh, never sent before; any other goes to the gate, which knows its answer. Nothing here waits
or reads a clock.
"""

from typing import Final

from msgspec import Struct

from commerce.ids import OfferId

LATCH_S: Final = 1.0
"""How long a buyer may be told "sold out" after units came back, if all news of it was lost."""

VERSIONS_OF_EPOCH: Final = 10**9
"""A version is its epoch times this, and the changes since; `load.lua` begins them so."""

KNOWN: Final = 1_000
"""Offers remembered, 200 bytes each; the one that was heard of first is forgotten first."""


class _Known(Struct, frozen=True):
    left: int
    version: int
    until: float


class Latches:
    """What the gate last said of offers; ``now`` in seconds, monotonic."""

    def __init__(self) -> None:
        self._known: dict[OfferId, _Known] = {}
        self._with_queue: dict[OfferId, None] = {}

    def hear_of_queue(self, offer: OfferId) -> None:
        """Take in that an offer sells to admissions alone, as it does for good."""
        self._with_queue[offer] = None
        if len(self._with_queue) > KNOWN:
            del self._with_queue[next(iter(self._with_queue))]

    def has_queue(self, offer: OfferId) -> bool:
        """Say whether an offer is known to sell to admissions alone."""
        return offer in self._with_queue

    def hear(self, offer: OfferId, left: int, version: int, now: float) -> None:
        """
        Take in what was left as of ``version``; what is older than what is known changes nothing.

        ``now`` is from before the gate was asked: the answer was true then, or later.
        """
        known = self._known.pop(offer, None)
        if known is None or known.version <= version:
            known = _Known(left=left, version=version, until=now + LATCH_S)
        self._known[offer] = known
        if len(self._known) > KNOWN:
            del self._known[next(iter(self._known))]

    def sold_out(self, offer: OfferId, epoch: int, now: float) -> bool:
        """Say whether the gate of ``epoch`` had nothing left of an offer, a moment ago."""
        known = self._known.get(offer)
        return (
            known is not None
            and known.left == 0
            and now < known.until
            and known.version // VERSIONS_OF_EPOCH == epoch
        )
