"""Tariffs: what a shop asks for delivery and which taxes, version by version."""

from http import HTTPStatus
from typing import Annotated, Final

from msgspec import Meta

from commerce.ids import AccountId, ShowId, TariffId
from commerce.messages import Currency
from commerce.store import shows, tariffs
from commerce.store.pool import acquire, transaction
from commerce.tariffs import Tariff, TariffView, checked
from live.api.bodies import Body, Empty
from live.api.endpoint import Access, Call, Endpoint


class TariffList(Body, frozen=True):
    """Your versions, newest first."""

    tariffs: list[TariffView]


class Publication(Body, frozen=True):
    """When a version begins to hold; without a moment, or with a past one, now."""

    valid_from: Annotated[int, Meta(ge=0, le=253_402_300_799_000)] | None = None


class Delivery(Body, frozen=True):
    """Whether what is won in a show is sent to an address, and where to."""

    asks_address: bool
    countries: Annotated[tuple[str, ...], Meta(description="ISO 3166-1 alpha-2")] = ()
    currency: Currency | None = None


async def list_tariffs(call: Call[Empty, Empty]) -> TariffList:
    """List your tariff's versions."""
    async with acquire(call.shop.pool) as connection:
        return TariffList(tariffs=await tariffs.of_host(connection, call.host))


async def draft_tariff(call: Call[Tariff, Empty]) -> TariffView:
    """Draft the next version of your tariff, in place of the draft there may be."""
    tariff = checked(call.body)
    async with transaction(call.shop.pool) as connection:
        return await tariffs.draft(connection, call.host, tariff)


async def publish_tariff(call: Call[Publication, Empty]) -> TariffView:
    """Publish a draft: it never changes again, and holds until the next version does."""
    async with transaction(call.shop.pool) as connection:
        return await tariffs.publish(
            connection,
            call.host,
            TariffId(call.path("tariff")),
            valid_from=call.body.valid_from,
        )


async def delivery(call: Call[Empty, Empty]) -> Delivery:
    """Say whether a show's host asks for an address, and where parcels can go."""
    async with acquire(call.shop.pool) as connection:
        show = await shows.get(connection, ShowId(call.path("show")))
        found = await tariffs.in_force(connection, AccountId(show.host))
    if found is None:
        return Delivery(asks_address=False)
    places = (place for zone in found.tariff.zones for place in zone.places)
    return Delivery(
        asks_address=True,
        countries=tuple(sorted({place.country for place in places})),
        currency=found.tariff.currency,
    )


ENDPOINTS: Final = (
    Endpoint(
        "GET", "/api/shows/{show}/delivery", delivery, Access.ANYONE, errors=("unknown_show",)
    ),
    Endpoint("GET", "/api/tariffs", list_tariffs, Access.HOST),
    Endpoint("POST", "/api/tariffs", draft_tariff, Access.HOST, status=HTTPStatus.CREATED),
    Endpoint(
        "POST",
        "/api/tariffs/{tariff}/publish",
        publish_tariff,
        Access.HOST,
        errors=("unknown_tariff", "not_yours", "wrong_state"),
    ),
)
