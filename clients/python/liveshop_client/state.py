"""
A room as one viewer sees it: a snapshot, and every message since.

Invariant: applying the events after a snapshot gives the same room as a later snapshot. Messages
of an unknown type change nothing. Nothing here waits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from liveshop_client.messages import (
    ChatLine,
    Message,
    OfferView,
    OrderView,
    PlaceInLine,
    Reserved,
    Sender,
    ShowView,
    Snapshot,
    Tally,
    You,
)

_PLACE: Final = ("offer", "place", "quantity")

CHAT_LINES: Final = 200
"""More than anybody scrolls back; older lines are forgotten."""


@dataclass(slots=True)
class RoomState:
    """Everything a client may draw; read it freely, only :meth:`apply` writes."""

    show: ShowView | None = None
    offers: dict[str, OfferView] = field(default_factory=dict)
    pinned: str | None = None
    viewers: int = 0
    likes: int = 0
    # Who is here by name; empty in a room that is not small.
    # The line above the chat.
    comment: ChatLine | None = None
    # Seconds between two lines of one person, and who may chat at all.
    slow_s: int = 0
    audience: str = "everyone"
    people: list[Sender] = field(default_factory=list)
    # Lines by id, oldest first.
    chat: dict[str, ChatLine] = field(default_factory=dict)
    you: You | None = None
    # Orders of this viewer, by id.
    orders: dict[str, OrderView] = field(default_factory=dict)
    # Reservations whose order was not written yet, by hold.
    holds: dict[str, Reserved] = field(default_factory=dict)
    # Where this viewer waits for what comes back, by offer.
    lines: dict[str, PlaceInLine] = field(default_factory=dict)
    # Heard by the show's host only.
    tally: Tally | None = None

    @property
    def pinned_offer(self) -> OfferView | None:
        """The offer on screen."""
        return self.offers.get(self.pinned) if self.pinned else None

    def order_of(self, hold: str) -> OrderView | None:
        """Return the order that a reservation became, once it is placed."""
        return next((order for order in self.orders.values() if order["hold"] == hold), None)

    def apply(self, message: Message) -> None:
        """Take in one message of the server, whatever its type."""
        match message["type"]:
            case "joined":
                self._join(message)
            case "show":
                self.show = message["show"]
            case "offer":
                self._offer(message["offer"])
            case "pinned":
                self.pinned = message["offer"]
            case "unpinned":
                self.pinned = None
            case "chat":
                self._say(cast(ChatLine, message))
            case "chat_removed":
                self.chat.pop(message["id"], None)
            case "chat_cleared":
                self.chat = {
                    id: line
                    for id, line in self.chat.items()
                    if line["from"]["id"] != message["sender"]
                }
            case "chat_mode":
                self._mode(message)
            case "comment_pinned":
                self.comment = message["line"]
            case "comment_unpinned":
                self.comment = None
            case "stock":
                self._stock(message["offer"], message["left"], message["version"])
            case "pulse":
                self.viewers, self.likes = message["viewers"], message["likes"]
            case "people":
                self.people = message["people"]
            case "waiting":
                place = {name: value for name, value in message.items() if name in _PLACE}
                self.lines[message["offer"]] = cast(PlaceInLine, place)
            case "unwaited":
                self.lines.pop(message["offer"], None)
            case "reserved":
                if message.get("waited"):
                    self.lines.pop(message["offer"], None)
                # The order writer can be faster than the web process that answers.
                if self.order_of(message["hold"]) is None:
                    self.holds[message["hold"]] = cast(Reserved, message)
            case "placed" | "paid" | "refunded":
                self._order(message["order"])
            case "released":
                self._release(message["hold"], message.get("order"), message["reason"])
            case "tally":
                self.tally = cast(Tally, message)
            case _:
                pass

    def _join(self, message: Message) -> None:
        self.you = message["you"]
        self.orders = {order["id"]: order for order in message["you"].get("orders", ())}
        for order in self.orders.values():
            self.holds.pop(order["hold"], None)
        self.lines = {place["offer"]: place for place in message["you"].get("waiting", ())}
        lines: list[ChatLine] = message["chat"]
        if snapshot := message.get("snapshot"):
            self._replace(snapshot)
            # Events were missed: what the server does not give again was taken away.
            self.chat = {
                id: line
                for id, line in self.chat.items()
                if not lines or line["at"] < lines[0]["at"]
            }
        for line in lines:
            self._say(line)

    def _replace(self, snapshot: Snapshot) -> None:
        self.show = snapshot["show"]
        self.offers = {offer["id"]: offer for offer in snapshot["offers"]}
        self.pinned = snapshot.get("pinned")
        self.viewers, self.likes = snapshot["viewers"], snapshot["likes"]
        self.comment = snapshot.get("comment")
        self._mode(snapshot)

    def _mode(self, mode: Mapping[str, Any]) -> None:
        self.slow_s = mode.get("slow_s", 0)
        self.audience = mode.get("audience", "everyone")

    def _offer(self, offer: OfferView) -> None:
        known = self.offers.get(offer["id"])
        if known is not None and known["version"] > offer["version"]:
            # The event was recorded before the stock tick that overtook it.
            offer = {**offer, "left": known["left"], "version": known["version"]}
        self.offers[offer["id"]] = offer
        if offer["state"] == "closed":
            self.lines.pop(offer["id"], None)

    def _stock(self, offer: str, left: int, version: int) -> None:
        known = self.offers.get(offer)
        if known is not None and version > known["version"]:
            self.offers[offer] = {**known, "left": left, "version": version}

    def _say(self, line: ChatLine) -> None:
        self.chat[line["id"]] = line
        while len(self.chat) > CHAT_LINES:
            del self.chat[next(iter(self.chat))]

    def _order(self, order: OrderView) -> None:
        self.orders[order["id"]] = order
        self.holds.pop(order["hold"], None)

    def _release(self, hold: str, order: str | None, reason: str) -> None:
        self.holds.pop(hold, None)
        known = self.orders.get(order) if order else None
        if known is not None:
            self.orders[known["id"]] = cast(OrderView, {**known, "status": reason})
