"""
A pack list as a table: one line an order, parcel by parcel, for a spreadsheet or a label printer.

Invariant: no cell is a formula. What buyers type begins with an apostrophe where a spreadsheet
would otherwise run it (CWE-1236).
"""

import csv
import io
from collections.abc import Iterable
from typing import Final

from commerce.shipments import Packed, Parcel

HEADER: Final = (
    "shipment",
    "state",
    "option",
    "order",
    "show",
    "sku",
    "title",
    "variant",
    "quantity",
    "grams",
    "name",
    "address",
    "city",
    "region",
    "postcode",
    "country",
    "phone",
)

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def as_csv(parcels: Iterable[Parcel]) -> str:
    """Return parcels as CSV (RFC 4180) that spreadsheets read as UTF-8."""
    text = io.StringIO(newline="")
    # The mark tells Excel that it is UTF-8; every importer skips it.
    text.write("\ufeff")
    rows = csv.writer(text)
    rows.writerow(HEADER)
    for parcel in parcels:
        rows.writerows([_cell(each) for each in _row(parcel, line)] for line in parcel.lines)
    return text.getvalue()


def _row(parcel: Parcel, line: Packed) -> tuple[object, ...]:
    shipment, address = parcel.shipment, parcel.address
    return (
        shipment.id,
        shipment.state,
        shipment.option,
        line.order,
        line.show,
        line.sku,
        line.title,
        " / ".join(line.options),
        line.quantity,
        line.grams,
        address.name,
        ", ".join(address.lines),
        address.city,
        address.region,
        address.postcode,
        address.country,
        address.phone,
    )


def _cell(value: object) -> object:
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else value
