"""
A shop to try: the sample catalogue, a host, and a show with a full bag.

Everything goes in as anyone's would, through the same import and the same store. Idempotent: run
again it finds what is there, and only adds what is missing; a show that ended gets a successor.
"""

import os
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import argon2
import msgspec
import structlog
from msgspec import Struct

from commerce.catalogue import ProductView, VariantView
from commerce.catalogue_import import import_file
from commerce.errors import EmailTaken, NotEnoughStock, NotFound, ShowIdTaken
from commerce.ids import AccountId, OfferId, ShowId, VariantId
from commerce.messages import ShowView
from commerce.store import accounts, offers, prices, products, shows
from commerce.store.offers import NewOffer
from commerce.store.pool import Connection, Pool, acquire, transaction
from commerce.store.shows import NewShow
from live.config import ConfigError
from live.sample import CATALOGUE

SHOW: Final = "demo"
TITLE: Final = "Tarn & Thimble: slow things for small rooms"
HOST_NAME: Final = "Mei"
HOST_EMAIL: Final = "host@demo.example"

EVERYDAY: Final = (
    "speckled-teapot",
    "moon-mug",
    "matcha-bowl-set",
    "linen-apron",
    "honey-pot",
    "bobble-hat",
    "linen-notebook",
    "lemon-print-tote",
    "mushroom-lamp",
    "trail-flask",
)
"""What is on sale all evening: something from every shelf, with plenty in stock."""

FLASH: Final = ("espresso-cup-pair", "wooden-train", "merino-check-scarf", "oat-honey-soap")
"""What is sold in a minute; prepared, and opened by the host."""

EVERYDAY_UNITS: Final = 40
EVERYDAY_LIMIT: Final = 5
FLASH_UNITS: Final = 20
FLASH_PRICE: Final = 0.6
FLASH_S: Final = 60
FLASH_HOLD_S: Final = 120

NEARLY_EMPTY_UNITS: Final = 1_000
"""The sample file sets the stock: importing it again is a delivery, for when little is left."""

log = structlog.get_logger()


class Demo(Struct, frozen=True):
    """What the demo remembers, in ``demo.json``: how its host signs in, and the current show."""

    email: str
    password: str
    show: str


async def seed(pool: Pool, data_dir: Path, currency: str) -> Demo:
    """
    Make sure that there is a live show to watch, and return how to get in.

    Raises:
        ConfigError: ``demo.json`` cannot be read or written.

    """
    remembered = _read(data_dir / "demo.json")
    async with acquire(pool) as connection:
        catalogue = await _catalogue(connection)
    if _units(catalogue) < NEARLY_EMPTY_UNITS:
        await import_file(pool, CATALOGUE.read_bytes(), currency=currency, skip_refused=True)
    async with transaction(pool) as connection:
        host, demo = await _host(connection, remembered)
        show = await _show(connection, host, demo.show)
        demo = msgspec.structs.replace(demo, show=show.id)
        await _fill(connection, ShowId(show.id))
    _write(data_dir / "demo.json", demo)
    return demo


# -- The host, and the show -----------------------------------------------------------------------


async def _host(connection: Connection, remembered: Demo | None) -> tuple[AccountId, Demo]:
    if remembered is not None:
        found = await accounts.find_by_email(connection, remembered.email)
        if found is not None:
            return found[0].id, remembered
    password = secrets.token_urlsafe(9)
    password_hash = argon2.PasswordHasher().hash(password)
    # Where the file with the password was lost, the address has to be another one.
    for email in (HOST_EMAIL, f"host-{secrets.token_hex(3)}@demo.example"):
        try:
            account = await accounts.register(
                connection, kind="host", name=HOST_NAME, email=email, password_hash=password_hash
            )
        except EmailTaken:
            continue
        return account.id, Demo(email=email, password=password, show=SHOW)
    raise AssertionError("two addresses are taken, one of them random")


async def _show(connection: Connection, host: AccountId, wanted: str) -> ShowView:
    """Return a live show of ``host``: the one there is, or a new one."""
    try:
        show = await shows.get(connection, ShowId(wanted))
    except NotFound:
        show = await _new_show(connection, host, wanted)
    if show.state == "ended" or show.host != host:
        show = await _new_show(connection, host, f"{SHOW}-{time.strftime('%m%d-%H%M%S')}")
    return await shows.start(connection, ShowId(show.id)) if show.state == "draft" else show


async def _new_show(connection: Connection, host: AccountId, id: str) -> ShowView:
    try:
        return await shows.create(connection, host, NewShow(title=TITLE, id=id))
    except ShowIdTaken:
        return await shows.create(connection, host, NewShow(title=TITLE))


# -- The bag --------------------------------------------------------------------------------------


async def _fill(connection: Connection, show: ShowId) -> None:
    """Offer what is not offered yet, and put something on screen."""
    bag = await offers.views_of_show(connection, show)
    offered = {offer.product for offer in bag if offer.state != "closed"}
    catalogue = {product.handle: product for product in await _catalogue(connection)}
    for handle in EVERYDAY:
        product = catalogue.get(handle)
        if product is not None and product.id not in offered:
            await _sell(connection, show, product)
    for handle in FLASH:
        product = catalogue.get(handle)
        if product is not None and product.id not in offered:
            await _prepare(connection, show, product)
    await _pin_something(connection, show)


async def _catalogue(connection: Connection) -> Sequence[ProductView]:
    found: list[ProductView] = []
    page, following = await products.search(connection, limit=100)
    found += page
    while following is not None:
        page, following = await products.search(connection, after=following, limit=100)
        found += page
    return found


def _units(catalogue: Sequence[ProductView]) -> int:
    return sum(variant.available for product in catalogue for variant in product.variants)


async def _sell(connection: Connection, show: ShowId, product: ProductView) -> None:
    variant = _fullest(product)
    if variant.available == 0:
        return
    new = NewOffer(
        variant=VariantId(variant.id),
        quantity=min(EVERYDAY_UNITS, variant.available),
        limit_per_buyer=EVERYDAY_LIMIT,
    )
    offer = await offers.create(connection, show, new)
    try:
        await offers.open_(connection, OfferId(offer.id))
    except NotEnoughStock as error:
        # Someone bought it in another show at this very moment; the offer stays a draft.
        log.info("offer_not_opened", offer=offer.id, error=str(error))


async def _prepare(connection: Connection, show: ShowId, product: ProductView) -> None:
    """Draft a flash sale, at a price below all that was asked lately, if there is one."""
    variant = _fullest(product)
    history = await prices.of_variant(connection, VariantId(variant.id))
    lowest = variant.price_minor if history.lowest_minor is None else history.lowest_minor
    price_minor = min(round(variant.price_minor * FLASH_PRICE / 50) * 50, lowest - 50)
    if price_minor <= 0:
        return
    new = NewOffer(
        variant=VariantId(variant.id),
        kind="flash",
        quantity=FLASH_UNITS,
        price_minor=price_minor,
        limit_per_buyer=1,
        hold_s=FLASH_HOLD_S,
        duration_s=FLASH_S,
    )
    await offers.create(connection, show, new)


def _fullest(product: ProductView) -> VariantView:
    return max(product.variants, key=lambda variant: variant.available)


async def _pin_something(connection: Connection, show: ShowId) -> None:
    if (await shows.stage(connection, show)).pinned is not None:
        return
    bag = await offers.views_of_show(connection, show)
    for offer in bag:
        if offer.state == "open":
            await shows.pin(connection, show, OfferId(offer.id))
            return


# -- What is remembered ---------------------------------------------------------------------------


def _read(path: Path) -> Demo | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Demo)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(
            f"{path} cannot be read ({error}); move it away, and the demo makes a new host"
        ) from error


def _write(path: Path, demo: Demo) -> None:
    """Write the file whole or not at all, for its owner's eyes."""
    draft = path.with_suffix(".draft")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(demo))
        draft.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
