"""
The ledger's side of offers: units carved out of a variant's stock, for as long as they are sold.

::

    draft ──open──▶ open ──start_closing──▶ closing ──finish_closing──▶ closed

Opening moves ``quantity`` units from the variant to the offer, and closing gives back what no
order has taken. Between the two ends of closing the gate is shut, and orders from before that
moment are still being written; outside, a closing offer already looks closed. At every commit,
units are conserved: they are in a variant, in an offer, or in an order.
"""

from typing import Annotated

from msgspec import Meta, Struct

from commerce.errors import NotEnoughStock, NotFound, WrongState
from commerce.ids import OfferId, ShowId, VariantId, new_id
from commerce.messages import Milliseconds, Minor, OfferKind, OfferView, Quantity
from commerce.store import events, outbox, waitlist
from commerce.store.pool import Connection
from commerce.store.queries import load

_sql = load("offers")


class NewOffer(Struct, frozen=True, forbid_unknown_fields=True):
    """An offer that a host wants to make; a draft takes no units yet."""

    variant: Annotated[VariantId, Meta(min_length=1, max_length=64)]
    quantity: Quantity
    kind: OfferKind = "everyday"
    price_minor: Annotated[Minor, Meta(description="The variant's price if absent")] | None = None
    limit_per_buyer: Annotated[int, Meta(ge=1, le=100)] = 1
    hold_s: Annotated[
        int, Meta(ge=10, le=86_400, description="Seconds a reservation is held for payment")
    ] = 300
    duration_s: (
        Annotated[int, Meta(ge=10, le=86_400, description="Without one it sells until closed")]
        | None
    ) = None


class GateTerms(Struct, frozen=True):
    """What the gate has to know of an open offer; ``allocated - taken`` units are left."""

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


async def create(connection: Connection, show: ShowId, new: NewOffer) -> OfferView:
    """
    Draft an offer at the end of the show's bag.

    Raises:
        NotFound: there is no such show or variant.
        WrongState: the show ended.

    """
    offer = OfferId(new_id("ofr"))
    async with connection.transaction():
        await _lock_show(connection, show)
        created = await connection.fetchval(
            _sql.create,
            offer,
            show,
            new.variant,
            new.kind,
            new.price_minor,
            new.quantity,
            new.limit_per_buyer,
            new.hold_s,
            new.duration_s,
        )
        if not created:
            raise NotFound("variant", new.variant)
        await outbox.record(connection, "offer", show, offer)
        return await get(connection, offer)


async def get(connection: Connection, offer: OfferId) -> OfferView:
    """
    Return an offer as the ledger knows it; the gate knows ``left`` and ``version`` better.

    Raises:
        NotFound: there is no such offer.

    """
    row = await connection.fetchrow(_sql.views, offer, None)
    if row is None:
        raise NotFound("offer", offer)
    return OfferView(**row)


async def views_of_show(connection: Connection, show: ShowId) -> list[OfferView]:
    """Return the show's offers in the order of its bag; none for a show that is not there."""
    return [OfferView(**row) for row in await connection.fetch(_sql.views, None, show)]


async def open_(
    connection: Connection,
    offer: OfferId,
    *,
    now: Milliseconds,
    countdown_s: int = 0,
    duration_s: int | None = None,
) -> OfferView:
    """
    Take the units out of the variant's stock and open the offer ``countdown_s`` after ``now``.

    It closes ``duration_s`` later, or after the duration it was drafted with, or when told to.

    Raises:
        NotFound: there is no such offer.
        WrongState: it is not a draft, or its show ended.
        NotEnoughStock: the variant has fewer units than the offer asks for.

    """
    opens_at = now + countdown_s * 1000
    async with connection.transaction():
        view = await get(connection, offer)
        await _lock_show(connection, ShowId(view.show))
        opened = await connection.fetchrow(_sql.open, offer, opens_at, duration_s)
        if opened is None:
            # What was read before the lock may be older than what refused the change.
            state = (await get(connection, offer)).state
            raise WrongState("offer", offer, state=state, wanted="draft")
        if not await connection.fetchval(_sql.take_stock, view.variant, opened["allocated"]):
            raise NotEnoughStock(
                view.sku,
                wanted=opened["allocated"],
                available=await connection.fetchval(_sql.stock, view.variant),
            )
        await outbox.record(connection, "offer", ShowId(view.show), offer)
        await events.record(connection, "offer.opened", ShowId(view.show), offer)
        return await get(connection, offer)


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

    Call it when every reservation from before the gate was shut is in the ledger. `None` means
    that the offer is not closing, and nothing changed.
    """
    async with connection.transaction():
        closed = await connection.fetchrow(_sql.finish_closing, offer)
        if closed is None:
            return None
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


async def _lock_show(connection: Connection, show: ShowId) -> None:
    """Keep the show from ending until the transaction does; raise if it has ended."""
    state = await connection.fetchval(_sql.lock_show, show)
    if state is None:
        raise NotFound("show", show)
    if state == "ended":
        raise WrongState("show", show, state=state, wanted="draft or live")
