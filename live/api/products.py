"""The catalogue: what there is to sell, and how it gets in."""

from http import HTTPStatus
from typing import Annotated, Final

import msgspec
from msgspec import Meta, Struct

from commerce.catalogue import NewProduct, ProductView
from commerce.catalogue_import import ImportReport, import_file
from commerce.ids import ProductId
from commerce.store import products
from commerce.store.pool import acquire, transaction
from live.api.bodies import Empty, ProductList
from live.api.endpoint import Access, Call, Endpoint, File, Key
from live.api.idempotency import Answer


class Search(Struct, frozen=True):
    """Which products to list."""

    search: Annotated[str, Meta(max_length=200)] | None = None
    after: Annotated[ProductId, Meta(max_length=64)] | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class Import(Struct, frozen=True):
    """What to do about lines that cannot be accepted."""

    skip_refused: bool = False


async def list_products(call: Call[Empty, Search]) -> ProductList:
    """List products, or find them by a word of their title, vendor or SKU."""
    async with acquire(call.shop.pool) as connection:
        found, following = await products.search(
            connection, text=call.query.search, after=call.query.after, limit=call.query.limit
        )
    return ProductList(products=found, next=following)


async def create_product(call: Call[NewProduct, Empty]) -> ProductView:
    """Add a product with its variants."""
    async with transaction(call.shop.pool) as connection:
        return await products.create(connection, call.body)


async def product(call: Call[Empty, Empty]) -> ProductView:
    """Show a product."""
    async with acquire(call.shop.pool) as connection:
        return await products.get(connection, ProductId(call.path("product")))


async def import_products(call: Call[File, Import]) -> Answer:
    """Import a product file (CSV, as Shopify exports it), whole or not at all."""
    report = await import_file(
        call.shop.pool,
        call.body.data,
        currency=call.shop.config.currency,
        skip_refused=call.query.skip_refused,
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
