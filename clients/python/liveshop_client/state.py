"""
A room as one viewer sees it: a snapshot, and every message since.

Invariant: applying the events after a snapshot gives the same room as a later snapshot. Messages
of an unknown type change nothing. Nothing here waits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

from liveshop_client.chat import without_line, without_sender
from liveshop_client.messages import (
    Arrivals,
    ChatLine,
    CouponCard,
    Message,
    Notice,
    OfferView,
    OrderView,
    PlaceInLine,
    PlaceInQueue,
    QueueMoves,
    Reserved,
    Sender,
    ShipmentView,
    ShowView,
    Snapshot,
    Tally,
    You,
)

_OF_PARCEL: Final = ("shipment", "shipment_state", "carrier", "tracking")

CHAT_LINES: Final = 200
"""More than anybody scrolls back; older lines are forgotten."""


@dataclass(slots=True)
class RoomState:
    """Everything a client may draw; read it freely, only :meth:`apply` writes."""

    show: ShowView | None = None
    offers: dict[str, OfferView] = field(default_factory=dict)
    pinned: str | None = None
    # The coupon on screen.
    coupon: CouponCard | None = None
    viewers: int = 0
    likes: int = 0
    # The line above the chat.
    comment: ChatLine | None = None
    # Seconds between two lines of one person, and who may chat at all.
    slow_s: int = 0
    audience: str = "everyone"
    # Who is here by name; empty in a room that is not small.
    people: list[Sender] = field(default_factory=list)
    # Who came in last; soon stale.
    arrivals: Arrivals | None = None
    # Lines by id, oldest first.
    chat: dict[str, ChatLine] = field(default_factory=dict)
    you: You | None = None
    # Orders of this viewer, by id.
    orders: dict[str, OrderView] = field(default_factory=dict)
    # Reservations whose order was not written yet, by hold.
    holds: dict[str, Reserved] = field(default_factory=dict)
    # Where this viewer waits for what comes back, by offer.
    lines: dict[str, PlaceInLine] = field(default_factory=dict)
    # Where this viewer stands in queues, and how those move, by offer.
    queued: dict[str, PlaceInQueue] = field(default_factory=dict)
    queues: dict[str, QueueMoves] = field(default_factory=dict)
    # Heard by the show's host only.
    tally: Tally | None = None
    # What the house said last.
    notice: Notice | None = None

    @property
    def pinned_offer(self) -> OfferView | None:
        """The offer on screen."""
        return self.offers.get(self.pinned) if self.pinned else None

    def order_of(self, hold: str) -> OrderView | None:
        """Return the order that a reservation became, once it is placed."""
        return next((order for order in self.orders.values() if order["hold"] == hold), None)

    def called(self) -> Iterator[tuple[str, str]]:
        """Return the ids and names that a line may call: the last speakers, then who is here."""
        for line in reversed(self.chat.values()):
            yield line["from"]["id"], line["from"]["name"]
        for person in self.people:
            yield person["id"], person["name"]
        if self.show is not None:
            yield self.show["host"], self.show["host_name"]

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
            case "coupon_pinned":
                self.coupon = message["coupon"]
            case "coupon_unpinned":
                self.coupon = None
            case "chat":
                self._say(cast(ChatLine, message))
            case "chat_removed":
                self.chat = without_line(self.chat, message["id"])
            case "chat_cleared":
                self.chat = without_sender(self.chat, message["sender"])
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
            case "arrivals":
                self.arrivals = cast(Arrivals, message)
            case "waiting":
                self.lines[message["offer"]] = {
                    "offer": message["offer"],
                    "place": message["place"],
                    "quantity": message.get("quantity", 1),
                }
            case "unwaited":
                self.lines.pop(message["offer"], None)
            case "entered":
                place = message.get("place", 0)
                self.queued[message["offer"]] = {"offer": message["offer"], "place": place}
            case "admitted":
                self._admit(message)
            case "queue":
                self._move(message["offer"], message["entrants"], message.get("called", 0))
            case "refused":
                if message["reason"] in ("turn_over", "turn_used"):
                    self._end_turn(message["offer"])
            case "reserved":
                self._end_turn(message["offer"])
                if message.get("waited"):
                    self.lines.pop(message["offer"], None)
                # The order writer can be faster than the web process that answers.
                if self.order_of(message["hold"]) is None:
                    self.holds[message["hold"]] = cast(Reserved, message)
            case "placed" | "paid" | "refunded":
                self._order(message["order"])
            case "released":
                self._release(message)
            case "shipment":
                self._ship(message["shipment"])
            case "tally":
                self.tally = cast(Tally, message)
            case "notice":
                self.notice = cast(Notice, message)
            case _:
                pass

    def _join(self, message: Message) -> None:
        self.you = message["you"]
        self.arrivals = None
        self.orders = {order["id"]: order for order in message["you"].get("orders", ())}
        for order in self.orders.values():
            self.holds.pop(order["hold"], None)
        self.lines = {place["offer"]: place for place in message["you"].get("waiting", ())}
        self.queued = {place["offer"]: place for place in message["you"].get("queued", ())}
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
        self.coupon = snapshot.get("coupon")
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
            self.queued.pop(offer["id"], None)

    def _admit(self, turn: Message) -> None:
        mine = self.queued.get(turn["offer"])
        place = mine.get("place", 0) if mine is not None else 0
        self.queued[turn["offer"]] = {
            "offer": turn["offer"],
            "place": place,
            "admission": turn["admission"],
            "until": turn["until"],
        }

    def _end_turn(self, offer: str) -> None:
        """An admission buys once; it is kept for a try that is sent again."""
        mine = self.queued.get(offer)
        if mine is not None and "admission" in mine:
            self.queued[offer] = {**mine, "over": True}

    def _move(self, offer: str, entrants: int, called: int) -> None:
        # The numbers only grow: what is smaller is older.
        known = self.queues.get(offer, {"entrants": 0, "called": 0})
        self.queues[offer] = {
            "entrants": max(known["entrants"], entrants),
            "called": max(known["called"], called),
        }

    def _stock(self, offer: str, left: int, version: int) -> None:
        known = self.offers.get(offer)
        if known is not None and version > known["version"]:
            self.offers[offer] = {**known, "left": left, "version": version}

    def _say(self, line: ChatLine) -> None:
        self.chat[line["id"]] = line
        while len(self.chat) > CHAT_LINES:
            del self.chat[next(iter(self.chat))]

    def _order(self, order: OrderView) -> None:
        known = self.orders.get(order["id"])
        # `placed` may come after `paid`, when the two were whispered by different processes.
        settled = known is not None and known["status"] != "awaiting_payment"
        if not settled or order["status"] != "awaiting_payment":
            self.orders[order["id"]] = order
        self.holds.pop(order["hold"], None)

    def _release(self, released: Message) -> None:
        self.holds.pop(released["hold"], None)
        known = self.order_of(released["hold"])
        if known is not None:
            back = {"money_back": True} if released.get("money_back") else {}
            ended = {**known, "status": released["reason"], **back}
            self.orders[known["id"]] = cast(OrderView, ended)

    def _ship(self, shipment: ShipmentView) -> None:
        parcel: dict[str, Any] = {
            "shipment": shipment["id"],
            "shipment_state": shipment["state"],
            **{name: value for name, value in shipment.items() if name in ("carrier", "tracking")},
        }
        for id, order in self.orders.items():
            travels = id in shipment["orders"]
            if not travels and order.get("shipment") != shipment["id"]:
                continue
            # It may have been refunded, and taken out before the parcel left.
            alone = {name: value for name, value in order.items() if name not in _OF_PARCEL}
            self.orders[id] = cast(OrderView, {**alone, **parcel} if travels else alone)
