import re
import time

import msgspec
import pytest

from commerce.catalogue import NewProduct, NewVariant, ProductView, VariantView
from commerce.errors import HandleTaken, InvalidValue, NotFound, SkusTaken
from commerce.ids import ProductId
from commerce.store.pool import Connection, Pool, transaction
from commerce.store.products import ImportCounts, create, get, import_products, owners, search
from tests.commerce.stage import add_open_offer, available


def mug(*skus: str, handle: str | None = "mug", title: str = "Mug") -> NewProduct:
    return NewProduct(
        title=title,
        handle=handle,
        vendor="Clay & Co",
        options=["Colour"],
        variants=[
            NewVariant(sku=sku, price_minor=900, currency="USD", available=5, options=[sku])
            for sku in skus
        ],
    )


async def catalogue(connection: Connection) -> list[ProductView]:
    products, _ = await search(connection)
    return products


def skus(product: ProductView) -> list[str]:
    return [variant.sku for variant in product.variants]


# -- One product --------------------------------------------------------------------------------


async def test_a_product_comes_back_as_it_was_given(connection: Connection) -> None:
    new = NewProduct(
        title="Linen shirt",
        handle="linen-shirt",
        body_html="<p>Soft</p>",
        vendor="Loom",
        kind="Clothes",
        tags=["summer", 'so-called "linen"'],
        status="draft",
        options=["Colour", "Size"],
        pictures=["/shirt.svg", "https://shop.example/{2}.jpg"],
        variants=[
            NewVariant(
                sku="S-R",
                price_minor=1990,
                was_minor=2500,
                currency="EUR",
                available=12,
                options=["Red, or so", "M"],
                picture="/red.svg",
                grams=250,
            )
        ],
    )

    view = await create(connection, new)

    assert view == ProductView(
        id=view.id,
        handle="linen-shirt",
        title="Linen shirt",
        body_html="<p>Soft</p>",
        vendor="Loom",
        kind="Clothes",
        tags=["summer", 'so-called "linen"'],
        status="draft",
        options=["Colour", "Size"],
        pictures=["/shirt.svg", "https://shop.example/{2}.jpg"],
        variants=[
            VariantView(
                id=view.variants[0].id,
                sku="S-R",
                price_minor=1990,
                was_minor=2500,
                currency="EUR",
                available=12,
                options=["Red, or so", "M"],
                picture="/red.svg",
                grams=250,
            )
        ],
    )
    assert await get(connection, ProductId(view.id)) == view


@pytest.mark.parametrize(
    ("title", "handle"), [("Café mug", r"cafe-mug-\w{4}"), ("茶杯", r"product-\w{4}")]
)
async def test_a_product_without_a_handle_gets_one_from_its_title(
    connection: Connection, title: str, handle: str
) -> None:
    view = await create(connection, mug("M", handle=None, title=title))

    assert re.fullmatch(handle, view.handle)


async def test_a_handle_belongs_to_one_product(connection: Connection) -> None:
    first = await create(connection, mug("M"))

    with pytest.raises(HandleTaken):
        await create(connection, mug("N"))

    assert await catalogue(connection) == [first]


async def test_a_sku_belongs_to_one_product(connection: Connection) -> None:
    first = await create(connection, mug("M", "N"))

    with pytest.raises(SkusTaken) as refusal:
        await create(connection, mug("L", "M", "N", handle="plate"))

    assert refusal.value.skus == ("M", "N")
    assert await catalogue(connection) == [first]


async def test_values_that_do_not_go_together_are_refused(connection: Connection) -> None:
    with pytest.raises(InvalidValue) as refusal:
        await create(connection, mug("M", "M"))

    assert refusal.value.field == "$.variants[0].sku"
    assert await catalogue(connection) == []


async def test_a_product_that_is_not_there_is_not_found(connection: Connection) -> None:
    with pytest.raises(NotFound) as refusal:
        await get(connection, ProductId("prd_1"))

    assert refusal.value.code == "unknown_product"


# -- Many ---------------------------------------------------------------------------------------


async def test_a_search_goes_through_titles_handles_vendors_and_skus(
    connection: Connection,
) -> None:
    await create(connection, mug("M-1", handle="mug", title="Blue Mug"))
    await create(connection, mug("P_1", handle="plate", title="100% flat"))

    async def found(text: str) -> list[str]:
        products, _ = await search(connection, text=text)
        return [product.handle for product in products]

    assert await found("bLUE") == ["mug"]
    assert await found("plat") == ["plate"]
    assert await found("p_1") == ["plate"]
    assert await found("100%") == ["plate"]
    assert await found("clay &") == ["plate", "mug"]
    assert await found("%") == []
    assert await found("nothing") == []
    assert await found("") == ["plate", "mug"]


async def test_pages_follow_one_another_without_a_gap(connection: Connection) -> None:
    await import_products(
        connection,
        [mug(f"M{n}", handle=f"mug-{n}", title="Mug" if n % 2 else "mug") for n in range(7)],
    )
    everything = await catalogue(connection)

    pages, after = list[list[ProductView]](), None
    while not pages or after is not None:
        page, after = await search(connection, after=after, limit=3)
        pages.append(page)

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [product for page in pages for product in page] == everything
    assert await search(connection, after="prd_1") == ([], None)


# -- Importing ----------------------------------------------------------------------------------


async def test_an_import_creates_what_is_new_and_updates_what_is_there(
    connection: Connection,
) -> None:
    before = await create(connection, mug("M"))

    counts = await import_products(
        connection, [mug("M", title="Better mug"), mug("P", "Q", handle="plate")]
    )

    assert counts == ImportCounts(created=1, updated=1, variants=3)
    better, plate = await catalogue(connection)
    assert better == msgspec.structs.replace(before, title="Better mug")
    assert (plate.handle, skus(plate)) == ("plate", ["P", "Q"])


async def test_importing_twice_changes_nothing_more(connection: Connection) -> None:
    products = [mug("M", "N"), mug("P", handle="plate")]
    await import_products(connection, products)
    first = await catalogue(connection)

    assert await import_products(connection, products) == ImportCounts(0, 2, 3)

    assert await catalogue(connection) == first


async def test_units_that_are_on_sale_are_not_put_into_the_warehouse_again(
    connection: Connection,
) -> None:
    offer = await add_open_offer(connection, quantity=40)
    assert await available(connection, offer) == 60

    (product,) = await catalogue(connection)
    (variant,) = product.variants
    fresh = NewVariant(
        sku=variant.sku,
        price_minor=variant.price_minor,
        currency="USD",
        available=100,
        options=variant.options,
    )
    again = NewProduct(title="Mug", handle=product.handle, options=["Colour"], variants=[fresh])
    await import_products(connection, [again])

    assert await available(connection, offer) == 60


async def test_variants_take_the_order_of_the_list_and_unlisted_ones_stay_behind_it(
    connection: Connection,
) -> None:
    before = await create(connection, mug("A", "B", "C", "D"))

    await import_products(connection, [mug("D", "E", "B")])

    (after,) = await catalogue(connection)
    assert skus(after) == ["D", "E", "B", "A", "C"]
    ids = {variant.sku: variant.id for variant in before.variants}
    assert {v.sku: v.id for v in after.variants if v.sku != "E"} == ids


async def test_an_import_with_a_sku_of_another_product_changes_nothing(
    connection: Connection,
) -> None:
    before = await create(connection, mug("M"))

    with pytest.raises(SkusTaken) as refusal:
        await import_products(connection, [mug("M", handle="plate"), mug("N")])

    assert refusal.value.skus == ("M",)
    assert await catalogue(connection) == [before]
    assert await owners(connection, ["M", "N"]) == {"M": "mug"}


async def test_ten_thousand_variants_take_seconds(pool: Pool) -> None:
    products = [
        mug(*(f"M{n}-{size}" for size in range(10)), handle=f"mug-{n}") for n in range(1000)
    ]

    began = time.monotonic()
    for expected in (ImportCounts(1000, 0, 10_000), ImportCounts(0, 1000, 10_000)):
        async with transaction(pool) as connection:
            assert await import_products(connection, products) == expected

    assert time.monotonic() - began < 20
