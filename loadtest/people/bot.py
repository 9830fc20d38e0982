"""
A program that wants to be first: it presses over HTTP, before the clock and again and again.

It keeps to no manners but the protocol's; the shop's limits are for it, and a refusal is what
they are there for.
"""

import time
from typing import Final
from uuid import uuid4

from locust import constant_pacing, task

from loadtest.people.person import Person

REFUSALS: Final = (
    "sold_out",
    "limit_reached",
    "not_open",
    "closed",
    "unknown_offer",
    "rate_limited",
    "unavailable",
)


class Bot(Person):
    """Presses four times a second while there is a flash sale."""

    weight = 2
    wait_time = constant_pacing(0.25)

    @task
    def hammer(self) -> None:
        """Try for a unit of whatever flash sale there is, open or not."""
        for offer in list(self.seat.state.offers.values()):
            if offer["kind"] == "flash" and offer["state"] == "open" and offer["left"] > 0:
                self._reserve(offer["id"])
                return

    def _reserve(self, offer: str) -> None:
        began = time.monotonic()
        answer = self.call(
            "POST",
            f"/api/offers/{offer}/reservations",
            {"quantity": 1},
            name="/api/offers/[id]/reservations",
            key=uuid4().hex,
            refusals=REFUSALS,
        )
        ms = (time.monotonic() - began) * 1000
        if answer.ok:
            self.evening.took("shop", "bot: reserve → reserved", ms)
        elif answer.code in REFUSALS:
            self.evening.took("shop", f"bot: reserve → refused: {answer.code}", ms)
