"""
One person's shopping: think, press the button, pay or not.

Every offer is thought about once. What the gate answers and what becomes of an order is counted;
a refusal, or a shop that is away, ends that purchase and nothing else.
"""

import asyncio
from random import Random
from typing import Final

from liveshop_client import Api, ApiError, LiveshopError, Room
from liveshop_client.messages import OfferView, OrderView, Refused, Reserved
from liveshop_client.state import RoomState
from loadtest.cashier import Choice, settle
from loadtest.counts import Counts, code_of
from loadtest.phrases import Mood
from loadtest.temperament import Payment, Temperament
from loadtest.voice import Voice

TRIES: Final = 3
"""How often a person presses the button when told to wait a little."""

LOOK_S: Final = 120.0
"""How long to wait for something new before looking again."""

PLACED_S: Final = 60.0
"""An order is written within half a second; a worker that was killed is back in some ten."""

PAID_S: Final = 90.0
"""A payment is confirmed within a second, a late one within 30."""

ANNOUNCEMENT_S: Final = (1.0, 5.0)
"""The host announces a sale; then people answer."""

HEARD_S: Final = 1.5
"""Within this time a shop has heard from its gateway, and offers a new payment."""

LATE: Final = 0.08
"""How likely the bank takes its time."""


class Buyer:
    """Someone with a temperament, a seat in the room and a basket."""

    def __init__(
        self,
        api: Api,
        room: Room,
        voice: Voice,
        temperament: Temperament,
        chance: Random,
        counts: Counts,
    ) -> None:
        self._api = api
        self._room = room
        self._voice = voice
        self._temperament = temperament
        self._chance = chance
        self._counts = counts
        # Offers that were thought about already.
        self._seen: set[str] = set()

    async def shop(self) -> None:
        """Shop until cancelled, or until the room is over."""
        while True:
            try:
                offer = await self._room.until(self._something_new, timeout=LOOK_S)
            except TimeoutError:
                continue
            self._seen.add(offer["id"])
            if self._chance.random() < self._wish(offer):
                try:
                    await self._buy(offer)
                except (LiveshopError, TimeoutError) as error:
                    self._counts.errors[code_of(error)] += 1

    def _something_new(self, state: RoomState) -> OfferView | None:
        """Return an offer on sale, or about to be, that was not thought about yet."""
        if state.show is None or state.show["state"] != "live":
            return None
        flash = (offer for offer in state.offers.values() if offer["kind"] == "flash")
        candidates = (state.pinned_offer, *flash)
        return next((o for o in candidates if o and self._is_new(o)), None)

    def _is_new(self, offer: OfferView) -> bool:
        return offer["id"] not in self._seen and offer["state"] == "open" and offer["left"] > 0

    def _wish(self, offer: OfferView) -> float:
        kind = self._temperament
        return kind.hunts if offer["kind"] == "flash" else kind.wants

    # -- The button -----------------------------------------------------------------------------

    async def _buy(self, offer: OfferView) -> None:
        await self._hover(offer)
        answer = await self._press(offer)
        if answer["type"] == "refused":
            if answer["reason"] == "sold_out":
                await self._voice.exclaim(Mood.MISSED, offer, likely=0.3)
            return
        self._counts.of["reserved"] += 1
        order = await self._placed(answer["hold"])
        if order is not None:
            self._counts.of["placed"] += 1
            await self._check_out(offer, order)

    async def _hover(self, offer: OfferView) -> None:
        """Wait for the moment to press."""
        if self._countdown_s(offer) <= 0:
            # On sale already: people look before they buy.
            look_s = (0.3, 2.0) if offer["kind"] == "flash" else (3.0, 18.0)
            await asyncio.sleep(self._chance.uniform(*look_s))
            return
        if self._countdown_s(offer) > ANNOUNCEMENT_S[1]:
            await asyncio.sleep(self._chance.uniform(*ANNOUNCEMENT_S))
            if self._chance.random() < 0.15:
                await self._voice.say(Mood.COUNTDOWN, offer)
        # Some press a moment early, most within half a second.
        reaction_s = self._chance.triangular(-0.2, 2.5, 0.3)
        await asyncio.sleep(max(0.0, self._countdown_s(offer) + reaction_s))

    def _countdown_s(self, offer: OfferView) -> float:
        return (offer.get("opens_at", 0) - self._room.now()) / 1000

    async def _press(self, offer: OfferView) -> Reserved | Refused:
        """Press the button, and again as often as the shop asks to wait."""
        tries = TRIES
        while True:
            tries -= 1
            answer = await self._room.reserve(offer["id"])
            if answer["type"] == "reserved":
                return answer
            self._counts.refused[answer["reason"]] += 1
            if tries == 0 or "retry_after_ms" not in answer:
                return answer
            await asyncio.sleep(answer["retry_after_ms"] / 1000 + self._chance.uniform(0.05, 0.5))

    async def _placed(self, hold: str) -> OrderView | None:
        """Wait for the order; ``None`` if the units could not be kept."""
        await self._room.until(
            lambda state: hold not in state.holds or state.order_of(hold), timeout=PLACED_S
        )
        return self._room.state.order_of(hold)

    # -- The till -------------------------------------------------------------------------------

    async def _check_out(self, offer: OfferView, order: OrderView) -> None:
        await asyncio.sleep(self._chance.uniform(1.5, 9))
        match self._temperament.payment:
            case Payment.FORGETS:
                left_s = max(0.0, (order["pay_by"] - self._room.now()) / 1000)
                self._counts.of[await self._outcome(order, left_s + PAID_S)] += 1
            case Payment.CANCELS:
                await self._api.cancel(order["id"])
                self._counts.of[await self._outcome(order, PAID_S)] += 1
            case Payment.DECLINED_FIRST:
                await self._choose(order, Choice.DECLINE)
                self._counts.of["declined"] += 1
                await self._voice.exclaim(Mood.DECLINED, offer, likely=0.4)
                await asyncio.sleep(self._chance.uniform(2, 6))
                await self._pay(offer, order)
            case Payment.PAYS:
                await self._pay(offer, order)

    async def _pay(self, offer: OfferView, order: OrderView) -> None:
        late = self._chance.random() < LATE
        await self._choose(order, Choice.LATE if late else Choice.PAY)
        outcome = await self._outcome(order, PAID_S)
        self._counts.of[outcome] += 1
        if outcome == "paid":
            await self._voice.exclaim(Mood.BOUGHT, offer, likely=0.35)

    async def _choose(self, order: OrderView, choice: Choice) -> None:
        """Press a button on the gateway's page, and go there again if it has none any more."""
        tries = TRIES
        while True:
            tries -= 1
            payment = await self._api.pay(order["id"])
            try:
                await settle(payment["redirect_url"], choice)
            except ApiError as error:
                # The shop has not heard yet that the last payment was declined.
                if tries == 0 or error.code != "no_such_button":
                    raise
            else:
                return
            await asyncio.sleep(HEARD_S)

    async def _outcome(self, order: OrderView, timeout: float) -> str:
        """Wait until an order is no longer open, and return what became of it."""

        def outcome(state: RoomState) -> str | None:
            known = state.orders.get(order["id"])
            if known is None:
                # It ended while the room was away; only open and paid ones are kept.
                return "lapsed"
            return None if known["status"] == "awaiting_payment" else known["status"]

        return await self._room.until(outcome, timeout=timeout) or "lapsed"
