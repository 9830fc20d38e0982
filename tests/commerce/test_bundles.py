"""Offers of several variants: one price, one gate, all or nothing."""

import pytest

from commerce.catalogue import VariantChange
from commerce.errors import InvalidValue, NotEnoughStock, NotFound, PriceNotLower
from commerce.ids import OfferId, OrderId, ShowId, VariantId
from commerce.messages import OfferItem
from commerce.offers.ledger import Ledger, ledger
from commerce.store import editing, movements, offers, orders
from commerce.store.movements import Balance
from commerce.store.offers import NewItem, NewOffer
from commerce.store.pool import Connection, acquire
from tests.commerce.shop import BEFORE, Shop, open_shop
from tests.commerce.stage import add_live_show, add_variant


async def stock(connection: Connection) -> dict[str, int]:
    rows = await connection.fetch("SELECT sku, available FROM variants ORDER BY sku")
    return {row["sku"]: row["available"] for row in rows}


async def add_bundle(shop: Shop, *, quantity: int = 10) -> OfferId:
    """A teapot and two cups, open, in the ledger and at the gate."""
    async with acquire(shop.pool) as connection:
        pot = await add_variant(connection, "POT", available=30, price_minor=4000)
        cup = await add_variant(connection, "CUP", available=50, price_minor=1000)
        new = NewOffer(
            items=[NewItem(pot), NewItem(cup, 2)],
            quantity=quantity,
            price_minor=5000,
            limit_per_buyer=5,
            title="Tea for two",
        )
        offer = OfferId((await offers.create(connection, shop.show, new)).id)
        await offers.open_(connection, offer, now=BEFORE)
        assert await shop.gate.load(await offers.gate_terms(connection, offer)) == "ok"
    return offer


async def test_a_bundle_shows_what_is_in_it(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await add_bundle(shop)
        order = await shop.place(offer, await shop.add_buyer(), 2)
        async with acquire(shop.pool) as connection:
            view = await offers.get(connection, offer)

        pot, cup = view.items
        assert (view.title, view.variant, view.sku) == ("Tea for two", pot.variant, "POT")
        assert (view.price_minor, view.was_minor, view.quantity) == (5000, 6000, 10)
        assert pot == OfferItem(
            variant=pot.variant,
            sku="POT",
            title="Mug",
            count=1,
            options=["Blue"],
            picture="/mug.svg",
        )
        assert (cup.sku, cup.count) == ("CUP", 2)
        assert (order.title, order.quantity, order.total_minor) == ("Tea for two", 2, 10_000)
        assert order.items == view.items


async def test_a_bundle_moves_whole_from_the_warehouse_to_the_buyer_and_back(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await add_bundle(shop, quantity=10)
        kept = await shop.place(offer, await shop.add_buyer(), 2)
        returned = await shop.place(offer, await shop.add_buyer(), 1)
        async with acquire(shop.pool) as connection:
            assert await stock(connection) == {"CUP": 30, "POT": 20}
            for order in (kept, returned):
                await orders.pay(connection, OrderId(order.id))
            await orders.refund(connection, OrderId(returned.id))
            found = await ledger(shop.pool, shop.gate, offer)
            await offers.start_closing(connection, offer)
            await offers.finish_closing(connection, offer)

            assert await stock(connection) == {"CUP": 46, "POT": 28}
            assert await movements.miscounted(connection) == ([], [])
        assert isinstance(found, Ledger)
        pot, cup = found.movements
        assert pot == Balance(pot.variant, "POT", count=1, offered=8, held=0, sold=2)
        assert cup == Balance(cup.variant, "CUP", count=2, offered=16, held=0, sold=4)
        assert await shop.ledger(offer) == ("closed", 2, 0, 2)


async def test_what_one_variant_lacks_keeps_all_of_them_in_the_warehouse(
    connection: Connection,
) -> None:
    show = await add_live_show(connection)
    pot = await add_variant(connection, "POT", available=30)
    cup = await add_variant(connection, "CUP", available=19)
    new = NewOffer(items=[NewItem(pot), NewItem(cup, 2)], quantity=10)
    offer = OfferId((await offers.create(connection, show, new)).id)

    with pytest.raises(NotEnoughStock, match="20 units of CUP are wanted, 19 are available"):
        await offers.open_(connection, offer)

    assert (await offers.get(connection, offer)).state == "draft"
    assert await stock(connection) == {"CUP": 19, "POT": 30}
    assert await movements.of_offer(connection, offer) == []


async def test_a_variant_that_is_listed_twice_is_wanted_twice(connection: Connection) -> None:
    show, cup = await add_live_show(connection), await add_variant(connection, "CUP", available=9)
    new = NewOffer(items=[NewItem(cup), NewItem(cup)], quantity=5)
    offer = OfferId((await offers.create(connection, show, new)).id)

    with pytest.raises(NotEnoughStock, match="10 units of CUP are wanted, 9 are available"):
        await offers.open_(connection, offer)

    assert [(item.sku, item.count) for item in (await offers.get(connection, offer)).items] == [
        ("CUP", 2)
    ]
    assert await stock(connection) == {"CUP": 9}


async def test_an_offer_is_of_something_and_of_one_currency(connection: Connection) -> None:
    show, cup = await add_live_show(connection), await add_variant(connection, "CUP")
    await connection.execute("UPDATE variants SET currency = 'EUR'")
    pot = await add_variant(connection, "POT")

    for new in (NewOffer(quantity=1), NewOffer(quantity=1, variant=cup, items=[NewItem(pot)])):
        with pytest.raises(InvalidValue, match="either of a variant or of items"):
            await offers.create(connection, show, new)
    with pytest.raises(InvalidValue, match="EUR and USD"):
        await offers.create(connection, show, NewOffer(1, items=[NewItem(cup), NewItem(pot)]))
    with pytest.raises(NotFound, match="variant"):
        await offers.create(
            connection, show, NewOffer(1, items=[NewItem(cup), NewItem(VariantId("var_1"))])
        )

    assert await connection.fetchval("SELECT count(*) FROM offers") == 0


async def test_the_flash_price_of_a_bundle_is_below_that_of_its_items(
    connection: Connection,
) -> None:
    show: ShowId = await add_live_show(connection)
    pot = await add_variant(connection, "POT", price_minor=4000)
    cup = await add_variant(connection, "CUP", price_minor=1000)
    items = [NewItem(pot), NewItem(cup, 2)]

    await editing.change_variant(connection, cup, VariantChange(price_minor=2000))

    with pytest.raises(PriceNotLower, match=r"POT and CUP since .* was 60\.00 USD"):
        await offers.create(
            connection, show, NewOffer(1, items=items, kind="flash", price_minor=6000)
        )
    view = await offers.create(
        connection, show, NewOffer(1, items=items, kind="flash", price_minor=5999)
    )

    # The cup was 20.00 for no day.
    assert (view.price_minor, view.was_minor) == (5999, None)
