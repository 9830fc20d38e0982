"""
What a shop asks for delivery, and which taxes: a tariff, published as a whole version.

A tariff is drafted, published, and never changes again; the next version is in force from its own
moment on, and orders keep the version they were priced with. Invariant: of what lies in several
zones, or fits several tax rules, the first in the tariff's own order holds, so that a reader sees
what a buyer will be asked.
"""

from collections.abc import Iterable
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct
from msgspec.structs import replace

from commerce.addresses import COUNTRIES, Address, Country
from commerce.errors import InvalidValue
from commerce.messages import Currency, Milliseconds, Minor

MAX_ZONES: Final = 100
MAX_PLACES: Final = 300
MAX_OPTIONS: Final = 20
MAX_TAXES: Final = 500

GRAMS_A_STEP: Final = 1000
"""By weight, every kilogram that is begun counts, as couriers do."""

Name = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S")]
OptionId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$(?!\n)")]
Region = Annotated[str, Meta(min_length=1, max_length=60, pattern=r"\S")]
Days = Annotated[int, Meta(ge=0, le=365)]
BasisPoints = Annotated[int, Meta(ge=0, le=10_000, description="Hundredths of a percent")]
TariffState = Literal["draft", "published"]


class Place(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A country, or some regions of it."""

    country: Country
    regions: Annotated[list[Region], Meta(max_length=100)] = []


class ShippingOption(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A way to send a parcel, and what it costs."""

    id: OptionId
    name: Name
    price_minor: Annotated[Minor, Meta(description="A parcel")]
    per_kg_minor: Annotated[Minor, Meta(description="For every begun kilogram, on top")] = 0
    free_from_minor: Annotated[Minor, Meta(description="Free from so much goods on")] | None = None
    days_min: Days | None = None
    days_max: Days | None = None


class Zone(Struct, frozen=True, forbid_unknown_fields=True):
    """Places that the same options lead to."""

    name: Name
    places: Annotated[list[Place], Meta(min_length=1, max_length=MAX_PLACES)]
    options: Annotated[list[ShippingOption], Meta(min_length=1, max_length=MAX_OPTIONS)]


class TaxRule(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A tax on what goes to a country, or a region of it; ``kind``: on such products alone."""

    name: Name
    country: Country
    rate_bp: BasisPoints
    region: Region | None = None
    kind: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    included: Annotated[bool, Meta(description="Prices have it in them already")] = False
    on_shipping: Annotated[bool, Meta(description="Also on the line's share of shipping")] = False


class Tariff(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """All of it, in one currency. Without zones nothing is delivered, and no address asked for."""

    currency: Currency
    zones: Annotated[list[Zone], Meta(max_length=MAX_ZONES)] = []
    taxes: Annotated[list[TaxRule], Meta(max_length=MAX_TAXES)] = []

    def options_for(self, address: Address) -> list[ShippingOption]:
        """Return what leads to an address: the options of the first zone it lies in."""
        for zone in self.zones:
            if any(lies_in(address, place) for place in zone.places):
                return zone.options
        return []

    def tax_on(self, kind: str, address: Address) -> TaxRule | None:
        """Return the tax on a product of this kind that goes to an address: the first that fits."""
        for rule in self.taxes:
            regions = [] if rule.region is None else [rule.region]
            place = Place(country=rule.country, regions=regions)
            if rule.kind in (None, kind) and lies_in(address, place):
                return rule
        return None


class TariffView(Struct, frozen=True, omit_defaults=True):
    """A version of a shop's tariff; ``in_force`` is the one that buyers are asked by now."""

    id: str
    version: int
    state: TariffState
    tariff: Tariff
    published_at: Milliseconds | None = None
    valid_from: Milliseconds | None = None
    in_force: bool = False


def lies_in(address: Address, place: Place) -> bool:
    """Whether an address lies in a place; regions are compared without regard to case."""
    if address.country != place.country:
        return False
    region = address.region.casefold()
    return not place.regions or any(each.casefold() == region for each in place.regions)


def checked(tariff: Tariff) -> Tariff:
    """
    Return the tariff with its countries spelt as addresses have them.

    Raises:
        InvalidValue: its parts do not fit together, with the path of the one that does not.

    """
    for z, zone in enumerate(tariff.zones):
        for p, place in enumerate(zone.places):
            _known(place.country, f"$.zones[{z}].places[{p}].country")
        twice = _twice(option.id for option in zone.options)
        if twice is not None:
            raise InvalidValue(f"$.zones[{z}].options", f"two options have the id {twice!r}")
        for o, option in enumerate(zone.options):
            if option.days_max is not None and option.days_max < (option.days_min or 0):
                path = f"$.zones[{z}].options[{o}].days_max"
                raise InvalidValue(path, "it cannot be faster than days_min")
    for t, rule in enumerate(tariff.taxes):
        _known(rule.country, f"$.taxes[{t}].country")
    if tariff.taxes and not tariff.zones:
        detail = "taxes follow the address: add a zone, if only to collect, at a price of 0"
        raise InvalidValue("$.zones", detail)
    return replace(
        tariff,
        zones=[
            replace(
                zone,
                places=[replace(each, country=each.country.upper()) for each in zone.places],
            )
            for zone in tariff.zones
        ],
        taxes=[replace(rule, country=rule.country.upper()) for rule in tariff.taxes],
    )


def _known(country: str, path: str) -> None:
    if country.upper() not in COUNTRIES:
        raise InvalidValue(path, f"{country.upper()} is no country's code")


def _twice(ids: Iterable[str]) -> str | None:
    seen: set[str] = set()
    for id in ids:
        if id in seen:
            return id
        seen.add(id)
    return None
