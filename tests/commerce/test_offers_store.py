import asyncio
from collections.abc import Awaitable
from functools import partial

import msgspec
import pytest

from commerce.errors import NotEnoughStock, NotFound, ShopError, WrongState
from commerce.ids import OfferId, ShowId, VariantId
from commerce.messages import OfferView
from commerce.store import offers, shows
from commerce.store.offers import GateTerms, NewOffer
from commerce.store.pool import Connection, Pool, acquire, transaction
from tests.commerce.stage import (
    NOW,
    add_live_show,
    add_open_offer,
    add_order,
    add_show,
    add_variant,
    available,
    facts,
)


async def draft(
    connection: Connection, show: ShowId, variant: VariantId, quantity: int = 20, **terms: int
) -> OfferId:
    new = msgspec.convert({"variant": variant, "quantity": quantity} | terms, NewOffer)
    return OfferId((await offers.create(connection, show, new)).id)


async def ledger(connection: Connection, offer: OfferId) -> tuple[str, int, int]:
    """State, units allocated and units taken, as they are stored."""
    row = await connection.fetchrow(
        "SELECT state, allocated, taken FROM offers WHERE id = $1", offer
    )
    assert row is not None
    return tuple(row)


# -- Drafting -----------------------------------------------------------------------------------


async def test_a_draft_takes_no_units(connection: Connection) -> None:
    show, variant = await add_live_show(connection), await add_variant(connection)
    await facts(connection)

    view = await offers.create(
        connection,
        show,
        NewOffer(variant=variant, quantity=20, kind="flash", price_minor=990, duration_s=60),
    )

    assert view == OfferView(
        id=view.id,
        show=show,
        kind="flash",
        state="draft",
        product=view.product,
        title="Mug",
        variant=variant,
        sku="MUG",
        price_minor=990,
        currency="USD",
        quantity=20,
        left=20,
        version=0,
        limit_per_buyer=1,
        hold_s=300,
        position=1,
        options=["Blue"],
        picture="/mug.svg",
        was_minor=1990,
    )
    offer = OfferId(view.id)
    assert await offers.get(connection, offer) == view
    assert await available(connection, offer) == 100
    assert await facts(connection) == [("offer", offer)]


@pytest.mark.parametrize(
    ("price_minor", "expected"),
    [(None, (1990, 2500)), (990, (990, 1990)), (1990, (1990, 2500)), (2500, (2500, None))],
)
async def test_the_price_before_is_the_next_higher_one_that_was_asked(
    connection: Connection, price_minor: int | None, expected: tuple[int, int | None]
) -> None:
    show = await add_show(connection)
    variant = await add_variant(connection, price_minor=1990, was_minor=2500)

    view = await offers.create(
        connection, show, NewOffer(variant=variant, quantity=1, price_minor=price_minor)
    )

    assert (view.price_minor, view.was_minor) == expected


async def test_offers_stand_in_the_bag_in_the_order_of_their_drafting(
    pool: Pool, connection: Connection
) -> None:
    show, variant = await add_show(connection), await add_variant(connection)

    async def add() -> OfferId:
        async with acquire(pool) as another:
            return await draft(another, show, variant)

    await asyncio.gather(*(add() for _ in range(8)))

    bag = await offers.views_of_show(connection, show)
    assert [view.position for view in bag] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert await offers.views_of_show(connection, ShowId("nowhere")) == []


async def test_a_draft_needs_a_show_that_has_not_ended_and_a_variant(
    connection: Connection,
) -> None:
    ended, variant = await add_live_show(connection), await add_variant(connection)
    await shows.end(connection, ended)
    await facts(connection)
    other = await add_show(connection, "other")

    with pytest.raises(NotFound, match="show"):
        await draft(connection, ShowId("nowhere"), variant)
    with pytest.raises(NotFound, match="variant"):
        await draft(connection, other, VariantId("var_1"))
    with pytest.raises(WrongState, match="ended"):
        await draft(connection, ended, variant)

    assert await connection.fetchval("SELECT count(*) FROM offers") == 0
    assert await facts(connection) == []


@pytest.mark.parametrize(
    "terms",
    [
        {"quantity": 0},
        {"quantity": 1_000_001},
        {"limit_per_buyer": 0},
        {"limit_per_buyer": 101},
        {"hold_s": 9},
        {"hold_s": 86_401},
        {"duration_s": 9},
        {"duration_s": 86_401},
        {"price_minor": -1},
        {"price_minor": 10**12 + 1},
        {"kind": "auction"},
    ],
)
def test_terms_out_of_bounds_are_refused(terms: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"variant": "var_1", "quantity": 1} | terms, NewOffer)


# -- Opening ------------------------------------------------------------------------------------


async def test_opening_moves_the_units_from_the_variant_to_the_offer(
    connection: Connection,
) -> None:
    show, variant = await add_show(connection), await add_variant(connection)
    offer = await draft(connection, show, variant, duration_s=60)
    await facts(connection)

    view = await offers.open_(connection, offer, now=NOW, countdown_s=10)

    assert (view.state, view.left) == ("open", 20)
    assert (view.opens_at, view.closes_at) == (NOW + 10_000, NOW + 70_000)
    assert await available(connection, offer) == 80
    assert await facts(connection) == [("offer", offer)]


async def test_a_duration_given_at_the_opening_wins(connection: Connection) -> None:
    show, variant = await add_show(connection), await add_variant(connection)
    offer = await draft(connection, show, variant, duration_s=60)

    view = await offers.open_(connection, offer, now=NOW, duration_s=120)

    assert (view.opens_at, view.closes_at) == (NOW, NOW + 120_000)


async def test_without_a_duration_an_offer_sells_until_it_is_closed(
    connection: Connection,
) -> None:
    offer = await add_open_offer(connection)

    assert (await offers.get(connection, offer)).closes_at is None
    assert await offers.due_to_close(connection, NOW + 10**9, 10) == []


async def test_an_offer_opens_once(connection: Connection) -> None:
    offer = await add_open_offer(connection)
    await facts(connection)

    with pytest.raises(WrongState) as refusal:
        await offers.open_(connection, offer, now=NOW)

    assert (refusal.value.state, refusal.value.wanted) == ("open", "draft")
    assert await available(connection, offer) == 80
    assert await facts(connection) == []


async def test_an_offer_without_enough_stock_stays_a_draft(connection: Connection) -> None:
    show, variant = await add_show(connection), await add_variant(connection, available=19)
    offer = await draft(connection, show, variant)
    await facts(connection)

    with pytest.raises(NotEnoughStock) as refusal:
        await offers.open_(connection, offer, now=NOW)

    assert str(refusal.value) == "20 units of MUG are wanted, 19 are available"
    assert await ledger(connection, offer) == ("draft", 0, 0)
    assert await available(connection, offer) == 19
    assert await facts(connection) == []


async def test_two_offers_never_get_the_same_units(pool: Pool, connection: Connection) -> None:
    show, variant = await add_show(connection), await add_variant(connection, available=50)
    drafts = [await draft(connection, show, variant) for _ in range(4)]

    async def attempt(offer: OfferId) -> OfferView:
        async with transaction(pool) as another:
            return await offers.open_(another, offer, now=NOW)

    results = await asyncio.gather(*map(attempt, drafts), return_exceptions=True)

    assert sum(isinstance(result, OfferView) for result in results) == 2
    assert sum(isinstance(result, NotEnoughStock) for result in results) == 2
    assert await available(connection, drafts[0]) == 10


async def test_nothing_opens_in_a_show_that_ended(connection: Connection) -> None:
    show, variant = await add_live_show(connection), await add_variant(connection)
    offer = await draft(connection, show, variant)
    await shows.end(connection, show)

    with pytest.raises(WrongState, match="the show 'tonight' is ended"):
        await offers.open_(connection, offer, now=NOW)

    assert await ledger(connection, offer) == ("draft", 0, 0)
    assert await available(connection, offer) == 100


async def test_a_show_that_ends_while_an_offer_opens_leaves_nothing_open(
    pool: Pool, connection: Connection
) -> None:
    show, variant = await add_live_show(connection), await add_variant(connection)
    offer = await draft(connection, show, variant)

    async with asyncio.TaskGroup() as tasks, transaction(pool) as opening:
        await offers.open_(opening, offer, now=NOW)
        ending = tasks.create_task(shows.end(connection, show))
        await until_someone_waits(pool)
        assert not ending.done()

    assert (await ending).state == "ended"
    assert (await offers.get(connection, offer)).state == "closed"
    assert await offers.due_to_close(connection, NOW, 10) == [offer]


# -- Closing ------------------------------------------------------------------------------------


async def test_a_closing_offer_looks_closed_and_keeps_its_units(connection: Connection) -> None:
    offer = await add_open_offer(connection)
    await facts(connection)

    assert await offers.start_closing(connection, offer) is True
    assert await offers.start_closing(connection, offer) is False

    view = await offers.get(connection, offer)
    assert (view.state, view.left) == ("closed", 0)
    assert await ledger(connection, offer) == ("closing", 20, 0)
    assert await available(connection, offer) == 80
    assert await facts(connection) == [("offer", offer)]


async def test_a_draft_cannot_close(connection: Connection) -> None:
    show, variant = await add_show(connection), await add_variant(connection)
    offer = await draft(connection, show, variant)

    with pytest.raises(WrongState):
        await offers.start_closing(connection, offer)

    assert await ledger(connection, offer) == ("draft", 0, 0)


async def test_what_nobody_took_goes_back_exactly_once(connection: Connection) -> None:
    offer = await add_open_offer(connection)
    await add_order(connection, offer, 7)
    await offers.start_closing(connection, offer)
    await facts(connection)

    assert await offers.finish_closing(connection, offer) == 13
    assert await offers.finish_closing(connection, offer) is None
    assert await offers.start_closing(connection, offer) is False

    assert await ledger(connection, offer) == ("closed", 7, 7)
    assert await available(connection, offer) == 93
    view = await offers.get(connection, offer)
    assert (view.state, view.quantity, view.left) == ("closed", 20, 0)
    assert await facts(connection) == [("offer", offer)]


async def test_an_open_offer_is_not_finished(connection: Connection) -> None:
    offer = await add_open_offer(connection)

    assert await offers.finish_closing(connection, offer) is None

    assert await ledger(connection, offer) == ("open", 20, 0)
    assert await available(connection, offer) == 80


@pytest.mark.parametrize("taken", [7, -3])
async def test_an_order_that_is_written_or_lapses_meanwhile_is_counted(
    pool: Pool, connection: Connection, taken: int
) -> None:
    offer = await add_open_offer(connection)
    await add_order(connection, offer, 5)
    await offers.start_closing(connection, offer)

    async with asyncio.TaskGroup() as tasks, transaction(pool) as writer:
        await add_order(writer, offer, taken)
        finishing = tasks.create_task(offers.finish_closing(connection, offer))
        await until_someone_waits(pool)
        assert not finishing.done()

    assert await finishing == 15 - taken
    assert await ledger(connection, offer) == ("closed", 5 + taken, 5 + taken)
    assert await available(connection, offer) == 95 - taken


async def test_offers_are_due_when_their_time_is_over_closing_ones_first(
    connection: Connection,
) -> None:
    show, variant = await add_show(connection), await add_variant(connection)
    short, long, shut = [
        await draft(connection, show, variant, duration_s=duration) for duration in (30, 60, 90)
    ]
    for offer in (short, long, shut):
        await offers.open_(connection, offer, now=NOW)
    await offers.start_closing(connection, shut)
    due = partial(offers.due_to_close, connection)

    assert await due(NOW + 29_999, 10) == [shut]
    assert await due(NOW + 30_000, 10) == [shut, short]
    assert await due(NOW + 60_000, 10) == [shut, short, long]
    assert await due(NOW + 60_000, 2) == [shut, short]

    await offers.finish_closing(connection, shut)
    assert await due(NOW, 10) == []


# -- What the gate is told ----------------------------------------------------------------------


async def test_the_gate_is_told_the_terms_of_open_offers_only(connection: Connection) -> None:
    offer = await add_open_offer(connection)
    await add_order(connection, offer, 3)
    show = ShowId((await offers.get(connection, offer)).show)
    terms = GateTerms(
        offer=offer,
        show=show,
        allocated=20,
        taken=3,
        limit=1,
        hold_s=300,
        opens_at=NOW,
        closes_at=None,
        price_minor=1990,
        currency="USD",
    )
    another = await draft(connection, show, await add_variant(connection, "PLATE"))

    assert await offers.gate_terms(connection, offer) == terms
    assert await offers.open_offers(connection) == [terms]
    assert (await offers.get(connection, offer)).left == 17
    with pytest.raises(WrongState, match="open"):
        await offers.gate_terms(connection, another)

    await offers.start_closing(connection, offer)

    with pytest.raises(WrongState, match="open"):
        await offers.gate_terms(connection, offer)
    assert await offers.open_offers(connection) == []


async def test_nothing_can_be_done_with_an_offer_that_is_not_there(
    connection: Connection,
) -> None:
    offer = OfferId("ofr_1")
    attempts: list[Awaitable[object]] = [
        offers.get(connection, offer),
        offers.open_(connection, offer, now=NOW),
        offers.start_closing(connection, offer),
        offers.gate_terms(connection, offer),
    ]

    for attempt in attempts:
        with pytest.raises(ShopError) as refusal:
            await attempt
        assert refusal.value.code == "unknown_offer"
    assert await offers.finish_closing(connection, offer) is None


async def until_someone_waits(pool: Pool) -> None:
    """Return when a statement of this database waits for a lock that another one holds."""
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()"
    async with asyncio.timeout(5), acquire(pool) as observer:
        while not await observer.fetchval(waiting):
            pass
