"""
Who comes to a show: what somebody does there, how often, and whether they pay.

Everything is drawn from one ``Random``, so that a seed gives the same audience. Nothing waits.
"""

from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Final


class Payment(Enum):
    """What somebody does with an order."""

    PAYS = "pays"
    DECLINED_FIRST = "declined first"
    CANCELS = "cancels"
    FORGETS = "forgets"


@dataclass(frozen=True, slots=True)
class Temperament:
    """
    One way to be at a show.

    Attributes:
        name: What to call it.
        share: How many of a hundred are like this.
        chat_s: Mean seconds between two lines of theirs, in a room that is not crowded.
        like_s: Mean seconds between two bursts of hearts.
        wants: How likely they try to buy a card that is presented.
        hunts: How likely they try for a flash sale.
        payment: What they do with an order.

    """

    name: str
    share: int
    chat_s: float
    like_s: float
    wants: float
    hunts: float
    payment: Payment


CAST: Final = (
    Temperament("watcher", 30, 400, 90, 0.02, 0.5, Payment.PAYS),
    Temperament("chatter", 20, 35, 60, 0.05, 0.6, Payment.PAYS),
    Temperament("liker", 15, 150, 12, 0.03, 0.5, Payment.PAYS),
    Temperament("buyer", 23, 120, 45, 0.25, 0.95, Payment.PAYS),
    Temperament("decliner", 5, 120, 60, 0.2, 0.9, Payment.DECLINED_FIRST),
    Temperament("canceller", 2, 120, 60, 0.2, 0.9, Payment.CANCELS),
    Temperament("hesitant", 5, 150, 60, 0.2, 0.9, Payment.FORGETS),
)

STAY_S: Final = (240.0, 1_500.0)
"""How long people watch before they go and somebody else comes: 4 to 25 minutes."""

CHINESE: Final = 0.3
"""How likely somebody talks Chinese."""

LINES_A_SECOND: Final = 3.0
"""More than this nobody reads; in a big room each one talks less."""


def draw(chance: Random) -> Temperament:
    """Return what somebody new is like."""
    (temperament,) = chance.choices(CAST, [kind.share for kind in CAST])
    return temperament


def pause_s(mean_s: float, chance: Random) -> float:
    """Return a natural pause: mostly short, sometimes long, never above four means."""
    return min(4 * mean_s, chance.expovariate(1 / mean_s))


def chat_pause_s(temperament: Temperament, viewers: int, chance: Random) -> float:
    """Return the pause before the next line, in a room of so many."""
    return pause_s(temperament.chat_s * crowding(viewers), chance)


def crowding(viewers: int) -> float:
    """Return how much less each one talks so that all together stay readable."""
    total = sum(kind.share for kind in CAST)
    lines_a_second = viewers * sum(kind.share / total / kind.chat_s for kind in CAST)
    return max(1.0, lines_a_second / LINES_A_SECOND)
