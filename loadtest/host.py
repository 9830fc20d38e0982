"""
A host who never tires: presents the bag, opens flash sales, talks, and keeps the bag filled.

Invariant: a person comes first. When somebody else puts an offer on screen, this host does
nothing but talk for a while. What the shop refuses is counted, and the show goes on.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from liveshop_client import Api, LiveshopError, Room, connect
from liveshop_client.messages import OfferView
from loadtest import temperament
from loadtest.counts import code_of, errors_in
from loadtest.phrases import Mood
from loadtest.viewer import Show
from loadtest.voice import Voice

AWAY_S: Final = 10.0
"""Between two tries to sign in: the server allows only so many a minute."""

PRESENT_S: Final = (20.0, 30.0)
FIRST_FLASH_S: Final = 20.0
BETWEEN_FLASHES_S: Final = (65.0, 85.0)
BREATHER_S: Final = 10.0
SPEAK_S: Final = 40.0
STOCKTAKING_S: Final = 30.0
HANDS_OFF_S: Final = 120.0
"""How long a person who presents something has the stage."""

SEEN_S: Final = 10.0
"""A pinned card is on every screen within a second."""

FLASH_UNITS: Final = 20
FLASH_COUNTDOWN_S: Final = 10
FLASH_DURATION_S: Final = 60
FLASH_HOLD_S: Final = 60
FLASH_DISCOUNT: Final = 0.65

BAG: Final = 8
"""Everyday offers on sale: what a person would scroll through."""

SPARE_UNITS: Final = 5
"""A product with fewer units in the warehouse is not worth a card."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who hosts."""

    email: str
    password: str


class Host:
    """Runs a show that is live."""

    def __init__(self, show: Show, account: Account, chance: Random) -> None:
        self._show = show
        self._account = account
        self._chance = chance

    async def run(self) -> None:
        """Host the show until cancelled."""
        while True:
            errors: list[Exception] = []
            try:
                await self._host()
            except* (LiveshopError, TimeoutError) as group:
                errors = errors_in(group)
            for error in errors:
                self._show.counts.errors[f"host_{code_of(error)}"] += 1
            await asyncio.sleep(AWAY_S)

    async def _host(self) -> None:
        async with Api(self._show.url) as api:
            await api.login(self._account.email, self._account.password)
            async with connect(self._show.url, self._show.id, token=api.token) as room:
                voice = Voice(room, "en", self._chance, self._show.counts)
                desk = Desk(self._show, api, room, voice, self._chance)
                async with asyncio.TaskGroup() as evening:
                    evening.create_task(desk.present())
                    evening.create_task(desk.hold_flash_sales())
                    evening.create_task(desk.keep_the_bag_filled())
                    evening.create_task(desk.chat())


class Desk:
    """The host's desk: everything on it is an API call that anyone may automate."""

    def __init__(self, show: Show, api: Api, room: Room, voice: Voice, chance: Random) -> None:
        self._show = show
        self._api = api
        self._room = room
        self._voice = voice
        self._chance = chance
        # What this host put on screen last.
        self._last: str | None = room.state.pinned
        # What may be on screen without anybody else having put it there.
        self._expected = {None, room.state.pinned}
        # When a person's own choice of the card stops being respected, in loop time.
        self._hands_off_until = 0.0
        # While a flash sale is on screen, nothing else is presented.
        self._flash_on = False
        # Prepared flash sales that cannot be opened.
        self._hopeless: set[str] = set()

    # -- What the host does again and again -----------------------------------------------------

    async def present(self) -> None:
        """Put one everyday offer after the other on screen."""
        while True:
            if self._may_act() and not self._flash_on and (offer := self._next_card()):
                with self._refusals():
                    await self._pin(offer)
                    if self._chance.random() < 0.8:
                        await self._voice.say(Mood.PRESENTING, offer)
            await asyncio.sleep(self._chance.uniform(*PRESENT_S))

    async def hold_flash_sales(self) -> None:
        """Open a prepared flash sale, or a new one, every minute or so."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(FIRST_FLASH_S)
        while True:
            following = loop.time()
            if self._may_act():
                following += self._chance.uniform(*BETWEEN_FLASHES_S)
                with self._refusals():
                    await self._flash()
            await asyncio.sleep(max(BREATHER_S, following - loop.time()))

    async def keep_the_bag_filled(self) -> None:
        """Close what is sold out, and offer something else instead."""
        while True:
            await asyncio.sleep(STOCKTAKING_S)
            if self._may_act():
                with self._refusals():
                    await self._restock()

    async def chat(self) -> None:
        """Say something now and then."""
        while True:
            await asyncio.sleep(temperament.pause_s(SPEAK_S, self._chance))
            if self._live():
                await self._voice.say(Mood.HOSTING)

    # -- Presenting -----------------------------------------------------------------------------

    def _next_card(self) -> OfferView | None:
        """Return the everyday offer that follows the last one in the bag."""
        bag = self._everyday()
        last = self._room.state.offers.get(self._last or "")
        position = last["position"] if last else -1
        return next(
            (offer for offer in bag if offer["position"] > position), bag[0] if bag else None
        )

    def _everyday(self) -> list[OfferView]:
        offers = self._room.state.offers.values()
        on_sale = (o for o in offers if o["kind"] == "everyday" and o["state"] == "open")
        return sorted((o for o in on_sale if o["left"] > 0), key=lambda offer: offer["position"])

    async def _pin(self, offer: OfferView) -> None:
        if offer["kind"] == "everyday":
            self._last = offer["id"]
        self._expected.add(offer["id"])
        await self._api.pin_offer(offer["id"])
        await self._room.until(lambda state: state.pinned == offer["id"], timeout=SEEN_S)
        self._expected = {None, offer["id"]}

    # -- Flash sales ----------------------------------------------------------------------------

    async def _flash(self) -> None:
        offer = self._prepared() or await self._prepare()
        if offer is None:
            return
        self._flash_on = True
        try:
            offer = await self._open(offer)
            self._show.counts.of["flash_sales"] += 1
            await self._pin(offer)
            await self._voice.say(Mood.ANNOUNCING, offer)
            with suppress(TimeoutError):
                await self._room.until(
                    lambda state: _over(state.offers.get(offer["id"])),
                    timeout=FLASH_COUNTDOWN_S + FLASH_DURATION_S,
                )
            await self._voice.say(Mood.CLOSING, offer)
            await asyncio.sleep(self._chance.uniform(4, 8))
        finally:
            self._flash_on = False

    def _prepared(self) -> OfferView | None:
        offers = self._room.state.offers.values()
        drafts = (o for o in offers if o["kind"] == "flash" and o["state"] == "draft")
        return next((offer for offer in drafts if offer["id"] not in self._hopeless), None)

    async def _prepare(self) -> OfferView | None:
        variant = await self._something_to_sell(FLASH_UNITS)
        if variant is None:
            return None
        # The shop refuses a flash price that is not below all that was asked lately.
        history = await self._api.prices(variant["id"])
        price = min(
            round(variant["price_minor"] * FLASH_DISCOUNT / 50) * 50, history["lowest_minor"] - 50
        )
        if price <= 0:
            return None
        terms = {
            "variant": variant["id"],
            "kind": "flash",
            "price_minor": price,
            "quantity": FLASH_UNITS,
            "limit_per_buyer": 1,
            "hold_s": FLASH_HOLD_S,
            "duration_s": FLASH_DURATION_S,
        }
        return await self._api.create_offer(self._show.id, terms)

    async def _open(self, offer: OfferView) -> OfferView:
        try:
            return await self._api.open_offer(
                offer["id"], countdown_s=FLASH_COUNTDOWN_S, duration_s=FLASH_DURATION_S
            )
        except LiveshopError:
            self._hopeless.add(offer["id"])
            raise

    # -- The bag --------------------------------------------------------------------------------

    async def _restock(self) -> None:
        for offer in list(self._room.state.offers.values()):
            if offer["kind"] == "everyday" and offer["state"] == "open" and offer["left"] == 0:
                await self._api.close_offer(offer["id"])
        for _ in range(BAG - len(self._everyday())):
            variant = await self._something_to_sell(SPARE_UNITS)
            if variant is None:
                return
            terms = {
                "variant": variant["id"],
                "quantity": min(30, variant["available"]),
                "limit_per_buyer": 3,
            }
            created = await self._api.create_offer(self._show.id, terms)
            await self._api.open_offer(created["id"])

    async def _something_to_sell(self, units: int) -> dict[str, Any] | None:
        """Return a variant with so many units in the warehouse, and no card of its own."""
        page = await self._api.products(limit=100)
        offered = {o["variant"] for o in self._room.state.offers.values() if o["state"] != "closed"}
        variants: list[dict[str, Any]] = [
            variant
            for product in page["products"]
            if product["status"] == "active"
            for variant in product["variants"]
            if variant["available"] >= units and variant["id"] not in offered
        ]
        return self._chance.choice(variants) if variants else None

    # -- When to leave the show alone -----------------------------------------------------------

    def _live(self) -> bool:
        show = self._room.state.show
        return self._room.live and show is not None and show["state"] == "live"

    def _may_act(self) -> bool:
        """Return whether the show is live and nobody else is presenting."""
        now = asyncio.get_running_loop().time()
        pinned = self._room.state.pinned
        if pinned not in self._expected:
            self._expected = {None, pinned}
            self._hands_off_until = now + HANDS_OFF_S
        return self._live() and now >= self._hands_off_until

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Count what the shop refuses within the block, and let the show go on."""
        try:
            yield
        except (LiveshopError, TimeoutError) as error:
            self._show.counts.errors[f"host_{code_of(error)}"] += 1


def _over(offer: OfferView | None) -> bool:
    return offer is None or offer["left"] == 0 or offer["state"] == "closed"
