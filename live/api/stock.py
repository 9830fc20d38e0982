"""Stock and prices of variants: where units went, what was asked, and how both are changed."""

from http import HTTPStatus
from typing import Annotated, Final

from msgspec import Meta, Struct

from commerce.catalogue import NewVariant, ProductView, VariantChange
from commerce.ids import AccountId, OfferId, ProductId, VariantId
from commerce.movements import Adjustment, Movement
from commerce.store import editing, movements, prices
from commerce.store.pool import acquire, transaction
from commerce.store.prices import PriceHistory
from live.api.bodies import Adjusted, Empty, MovementList
from live.api.endpoint import Access, Call, Endpoint, Key
from live.api.ownership import own_offer


class Before(Struct, frozen=True):
    """Which movements to list: the newest, or those before one."""

    before: Annotated[int, Meta(ge=1)] | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 50


async def variant_movements(call: Call[Empty, Before]) -> MovementList:
    """List where units of a variant went, newest first."""
    async with acquire(call.shop.pool) as connection:
        found = await movements.of_variant(
            connection,
            VariantId(call.path("variant")),
            before=call.query.before,
            limit=call.query.limit + 1,
        )
    return _page(found, call.query.limit)


async def offer_movements(call: Call[Empty, Before]) -> MovementList:
    """List where units of an offer went, newest first."""
    async with acquire(call.shop.pool) as connection:
        offer = await own_offer(connection, call.who, call.path("offer"))
        found = await movements.of_offer(
            connection, OfferId(offer.id), before=call.query.before, limit=call.query.limit + 1
        )
    return _page(found, call.query.limit)


async def adjust(call: Call[Adjustment, Empty]) -> Adjusted:
    """Correct how many units are in the warehouse, and say why."""
    variant = VariantId(call.path("variant"))
    async with transaction(call.shop.pool) as connection:
        available = await movements.adjust(
            connection, variant, call.body, by=AccountId(call.who.sub)
        )
    return Adjusted(variant=variant, available=available)


async def variant_prices(call: Call[Empty, Empty]) -> PriceHistory:
    """List what was asked for a variant in the last 30 days, and the lowest of it."""
    async with transaction(call.shop.pool) as connection:
        return await prices.of_variant(connection, VariantId(call.path("variant")))


async def change_variant(call: Call[VariantChange, Empty]) -> ProductView:
    """Change a variant's price, picture, weight or alert."""
    async with transaction(call.shop.pool) as connection:
        return await editing.change_variant(connection, VariantId(call.path("variant")), call.body)


async def add_variant(call: Call[NewVariant, Empty]) -> ProductView:
    """Add a variant to a product."""
    async with transaction(call.shop.pool) as connection:
        return await editing.add_variant(
            connection, ProductId(call.path("product")), call.body, by=AccountId(call.who.sub)
        )


def _page(found: list[Movement], limit: int) -> MovementList:
    more = len(found) > limit
    return MovementList(movements=found[:limit], next=found[limit - 1].id if more else None)


_VARIANT: Final = "/api/variants/{variant}"

ENDPOINTS: Final = (
    Endpoint(
        "PATCH",
        _VARIANT,
        change_variant,
        Access.HOST,
        errors=("unknown_variant", "was_not_asked"),
    ),
    Endpoint(
        "GET",
        f"{_VARIANT}/movements",
        variant_movements,
        Access.HOST,
        errors=("unknown_variant", "invalid_value"),
    ),
    Endpoint(
        "POST",
        f"{_VARIANT}/adjustments",
        adjust,
        Access.HOST,
        key=Key.OPTIONAL,
        errors=("unknown_variant", "not_enough_stock"),
    ),
    Endpoint("GET", f"{_VARIANT}/prices", variant_prices, Access.HOST, errors=("unknown_variant",)),
    Endpoint(
        "POST",
        "/api/products/{product}/variants",
        add_variant,
        Access.HOST,
        status=HTTPStatus.CREATED,
        key=Key.OPTIONAL,
        errors=("unknown_product", "skus_taken"),
    ),
    Endpoint(
        "GET",
        "/api/offers/{offer}/movements",
        offer_movements,
        Access.HOST,
        errors=("unknown_offer", "not_yours", "invalid_value"),
    ),
)
