"""
How a run goes: how many people are there when, when sales open, when the network fails.

Pure: everything is a function of the seconds since the beginning. Invariant: a plan that ends
answers ``None`` from its end on and never before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Final

PEOPLE: Final[Mapping[str, int]] = {
    "Watcher": 60,
    "Chatter": 15,
    "Buyer": 20,
    "SlowPhone": 3,
    "Bot": 2,
}
"""How many of a hundred are like this; the one host comes on top."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Until ``until_s``, ``share`` of the people are to be there; the change takes ``over_s``."""

    until_s: float
    share: float
    over_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """
    One way for a run to go.

    Attributes:
        about: What it shows, in a sentence.
        stages: Who is there when; without any, as many as Locust's own options say.
        first_sale_s: When the first flash sale opens.
        every_sale_s: Seconds from one sale to the next; 0 for a single one.
        cuts_s: When everybody loses the network at once.
        people: How many of a hundred are like this.
        repeats: Whether the stages begin again until ``--run-time`` is over.

    """

    about: str
    stages: tuple[Stage, ...] = ()
    first_sale_s: float = 10.0
    every_sale_s: float = 30.0
    cuts_s: tuple[float, ...] = ()
    people: Mapping[str, int] = field(default_factory=lambda: PEOPLE)
    repeats: bool = False

    @property
    def duration_s(self) -> float | None:
        """How long it takes; ``None`` if it goes on until it is stopped."""
        return self.stages[-1].until_s if self.stages and not self.repeats else None

    def paced(self, pace: float) -> "Plan":
        """Return the same plan in ``pace`` of its time."""
        return replace(
            self,
            stages=tuple(
                Stage(each.until_s * pace, each.share, each.over_s * pace) for each in self.stages
            ),
            first_sale_s=self.first_sale_s * pace,
            every_sale_s=self.every_sale_s * pace,
            cuts_s=tuple(each * pace for each in self.cuts_s),
        )

    def at(
        self, now_s: float, people: int, rate: float, run_time_s: float | None = None
    ) -> tuple[int, float] | None:
        """Return how many are to be there and how many come or go a second; ``None`` at the end."""
        if run_time_s and now_s >= run_time_s:
            return None
        if not self.stages:
            return people, rate
        end_s = self.stages[-1].until_s
        if self.repeats:
            now_s %= end_s
        before = 0.0
        for stage in self.stages:
            if now_s < stage.until_s:
                change = abs(stage.share - before) * people
                return max(ceil(stage.share * people), 1), max(change / stage.over_s, 1.0)
            before = stage.share
        return None

    def next_sale_s(self, now_s: float) -> float | None:
        """Return when the next sale opens, seen from ``now_s``; ``None`` if none does."""
        if now_s <= self.first_sale_s:
            return self.first_sale_s
        if not self.every_sale_s:
            return None
        passed = ceil((now_s - self.first_sale_s) / self.every_sale_s)
        return self.first_sale_s + passed * self.every_sale_s


PLANS: Final[Mapping[str, Plan]] = {
    "steady": Plan("as many people as --users says, and a flash sale every half minute"),
    "show-opens": Plan(
        "a tenth waits; then the show begins, and everyone comes within fifteen seconds",
        (Stage(10, 0.1, 5), Stage(75, 1.0, 15), Stage(90, 0.1, 15)),
        first_sale_s=45,
    ),
    "flash-sale": Plan(
        "everyone is there when the clock says 20:00:00 and twenty units go on sale",
        (Stage(75, 1.0, 20),),
        first_sale_s=35,
        every_sale_s=0,
        people={"Watcher": 20, "Chatter": 10, "Buyer": 60, "SlowPhone": 2, "Bot": 8},
    ),
    "reconnect-storm": Plan(
        "everybody loses the network at once, twice, and comes back to where they were",
        (Stage(80, 1.0, 20),),
        first_sale_s=30,
        cuts_s=(35, 55),
    ),
    "slow-readers": Plan(
        "a fifth reads too slowly while the others talk",
        (Stage(75, 1.0, 15),),
        people={"Watcher": 30, "Chatter": 40, "Buyer": 10, "SlowPhone": 19, "Bot": 1},
    ),
    "soak": Plan(
        "people come and go for hours: between half and all of them, until --run-time is over",
        (Stage(300, 1.0, 60), Stage(600, 0.5, 60)),
        every_sale_s=60,
        repeats=True,
    ),
}
