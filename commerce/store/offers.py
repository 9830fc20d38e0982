"""
The ledger's side of offers: units carved out of the warehouse, for as long as they are sold.

::

    draft ──open──▶ open ──start_closing──▶ closing ──finish_closing──▶ closed

Opening moves the units of ``quantity`` pieces from the warehouse to the offer, all of them or
none, and closing gives back what no order has taken. Between the two ends of closing the gate is
shut, and orders from before that moment are still being written; outside, a closing offer already
looks closed. At every commit, units are conserved: they are in the warehouse, in an offer, or in an
order.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

from commerce.catalogue import Title
from commerce.errors import InvalidValue, NotEnoughStock, NotFound, WrongState
from commerce.ids import AccountId, OfferId, ShowId, VariantId, new_id
from commerce.messages import (
    Milliseconds,
    Minor,
    OfferEntry,
    OfferKind,
    OfferPolicy,
    OfferView,
    Quantity,
)
from commerce.store import bundles, events, outbox, prices, queues, waitlist
from commerce.store.goods import goods_of
from commerce.store.pool import Connection
from commerce.store.queries import load

MAX_ITEMS: Final = 20
"""More is a hamper to sell as a product of its own."""

AHEAD_MS: Final = 30 * 86_400_000
"""How long units may wait, carved out, for an offer to open."""

QUEUE_MS: Final = 10_000
"""Less, and nobody who reads of a queue can enter it before it is drawn."""

MAX_COUNT: Final = 100
"""Of one variant in a bundle."""

_sql = load("offers")


class NewItem(Struct, frozen=True, forbid_unknown_fields=True):
    """A variant of a bundle, and how many units of it are in each."""

    variant: Annotated[VariantId, Meta(min_length=1, max_length=64)]
    count: Annotated[int, Meta(ge=1, le=MAX_COUNT)] = 1


class NewOffer(Struct, frozen=True, forbid_unknown_fields=True):
    """
    An offer that a host wants to make; a draft takes no units yet.

    Of a ``variant``, or of the ``items`` of a bundle; a variant that is listed twice is there
    with the sum of its counts.
    """

    quantity: Quantity
    variant: Annotated[VariantId, Meta(min_length=1, max_length=64)] | None = None
    kind: OfferKind = "everyday"
    price_minor: Annotated[Minor, Meta(description="The variants' price if absent")] | None = None
    limit_per_buyer: Annotated[int, Meta(ge=1, le=100)] = 1
    hold_s: Annotated[
        int, Meta(ge=10, le=86_400, description="Seconds a reservation is held for payment")
    ] = 300
    duration_s: (
        Annotated[int, Meta(ge=10, le=86_400, description="Without one it sells until closed")]
        | None
    ) = None
    items: Annotated[list[NewItem], Meta(max_length=MAX_ITEMS)] = []
    title: Annotated[Title, Meta(description="The product's title if absent")] | None = None
    entry: Annotated[
        OfferEntry,
        Meta(description="`queue`: who wants some enters before it opens, and places are drawn"),
    ] = "open"
    policy: Annotated[
        OfferPolicy,
        Meta(
            description="`first_paid`: a reservation holds nothing, and the first to pay is served"
        ),
    ] = "hold"


class GateTerms(Struct, frozen=True):
    """
    What the gate has to know of an open offer; ``allocated - taken`` units are left.

    ``intents``: units in orders that hold none, and may still be paid for.
    """

    offer: OfferId
    show: ShowId
    allocated: int
    taken: int
    limit: int
    hold_s: int
    opens_at: Milliseconds
    closes_at: Milliseconds | None
    price_minor: int
    currency: str
    entry: OfferEntry = "open"
    policy: OfferPolicy = "hold"
    intents: int = 0


async def create(connection: Connection, show: ShowId, new: NewOffer) -> OfferView:
    """
    Draft an offer at the end of the show's bag.

    Raises:
        NotFound: there is no such show or variant.
        WrongState: the show ended, or a product is archived.
        InvalidValue: it is of no variant, or of variants in several currencies; or it has a queue,
            and serves whoever pays first.
        PriceNotLower: a flash price is not below what was asked lately.

    """
    counts = _counts(new)
    if (new.entry, new.policy) == ("queue", "first_paid"):
        detail = "an offer with a queue holds units for whose turn it is; let it be `hold`"
        raise InvalidValue("$.policy", detail)
    offer = OfferId(new_id("ofr"))
    async with connection.transaction():
        await lock_show(connection, show)
        goods = await goods_of(connection, counts, offer=offer)
        price_minor = goods.asked_minor if new.price_minor is None else new.price_minor
        if new.kind == "flash":
            goods.check_flash_price(price_minor)
        await connection.execute(
            _sql.create,
            offer,
            list(counts),
            list(counts.values()),
            show,
            new.title,
            new.kind,
            price_minor,
            goods.was_minor(price_minor),
            goods.currency,
            new.quantity,
            new.limit_per_buyer,
            new.hold_s,
            new.duration_s,
            new.entry,
            new.policy,
        )
        await outbox.record(connection, "offer", show, offer)
        return await get(connection, offer)


async def get(connection: Connection, offer: OfferId) -> OfferView:
    """
    Return an offer as the ledger knows it; the gate knows ``left`` and ``version`` better.

    Raises:
        NotFound: there is no such offer.

    """
    for view in await _views(connection, offer, None):
        return view
    raise NotFound("offer", offer)


async def views_of_show(connection: Connection, show: ShowId) -> list[OfferView]:
    """Return the show's offers in the order of its bag; none for a show that is not there."""
    return await _views(connection, None, show)


async def open_(
    connection: Connection,
    offer: OfferId,
    *,
    now: Milliseconds | None = None,
    countdown_s: int = 0,
    opens_at: Milliseconds | None = None,
    duration_s: int | None = None,
    by: AccountId | None = None,
) -> OfferView:
    """
    Take the units out of the warehouse, and sell from ``opens_at``, or ``countdown_s`` after now.

    Now is what the database's clock says, unless told. It closes ``duration_s`` after it opened, or
    after the duration it was drafted with, or when told to. ``by`` answers for the units.

    Raises:
        NotFound: there is no such offer.
        WrongState: it is not a draft, its show ended, or a product is archived.
        NotEnoughStock: a variant has fewer units than the offer asks for.
        PriceNotLower: a flash price is not below what was asked lately, by now.
        InvalidValue: ``opens_at`` is over, or more than `AHEAD_MS` away, or too soon for a queue.

    """
    async with connection.transaction():
        view = await get(connection, offer)
        await lock_show(connection, ShowId(view.show))
        now = now or await prices.now(connection)
        begins = _beginning(now, countdown_s, opens_at)
        if view.entry == "queue" and begins - now < QUEUE_MS:
            detail = f"an offer with a queue opens in {QUEUE_MS // 1000} seconds or later"
            raise InvalidValue("$.countdown_s" if opens_at is None else "$.opens_at", detail)
        opened = await connection.fetchrow(_sql.open, offer, begins, duration_s)
        if opened is None:
            # What was read before the lock may be older than what refused the change.
            state = (await get(connection, offer)).state
            raise WrongState("offer", offer, state=state, wanted="draft")
        await _look_at_the_price(connection, view)
        await _carve_out(connection, offer, opened["quantity"], by)
        if view.entry == "queue":
            await queues.open_(connection, offer)
        await outbox.record(connection, "offer", ShowId(view.show), offer)
        await events.record(connection, "offer.opened", ShowId(view.show), offer)
        return await get(connection, offer)


async def extend(connection: Connection, offer: OfferId, by_s: int) -> OfferView:
    """
    Let an open offer close ``by_s`` later. Not idempotent.

    Raises:
        NotFound: there is no such offer.
        WrongState: it is not open, its time is over, or it has no end that could be moved.

    """
    async with connection.transaction():
        show = await connection.fetchval(_sql.extend, offer, by_s)
        view = await get(connection, offer)
        if show is None:
            over = view.state == "open" and view.closes_at is not None
            state = "over" if over else view.state
            raise WrongState("offer", offer, state=state, wanted="open, with an end to come")
        await outbox.record(connection, "offer", show, offer)
        return view


async def start_closing(connection: Connection, offer: OfferId) -> bool:
    """
    Stop selling; return whether this call did it. Idempotent: closed and closing are fine.

    Raises:
        NotFound: there is no such offer.
        WrongState: it was never opened.

    """
    async with connection.transaction():
        show = await connection.fetchval(_sql.start_closing, offer)
        if show is None:
            state = (await get(connection, offer)).state
            if state == "draft":
                raise WrongState("offer", offer, state=state, wanted="open")
            return False
        await outbox.record(connection, "offer", show, offer)
        return True


async def finish_closing(connection: Connection, offer: OfferId) -> int | None:
    """
    Give the units that no order took back to the variant, and return how many; idempotent.

    That ends the race for them: orders that hold none cannot win any more.

    Call it when every reservation from before the gate was shut is in the ledger. `None` means
    that the offer is not closing, and nothing changed.
    """
    async with connection.transaction():
        closed = await connection.fetchrow(_sql.finish_closing, offer)
        if closed is None:
            return None
        await connection.fetch(_sql.lock_stock, offer, closed["unsold"])
        await connection.execute(_sql.put_back, offer, closed["unsold"])
        await waitlist.end_line(connection, offer)
        await outbox.record(connection, "offer", closed["show_id"], offer)
        await events.record(connection, "offer.closed", closed["show_id"], offer)
        unsold: int = closed["unsold"]
        return unsold


async def due_to_close(connection: Connection, now: Milliseconds, limit: int) -> list[OfferId]:
    """
    Return open offers whose time is over, and closing ones, which someone has to finish.

    Closing ones come first: their gate may not have heard of it, if a process died in between.
    """
    return [row["id"] for row in await connection.fetch(_sql.due_to_close, now, limit)]


async def gate_terms(connection: Connection, offer: OfferId) -> GateTerms:
    """
    Return what the gate has to know of an open offer.

    Raises:
        NotFound: there is no such offer.
        WrongState: it is not open.

    """
    row = await connection.fetchrow(_sql.gate_terms, offer)
    if row is None:
        state = (await get(connection, offer)).state
        raise WrongState("offer", offer, state=state, wanted="open")
    return GateTerms(**row)


async def open_offers(connection: Connection) -> list[GateTerms]:
    """Return every open offer, whatever its show and its window."""
    return [GateTerms(**row) for row in await connection.fetch(_sql.gate_terms, None)]


def _counts(new: NewOffer) -> dict[VariantId, int]:
    """Return how many units of each variant a unit of the offer takes, in the order given."""
    if (new.variant is None) == (not new.items):
        raise InvalidValue("$.variant", "an offer is either of a variant or of items")
    counts: dict[VariantId, int] = {}
    for item in [NewItem(new.variant)] if new.variant is not None else new.items:
        counts[item.variant] = counts.get(item.variant, 0) + item.count
    return counts


def _beginning(now: int, countdown_s: int, opens_at: int | None) -> int:
    """Return when an offer opens that is opened now."""
    if opens_at is None:
        return now + countdown_s * 1000
    if not now <= opens_at <= now + AHEAD_MS:
        raise InvalidValue("$.opens_at", "an offer opens within the next 30 days")
    return opens_at


async def _look_at_the_price(connection: Connection, view: OfferView) -> None:
    """Ask again whether the price is what it is said to be: a draft may be old."""
    rows = await connection.fetch(_sql.items, view.id)
    counts = {row["variant_id"]: row["count"] for row in rows}
    goods = await goods_of(connection, counts, offer=OfferId(view.id))
    if view.kind == "flash":
        goods.check_flash_price(view.price_minor)
    await connection.execute(_sql.set_was, view.id, goods.was_minor(view.price_minor))


async def _carve_out(
    connection: Connection, offer: OfferId, quantity: int, by: AccountId | None
) -> None:
    """Take all that the offer wants out of the warehouse, or nothing."""
    for stock in await connection.fetch(_sql.lock_stock, offer, quantity):
        if stock["available"] < stock["wanted"]:
            raise NotEnoughStock(stock["sku"], wanted=stock["wanted"], available=stock["available"])
    await connection.execute(_sql.carve_out, offer, quantity, by)


async def _views(
    connection: Connection, offer: OfferId | None, show: ShowId | None
) -> list[OfferView]:
    rows = await connection.fetch(_sql.views, offer, show)
    items = await bundles.items(connection, [row["id"] for row in rows])
    return [OfferView(**row, items=items.get(row["id"], [])) for row in rows]


async def lock_show(connection: Connection, show: ShowId) -> None:
    """Keep the show from ending until the transaction does; raise if it has ended."""
    state = await connection.fetchval(_sql.lock_show, show)
    if state is None:
        raise NotFound("show", show)
    if state == "ended":
        raise WrongState("show", show, state=state, wanted="draft or live")
