"""Few units are left: said once, until there were more again."""

import asyncio

from commerce.catalogue import VariantChange
from commerce.ids import OfferId, VariantId
from commerce.messages import LowStock
from commerce.movements import Adjustment
from commerce.store import editing, feed, movements, offers, shows
from commerce.store.pool import Connection, Pool, acquire
from tests.commerce.stage import add_open_offer, add_order, nobody


async def alerts(connection: Connection) -> list[tuple[str, str]]:
    """Show and variant of each alert in the outbox, and of each event, which are the same."""
    facts = await connection.fetch(
        "SELECT show_id, subject_id FROM outbox WHERE topic = 'stock_low' ORDER BY id"
    )
    events = await connection.fetch(
        "SELECT show_id, subject_id FROM events WHERE type = 'stock.low' ORDER BY id"
    )
    assert facts == events
    return [tuple(row) for row in facts]


async def watched(connection: Connection, alert_at: int) -> tuple[OfferId, VariantId]:
    """An offer of 20 of 100 units, of which 80 are in the warehouse."""
    offer = await add_open_offer(connection)
    variant = VariantId((await offers.get(connection, offer)).variant)
    await editing.change_variant(connection, variant, VariantChange(alert_at=alert_at))
    return offer, variant


async def test_the_host_is_told_once_a_crossing_and_not_once_a_sale(
    connection: Connection,
) -> None:
    offer, variant = await watched(connection, alert_at=90)
    await add_order(connection, offer, 9)
    assert await alerts(connection) == []

    await add_order(connection, offer, 1)
    assert await alerts(connection) == [("tonight", variant)]
    assert await movements.low_stock(connection, variant) == LowStock(
        variant=variant,
        product=(await offers.get(connection, offer)).product,
        sku="MUG",
        title="Mug",
        left=90,
        alert_at=90,
        options=["Blue"],
    )

    await add_order(connection, offer, 5)
    assert len(await alerts(connection)) == 1

    await add_order(connection, offer, -6)
    await add_order(connection, offer, 1)
    assert len(await alerts(connection)) == 2


async def test_units_that_go_into_an_offer_are_still_left_to_sell(connection: Connection) -> None:
    offer, variant = await watched(connection, alert_at=85)

    await offers.start_closing(connection, offer)
    await offers.finish_closing(connection, offer)
    assert await alerts(connection) == []

    await movements.adjust(connection, variant, Adjustment(change=-15, why="damaged"), by=nobody())
    assert await alerts(connection) == [("tonight", variant)]


async def test_the_last_show_hears_when_all_have_ended(connection: Connection) -> None:
    offer, variant = await watched(connection, alert_at=10)
    await shows.end(connection, (await shows.get(connection, "tonight")).id)  # type: ignore[arg-type]
    await offers.finish_closing(connection, offer)

    await movements.adjust(connection, variant, Adjustment(change=-95, why="lost"), by=nobody())

    assert await alerts(connection) == [("tonight", variant)]


async def test_an_alert_that_is_taken_away_is_silent(connection: Connection) -> None:
    offer, variant = await watched(connection, alert_at=90)
    product = await editing.change_variant(connection, variant, VariantChange(alert_at=None))
    await add_order(connection, offer, 15)

    assert product.variants[0].alert_at is None
    assert await alerts(connection) == []
    assert await movements.low_stock(connection, variant) is None


async def test_an_alert_that_is_low_from_the_beginning_is_shown_and_not_told(
    connection: Connection,
) -> None:
    _, variant = await watched(connection, alert_at=90)

    product = await editing.change_variant(connection, variant, VariantChange(alert_at=100))

    assert (product.variants[0].alert_at, product.variants[0].low) == (100, True)
    assert await alerts(connection) == []


async def test_of_two_who_cross_together_one_tells(pool: Pool) -> None:
    async with acquire(pool) as connection, acquire(pool) as other:
        offer, variant = await watched(connection, alert_at=85)
        correction = movements.adjust(
            other, variant, Adjustment(change=-10, why="lost"), by=nobody()
        )
        async with connection.transaction():
            await add_order(connection, offer, 10)
            correcting = asyncio.ensure_future(correction)
            # It waits for the variant, which the order has locked.
            await asyncio.wait([correcting], timeout=0.2)
            assert not correcting.done()
        await correcting

        assert await alerts(connection) == [("tonight", variant)]


async def test_the_feed_says_what_is_left(pool: Pool) -> None:
    async with acquire(pool) as connection:
        offer, variant = await watched(connection, alert_at=90)
        await add_order(connection, offer, 12)
    await feed.place(pool)
    async with acquire(pool) as connection:
        page = await feed.after(connection, None, host=None, limit=10)
        *_, event = await feed.told(connection, page.events)

    assert event.type == "stock.low"
    assert event.stock is not None
    assert (event.stock.variant, event.stock.left, event.offer) == (variant, 88, None)
