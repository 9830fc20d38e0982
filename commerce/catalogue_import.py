"""
A file of products, brought into the catalogue.

Either the whole file is imported, or nothing is written and the report says which lines are in the
way. Whoever chooses to skip those gets the other products, each of them whole.
"""

import asyncio
from collections.abc import Mapping, Sequence

from msgspec import Struct

from commerce.catalogue import NewProduct
from commerce.ids import AccountId
from commerce.shopify import Parsed, RefusedLine, parse
from commerce.store import prices
from commerce.store.pool import Connection, Pool, transaction
from commerce.store.prices import Before
from commerce.store.products import import_products, owners


class ImportReport(Struct, frozen=True):
    """What an import changed, and the lines it refused; zeros when it wrote nothing."""

    created: int
    updated: int
    variants: int
    refused: list[RefusedLine]


async def import_file(
    pool: Pool,
    data: bytes,
    *,
    currency: str,
    skip_refused: bool = False,
    by: AccountId | None = None,
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
        products, untrue = await _without_untrue_prices(connection, products, parsed.lines)
        refused = sorted([*parsed.refused, *taken, *untrue], key=lambda each: each.line)
        if refused and not (skip_refused and products):
            return ImportReport(0, 0, 0, refused)
        counts = await import_products(connection, products, by=by)
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


async def _without_untrue_prices(
    connection: Connection, products: Sequence[NewProduct], lines: Mapping[str, int]
) -> tuple[list[NewProduct], list[RefusedLine]]:
    """Leave out the products with a price before that was not asked, and say so."""
    untrue = await prices.untrue(
        connection,
        [
            Before(variant.sku, variant.was_minor, variant.currency)
            for product in products
            for variant in product.variants
            if variant.was_minor is not None
        ],
    )
    refused = [
        RefusedLine(lines[sku], refusal.code, str(refusal), "Variant Compare At Price")
        for sku, refusal in untrue.items()
    ]
    sound = [
        product
        for product in products
        if not any(variant.sku in untrue for variant in product.variants)
    ]
    return sound, refused
