"""
The catalogue: products and the variants that have a price and a stock.

A variant's SKU is its name in the world and belongs to one product for good. Nothing is ever
deleted, because it may be in orders.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from asyncpg import Record
from msgspec import Struct

from commerce.catalogue import (
    MAX_VARIANTS,
    NewProduct,
    NewVariant,
    ProductStatus,
    ProductView,
    VariantView,
    handle_of,
    problems,
)
from commerce.errors import HandleTaken, InvalidValue, NotFound, SkusTaken
from commerce.ids import AccountId, ProductId, new_id, random_characters
from commerce.store import movements, prices
from commerce.store.pool import Connection
from commerce.store.prices import Before
from commerce.store.queries import load

CHANCE_CHARACTERS: Final = 4
"""Two products of the same title share a handle once in a million times, and then hear so."""

NEAR: Final = 2_000
"""
Products that a search reads on in the order of titles, in some 3 ms, before it looks words up. What
one product in forty has fills a page by then; what is rarer is sorted in as little time.
"""

_sql = load("products")


class ImportCounts(Struct, frozen=True):
    """What an import changed: products that are new, products that were there, all variants."""

    created: int
    updated: int
    variants: int


async def create(
    connection: Connection, new: NewProduct, *, by: AccountId | None = None
) -> ProductView:
    """
    Add a product; what it has in stock is a movement that ``by`` answers for.

    Raises:
        InvalidValue: its values do not go together.
        HandleTaken: another product has the handle.
        SkusTaken: other products have some of the SKUs.

    """
    if found := problems(new):
        raise InvalidValue(found[0].field, found[0].detail)
    suffix = random_characters(CHANCE_CHARACTERS)
    handle = new.handle or f"{handle_of(new.title) or 'product'}-{suffix}"
    product = ProductId(new_id("prd"))
    async with connection.transaction():
        if not await connection.fetchval(_sql.create, _json([_columns(new, product, handle)])):
            raise HandleTaken(handle)
        await _put_variants(connection, [(product, new)], by=by)
        return await get(connection, product)


async def get(connection: Connection, product: ProductId) -> ProductView:
    """
    Return a product with its variants.

    Raises:
        NotFound: there is no such product.

    """
    row = await connection.fetchrow(_sql.get, product)
    if row is None:
        raise NotFound("product", product)
    (view,) = await _views(connection, [row])
    return view


async def search(
    connection: Connection,
    *,
    text: str | None = None,
    status: ProductStatus | None = None,
    kind: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[ProductView], str | None]:
    """
    Return a page of products by title, and what to give as ``after`` for the next one.

    Each word of ``text`` is the beginning of a word of the title, handle, vendor, kind or tags, or
    of a SKU, whatever its capitals; Chinese, Japanese and Korean are found within words as well.
    Archived products are listed only where that is the ``status`` asked for. An ``after`` that is
    no product gives an empty page.
    """
    place = await _place(connection, after)
    if place is None:
        return [], None
    rows = await connection.fetch(_sql.search, text, status, kind, *place, limit + 1, NEAR)
    page = await _views(connection, rows[:limit])
    return page, page[-1].id if len(rows) > limit else None


async def import_products(
    connection: Connection, products: Sequence[NewProduct], *, by: AccountId | None = None
) -> ImportCounts:
    """
    Bring the catalogue up to date with ``products``; idempotent, all or nothing.

    Products are matched by handle, or by the one that their title suggests, and variants by SKU;
    both are distinct in ``products``. A variant that is no longer listed stays, after the listed
    ones. ``available`` becomes what is listed: the units that no offer has taken.

    Raises:
        SkusTaken: other products have some of the SKUs.
        WasNotAsked: a variant that was there has a new price before, which was not asked.

    """
    # One order for everyone, so that two imports wait for each other instead of deadlocking.
    listed = {product.handle or handle_of(product.title): product for product in products}
    rows = [_columns(listed[handle], ProductId(new_id("prd")), handle) for handle in sorted(listed)]
    async with connection.transaction():
        put = await connection.fetch(_sql.put, _json(rows))
        variants = await _put_variants(
            connection, [(row["id"], listed[row["handle"]]) for row in put], by=by
        )
    created = sum(row["created"] for row in put)
    return ImportCounts(created, updated=len(put) - created, variants=variants)


async def export(
    connection: Connection, *, currency: str, after: str | None, limit: int
) -> tuple[list[NewProduct], list[ProductId]]:
    """
    Return products by title as an import would have to bring them, and their ids.

    Those with a price in another currency are left out; a file has one. An ``after`` that is no
    product gives nothing.
    """
    place = await _place(connection, after)
    if place is None:
        return [], []
    rows = await connection.fetch(_sql.export, currency, *place, limit)
    variants: dict[str, list[NewVariant]] = {row["id"]: [] for row in rows}
    for row in await connection.fetch(_sql.export_variants, list(variants)):
        values = dict(row)
        variants[values.pop("product_id")].append(NewVariant(**values))
    found = []
    for row in rows:
        values = dict(row)
        found.append(NewProduct(variants=variants[values.pop("id")], **values))
    return found, [ProductId(id) for id in variants]


async def owners(connection: Connection, skus: Sequence[str]) -> dict[str, str]:
    """Return for each of ``skus`` that is in the catalogue the handle of its product."""
    return {row["sku"]: row["handle"] for row in await connection.fetch(_sql.owners, skus)}


async def _place(connection: Connection, after: str | None) -> tuple[str, str] | None:
    """Return where to go on in the order of titles; None behind what does not exist."""
    if after is None:
        return "", ""
    row = await connection.fetchrow(_sql.place_of, after)
    return None if row is None else (row["title"], row["id"])


async def _put_variants(
    connection: Connection,
    products: Sequence[tuple[ProductId, NewProduct]],
    *,
    by: AccountId | None,
) -> int:
    """Insert or update variants, and move those that are not listed behind the others."""
    rows = sorted(
        (
            {
                **msgspec.to_builtins(variant),
                "id": new_id("var"),
                "product_id": product,
                "position": position,
            }
            for product, new in products
            for position, variant in enumerate(new.variants, start=1)
        ),
        key=lambda row: row["sku"],
    )
    skus = [row["sku"] for row in rows]
    await movements.lock(connection, skus)
    said = [
        Before(row["sku"], row["was_minor"], row["currency"]) for row in rows if row["was_minor"]
    ]
    for refusal in (await prices.untrue(connection, said)).values():
        raise refusal
    put = {row["sku"] for row in await connection.fetch(_sql.put_variants, _json(rows))}
    if taken := [sku for sku in skus if sku not in put]:
        raise SkusTaken(taken)
    await movements.take_stock(connection, {row["sku"]: row["available"] for row in rows}, by=by)
    await connection.execute(
        _sql.move_unlisted_variants,
        [product for product, _ in products],
        [len(new.variants) for _, new in products],
        skus,
    )
    await connection.execute(_sql.index, [product for product, _ in products])
    return len(rows)


def check_fits(product: ProductView, new: NewVariant) -> None:
    """
    See to it that a variant may stand beside those of a product.

    Raises:
        InvalidValue: its values do not go together, or not with theirs.

    """
    if len(product.variants) >= MAX_VARIANTS:
        raise InvalidValue("$", f"a product has at most {MAX_VARIANTS} variants")
    others = [
        NewVariant(
            sku=other.sku,
            price_minor=other.price_minor,
            currency=other.currency,
            options=other.options,
        )
        for other in product.variants
        # A SKU that is there already is `SkusTaken`, whoever has it.
        if other.sku != new.sku
    ]
    together = NewProduct(title=product.title, options=product.options, variants=[*others, new])
    place = f"$.variants[{len(others)}]"
    for problem in problems(together):
        if problem.field.startswith(place):
            raise InvalidValue(f"${problem.field.removeprefix(place)}", problem.detail)


async def _views(connection: Connection, rows: Sequence[Record]) -> list[ProductView]:
    variants: dict[str, list[VariantView]] = {row["id"]: [] for row in rows}
    for row in await connection.fetch(_sql.variants_of, list(variants)):
        values = dict(row)
        variants[values.pop("product_id")].append(VariantView(**values))
    return [
        ProductView(
            **{**row, "alts": msgspec.json.decode(row["alts"])}, variants=variants[row["id"]]
        )
        for row in rows
    ]


def _columns(new: NewProduct, product: ProductId, handle: str) -> dict[str, Any]:
    columns: dict[str, Any] = {**msgspec.to_builtins(new), "id": product, "handle": handle}
    del columns["variants"]
    return columns


def _json(rows: list[dict[str, Any]]) -> str:
    # One parameter for any number of rows: arrays within a row rule out UNNEST, and JSON is
    # read by PostgreSQL itself, arrays included.
    return msgspec.json.encode(rows).decode()
