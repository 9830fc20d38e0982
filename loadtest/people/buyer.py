"""
Somebody who buys as a person does: sees an offer, presses when the sale opens, pays or forgets.

Every offer is thought about once. Some press twice with the same id, as people with a bad
connection do; the shop must answer both times the same.
"""

import time
from typing import Final
from urllib.parse import urljoin
from uuid import uuid4

import gevent
from locust import between, task
from locust.env import Environment

from liveshop_client.errors import LiveshopError
from liveshop_client.messages import Message, OfferView, OrderView
from liveshop_client.state import RoomState
from loadtest.cashier import Choice, read_form
from loadtest.people.board import Press
from loadtest.people.person import Person
from loadtest.people.target import same_site

LOOK_S: Final = 20.0
"""How long to look for an offer before the next look."""

PLACED_S: Final = 60.0
"""An order is written within half a second; a worker that was killed is back in some ten."""

PAID_S: Final = 60.0
"""A payment is confirmed within a second."""

TURN_S: Final = 120.0
"""How long after the opening somebody waits for their turn: two turns of others."""

TRIES: Final = 3
"""How often somebody presses who is told to wait a little."""

CARD: Final = 0.1
"""How likely a card that is no flash sale is bought."""

TWICE: Final = 0.1
"""How likely somebody presses twice."""

FORGETS: Final = 0.15
"""How likely somebody does not pay, so that the units come back to the shop."""

REACTION_S: Final = (-0.1, 1.5, 0.2)
"""Some press a moment before the clock, most within half a second."""


class Buyer(Person):
    """Goes from offer to offer."""

    weight = 20
    wait_time = between(0.2, 1.0)

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        # Offers that were thought about already.
        self._thought: set[str] = set()

    @task
    def shop(self) -> None:
        """Think about the next offer, and perhaps buy it."""
        try:
            offer = self.seat.until(self._something_new, LOOK_S)
            if offer is None:
                return
            self._thought.add(offer["id"])
            if offer["kind"] == "flash" or self.chance.random() < CARD:
                self._buy(offer)
        except LiveshopError as error:
            self.evening.failed("shop", "buy", 0.0, error)

    def _something_new(self, state: RoomState) -> OfferView | None:
        if state.show is None or state.show["state"] != "live":
            return None
        flash = (offer for offer in state.offers.values() if offer["kind"] == "flash")
        candidates = (*flash, state.pinned_offer)
        return next((each for each in candidates if each and self._is_new(each)), None)

    def _is_new(self, offer: OfferView) -> bool:
        return offer["id"] not in self._thought and offer["state"] == "open" and offer["left"] > 0

    # -- The button -----------------------------------------------------------------------------

    def _buy(self, offer: OfferView) -> None:
        if offer.get("entry") == "queue" and not self._queue_up(offer):
            return
        countdown_s = (offer.get("opens_at", 0) - self.seat.server_ms()) / 1000
        gevent.sleep(max(countdown_s, 0.0) + max(self.chance.triangular(*REACTION_S), 0.0))
        answer = self._press(offer)
        if answer is None or answer["type"] != "reserved":
            return
        began = time.monotonic()
        hold = answer["hold"]
        self.seat.until(
            lambda state: hold not in state.holds or state.order_of(hold), timeout=PLACED_S
        )
        ms = (time.monotonic() - began) * 1000
        order = self.seat.state.order_of(hold)
        if order is not None:
            self.evening.took("shop", "reserved → placed", ms)
            self._check_out(order)
        elif hold in self.seat.state.holds:
            self.evening.broke("a unit was reserved, and no order was placed within a minute")

    def _queue_up(self, offer: OfferView) -> bool:
        """Enter the queue, as long before the sale as it takes; say whether the turn came."""
        answer = self.seat.queue_up(offer["id"])
        self.evening.took("shop", f"enter → {answer.get('reason') or answer['type']}", 0.0)
        if answer["type"] not in ("entered", "admitted"):
            return False
        countdown_s = max((offer.get("opens_at", 0) - self.seat.server_ms()) / 1000, 0.0)
        turn = self.seat.until(lambda state: _is_turn(state, offer["id"]), countdown_s + TURN_S)
        return turn is not None

    def _press(self, offer: OfferView) -> Message | None:
        """Press the button, and again as often as the shop asks to wait; return its answer."""
        for _ in range(TRIES):
            id = uuid4().hex
            known = self.seat.state.offers.get(offer["id"], offer)["version"]
            began = time.monotonic()
            answer = self.seat.reserve(offer["id"], id=id)
            ms = (time.monotonic() - began) * 1000
            if answer["type"] == "reserved":
                self.evening.took("shop", "reserve → reserved", ms)
                self.evening.board.pin(offer["id"], Press(began * 1000, self.number, known))
                self._press_again(offer, id, answer)
                return answer
            reason = answer.get("reason") or answer.get("code")
            self.evening.took("shop", f"reserve → refused: {reason}", ms)
            if "retry_after_ms" not in answer:
                return None
            gevent.sleep(answer["retry_after_ms"] / 1000 + self.chance.uniform(0.05, 0.3))
        return None

    def _press_again(self, offer: OfferView, id: str, first: Message) -> None:
        """Ask the same once more, now and then: one id has one outcome."""
        if self.chance.random() >= TWICE:
            return
        second = self.seat.reserve(offer["id"], id=id)
        if (second["type"], second.get("hold")) != (first["type"], first["hold"]):
            self.evening.broke("an idempotency key had two outcomes")

    # -- The till -------------------------------------------------------------------------------

    def _check_out(self, order: OrderView) -> None:
        gevent.sleep(self.chance.uniform(0.5, 3.0))
        if self.chance.random() < FORGETS:
            return
        path = f"/api/orders/{order['id']}/pay"
        started = self.call("POST", path, name="/api/orders/[id]/pay")
        if not started.ok:
            return
        page = urljoin(f"{self.host}/", started.body["redirect_url"])
        if not same_site(page, self.host or ""):
            # Somebody else's server: a load test has no business there.
            self.evening.took("shop", "pay → at another site, not followed", 0.0)
            return
        began = time.monotonic()
        if self._pay(page):
            self._await_payment(order["id"], began)

    def _pay(self, page: str) -> bool:
        """Press the button on the gateway's page; return whether it took it."""
        with self.client.get(page, name="the gateway's page", catch_response=True) as shown:
            form = read_form(shown.text or "")
            button = form.button(Choice.PAY) if form else None
            if form is None or button is None:
                shown.failure("the page has no button to pay with")
                return False
        with self.client.post(
            urljoin(page, button.action or form.action or page),
            data={**form.hidden, **button.fields},
            headers={"Origin": self.host or ""},
            name="the gateway's button",
            allow_redirects=False,
            catch_response=True,
        ) as pressed:
            taken = bool(200 <= pressed.status_code < 400)
            if taken:
                pressed.success()
            return taken

    def _await_payment(self, order: str, began: float) -> None:

        def settled(state: RoomState) -> bool:
            known = state.orders.get(order)
            return known is None or known["status"] != "awaiting_payment"

        paid = self.seat.until(settled, PAID_S)
        ms = (time.monotonic() - began) * 1000
        if paid:
            self.evening.took("shop", "pay → paid", ms)
        else:
            self.evening.broke("an order was paid for, and the buyer was not told")


def _is_turn(state: RoomState, offer: str) -> bool:
    mine = state.queued.get(offer)
    return mine is not None and "admission" in mine and not mine.get("over", False)
