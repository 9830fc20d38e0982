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
    policy: NotRequired[Literal["hold", "first_paid"]]


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
    first_paid: NotRequired[bool]


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


class PlaceInLine(TypedDict):
    """Where a viewer waits."""

    offer: str
    place: int
    quantity: NotRequired[int]


class You(TypedDict):
    """Who the viewer is, and what they have going on in this show."""

    id: str
    name: str
    role: Literal["anonymous", "viewer", "host", "admin"]
    orders: NotRequired[list[OrderView]]
    moderates: NotRequired[bool]
    follows: NotRequired[bool]
    waiting: NotRequired[list[PlaceInLine]]


class Sender(TypedDict):
    """Who said a chat line."""

    id: str
    name: str
    badges: NotRequired[list[str]]


# ``from`` is a keyword, hence the call.
ChatLine = TypedDict(
    "ChatLine", {"type": Literal["chat"], "id": str, "from": Sender, "text": str, "at": int}
)
"""A chat line; ``id`` is the sender's id, a dot, and the id it was posted with."""


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
