"""
Changes of what is in the catalogue, one product or variant at a time.

What was sold stays as it is: nothing is deleted, a SKU never changes, and an archived product keeps
its history and is offered no more. The number of units changes by movements alone.
"""

from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from commerce.catalogue import NewVariant, ProductChange, ProductView, VariantChange
from commerce.errors import InvalidValue, NotFound, SkusTaken, WrongState
from commerce.ids import AccountId, ProductId, VariantId, new_id
from commerce.store import movements, prices, products
from commerce.store.pool import Connection
from commerce.store.prices import Before
from commerce.store.queries import load

_sql: Final = load("products")


async def change_product(
    connection: Connection, product: ProductId, change: ProductChange
) -> ProductView:
    """
    Change what is given of a product; idempotent.

    Raises:
        NotFound: there is no such product.
        WrongState: it is to be archived, and an open offer sells it.

    """
    async with connection.transaction():
        if await connection.fetchrow(_sql.lock, product) is None:
            raise NotFound("product", product)
        if change.status == "archived" and await connection.fetchval(_sql.offered, product):
            raise WrongState("product", product, state="offered now", wanted="in no open offer")
        await connection.execute(
            _sql.change,
            product,
            change.title,
            change.body_html,
            change.vendor,
            change.kind,
            change.tags,
            change.status,
            change.pictures,
            None if change.alts is None else msgspec.json.encode(change.alts).decode(),
        )
        await connection.execute(_sql.index, [product])
        return await products.get(connection, product)


async def change_variant(
    connection: Connection, variant: VariantId, change: VariantChange
) -> ProductView:
    """
    Change what is given of a variant, and return its product; idempotent.

    A price before that is not above the new price goes, unless the change names it.

    Raises:
        NotFound: there is no such variant.
        InvalidValue: the price before is to be no higher than the price.
        WasNotAsked: the price before was not asked for long enough.

    """
    async with connection.transaction():
        row = await connection.fetchrow(_sql.variant, variant)
        if row is None:
            raise NotFound("variant", variant)
        price = row["price_minor"] if change.price_minor is UNSET else change.price_minor
        before = row["was_minor"] if change.was_minor is UNSET else change.was_minor
        if before is not None and before <= price:
            if change.was_minor is not UNSET:
                detail = "the price before has to be higher than the price"
                raise InvalidValue("$.was_minor", detail)
            before = None
        if before is not None:
            said = Before(row["sku"], before, row["currency"])
            for refusal in (await prices.untrue(connection, [said])).values():
                raise refusal
        product = await connection.fetchval(
            _sql.change_variant,
            variant,
            _given(change.price_minor),
            before,
            before is None,
            _given(change.picture),
            _given(change.grams),
            _given(change.alert_at),
            change.alert_at is None,
        )
        await connection.execute(_sql.set_low, variant)
        return await products.get(connection, product)


async def add_variant(
    connection: Connection, product: ProductId, new: NewVariant, *, by: AccountId | None
) -> ProductView:
    """
    Add a variant behind the others of a product; what it has in stock is a movement of ``by``.

    Raises:
        NotFound: there is no such product.
        InvalidValue: it does not fit in beside the others.
        SkusTaken: there is a variant with its SKU.

    """
    async with connection.transaction():
        if await connection.fetchrow(_sql.lock, product) is None:
            raise NotFound("product", product)
        products.check_fits(await products.get(connection, product), new)
        added = await connection.fetchval(
            _sql.add_variant,
            new_id("var"),
            product,
            new.sku,
            new.options,
            new.price_minor,
            new.was_minor,
            new.currency,
            new.picture,
            new.grams,
        )
        if not added:
            raise SkusTaken([new.sku])
        await movements.take_stock(connection, {new.sku: new.available}, by=by)
        await connection.execute(_sql.index, [product])
        return await products.get(connection, product)


def _given(value: object) -> object | None:
    return None if isinstance(value, UnsetType) else value
