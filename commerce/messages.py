"""
What a buyer and the shop say to each other, and how the shop looks from outside.

The same Structs are the messages on the socket, the bodies of the HTTP API and the types of the
web clients. An amount of money is always in minor units (cents) beside its currency. A moment is
Unix milliseconds on the server's clock.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Milliseconds = Annotated[int, Meta(description="Unix time in milliseconds, on the server's clock")]
Minor = Annotated[int, Meta(ge=0, le=10**12, description="Money in minor units, such as cents")]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description="ISO 4217")]
Quantity = Annotated[int, Meta(ge=1, le=1_000_000)]
Offset = Annotated[
    int,
    Meta(ge=0, description="Position in the room's control lane, written in by the broker"),
]
At = Annotated[
    int,
    Meta(
        ge=0,
        description="When it happened, in Unix milliseconds on the server's clock: a player that "
        "is behind shows it when the picture gets there",
    ),
]

ShowState = Literal["draft", "live", "ended"]
OfferKind = Literal["everyday", "flash"]
OfferEntry = Literal["open", "queue"]
OfferState = Literal["draft", "open", "closed"]
OfferPolicy = Literal["hold", "first_paid"]
OrderStatus = Literal["awaiting_payment", "paid", "lapsed", "cancelled", "refunded", "sold_out"]
ShipmentState = Literal["open", "packed", "shipped", "delivered", "cancelled"]
Reason = Literal[
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


class Message(Struct, frozen=True, tag_field="type", omit_defaults=True):
    """Base of what crosses the socket."""


# -- How things look ----------------------------------------------------------------------------


class ShowView(Struct, frozen=True, omit_defaults=True):
    """A show as everyone may see it."""

    id: str
    title: str
    host: Annotated[str, Meta(description="The host's id")]
    host_name: str
    state: ShowState
    starts_at: Milliseconds | None = None
    started_at: Milliseconds | None = None
    ended_at: Milliseconds | None = None
    on_air: Annotated[bool, Meta(description="Video is coming in from the host")] = False
    rehearses: Annotated[
        str | None,
        Meta(
            description="A rehearsal of this show: nothing is sold, only the host's team is let in"
        ),
    ] = None


class OfferItem(Struct, frozen=True, omit_defaults=True):
    """A variant that is in each unit of a bundle."""

    variant: str
    sku: str
    title: str
    count: Annotated[int, Meta(ge=1, description="Units of it in one unit of the bundle")] = 1
    options: list[str] = []
    picture: str | None = None


class OfferView(Struct, frozen=True, omit_defaults=True):
    """
    A variant for sale in a show: at a price, in a quantity, with a limit and maybe a window.

    A bundle is several variants at one price, its ``items``; the first one is its ``variant``.

    A reservation of a ``first_paid`` offer holds nothing: whoever pays first gets the unit, and
    ``hold_s`` is how long they may take. Its ``left`` is what nobody has paid for.

    An ``open`` offer sells from ``opens_at`` until ``closes_at``; clients count down to both on
    the server's clock. ``left`` with the higher ``version`` is the newer one.
    """

    id: str
    show: str
    kind: OfferKind
    state: OfferState
    product: str
    title: str
    variant: Annotated[str, Meta(description="The variant's id")]
    sku: str
    price_minor: Minor
    currency: Currency
    quantity: Annotated[int, Meta(ge=0, description="Units allocated to the offer")]
    left: Annotated[int, Meta(ge=0, description="Units nobody holds")]
    version: Annotated[int, Meta(ge=0, description="Grows with every change of `left`")]
    limit_per_buyer: int
    hold_s: Annotated[int, Meta(description="Seconds a reservation is held for payment")]
    position: Annotated[int, Meta(description="Place in the bag, ascending")]
    options: Annotated[list[str], Meta(description="The variant's option values: `Red`, `M`")] = []
    picture: str | None = None
    was_minor: Annotated[int, Meta(description="The price before, if higher")] | None = None
    opens_at: Milliseconds | None = None
    closes_at: Milliseconds | None = None
    items: Annotated[list[OfferItem], Meta(description="What is in a bundle; else empty")] = []
    entry: Annotated[
        OfferEntry,
        Meta(description="`queue`: enter until it opens; places are drawn then, one buys in turn"),
    ] = "open"
    commitment: Annotated[
        str | None, Meta(description="SHA-256 of the draw's seed, in hex, before it is known")
    ] = None
    policy: Annotated[
        OfferPolicy, Meta(description="Who gets a unit: who reserves it, or who pays for it first")
    ] = "hold"


class RefundRequest(Struct, frozen=True, omit_defaults=True):
    """A buyer asks for their money back; any refund grants it, or the host says why not."""

    reason: str
    asked_at: Milliseconds
    status: Literal["open", "granted", "declined"] = "open"
    answer: str = ""


class OrderView(Struct, frozen=True, omit_defaults=True):
    """An order as its buyer and its seller see it."""

    id: str
    show: str
    offer: str
    hold: str
    buyer: str
    buyer_name: str
    title: str
    quantity: int
    unit_price_minor: Minor
    total_minor: Minor
    currency: Currency
    status: OrderStatus
    placed_at: Milliseconds
    pay_by: Milliseconds
    options: list[str] = []
    picture: str | None = None
    paid_at: Milliseconds | None = None
    refunded_minor: Annotated[int, Meta(ge=0, description="Of the total, what went back")] = 0
    items: Annotated[list[OfferItem], Meta(description="What is in each unit of a bundle")] = []
    shipping_minor: Annotated[int, Meta(ge=0, description="In the total")] = 0
    tax_minor: Annotated[int, Meta(ge=0, description="In the total, on top of the price")] = 0
    shipment: Annotated[str | None, Meta(description="The shipment it travels in")] = None
    shipment_state: ShipmentState | None = None
    carrier: str | None = None
    tracking: str | None = None
    discount_minor: Annotated[int, Meta(ge=0, description="Off the goods, by a coupon")] = 0
    first_paid: Annotated[
        bool, Meta(description="No unit is held: it is yours once you paid, if any is left then")
    ] = False
    money_back: Annotated[
        bool, Meta(description="`sold_out`, but you had paid: all of that goes back to you")
    ] = False
    refund_request: RefundRequest | None = None


class ShipmentView(Struct, frozen=True, omit_defaults=True):
    """What travels to a buyer in one parcel; without the address, which not all may read."""

    id: str
    show: Annotated[str, Meta(description="The show of its first order")]
    buyer: str
    buyer_name: str
    state: ShipmentState
    option: Annotated[str, Meta(description="How it is sent, in the tariff's words")]
    orders: list[str]
    opened_at: Milliseconds
    packed_at: Milliseconds | None = None
    shipped_at: Milliseconds | None = None
    delivered_at: Milliseconds | None = None
    carrier: str | None = None
    tracking: str | None = None


class CouponCard(Struct, frozen=True, omit_defaults=True):
    """
    A coupon on screen, as everyone may see it: a percentage or an amount off.

    Whoever taps it has its code remembered; a use is only taken with a payment.
    """

    id: str
    code: str
    percent_bp: Annotated[int, Meta(description="Hundredths of a percent")] | None = None
    amount_minor: int | None = None
    currency: Currency | None = None
    minimum_minor: Annotated[int, Meta(ge=0, description="Goods it is for, at least")] = 0
    some_products: Annotated[bool, Meta(description="It is not for everything")] = False
    valid_from: Milliseconds | None = None
    valid_until: Milliseconds | None = None
    used_up: Annotated[bool, Meta(description="Every use is taken, for now")] = False


class PlaceInLine(Struct, frozen=True, omit_defaults=True):
    """Where a viewer waits for what comes back of a sold-out offer; 1 is whose turn is next."""

    offer: str
    place: int
    quantity: Annotated[int, Meta(description="Units waited for, at most")] = 1


class PlaceInQueue(Struct, frozen=True, omit_defaults=True):
    """
    Where a viewer stands in the queue of an offer.

    From their turn on there is an ``admission`` to buy with; ``over``: they bought, or missed it,
    and the admission only serves to repeat a try.
    """

    offer: str
    place: Annotated[int, Meta(ge=0, description="0 until it is drawn, when the sale opens")] = 0
    admission: str | None = None
    until: Milliseconds | None = None
    over: bool = False


class You(Struct, frozen=True, omit_defaults=True):
    """Who the viewer is, and what they have going on in this show."""

    id: str
    name: str
    role: Literal["anonymous", "viewer", "host", "admin"]
    orders: Annotated[list[OrderView], Meta(description="Open and paid, newest first")] = []
    moderates: Annotated[bool, Meta(description="Whether you may moderate the chat")] = False
    follows: Annotated[bool, Meta(description="Whether you follow the host")] = False
    waiting: Annotated[list[PlaceInLine], Meta(description="Where you wait in line")] = []
    queued: Annotated[list[PlaceInQueue], Meta(description="The queues you entered")] = []


# -- What a buyer sends -------------------------------------------------------------------------


class Reserve(Message, frozen=True, tag="reserve"):
    """
    Try for ``quantity`` units of an offer; answered by ``reserved`` or ``refused``.

    ``id`` is the idempotency key: sent again, it gets the first answer again. Say ``fresh`` when
    this id was never sent before: then a sold-out offer is refused at once. Leave it out otherwise:
    who says it of a try that was sent before may miss that it got the units.

    An offer with a queue wants the ``admission`` that you got when it was your turn. It buys once;
    send it with every repetition of the try.
    """

    id: Id
    offer: Id
    quantity: Quantity = 1
    fresh: bool = False
    admission: Annotated[str, Meta(max_length=120)] | None = None


class Wait(Message, frozen=True, tag="wait"):
    """
    Wait in line for what comes back of a sold-out offer: ``quantity`` units at most.

    Answered by ``waiting``, ``refused``, or ``reserved`` when something came back meanwhile. One
    place a viewer: who has one hears where they stand now. When it is their turn they hear
    ``reserved`` with ``waited``, then ``placed``.
    """

    id: Id
    offer: Id
    quantity: Quantity = 1


class Unwait(Message, frozen=True, tag="unwait"):
    """Leave the line of an offer; answered by ``unwaited``, whether there was a place or not."""

    id: Id
    offer: Id


class Enter(Message, frozen=True, tag="enter"):
    """
    Enter the queue of an offer, at any time before it opens: early or late is the same.

    Answered by ``entered``, ``admitted`` or ``refused``. One place a viewer: sent again, it says
    where you stand. After the sale has opened you stand behind everyone, as do those who bought or
    missed their turn and come again.
    """

    id: Id
    offer: Id


class Click(Message, frozen=True, tag="click"):
    """
    Say that the viewer opened an offer; never answered. Whoever tries for one need not say so.

    Counted once a minute for each viewer, and only for offers of the show.
    """

    offer: Id


# -- What a buyer hears -------------------------------------------------------------------------


class Reserved(Message, frozen=True, kw_only=True, tag="reserved"):
    """
    The gate said yes: the units are held. The order is certain only when ``placed`` arrives.

    With ``first_paid`` nothing is held: pay before others do, and by ``expires_at``.

    With ``waited`` it was your turn in line; then ``to`` is missing, unless it answers ``wait``,
    and ``quantity`` may be less than you waited for.
    """

    to: str = ""
    offer: str
    hold: str
    quantity: int
    expires_at: Milliseconds
    waited: bool = False
    first_paid: bool = False


class Refused(Message, frozen=True, tag="refused"):
    """The gate said no, and nothing changed."""

    to: str
    offer: str
    reason: Reason
    retry_after_ms: int | None = None


class Waiting(Message, frozen=True, tag="waiting"):
    """You are in line for what comes back; ``place`` 1 is whose turn is next."""

    to: str
    offer: str
    place: int
    quantity: Annotated[int, Meta(description="Units waited for, at most")] = 1


class Unwaited(Message, frozen=True, kw_only=True, tag="unwaited"):
    """You are in line no more: you left, or hold or bought as many units as you may."""

    to: str = ""
    offer: str
    reason: Literal["left", "limit_reached"]


class Entered(Message, frozen=True, kw_only=True, tag="entered"):
    """
    You are in the queue of an offer; ``place`` is missing until the places are drawn.

    Heard again, without ``to``, once they were. ``place - called`` of ``queue`` are before you.
    """

    to: str = ""
    offer: str
    place: Annotated[int, Meta(ge=0)] = 0


class Admitted(Message, frozen=True, kw_only=True, tag="admitted"):
    """It is your turn: ``reserve`` with this ``admission`` until it is over. It buys once."""

    to: str = ""
    offer: str
    admission: str
    until: Milliseconds


class Placed(Message, frozen=True, tag="placed"):
    """The order is committed in PostgreSQL; pay before ``order.pay_by``."""

    order: OrderView


class Paid(Message, frozen=True, tag="paid"):
    """The money arrived; the units are the buyer's."""

    order: OrderView


class Refunded(Message, frozen=True, tag="refunded"):
    """Money goes back: ``order.refunded_minor`` by now. The units stay the buyer's."""

    order: OrderView


class Released(Message, frozen=True, tag="released"):
    """
    The units went back: the hold lapsed, was cancelled, was refunded or could not be kept.

    ``sold_out`` with an ``order``: others paid first for what was left. With ``money_back`` you had
    paid, too; all of that is on its way back. Else no money of yours has come so far.
    """

    hold: str
    offer: str
    reason: Literal["lapsed", "cancelled", "refunded", "sold_out"]
    order: str | None = None
    money_back: bool = False


class ShipmentChanged(Message, frozen=True, tag="shipment"):
    """A shipment of yours is now so."""

    shipment: ShipmentView


# -- What the host hears ------------------------------------------------------------------------


class Tally(Message, frozen=True, tag="tally"):
    """What the show has sold so far; sent to its host when it changes, latest wins."""

    orders: int
    paid: int
    awaiting: int
    units: Annotated[int, Meta(description="Units paid")]
    takings_minor: Annotated[int, Meta(ge=0, description="In minor units, less what went back")]
    currency: Currency


class LowStock(Struct, frozen=True, omit_defaults=True):
    """A variant of which few units are left to sell: in the warehouse and in open offers."""

    variant: str
    product: str
    sku: str
    title: str
    left: Annotated[int, Meta(ge=0, description="Units that nobody took, now")]
    alert_at: Annotated[int, Meta(ge=0, description="At so many units its host is told")]
    options: list[str] = []


class StockLow(Message, frozen=True, tag="stock_low"):
    """Few units of a variant are left; told once, until there were more again."""

    stock: LowStock


# -- What everyone hears ------------------------------------------------------------------------


class Stock(Message, frozen=True, tag="stock"):
    """How many units nobody holds; latest wins, by ``version``."""

    offer: str
    left: int
    version: int


class Queue(Message, frozen=True, tag="queue"):
    """How a queue moves; both only grow. Who has the place ``called`` has had their turn."""

    offer: str
    entrants: Annotated[int, Meta(ge=0)]
    called: Annotated[int, Meta(ge=0)] = 0


class ShowChanged(Message, frozen=True, tag="show"):
    """The show is now so."""

    show: ShowView
    at: At = 0
    offset: Offset = 0


class OfferChanged(Message, frozen=True, tag="offer"):
    """The offer is new, or is now so."""

    offer: OfferView
    at: At = 0
    offset: Offset = 0


class OfferPinned(Message, frozen=True, tag="pinned"):
    """The offer is on screen, in place of any other."""

    offer: str
    at: At = 0
    offset: Offset = 0


class OfferUnpinned(Message, frozen=True, tag="unpinned"):
    """No offer is on screen."""

    at: At = 0
    offset: Offset = 0


class CouponPinned(Message, frozen=True, tag="coupon_pinned"):
    """The coupon is on screen, in place of any other; or it is, and is now so."""

    coupon: CouponCard
    at: At = 0
    offset: Offset = 0


class CouponUnpinned(Message, frozen=True, tag="coupon_unpinned"):
    """No coupon is on screen."""

    at: At = 0
    offset: Offset = 0
