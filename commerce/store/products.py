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

from commerce.catalogue import NewProduct, ProductView, VariantView, handle_of, problems
from commerce.errors import HandleTaken, InvalidValue, NotFound, SkusTaken
from commerce.ids import ProductId, new_id, random_characters
from commerce.store.pool import Connection
from commerce.store.queries import load

CHANCE_CHARACTERS: Final = 4
"""Two products of the same title share a handle once in a million times, and then hear so."""

_sql = load("products")


class ImportCounts(Struct, frozen=True):
    """What an import changed: products that are new, products that were there, all variants."""

    created: int
    updated: int
    variants: int


async def create(connection: Connection, new: NewProduct) -> ProductView:
    """
    Add a product.

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
        await _put_variants(connection, [(product, new)])
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
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[ProductView], str | None]:
    """
    Return a page of products by title, and what to give as ``after`` for the next one.

    ``text`` is looked for in titles, handles, vendors and SKUs, whatever its capitals. An
    ``after`` that is no product gives an empty page.
    """
    rows = await connection.fetch(_sql.search, text or None, after, limit + 1)
    page = await _views(connection, rows[:limit])
    return page, page[-1].id if len(rows) > limit else None


async def import_products(connection: Connection, products: Sequence[NewProduct]) -> ImportCounts:
    """
    Bring the catalogue up to date with ``products``; idempotent, all or nothing.

    Products are matched by handle, or by the one that their title suggests, and variants by SKU;
    both are distinct in ``products``. A variant that is no longer listed stays, after the listed
    ones. ``available`` becomes what is listed: the units that no offer has taken.

    Raises:
        SkusTaken: other products have some of the SKUs.

    """
    # One order for everyone, so that two imports wait for each other instead of deadlocking.
    listed = {product.handle or handle_of(product.title): product for product in products}
    rows = [_columns(listed[handle], ProductId(new_id("prd")), handle) for handle in sorted(listed)]
    async with connection.transaction():
        put = await connection.fetch(_sql.put, _json(rows))
        variants = await _put_variants(
            connection, [(row["id"], listed[row["handle"]]) for row in put]
        )
    created = sum(row["created"] for row in put)
    return ImportCounts(created, updated=len(put) - created, variants=variants)


async def owners(connection: Connection, skus: Sequence[str]) -> dict[str, str]:
    """Return for each of ``skus`` that is in the catalogue the handle of its product."""
    return {row["sku"]: row["handle"] for row in await connection.fetch(_sql.owners, skus)}


async def _put_variants(
    connection: Connection, products: Sequence[tuple[ProductId, NewProduct]]
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
    put = {row["sku"] for row in await connection.fetch(_sql.put_variants, _json(rows))}
    if taken := [sku for sku in skus if sku not in put]:
        raise SkusTaken(taken)
    await connection.execute(
        _sql.move_unlisted_variants,
        [product for product, _ in products],
        [len(new.variants) for _, new in products],
        skus,
    )
    return len(rows)


async def _views(connection: Connection, rows: Sequence[Record]) -> list[ProductView]:
    variants: dict[str, list[VariantView]] = {row["id"]: [] for row in rows}
    for row in await connection.fetch(_sql.variants_of, list(variants)):
        values = dict(row)
        variants[values.pop("product_id")].append(VariantView(**values))
    return [ProductView(**row, variants=variants[row["id"]]) for row in rows]


def _columns(new: NewProduct, product: ProductId, handle: str) -> dict[str, Any]:
    columns: dict[str, Any] = {**msgspec.to_builtins(new), "id": product, "handle": handle}
    del columns["variants"]
    return columns


def _json(rows: list[dict[str, Any]]) -> str:
    # One parameter for any number of rows: arrays within a row rule out UNNEST, and JSON is
    # read by PostgreSQL itself, arrays included.
    return msgspec.json.encode(rows).decode()
