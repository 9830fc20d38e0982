"""
The catalogue as a product file in Shopify's format, which `commerce.shopify` reads back.

Invariant: what an import read, an export writes so that the next import reads the same. A cell
that a spreadsheet would run as a formula begins with an apostrophe; the reader takes it away, and
an apostrophe that stood before such a sign already gets a second one.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from commerce.catalogue import NewProduct, NewVariant
from commerce.money import minor_digits
from commerce.table import MAX_ROWS, shielded

COLUMNS: Final = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Type", "Tags", "Published"),
    *("Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value"),
    *("Option3 Name", "Option3 Value"),
    *("Variant SKU", "Variant Grams", "Variant Inventory Tracker", "Variant Inventory Qty"),
    *("Variant Inventory Policy", "Variant Fulfillment Service"),
    *("Variant Price", "Variant Compare At Price", "Variant Requires Shipping"),
    *("Image Src", "Image Position", "Variant Image", "Status"),
)

Cells = dict[str, str]


class Exported(Struct, frozen=True):
    """A file, and how many of the products that were given are in it: an import has a limit."""

    data: bytes
    products: int


def write(products: Iterable[NewProduct]) -> Exported:
    """Write as many products, each whole, as one import takes; all prices in one currency."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    table.writeheader()
    written = rows_written = 0
    for product in products:
        rows = _rows(product)
        if rows_written + len(rows) > MAX_ROWS:
            break
        for row in rows:
            table.writerow({column: shielded(cell) for column, cell in row.items()})
        written += 1
        rows_written += len(rows)
    return Exported(text.getvalue().encode(), written)


def _rows(product: NewProduct) -> Sequence[Cells]:
    """One row a variant, and as many more as there are more pictures."""
    count = max(len(product.variants), len(product.pictures))
    rows: list[Cells] = [{"Handle": product.handle or ""} for _ in range(count)]
    rows[0] |= {
        "Title": product.title,
        "Body (HTML)": product.body_html,
        "Vendor": product.vendor,
        "Type": product.kind,
        "Tags": ", ".join(product.tags),
        "Published": "true" if product.status == "active" else "false",
        "Status": product.status,
    }
    names = product.options or ["Title"]
    rows[0] |= {f"Option{place} Name": name for place, name in enumerate(names, 1)}
    for row, variant in zip(rows, product.variants, strict=False):
        row |= _variant(variant)
    for place, (row, picture) in enumerate(zip(rows, product.pictures, strict=False), 1):
        row |= {"Image Src": picture, "Image Position": str(place)}
    return rows


def _variant(variant: NewVariant) -> Cells:
    values = variant.options or ["Default Title"]
    return {
        **{f"Option{place} Value": value for place, value in enumerate(values, 1)},
        "Variant SKU": variant.sku,
        "Variant Grams": str(variant.grams),
        "Variant Inventory Tracker": "shopify",
        "Variant Inventory Qty": str(variant.available),
        "Variant Inventory Policy": "deny",
        "Variant Fulfillment Service": "manual",
        "Variant Price": _amount(variant.price_minor, variant.currency),
        "Variant Compare At Price": ""
        if variant.was_minor is None
        else _amount(variant.was_minor, variant.currency),
        "Variant Requires Shipping": "true",
        "Variant Image": variant.picture or "",
    }


def _amount(minor: int, currency: str) -> str:
    digits = minor_digits(currency)
    whole, part = divmod(minor, 10**digits)
    return f"{whole}.{part:0{digits}d}" if digits else str(whole)
