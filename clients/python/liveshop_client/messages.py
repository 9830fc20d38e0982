"""
How the shop's nouns look on the wire, for type checkers.

At run time these are plain dicts, as decoded from JSON: a field that the server adds later is
simply there. Amounts are minor units beside a currency; moments are Unix milliseconds on the
server's clock. ``clients/protocol/schema.json`` is the full description.
"""

from typing import Any, Literal, NotRequired, TypedDict

Message = dict[str, Any]
"""Anything that crosses the socket; ``type`` names it."""


class User(TypedDict):
    """An account, as the API answers it."""

    id: str
    name: str
    role: Literal["viewer", "host", "admin"]
    email: NotRequired[str]


class SignedIn(TypedDict):
    """A bearer token, and whom it stands for."""

    token: str
    expires_at: int
    user: User


class ShowView(TypedDict):
    """A show as everyone may see it."""

    id: str
    title: str
    host: str
    host_name: str
    state: Literal["draft", "live", "ended"]
    starts_at: NotRequired[int]
    started_at: NotRequired[int]
    ended_at: NotRequired[int]
    on_air: NotRequired[bool]
    rehearses: NotRequired[str]


class OfferItem(TypedDict):
    """A variant that is in each unit of a bundle; ``count`` is 1 if absent."""

    variant: str
    sku: str
    title: str
    count: NotRequired[int]
    options: NotRequired[list[str]]
    picture: NotRequired[str]


class OfferView(TypedDict):
    """A variant for sale in a show; ``left`` with the higher ``version`` is the newer one."""

    id: str
    show: str
    kind: Literal["everyday", "flash"]
    state: Literal["draft", "open", "closed"]
    product: str
    title: str
    variant: str
    sku: str
    price_minor: int
    currency: str
    quantity: int
    left: int
    version: int
    limit_per_buyer: int
    hold_s: int
    position: int
    options: NotRequired[list[str]]
    picture: NotRequired[str]
    was_minor: NotRequired[int]
    opens_at: NotRequired[int]
    closes_at: NotRequired[int]
    items: NotRequired[list[OfferItem]]
    entry: NotRequired[Literal["open", "queue"]]
    commitment: NotRequired[str]
    policy: NotRequired[Literal["hold", "first_paid"]]


class RefundRequest(TypedDict):
    """A buyer asks for their money back; any refund grants it, or the host says why not."""

    reason: str
    asked_at: int
    status: NotRequired[Literal["open", "granted", "declined"]]
    answer: NotRequired[str]


class OrderView(TypedDict):
    """An order as its buyer and its seller see it."""

    id: str
    show: str
    offer: str
    hold: str
    buyer: str
    buyer_name: str
    title: str
    quantity: int
    unit_price_minor: int
    total_minor: int
    currency: str
    status: Literal["awaiting_payment", "paid", "lapsed", "cancelled", "refunded", "sold_out"]
    placed_at: int
    pay_by: int
    options: NotRequired[list[str]]
    picture: NotRequired[str]
    paid_at: NotRequired[int]
    refunded_minor: NotRequired[int]
    items: NotRequired[list[OfferItem]]
    shipping_minor: NotRequired[int]
    tax_minor: NotRequired[int]
    shipment: NotRequired[str]
    shipment_state: NotRequired[Literal["open", "packed", "shipped", "delivered", "cancelled"]]
    carrier: NotRequired[str]
    tracking: NotRequired[str]
    discount_minor: NotRequired[int]
    first_paid: NotRequired[bool]
    money_back: NotRequired[bool]
    refund_request: NotRequired[RefundRequest]


class ShipmentView(TypedDict):
    """What travels to a buyer in one parcel; without the address, which not all may read."""

    id: str
    show: str
    buyer: str
    buyer_name: str
    state: Literal["open", "packed", "shipped", "delivered", "cancelled"]
    option: str
    orders: list[str]
    opened_at: int
    packed_at: NotRequired[int]
    shipped_at: NotRequired[int]
    delivered_at: NotRequired[int]
    carrier: NotRequired[str]
    tracking: NotRequired[str]


class CouponCard(TypedDict):
    """A coupon on screen: a percentage (in basis points) or an amount off."""

    id: str
    code: str
    percent_bp: NotRequired[int]
    amount_minor: NotRequired[int]
    currency: NotRequired[str]
    minimum_minor: NotRequired[int]
    some_products: NotRequired[bool]
    valid_from: NotRequired[int]
    valid_until: NotRequired[int]
    used_up: NotRequired[bool]


class CouponView(TypedDict):
    """A coupon as its host sees it; ``used`` counts what is paid or being paid."""

    id: str
    code: str
    quota: int
    used: int
    limit_per_buyer: int
    valid_from: int
    percent_bp: NotRequired[int]
    amount_minor: NotRequired[int]
    currency: NotRequired[str]
    minimum_minor: NotRequired[int]
    show: NotRequired[str]
    products: NotRequired[list[str]]
    valid_until: NotRequired[int]
    ended_at: NotRequired[int]
    given_minor: NotRequired[int]
    shown_in: NotRequired[list[str]]


class PricedLine(TypedDict):
    """What is paid for an order: goods - discount + shipping + tax."""

    order: str
    goods_minor: int
    shipping_minor: NotRequired[int]
    tax_minor: NotRequired[int]
    tax_included_minor: NotRequired[int]
    discount_minor: NotRequired[int]


class Quote(TypedDict):
    """What some orders cost together; ``id`` and ``total_minor`` are what is agreed to."""

    id: str
    lines: list[PricedLine]
    goods_minor: int
    shipping_minor: int
    tax_minor: int
    tax_included_minor: int
    total_minor: int
    currency: str
    pay_by: int
    option: NotRequired[str]
    options: NotRequired[list[dict[str, Any]]]
    address: NotRequired[dict[str, Any]]
    joins: NotRequired[str]
    discount_minor: NotRequired[int]
    coupon: NotRequired[str]


class Snapshot(TypedDict):
    """The whole state of a show at one position of its control lane."""

    show: ShowView
    offers: list[OfferView]
    viewers: int
    likes: int
    pinned: NotRequired[str]
    comment: NotRequired["ChatLine"]
    slow_s: NotRequired[int]
    audience: NotRequired[Literal["everyone", "followers", "buyers"]]
    coupon: NotRequired[CouponCard]


class Video(TypedDict):
    """Where a show's video is: to watch, and for its host to publish."""

    whep: NotRequired[str]
    hls: NotRequired[str]
    publish: NotRequired[str]


class ShowDetail(TypedDict):
    """A show, everything in its bag, and what is on screen."""

    show: ShowView
    offers: list[OfferView]
    pinned: NotRequired[str]
    video: NotRequired[Video]
    rehearsal: NotRequired[str]


class PlaceInLine(TypedDict):
    """Where a viewer waits."""

    offer: str
    place: int
    quantity: NotRequired[int]


class PlaceInQueue(TypedDict):
    """Where a viewer stands in a queue; with an ``admission`` from their turn on."""

    offer: str
    place: NotRequired[int]
    admission: NotRequired[str]
    until: NotRequired[int]
    over: NotRequired[bool]


class QueueMoves(TypedDict):
    """How a queue moves: how many entered it, and the last place that had its turn."""

    entrants: int
    called: int


class You(TypedDict):
    """Who the viewer is, and what they have going on in this show."""

    id: str
    name: str
    role: Literal["anonymous", "viewer", "host", "admin"]
    orders: NotRequired[list[OrderView]]
    moderates: NotRequired[bool]
    follows: NotRequired[bool]
    waiting: NotRequired[list[PlaceInLine]]
    queued: NotRequired[list[PlaceInQueue]]


class Sender(TypedDict):
    """Who said a chat line."""

    id: str
    name: str
    badges: NotRequired[list[str]]


class Mention(TypedDict):
    """Someone whom a line calls: its text holds ``@`` and this name."""

    id: str
    name: str


# ``from`` is a keyword, hence the calls.
Excerpt = TypedDict("Excerpt", {"from": Sender, "text": str})
"""How a line began that is replied to, and who said it."""

ChatLine = TypedDict(
    "ChatLine",
    {
        "type": Literal["chat"],
        "id": str,
        "from": Sender,
        "text": str,
        "at": int,
        "reply_to": NotRequired[str],
        "mentions": NotRequired[list[Mention]],
        "quote": NotRequired[Excerpt],
    },
)
"""A chat line; ``id`` is the sender's id, a dot, and the id it was posted with."""


class Arrivals(TypedDict):
    """``count`` people came in since this was told last, one of them called ``newest``."""

    type: Literal["arrivals"]
    count: int
    newest: NotRequired[str]


class Notice(TypedDict):
    """What the house says to everyone."""

    type: Literal["notice"]
    text: str
    offset: int


class Reserved(TypedDict):
    """
    The gate said yes: the units are held, and the order follows; ``waited``: a turn in line.

    ``first_paid``: nothing is held, and whoever pays first is served.
    """

    type: Literal["reserved"]
    to: NotRequired[str]
    offer: str
    hold: str
    quantity: int
    expires_at: int
    waited: NotRequired[bool]
    first_paid: NotRequired[bool]


class Waiting(TypedDict):
    """In line for what comes back; ``place`` 1 is whose turn is next."""

    type: Literal["waiting"]
    to: str
    offer: str
    place: int
    quantity: NotRequired[int]


class Entered(TypedDict):
    """In a queue; the ``place`` comes with the draw."""

    type: Literal["entered"]
    to: NotRequired[str]
    offer: str
    place: NotRequired[int]


class Admitted(TypedDict):
    """It is your turn to buy, until then."""

    type: Literal["admitted"]
    to: NotRequired[str]
    offer: str
    admission: str
    until: int


class Refused(TypedDict):
    """The gate said no, and nothing changed."""

    type: Literal["refused"]
    to: str
    offer: str
    reason: Literal[
        "sold_out",
        "limit_reached",
        "not_open",
        "closed",
        "unknown_offer",
        "rate_limited",
        "unauthorised",
        "unavailable",
        "waitlist_full",
        "not_admitted",
        "turn_over",
        "turn_used",
        "no_queue",
        "queue_full",
        "no_waitlist",
        "crowded",
    ]
    retry_after_ms: NotRequired[int]


class Tally(TypedDict):
    """What a show has sold so far."""

    orders: int
    paid: int
    awaiting: int
    units: int
    takings_minor: int
    currency: str


class ReplayPart(TypedDict):
    """A recording; its first picture was there at ``started_at``, on the server's clock."""

    url: str
    started_at: int
    duration_ms: int


class Moment(TypedDict):
    """What the room was told, and when; ``event`` as it was on the socket."""

    at: int
    event: dict[str, Any]


class Replay(TypedDict):
    """A show to see again; ``chat`` is where its chat lines are."""

    show: ShowView
    parts: list[ReplayPart]
    moments: list[Moment]
    chat: str


class Reminder(TypedDict):
    """A show that you are told of when it starts, and why."""

    show: ShowView
    why: Literal["asked", "follows"]


class ShowCard(TypedDict):
    """A show in the directory; ``reminder`` says why you are told when it starts."""

    show: ShowView
    pictures: list[str]
    viewers: NotRequired[int]
    replay_ms: NotRequired[int]
    reminder: NotRequired[Literal["asked", "follows"]]


class Directory(TypedDict):
    """Live shows, coming ones (the soonest first), and ended ones (the latest first)."""

    live: list[ShowCard]
    coming: list[ShowCard]
    replays: list[ShowCard]


class OrderList(TypedDict):
    """Orders, newest first; ``next`` asks for the page after, ``tally`` is the host's."""

    orders: list[OrderView]
    next: NotRequired[str]
    tally: NotRequired[Tally]


class PaymentStarted(TypedDict):
    """Send the buyer to ``redirect_url`` to pay."""

    redirect_url: str
    reference: str


class Till(TypedDict):
    """A show's money in one currency, and whether that is what its orders say."""

    currency: str
    captured_minor: int
    kept_minor: int
    refunded_minor: int
    orders_minor: int
    adds_up: bool


class Ledger(TypedDict):
    """Where an offer's units are, and whether that adds up."""

    offer: str
    allocated: int
    available: int
    held: int
    sold: int
    in_flight: int
    adds_up: bool
