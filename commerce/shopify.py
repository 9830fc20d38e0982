"""
Shopify's product export, read into products.

The rows of one handle are one product: the first row carries the product and its first variant,
further rows carry a variant, a picture, or both. A product is either read whole or left out: each
line that cannot be accepted is reported, and no product with such a line is in the result.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

from commerce.catalogue import (
    HANDLE_CHARACTERS,
    MAX_BODY_CHARACTERS,
    MAX_OPTIONS,
    MAX_PICTURES,
    MAX_TAGS,
    MAX_UNITS,
    MAX_VARIANTS,
    Handle,
    NewProduct,
    NewVariant,
    Picture,
    ProductStatus,
    Sku,
)
from commerce.money import parse_decimal
from commerce.slug import slug
from commerce.table import Row, Unreadable, read, unshielded

REQUIRED_COLUMNS: Final = ("Handle", "Title", "Variant Price")

READ_COLUMNS: Final = frozenset(
    (
        *REQUIRED_COLUMNS,
        *("Body (HTML)", "Vendor", "Type", "Tags", "Published", "Status", "Image Src"),
        *(f"Option{number} {part}" for number in (1, 2, 3) for part in ("Name", "Value")),
        *("Variant SKU", "Variant Grams", "Variant Inventory Qty"),
        *("Variant Compare At Price", "Variant Image"),
    )
)
"""Every other column is ignored, whatever it holds."""

MAX_NAME_CHARACTERS: Final = 255
MAX_PRICE_MINOR: Final = 10**12
MAX_GRAMS: Final = 10**9

SKU_READABLE_CHARACTERS: Final = 50

_WHOLE_NUMBER: Final = re.compile(r"(-?)([0-9]{1,12})(?:\.0+)?")


class RefusedLine(Struct, frozen=True, omit_defaults=True):
    """Why a line cannot be accepted; ``line`` is the number that an editor shows."""

    line: int
    code: str
    detail: str
    column: str | None = None


class Parsed(Struct, frozen=True):
    """What a file holds: the sound products, and every line that keeps another from being one."""

    products: list[NewProduct]
    refused: list[RefusedLine]
    lines: dict[str, int]
    """On which line each SKU of ``products`` stands."""


def parse(data: bytes, *, currency: str) -> Parsed:
    """
    Read an export whose prices are in ``currency``.

    A file that is no table, or not of this format, is refused as a whole, with one line.
    """
    try:
        rows = list(read(data))
        columns = _columns(rows)
    except Unreadable as fault:
        return Parsed([], [RefusedLine(fault.line, fault.code, fault.detail)], {})
    products, lines = list[NewProduct](), dict[str, int]()
    entries, refused = _entries(rows, columns)
    seen_skus = dict[str, int]()
    for handle, group in entries.items():
        reading = _Reading(handle, currency, seen_skus)
        product = reading.product(group)
        refused += reading.refused
        if not reading.refused:
            products.append(product)
            lines |= reading.lines
    return Parsed(products, sorted(refused, key=lambda each: each.line), lines)


class _Entry(Struct, frozen=True):
    """A row, by column; ``ragged`` is set when its cells may stand in wrong columns."""

    line: int
    cells: Mapping[str, str]
    ragged: str | None = None

    def __getitem__(self, column: str) -> str:
        """Return a cell as one line of text, empty when the file has no such column."""
        return unshielded(" ".join(self.cells.get(column, "").split()))


def _columns(rows: list[Row]) -> dict[str, int]:
    """Return where each column stands that is read."""
    if not rows:
        raise Unreadable(1, "empty_file", "the file is empty")
    header = [name.strip() for name in rows[0].cells]
    read_names = [name for name in header if name in READ_COLUMNS]
    if missing := [name for name in REQUIRED_COLUMNS if name not in read_names]:
        detail = f"the header has no column {', '.join(missing)}"
        if len(header) == 1 and (";" in header[0] or "\t" in header[0]):
            detail += "; the columns have to be separated by commas"
        raise Unreadable(rows[0].line, "missing_columns", detail)
    if len(set(read_names)) < len(read_names):
        twice = next(name for name in read_names if read_names.count(name) > 1)
        raise Unreadable(rows[0].line, "duplicate_column", f"the column {twice} is there twice")
    if len(rows) == 1:
        raise Unreadable(rows[0].line, "no_products", "the file has a header and no products")
    return {name: header.index(name) for name in read_names}


def _entries(
    rows: list[Row], columns: dict[str, int]
) -> tuple[dict[str, list[_Entry]], list[RefusedLine]]:
    """Gather the rows by handle; return those without one as refused."""
    groups, refused = dict[str, list[_Entry]](), list[RefusedLine]()
    width = len(rows[0].cells)
    for row in rows[1:]:
        cells = {name: row.cells[at] for name, at in columns.items() if at < len(row.cells)}
        ragged = f"the row has {len(row.cells)} cells, the header has {width}"
        entry = _Entry(row.line, cells, ragged if len(row.cells) != width else None)
        if handle := entry["Handle"]:
            groups.setdefault(handle, []).append(entry)
        elif entry.ragged is not None:
            refused.append(RefusedLine(row.line, "ragged_row", entry.ragged))
        else:
            detail = "the row does not say to which product it belongs"
            refused.append(RefusedLine(row.line, "missing_handle", detail, "Handle"))
    return groups, refused


class _Reading:
    """
    The reading of one product.

    A cell that cannot be accepted is noted in ``refused`` and read as a harmless value, so that a
    report names every fault of a product at once.
    """

    def __init__(self, handle: str, currency: str, seen_skus: dict[str, int]) -> None:
        self.refused: list[RefusedLine] = []
        self.lines: dict[str, int] = {}
        self._handle = handle
        self._currency = currency
        # Shared by all products of the file.
        self._seen_skus = seen_skus

    def product(self, entries: list[_Entry]) -> NewProduct:
        """Read the product, which is sound if nothing was refused."""
        for entry in entries:
            if entry.ragged is not None:
                self._refuse(entry, None, "ragged_row", entry.ragged)
        sound = [entry for entry in entries if entry.ragged is None]
        if not sound:
            return NewProduct(title="", variants=[])
        first = sound[0]
        if not _fits(self._handle, Handle):
            detail = f"a handle has up to {HANDLE_CHARACTERS} characters, no spaces and no slashes"
            self._refuse(first, "Handle", "bad_handle", detail)
        option_columns = self._option_columns(sound)
        return NewProduct(
            handle=self._handle,
            title=self._title(first),
            body_html=self._body(first),
            vendor=self._name(first, "Vendor"),
            kind=self._name(first, "Type"),
            tags=self._tags(first),
            status=self._status(first),
            options=[self._name(first, f"Option{number} Name") for number in option_columns],
            pictures=self._pictures(sound),
            variants=self._variants(sound, option_columns),
        )

    # -- The product ----------------------------------------------------------------------------

    def _title(self, first: _Entry) -> str:
        if not first["Title"]:
            detail = f"the first row of the product {self._handle} has no title"
            self._refuse(first, "Title", "missing_title", detail)
        return self._name(first, "Title")

    def _body(self, first: _Entry) -> str:
        body = unshielded(first.cells.get("Body (HTML)", "").strip())
        return self._bounded(first, "Body (HTML)", body, MAX_BODY_CHARACTERS)

    def _tags(self, first: _Entry) -> list[str]:
        tags = list(dict.fromkeys(tag.strip() for tag in first["Tags"].split(",") if tag.strip()))
        if len(tags) > MAX_TAGS:
            detail = f"{len(tags)} tags are more than {MAX_TAGS}"
            self._refuse(first, "Tags", "too_many_tags", detail)
        return [self._bounded(first, "Tags", tag, MAX_NAME_CHARACTERS) for tag in tags]

    def _status(self, first: _Entry) -> ProductStatus:
        status = first["Status"].lower() or "active"
        published = first["Published"].lower() or "true"
        if published not in ("true", "false"):
            detail = f"{first['Published']!r} is neither true nor false"
            self._refuse(first, "Published", "bad_published", detail)
        if status == "active":
            return "draft" if published == "false" else "active"
        if status == "draft":
            return "draft"
        if status != "archived":
            detail = f"{first['Status']!r} is none of active, draft, archived"
            self._refuse(first, "Status", "bad_status", detail)
        return "archived"

    def _option_columns(self, entries: list[_Entry]) -> list[int]:
        """Return the numbers of the options in use; a product without a choice uses none."""
        first = entries[0]
        values = {entry["Option1 Value"] for entry in entries}
        if first["Option1 Name"] == "Title" and values <= {"", "Default Title"}:
            return []
        named = [n for n in range(1, MAX_OPTIONS + 1) if first[f"Option{n} Name"]]
        if len({first[f"Option{n} Name"] for n in named}) < len(named):
            detail = "two options of the product have the same name"
            self._refuse(first, None, "duplicate_option_name", detail)
        return named

    def _pictures(self, entries: list[_Entry]) -> list[str]:
        pictures = dict.fromkeys(self._picture(entry, "Image Src") for entry in entries)
        distinct = [picture for picture in pictures if picture is not None]
        if len(distinct) > MAX_PICTURES:
            detail = f"{len(distinct)} pictures are more than {MAX_PICTURES}"
            self._refuse(entries[-1], "Image Src", "too_many_pictures", detail)
        return distinct

    # -- Its variants ---------------------------------------------------------------------------

    def _variants(self, entries: list[_Entry], option_columns: list[int]) -> list[NewVariant]:
        # The first row always carries a variant; one without a price is a fault, not a picture.
        rows = [entry for entry in entries if entry is entries[0] or _carries_variant(entry)]
        if len(rows) > MAX_VARIANTS:
            detail = f"{len(rows)} variants are more than {MAX_VARIANTS}"
            self._refuse(rows[-1], None, "too_many_variants", detail)
        variants, first_lines = list[NewVariant](), dict[tuple[str, ...], int]()
        for entry in rows:
            options = self._options(entry, option_columns)
            line = first_lines.setdefault(tuple(options), entry.line)
            if line != entry.line:
                choice = " / ".join(options) or "the only variant"
                detail = f"{choice} is on line {line} already"
                self._refuse(entry, None, "duplicate_options", detail)
            variants.append(self._variant(entry, options))
        return variants

    def _variant(self, entry: _Entry, options: list[str]) -> NewVariant:
        price = self._amount(entry, "Variant Price")
        if price is None and not entry["Variant Price"]:
            self._refuse(entry, "Variant Price", "missing_price", "the variant has no price")
        price = price or 0
        before = self._amount(entry, "Variant Compare At Price")
        return NewVariant(
            sku=self._sku(entry, options),
            price_minor=price,
            currency=self._currency,
            available=self._number(entry, "Variant Inventory Qty", MAX_UNITS),
            options=options,
            was_minor=before if before is not None and before > price else None,
            picture=self._picture(entry, "Variant Image"),
            grams=self._number(entry, "Variant Grams", MAX_GRAMS),
        )

    def _options(self, entry: _Entry, option_columns: list[int]) -> list[str]:
        for number in range(1, MAX_OPTIONS + 1):
            column = f"Option{number} Value"
            if number in option_columns and not entry[column]:
                self._refuse(entry, column, "missing_option_value", "the option has no value")
            elif number not in option_columns and entry[column] not in ("", "Default Title"):
                detail = f"{entry[column]!r} is a value of an option without a name"
                self._refuse(entry, column, "unnamed_option", detail)
        return [self._name(entry, f"Option{number} Value") for number in option_columns]

    def _sku(self, entry: _Entry, options: list[str]) -> str:
        sku = entry["Variant SKU"] or generated_sku(self._handle, options)
        if not _fits(sku, Sku):
            detail = f"{sku!r} is not a SKU of at most 64 characters"
            self._refuse(entry, "Variant SKU", "bad_sku", detail)
        if (line := self._seen_skus.setdefault(sku, entry.line)) != entry.line:
            detail = f"the SKU {sku} is on line {line} already"
            self._refuse(entry, "Variant SKU", "duplicate_sku", detail)
        self.lines[sku] = entry.line
        return sku

    # -- Cells ----------------------------------------------------------------------------------

    def _refuse(self, entry: _Entry, column: str | None, code: str, detail: str) -> None:
        self.refused.append(RefusedLine(entry.line, code, detail, column))

    def _bounded(self, entry: _Entry, column: str, text: str, characters: int) -> str:
        if len(text) > characters:
            detail = f"{len(text)} characters are more than {characters}"
            self._refuse(entry, column, "too_long", detail)
        return text

    def _name(self, entry: _Entry, column: str) -> str:
        return self._bounded(entry, column, entry[column], MAX_NAME_CHARACTERS)

    def _amount(self, entry: _Entry, column: str) -> int | None:
        if not entry[column]:
            return None
        try:
            minor = parse_decimal(entry[column], self._currency)
        except ValueError as error:
            self._refuse(entry, column, "bad_amount", str(error))
            return None
        if minor > MAX_PRICE_MINOR:
            self._refuse(entry, column, "bad_amount", f"{entry[column]} is too much")
        return minor

    def _number(self, entry: _Entry, column: str, most: int) -> int:
        text = entry[column] or "0"
        match = _WHOLE_NUMBER.fullmatch(text)
        if match is None:
            self._refuse(entry, column, "bad_number", f"{text!r} is not a whole number")
            return 0
        number = int(match[2])
        if match[1] and number:
            self._refuse(entry, column, "negative_number", f"{text} is less than nothing")
        elif number > most:
            self._refuse(entry, column, "bad_number", f"{text} is more than {most}")
        return number

    def _picture(self, entry: _Entry, column: str) -> str | None:
        if not entry[column]:
            return None
        if not _fits(entry[column], Picture):
            detail = f"{entry[column][:80]!r} is no https:// address and no path on this site"
            self._refuse(entry, column, "bad_picture", detail)
        return entry[column]


def generated_sku(handle: str, options: list[str]) -> str:
    """Return a SKU for a variant without one: the same at every import, and hardly another's."""
    readable = slug(" ".join([handle, *options]), characters=SKU_READABLE_CHARACTERS)
    digest = hashlib.sha256("\x1f".join([handle, *options]).encode()).hexdigest()[:8]
    return f"{readable}-{digest}".strip("-")


def _carries_variant(entry: _Entry) -> bool:
    return any(
        entry[column]
        for column in (
            *("Variant SKU", "Variant Price"),
            *("Option1 Value", "Option2 Value", "Option3 Value"),
        )
    )


def _fits(text: str, kind: object) -> bool:
    try:
        msgspec.convert(text, kind)
    except msgspec.ValidationError:
        return False
    return True
