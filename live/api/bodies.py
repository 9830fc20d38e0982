"""
The bodies of the HTTP interface that are not the shop's own words.

What the shop already says (``ShowView``, ``OrderView``, ``Reserved``...) travels here unchanged.
A field that has its default is left out of an answer.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from commerce.catalogue import ProductView
from commerce.feed import EventType, ShopEvent
from commerce.messages import (
    Milliseconds,
    Minor,
    OfferChanged,
    OfferPinned,
    OfferUnpinned,
    OfferView,
    OrderView,
    Quantity,
    ShowChanged,
    ShowView,
    Stock,
    Tally,
)
from commerce.movements import Movement
from rooms.messages import ChatLine, Notice, Sender

Role = Literal["viewer", "host", "admin"]
Name = Annotated[str, Meta(min_length=1, max_length=40, pattern=r"\S")]
Email = Annotated[str, Meta(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$(?!\n)")]
Password = Annotated[str, Meta(min_length=8, max_length=200)]


class Body(Struct, frozen=True, omit_defaults=True):
    """Base of what is declared here."""


class Empty(Body, frozen=True):
    """Nothing; whatever is sent in its place is ignored."""


# -- Who you are --------------------------------------------------------------------------------


class User(Body, frozen=True):
    """Someone who signed in; ``email`` is for their own eyes."""

    id: str
    name: str
    role: Role
    email: str | None = None


class SignedIn(Body, frozen=True):
    """A bearer token, and whom it stands for."""

    token: str
    expires_at: Milliseconds
    user: User


class NewGuest(Body, frozen=True):
    """Come in without an account; without a name you get one."""

    name: Name | None = None


class Registration(Body, frozen=True):
    """Open an account; only an admin may open one that is not a viewer's."""

    email: Email
    password: Password
    name: Name
    role: Role = "viewer"


class Credentials(Body, frozen=True):
    """Sign in."""

    email: Annotated[str, Meta(max_length=254)]
    password: Annotated[str, Meta(max_length=200)]


# -- Shows --------------------------------------------------------------------------------------


class People(Body, frozen=True):
    """Who watches a show by name; in a big room, some of them."""

    people: list[Sender]


class ShowList(Body, frozen=True):
    """Live shows first, then the coming and the ended ones, newest first."""

    shows: list[ShowView]


class Rehearsal(Body, frozen=True):
    """Where a host tries camera and network; nobody else sees it. Both want the host's token."""

    publish: Annotated[str, Meta(description="Publish by WHIP")]
    whep: Annotated[str, Meta(description="Watch over WebRTC")]


class Ice(Body, frozen=True):
    """A STUN or TURN server, as ``RTCPeerConnection`` takes it."""

    urls: str
    username: str | None = None
    credential: str | None = None


class VideoStatus(Body, frozen=True):
    """How a show's video stands in the media process."""

    publishing: bool
    codec: Annotated[str, Meta(description="Of the picture: H264 or VP8")] | None = None
    viewers: Annotated[int, Meta(description="Who watch over WebRTC")] = 0
    packaged: Annotated[bool, Meta(description="Whether it can be watched over HLS now")] = False
    transcoding: Annotated[
        bool, Meta(description="VP8 is encoded anew for HLS: a quarter of a core for 720p30")
    ] = False
    recording: bool = False
    not_packaged: Annotated[str, Meta(description="Why there is no HLS")] | None = None


class Video(Body, frozen=True):
    """Where a show's video is; ``publish`` and ``rehearse`` only for who may."""

    whep: Annotated[str, Meta(description="Watch over WebRTC")] | None = None
    hls: Annotated[str, Meta(description="Watch over HTTP")] | None = None
    publish: Annotated[str, Meta(description="Publish by WHIP, with the host's token")] | None = (
        None
    )
    rehearse: Rehearsal | None = None
    ice_servers: list[Ice] = []


class ShowDetail(Body, frozen=True):
    """A show, everything in its bag, and what is on screen."""

    show: ShowView
    offers: list[OfferView]
    pinned: Annotated[str, Meta(description="The offer on screen")] | None = None
    video: Video | None = None
    rehearsal: (
        Annotated[str, Meta(description="For the host's team: its rehearsal that has not ended")]
        | None
    ) = None


class ReplayPart(Body, frozen=True):
    """A recording; its first picture was there at ``started_at``, on the server's clock."""

    url: Annotated[str, Meta(description="An MP4 file; it answers to `Range`")]
    started_at: Milliseconds
    duration_ms: int


Event = ShowChanged | OfferChanged | OfferPinned | OfferUnpinned | Notice | Stock
"""What a room was told, and a replay tells again."""


class Moment(Body, frozen=True):
    """What the room was told, and when."""

    at: Milliseconds
    event: Event


class Replay(Body, frozen=True):
    """
    A show to see again: its recordings, and what happened beside the picture.

    ``chat`` is where its chat lines are, a page at a time.
    """

    show: ShowView
    parts: list[ReplayPart]
    moments: list[Moment]
    chat: str


class ReplayChat(Body, frozen=True):
    """Chat lines in order; ``next`` asks for the page after, as ``after``."""

    lines: list[ChatLine]
    next: str | None = None


# -- Products ------------------------------------------------------------------------------------


class ProductList(Body, frozen=True):
    """Products; ``next`` asks for the page after, as ``after``."""

    products: list[ProductView]
    next: str | None = None


class MovementList(Body, frozen=True):
    """Movements of stock, newest first; ``next`` asks for the page after, as ``before``."""

    movements: list[Movement]
    next: int | None = None


class Adjusted(Body, frozen=True):
    """How many units of a variant no offer has taken, now."""

    variant: str
    available: int


# -- Offers -------------------------------------------------------------------------------------


class OpenOffer(Body, frozen=True):
    """Start selling: at once, after a countdown, or at a moment. The units wait until then."""

    countdown_s: Annotated[int, Meta(ge=0, le=3600)] = 0
    duration_s: Annotated[int, Meta(ge=10, le=86_400)] | None = None
    opens_at: Annotated[
        Milliseconds | None,
        Meta(description="When to start selling, within 30 days; instead of a countdown"),
    ] = None


class Extension(Body, frozen=True):
    """How much longer an open offer sells, in seconds."""

    by_s: Annotated[int, Meta(ge=10, le=3_600)]


class Pin(Body, frozen=True):
    """What is on screen in a show now."""

    show: str
    offer: str | None = None


class NewReservation(Body, frozen=True):
    """Try for units of an offer; one with a queue wants your admission."""

    quantity: Quantity = 1
    admission: Annotated[str, Meta(max_length=120)] | None = None


class NewPlace(Body, frozen=True):
    """Wait for what comes back of a sold-out offer: so many units at most."""

    quantity: Quantity = 1


class PlaceTaken(Body, frozen=True):
    """Where you stand in line; at place 0 it is your turn, and ``quantity`` units are held."""

    offer: str
    place: int
    quantity: int
    hold: str | None = None
    expires_at: Milliseconds | None = None


class QueueView(Body, frozen=True):
    """
    The queue of an offer, and what proves its draw once the sale has opened.

    ``commitment`` is the SHA-256 of ``seed``, and was there before anyone entered. The tickets of
    ``roll`` are sorted by their HMAC-SHA256 under the seed.
    """

    offer: str
    entrants: int
    draws_at: Milliseconds
    commitment: Annotated[str, Meta(description="Hexadecimal")]
    called: Annotated[int, Meta(description="The last place that had its turn")] = 0
    drawn_at: Milliseconds | None = None
    seed: Annotated[str, Meta(description="Hexadecimal; kept secret until the draw")] | None = None
    roll: Annotated[str, Meta(description="SHA-256 of all tickets, in hexadecimal")] | None = None


class QueueRoll(Body, frozen=True):
    """The tickets in a draw, sorted; yours is SHA-256 of offer and account, 32 digits of it."""

    offer: str
    tickets: list[str]


# -- Orders -------------------------------------------------------------------------------------


class OrderList(Body, frozen=True):
    """Orders, newest first; ``next`` asks for the page after, ``tally`` is the host's."""

    orders: list[OrderView]
    next: str | None = None
    tally: Tally | None = None


class NewPayment(Body, frozen=True):
    """How to pay; without a gateway the shop chooses."""

    gateway: Annotated[str, Meta(max_length=40)] | None = None
    amount_minor: Annotated[
        Minor | None, Meta(description="What the buyer was shown; refused if it is not the price")
    ] = None


class NewRefund(Body, frozen=True):
    """What to give back; without an amount, all that is left."""

    amount_minor: Annotated[int, Meta(ge=1, le=10**12)] | None = None
    return_units: Annotated[bool, Meta(description="Whether the units come back, too")] = True
    reason: Annotated[str, Meta(max_length=500)] = ""


class AskedRefund(Body, frozen=True):
    """Why a buyer asks for their money back."""

    reason: Annotated[str, Meta(max_length=500, pattern=r"\S")]


class Declined(Body, frozen=True):
    """What to tell a buyer whose request is declined."""

    answer: Annotated[str, Meta(max_length=500)] = ""


class GatewayList(Body, frozen=True):
    """Payment gateways by name, the default first."""

    gateways: list[str]


class PaymentStarted(Body, frozen=True):
    """Send the buyer to ``redirect_url`` to pay."""

    redirect_url: str
    reference: Annotated[str, Meta(description="The gateway's name for the payment")]


class Till(Body, frozen=True):
    """A show's money in one currency: captured = kept + refunded, and kept is what orders keep."""

    currency: str
    captured_minor: Annotated[int, Meta(description="What gateways took in")]
    kept_minor: int
    refunded_minor: Annotated[int, Meta(description="What went back, or is on its way")]
    orders_minor: Annotated[int, Meta(description="What orders keep of their totals")]
    adds_up: bool


class MoneyList(Body, frozen=True):
    """A show's money, a till a currency; none before the first sale."""

    tills: list[Till]


# -- Other programs -----------------------------------------------------------------------------


class EventList(Body, frozen=True):
    """What happened, in order; ask again with ``after=next``, also when the list is empty."""

    events: list[ShopEvent]
    next: str


class NewWebhook(Body, frozen=True):
    """Have events sent to a program of yours; without types, all of them."""

    url: Annotated[str, Meta(min_length=1, max_length=2_000)]
    types: Annotated[list[EventType], Meta(max_length=50)] = []


class WebhookView(Body, frozen=True):
    """Where events are sent, and whether they arrive."""

    id: str
    url: str
    created_at: Milliseconds
    types: list[EventType] = []
    failing_since: Milliseconds | None = None
    paused_at: Annotated[
        Milliseconds | None, Meta(description="Given up after days of failure; resume it")
    ] = None
    secret: Annotated[
        str | None, Meta(description="Shown once: signs the requests (Standard Webhooks)")
    ] = None


class WebhookList(Body, frozen=True):
    """Your webhooks."""

    webhooks: list[WebhookView]


class DeliveryView(Body, frozen=True):
    """An event on its way to a webhook, and how the last attempt went."""

    event: str
    type: EventType
    attempts: int
    due_at: Annotated[Milliseconds | None, Meta(description="Of the next attempt")] = None
    delivered_at: Milliseconds | None = None
    tried_at: Milliseconds | None = None
    status: int | None = None
    error: str | None = None


class DeliveryList(Body, frozen=True):
    """Deliveries, newest event first; ``next`` asks for the page after, as ``before``."""

    deliveries: list[DeliveryView]
    next: str | None = None


class NewReplay(Body, frozen=True):
    """Send again: one event, or all behind a cursor of the feed; arrived or not."""

    event: Annotated[str, Meta(max_length=64)] | None = None
    after: Annotated[str, Meta(max_length=64)] | None = None


class Replayed(Body, frozen=True):
    """How many deliveries are due again."""

    deliveries: int


# -- What went wrong, and how the server is -----------------------------------------------------


class Problem(Body, frozen=True):
    """Why a request was not done (RFC 9457); nothing changed."""

    type: str
    title: str
    status: int
    code: Annotated[str, Meta(description="Stable, for programs: snake_case")]
    detail: Annotated[str, Meta(description="A sentence for a person")]
    path: Annotated[str, Meta(description="Where in the body, such as `$.quantity`")] | None = None
    retry_after_ms: int | None = None
    request_id: str | None = None


class Health(Body, frozen=True):
    """The process runs."""

    status: Literal["ok"]


class Readiness(Body, frozen=True):
    """Whether requests can be served, and for each part either `ok` or what is the matter."""

    ready: bool
    checks: dict[str, str]
