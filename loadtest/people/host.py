"""
The host: puts cards on screen, and opens a flash sale whenever the plan says so.

Everything is an API call that anybody may automate. What is sold is a product of the run's own, so
that a sale never fails for want of stock and nobody's catalogue runs dry.
"""

import os
import time
from pathlib import Path
from typing import Final
from uuid import uuid4

import gevent
from locust import constant, task
from locust.exception import StopUser

from liveshop_client.messages import Message
from loadtest.people.account import find_account
from loadtest.people.person import Person
from loadtest.phrases import Mood

COUNTDOWN_S: Final = 5
"""Long enough for everybody to see the clock."""

SALE_S: Final = 20
"""A sale ends by itself, sold out or not."""

PRESENT_S: Final = 3.0
"""A card goes on screen or off it: control events that everybody must see once."""

UNITS: Final = 20
STOCK: Final = 1_000_000
HOLD_S: Final = 30
"""The shortest there is sense in: what was forgotten comes back before the run is over."""


class Host(Person):
    """There is one, however many people there are."""

    fixed_count = 1
    wait_time = constant(0.2)

    def on_start(self) -> None:
        """Come in as the host, with something to sell."""
        super().on_start()
        self._variant = self._product()
        self._next_s = self.evening.plan.next_sale_s(self.evening.now_s())
        self._card: str | None = None

    def sign_in(self) -> str | None:
        """Return the host's token."""
        folder = Path(getattr(self.environment.parsed_options, "data_dir", ".liveshop"))
        account = find_account(os.environ, folder)
        if account is None:
            # Said once, by the process that runs the show.
            raise StopUser
        if account.token:
            return account.token
        answer = self.call(
            "POST", "/api/auth/login", {"email": account.email, "password": account.password}
        )
        return answer.body["token"] if answer.ok else None

    @task
    def present(self) -> None:
        """Open the sale that is due, and otherwise put a card on screen or off it."""
        if self._next_s is not None and self.evening.now_s() >= self._next_s - COUNTDOWN_S:
            self._open_sale()
            after = self.evening.now_s() + COUNTDOWN_S + 0.001
            self._next_s = self.evening.plan.next_sale_s(after)
        elif self._card is not None:
            self._pin_or_unpin(self._card)
            gevent.sleep(self._patience_s())

    def _patience_s(self) -> float:
        """Return how long to wait before the next card, but not past a sale."""
        if self._next_s is None:
            return PRESENT_S
        return min(PRESENT_S, max(self._next_s - COUNTDOWN_S - self.evening.now_s(), 0.0))

    def _open_sale(self) -> None:
        units = int(getattr(self.environment.parsed_options, "units", UNITS))
        terms: Message = {
            "variant": self._variant,
            "kind": "flash",
            "price_minor": 900,
            "quantity": units,
            "limit_per_buyer": 1,
            "hold_s": HOLD_S,
            "duration_s": SALE_S,
        }
        path = f"/api/shows/{self.evening.show}/offers"
        made = self.call("POST", path, terms, name="/api/shows/[id]/offers", key=uuid4().hex)
        if not made.ok:
            return
        self._card = str(made.body["id"])
        due_s = (self._next_s or 0.0) - self.evening.now_s()
        countdown: Message = {"countdown_s": max(round(due_s), 1), "duration_s": SALE_S}
        self._act(self._card, "open", countdown)
        self._act(self._card, "pin")
        self.say(Mood.ANNOUNCING)

    def _pin_or_unpin(self, card: str) -> None:
        offer = self.seat.state.offers.get(card)
        if self.seat.state.pinned == card:
            self._act(card, "unpin")
        elif offer is not None and offer["state"] == "open":
            self._act(card, "pin")

    def _act(self, offer: str, verb: str, body: Message | None = None) -> None:
        path = f"/api/offers/{offer}/{verb}"
        # It may close by itself between our look and our hand.
        self.call("POST", path, body, name=f"/api/offers/[id]/{verb}", refusals=("wrong_state",))

    def _product(self) -> str:
        """Add this run's product and return its variant; try again until the shop takes it."""
        tag = f"{time.strftime('%m%d-%H%M%S')}-{uuid4().hex[:4]}"
        variant = {"sku": f"LOAD-{tag}", "price_minor": 1900, "currency": "USD", "available": STOCK}
        product: Message = {
            "title": f"Load test {tag}",
            "handle": f"load-test-{tag}",
            "variants": [variant],
        }
        key = uuid4().hex
        while not (made := self.call("POST", "/api/products", product, key=key)).ok:
            gevent.sleep(1.0)
        return str(made.body["variants"][0]["id"])
