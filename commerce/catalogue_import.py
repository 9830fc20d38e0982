"""
A file of products, brought into the catalogue.

Either the whole file is imported, or nothing is written and the report says which lines are in the
way. Whoever chooses to skip those gets the other products, each of them whole.
"""

import asyncio

from msgspec import Struct

from commerce.catalogue import NewProduct
from commerce.shopify import Parsed, RefusedLine, parse
from commerce.store.pool import Connection, Pool, transaction
from commerce.store.products import import_products, owners


class ImportReport(Struct, frozen=True):
    """What an import changed, and the lines it refused; zeros when it wrote nothing."""

    created: int
    updated: int
    variants: int
    refused: list[RefusedLine]


async def import_file(
    pool: Pool, data: bytes, *, currency: str, skip_refused: bool = False
) -> ImportReport:
    """
    Import a product export whose prices are in ``currency``; idempotent, in one transaction.

    Raises:
        SkusTaken: another import took a SKU at the same moment; nothing was written.

    """
    # In a thread: a file of some megabytes takes longer to read than a purchase may wait.
    parsed = await asyncio.to_thread(parse, data, currency=currency)
    async with transaction(pool) as connection:
        products, taken = await _without_taken_skus(connection, parsed)
        refused = sorted([*parsed.refused, *taken], key=lambda each: each.line)
        if refused and not (skip_refused and products):
            return ImportReport(0, 0, 0, refused)
        counts = await import_products(connection, products)
        return ImportReport(counts.created, counts.updated, counts.variants, refused)


async def _without_taken_skus(
    connection: Connection, parsed: Parsed
) -> tuple[list[NewProduct], list[RefusedLine]]:
    """Leave out the products with a SKU that belongs to another one, and say so."""
    handles = await owners(connection, list(parsed.lines))
    products, refused = list[NewProduct](), list[RefusedLine]()
    for product in parsed.products:
        taken = [
            RefusedLine(
                line=parsed.lines[variant.sku],
                code="sku_taken",
                detail=f"the SKU {variant.sku} belongs to the product {handles[variant.sku]}",
                column="Variant SKU",
            )
            for variant in product.variants
            if handles.get(variant.sku, product.handle) != product.handle
        ]
        refused += taken
        if not taken:
            products.append(product)
    return products, refused
