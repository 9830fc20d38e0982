"""The catalogue: what there is to sell, and how it gets in."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from commerce.catalogue import Currency, NewProduct, ProductChange, ProductStatus, ProductView
from commerce.catalogue_import import ImportReport, import_file
from commerce.ids import AccountId, ProductId
from commerce.shopify_export import write
from commerce.store import editing, products
from commerce.store.pool import acquire, transaction
from commerce.table import MAX_ROWS
from live.api.bodies import Empty, ProductList
from live.api.endpoint import Access, Call, Endpoint, File, Key
from live.api.idempotency import Answer


class Search(Struct, frozen=True):
    """Which products to list; archived ones only where ``status`` says so."""

    search: Annotated[str, Meta(max_length=200)] | None = None
    status: ProductStatus | None = None
    kind: Annotated[str, Meta(max_length=255)] | None = None
    after: Annotated[ProductId, Meta(max_length=64)] | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class Export(Struct, frozen=True):
    """Where to go on, and in which currency: the shop's if absent."""

    after: Annotated[ProductId, Meta(max_length=64)] | None = None
    currency: Currency | None = None


class Import(Struct, frozen=True):
    """What to do about lines that cannot be accepted."""

    skip_refused: bool = False


async def list_products(call: Call[Empty, Search]) -> ProductList:
    """List products, or find them by words of their title, vendor, tags or SKUs."""
    async with acquire(call.shop.pool) as connection:
        found, following = await products.search(
            connection,
            text=call.query.search,
            status=call.query.status,
            kind=call.query.kind,
            after=call.query.after,
            limit=call.query.limit,
        )
    return ProductList(products=found, next=following)


async def create_product(call: Call[NewProduct, Empty]) -> ProductView:
    """Add a product with its variants."""
    async with transaction(call.shop.pool) as connection:
        return await products.create(connection, call.body, by=AccountId(call.who.sub))


async def product(call: Call[Empty, Empty]) -> ProductView:
    """Show a product."""
    async with acquire(call.shop.pool) as connection:
        return await products.get(connection, ProductId(call.path("product")))


async def change_product(call: Call[ProductChange, Empty]) -> ProductView:
    """Change a product; archived, it is offered no more and found no more."""
    async with transaction(call.shop.pool) as connection:
        return await editing.change_product(connection, ProductId(call.path("product")), call.body)


async def export_products(call: Call[Empty, Export]) -> Answer:
    """Export the catalogue as a product file (CSV, as Shopify has it) that can be imported."""
    currency = call.query.currency or call.shop.config.currency
    async with acquire(call.shop.pool) as connection:
        # One more than the file may have rows, so that a full file knows whether more follow.
        found, ids = await products.export(
            connection, currency=currency, after=call.query.after, limit=MAX_ROWS + 1
        )
    # In a thread: twenty thousand rows take longer to write than a purchase may wait.
    exported = await asyncio.to_thread(write, found)
    headers = {"Content-Disposition": 'attachment; filename="products.csv"'}
    if exported.products < len(found):
        query = f"after={ids[exported.products - 1]}&currency={currency}"
        headers["Link"] = f'</api/products/export?{query}>; rel="next"'
    return Answer(HTTPStatus.OK.value, exported.data, "text/csv; charset=utf-8", headers)


async def import_products(call: Call[File, Import]) -> Answer:
    """Import a product file (CSV, as Shopify exports it), whole or not at all."""
    report = await import_file(
        call.shop.pool,
        call.body.data,
        currency=call.shop.config.currency,
        skip_refused=call.query.skip_refused,
        by=AccountId(call.who.sub),
    )
    wrote_nothing = report.refused and not call.query.skip_refused
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrote_nothing else HTTPStatus.OK
    return Answer(status.value, msgspec.json.encode(report))


ENDPOINTS: Final = (
    Endpoint("GET", "/api/products", list_products, Access.HOST, errors=("invalid_value",)),
    Endpoint(
        "POST",
        "/api/products",
        create_product,
        Access.HOST,
        status=HTTPStatus.CREATED,
        key=Key.OPTIONAL,
        errors=("product_handle_taken", "skus_taken"),
    ),
    Endpoint(
        "GET",
        "/api/products/export",
        export_products,
        Access.HOST,
        errors=("invalid_value",),
        answer=Answer,
    ),
    Endpoint(
        "PATCH",
        "/api/products/{product}",
        change_product,
        Access.HOST,
        errors=("unknown_product", "wrong_state"),
    ),
    Endpoint("GET", "/api/products/{product}", product, Access.HOST, errors=("unknown_product",)),
    Endpoint(
        "POST",
        "/api/products/import",
        import_products,
        Access.HOST,
        media_type="text/csv",
        max_bytes=None,
        answer=ImportReport,
        also=(HTTPStatus.UNPROCESSABLE_ENTITY,),
        errors=("invalid_value",),
    ),
)
