"""Every unit that moves is written down, and nothing else counts."""

import asyncpg
import pytest

from commerce.errors import InvalidValue, NotEnoughStock, NotFound
from commerce.ids import AccountId, OfferId, OrderId, VariantId
from commerce.movements import Adjustment, Movement
from commerce.store import movements, offers, orders
from commerce.store.pool import Connection, acquire
from tests.commerce.shop import Shop, open_shop
from tests.commerce.stage import NOW, add_open_offer, add_variant, available

MEI = AccountId("acc_mei")


def told(moved: list[Movement]) -> list[tuple[str, str, str, int]]:
    """Why, from where, to where and how many, oldest first."""
    return [(each.why, each.origin, each.destination, each.quantity) for each in reversed(moved)]


async def of_offer(shop: Shop, offer: OfferId) -> list[tuple[str, str, str, int]]:
    async with acquire(shop.pool) as connection:
        return told(await movements.of_offer(connection, offer))


# -- What is written down -----------------------------------------------------------------------


async def test_units_are_followed_from_the_warehouse_to_the_buyer_and_back(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=10, limit=5, stock=30)
        kept = await shop.place(offer, await shop.add_buyer(), 2)
        returned = await shop.place(offer, await shop.add_buyer(), 3)
        unpaid = await shop.place(offer, await shop.add_buyer())
        async with acquire(shop.pool) as connection:
            for order in (kept, returned):
                await orders.pay(connection, OrderId(order.id))
            await shop.overdue(unpaid.id)
            await orders.lapse_due(connection, NOW, 10)
            await offers.start_closing(connection, offer)
            await offers.finish_closing(connection, offer)
            await orders.refund(connection, OrderId(returned.id))

        assert await of_offer(shop, offer) == [
            ("opened", "warehouse", "offer", 10),
            ("placed", "offer", "held", 2),
            ("placed", "offer", "held", 3),
            ("placed", "offer", "held", 1),
            ("paid", "held", "sold", 2),
            ("paid", "held", "sold", 3),
            ("lapsed", "held", "offer", 1),
            ("closed", "offer", "warehouse", 5),
            ("refunded", "sold", "warehouse", 3),
        ]
        assert await shop.ledger(offer) == ("closed", 2, 0, 2)
        assert await shop.warehouse(offer) == 28


async def test_a_cancelled_order_says_whose_it_was(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer, buyer = await shop.add_offer(), await shop.add_buyer()
        order = await shop.place(offer, buyer)
        async with acquire(shop.pool) as connection:
            await orders.cancel(connection, OrderId(order.id))
            (moved, *_) = await movements.of_offer(connection, offer)

        assert (moved.why, moved.order, moved.account) == ("cancelled", order.id, buyer)


async def test_a_correction_says_who_and_why(connection: Connection) -> None:
    variant = await add_variant(connection, available=10)

    left = await movements.adjust(
        connection, variant, Adjustment(change=-3, why="damaged", note="fell off"), by=MEI
    )
    more = await movements.adjust(connection, variant, Adjustment(change=5, why="received"), by=MEI)

    received, damaged, first = await movements.of_variant(connection, variant)
    assert (left, more) == (7, 12)
    assert told([received, damaged, first]) == [
        ("imported", "outside", "warehouse", 10),
        ("damaged", "warehouse", "outside", 3),
        ("received", "outside", "warehouse", 5),
    ]
    assert (damaged.account, damaged.note) == (MEI, "fell off")


async def test_no_more_can_leave_than_no_offer_has_taken(connection: Connection) -> None:
    offer = await add_open_offer(connection, quantity=40)
    variant = VariantId((await offers.get(connection, offer)).variant)
    before = await movements.of_variant(connection, variant)

    with pytest.raises(NotEnoughStock, match="61 units of MUG are wanted, 60 are available"):
        await movements.adjust(connection, variant, Adjustment(change=-61, why="lost"), by=MEI)
    with pytest.raises(InvalidValue, match="changes nothing"):
        await movements.adjust(connection, variant, Adjustment(change=0, why="lost"), by=MEI)
    with pytest.raises(NotFound, match="variant"):
        await movements.adjust(
            connection, VariantId("var_1"), Adjustment(change=1, why="received"), by=MEI
        )

    assert await available(connection, offer) == 60
    assert await movements.of_variant(connection, variant) == before


async def test_movements_are_read_a_page_at_a_time(connection: Connection) -> None:
    variant = await add_variant(connection, available=1)
    for _ in range(4):
        await movements.adjust(connection, variant, Adjustment(change=1, why="counted"), by=MEI)

    first = await movements.of_variant(connection, variant, limit=2)
    rest = await movements.of_variant(connection, variant, before=first[-1].id)

    assert [moved.why for moved in [*first, *rest]] == [*["counted"] * 4, "imported"]
    with pytest.raises(NotFound):
        await movements.of_variant(connection, VariantId("var_1"))


# -- What is not possible -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE variants SET available = available + 1",
        "UPDATE offers SET allocated = allocated + 1",
        "UPDATE offers SET taken = taken + 1",
        "UPDATE stock_movements SET quantity = quantity + 1",
        "DELETE FROM stock_movements",
        "TRUNCATE stock_movements",
        "UPDATE prices SET minor = 1",
        "DELETE FROM prices",
    ],
)
async def test_no_counter_and_no_history_is_written_by_hand(
    connection: Connection, statement: str
) -> None:
    offer = await add_open_offer(connection)

    with pytest.raises(asyncpg.RestrictViolationError):
        await connection.execute(statement)

    assert await movements.miscounted(connection) == ([], [])
    assert await available(connection, offer) == 80
