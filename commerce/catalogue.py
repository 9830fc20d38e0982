"""
Products and their variants, as they arrive and as they look.

A variant is what has a price and a stock; a product without choices has one variant and no options.
The Structs say what a single value may be, ``problems`` what the values may be together.
"""

from collections import Counter
from typing import Annotated, Final, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from commerce.messages import Currency as AnyCurrency, Minor
from commerce.slug import slug

MAX_OPTIONS: Final = 3
"""Size, colour, material: as many as the file format of the importers has columns for."""

MAX_VARIANTS: Final = 2048
MAX_PICTURES: Final = 250
MAX_TAGS: Final = 250

MAX_BODY_CHARACTERS: Final = 64 * 1024
"""A description, not a data URI."""

MAX_UNITS: Final = 10_000_000

HANDLE_CHARACTERS: Final = 255

# In Python's expressions `$` also matches before a final line break, in PostgreSQL's and
# JavaScript's it does not: hence `(?!\n)`, which is true at every real end.
Handle = Annotated[str, Meta(max_length=HANDLE_CHARACTERS, pattern=r"^[^\s/?#\\]+$(?!\n)")]
Sku = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^\S(.*\S)?$(?!\n)")]
Title = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"\S")]
OptionText = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"\S")]
Tag = Annotated[str, Meta(min_length=1, max_length=255)]
Currency = Annotated[AnyCurrency, Meta(max_length=3)]
Picture = Annotated[
    str,
    Meta(
        max_length=2048,
        # Not `//host`, nor `/\host`, which browsers read the same way; no script, no data.
        pattern=r"^([hH][tT][tT][pP][sS]?://[^\s\\]+|/([^\s/\\][^\s\\]*)?)$(?!\n)",
        description="An `https://` or `http://` address, or a path on this site",
    ),
]
Alts = Annotated[
    dict[
        Annotated[str, Meta(max_length=2048)],
        Annotated[str, Meta(max_length=500)],
    ],
    Meta(
        max_length=MAX_PICTURES,
        description="What pictures show, for those who do not see them: by address",
    ),
]
PriceBefore = Annotated[Minor, Meta(description="The price before, higher than the price")]
AlertAt = Annotated[
    int, Meta(ge=0, le=MAX_UNITS, description="Units left to sell at which its host is told")
]
ProductStatus = Literal["active", "draft", "archived"]


class NewVariant(Struct, frozen=True, forbid_unknown_fields=True):
    """A variant that someone wants to sell."""

    sku: Sku
    price_minor: Minor
    currency: Currency
    available: Annotated[int, Meta(ge=0, le=MAX_UNITS, description="Units in the warehouse")] = 0
    options: Annotated[
        list[OptionText], Meta(max_length=MAX_OPTIONS, description="A value for each option")
    ] = []
    was_minor: PriceBefore | None = None
    picture: Picture | None = None
    grams: Annotated[int, Meta(ge=0, le=10**9)] = 0


class NewProduct(Struct, frozen=True, forbid_unknown_fields=True):
    """A product that someone wants to sell; without a handle it gets one from its title."""

    title: Title
    variants: Annotated[list[NewVariant], Meta(min_length=1, max_length=MAX_VARIANTS)]
    handle: Handle | None = None
    body_html: Annotated[str, Meta(max_length=MAX_BODY_CHARACTERS)] = ""
    vendor: Annotated[str, Meta(max_length=255)] = ""
    kind: Annotated[str, Meta(max_length=255)] = ""
    tags: Annotated[list[Tag], Meta(max_length=MAX_TAGS)] = []
    status: ProductStatus = "active"
    options: Annotated[
        list[OptionText],
        Meta(max_length=MAX_OPTIONS, description="What its variants differ in: `Colour`, `Size`"),
    ] = []
    pictures: Annotated[list[Picture], Meta(max_length=MAX_PICTURES)] = []
    alts: Alts = {}


class ProductChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be different about a product; what is absent stays. ``archived`` is a status."""

    title: Title | None = None
    body_html: Annotated[str, Meta(max_length=MAX_BODY_CHARACTERS)] | None = None
    vendor: Annotated[str, Meta(max_length=255)] | None = None
    kind: Annotated[str, Meta(max_length=255)] | None = None
    tags: Annotated[list[Tag], Meta(max_length=MAX_TAGS)] | None = None
    status: ProductStatus | None = None
    pictures: Annotated[list[Picture], Meta(max_length=MAX_PICTURES)] | None = None
    alts: Alts | None = None


class VariantChange(Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be different about a variant; what is absent stays, and `null` takes away."""

    price_minor: Minor | UnsetType = UNSET
    was_minor: PriceBefore | UnsetType | None = UNSET
    picture: Picture | UnsetType = UNSET
    grams: Annotated[int, Meta(ge=0, le=10**9)] | UnsetType = UNSET
    alert_at: AlertAt | UnsetType | None = UNSET


class VariantView(Struct, frozen=True, omit_defaults=True):
    """A variant as it is in the catalogue."""

    id: str
    sku: str
    price_minor: Minor
    currency: AnyCurrency
    available: Annotated[int, Meta(ge=0, description="Units that no offer has taken")]
    options: list[str] = []
    was_minor: int | None = None
    picture: str | None = None
    grams: int = 0
    alert_at: AlertAt | None = None
    low: Annotated[bool, Meta(description="`alert_at` or fewer units are left to sell")] = False


class ProductView(Struct, frozen=True, omit_defaults=True):
    """A product as it is in the catalogue, its variants in their order."""

    id: str
    handle: str
    title: str
    status: ProductStatus
    variants: list[VariantView]
    body_html: Annotated[str, Meta(description="As it came: never put it in a page unsanitised")]
    vendor: str
    kind: str
    tags: list[str] = []
    options: list[str] = []
    pictures: list[str] = []
    alts: Alts = {}


class Problem(Struct, frozen=True):
    """Why values do not go together; ``field`` is a path such as ``$.variants[1].sku``."""

    field: str
    detail: str


def handle_of(title: str) -> str:
    """Return the handle that a title suggests; empty when the title has no Latin letters."""
    return slug(title, characters=HANDLE_CHARACTERS)


def problems(product: NewProduct) -> list[Problem]:
    """Return what is wrong between the values of ``product``; an empty list is a sound product."""
    found = []
    if len(set(product.options)) < len(product.options):
        found.append(Problem("$.options", "two options have the same name"))
    skus = Counter(variant.sku for variant in product.variants)
    combinations = Counter(tuple(variant.options) for variant in product.variants)
    for place, variant in enumerate(product.variants):
        here = f"$.variants[{place}]"
        choice = " / ".join(variant.options)
        if skus[variant.sku] > 1:
            found.append(Problem(f"{here}.sku", f"the SKU {variant.sku} is there twice"))
        if len(variant.options) != len(product.options):
            detail = f"has {len(variant.options)} values for {len(product.options)} options"
            found.append(Problem(f"{here}.options", detail))
        elif combinations[tuple(variant.options)] > 1:
            detail = f"{choice} is there twice" if choice else "variants without options are alike"
            found.append(Problem(f"{here}.options", detail))
        if variant.currency != product.variants[0].currency:
            detail = f"{variant.currency} beside {product.variants[0].currency}"
            found.append(Problem(f"{here}.currency", detail))
        if variant.was_minor is not None and variant.was_minor <= variant.price_minor:
            detail = "the price before has to be higher than the price"
            found.append(Problem(f"{here}.was_minor", detail))
    return found
