"""
A CSV file from outside, as rows that know on which line they stand.

Line numbers are those that an editor shows: a quoted line break counts. What cannot be read as a
table at all raises ``Unreadable``; nothing is guessed, and no row before the fault is trusted.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

MAX_ROWS: Final = 20_000
"""More is a shop to move in parts: one import is one transaction and one report."""

MAX_CELL_CHARACTERS: Final = csv.field_size_limit()
"""Python's own bound for a cell, 128 KiB; a quote that is never closed runs into it."""

_ADVICE: Final = "export the file as CSV in UTF-8"

_FOREIGN_MARKS: Final = (
    # UTF-32's mark begins with UTF-16's, so it is looked for first.
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


_FORMULA: Final = re.compile(r"'*[=+\-@]")
_SHIELDED: Final = re.compile(r"'+[=+\-@]")


def shielded(cell: str) -> str:
    """Return a cell as a file should have it: none that a spreadsheet runs as a formula."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unshielded(cell: str) -> str:
    """Return what `shielded` was given."""
    return cell[1:] if _SHIELDED.match(cell) else cell


class Unreadable(Exception):
    """The file is no table; ``line`` is where that shows."""

    def __init__(self, line: int, code: str, detail: str) -> None:
        self.line: Final = line
        self.code: Final = code
        self.detail: Final = detail

    def __str__(self) -> str:
        return f"line {self.line}: {self.detail}"


class Row(Struct, frozen=True):
    """The cells of a row that begins on ``line``, empty rows left out."""

    line: int
    cells: list[str]


def read(data: bytes) -> Iterator[Row]:
    """
    Yield the rows of a file, the header first.

    Raises:
        Unreadable: at the latest when the row is reached that cannot be read.

    """
    reader = csv.reader(io.StringIO(_decode(data), newline=""), strict=True)
    count = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _malformed(line, reader.line_num, str(error)) from error
        if not any(cell.strip() for cell in cells):
            continue
        count += 1
        if count > MAX_ROWS + 1:
            raise Unreadable(line, "too_many_rows", f"the file has more than {MAX_ROWS} rows")
        yield Row(line, cells)


def _decode(data: bytes) -> str:
    for mark, encoding in _FOREIGN_MARKS:
        if data.startswith(mark):
            raise Unreadable(1, "wrong_encoding", f"the file is in {encoding}; {_ADVICE}")
    if (nul := data.find(0)) >= 0:
        detail = f"there is a NUL byte, as in UTF-16 or in a file that is no text; {_ADVICE}"
        raise Unreadable(_line_of(data, nul), "nul_byte", detail)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        detail = f"the byte 0x{data[error.start]:02x} is not UTF-8; {_ADVICE}"
        raise Unreadable(_line_of(data, error.start), "wrong_encoding", detail) from error


def _line_of(data: bytes, place: int) -> int:
    before = data[:place]
    return 1 + before.count(b"\n") + before.count(b"\r") - before.count(b"\r\n")


def _malformed(first_line: int, last_line: int, error: str) -> Unreadable:
    if "unexpected end of data" in error:
        detail = "a quote is opened in this row and never closed"
        return Unreadable(first_line, "unclosed_quote", detail)
    if "field limit" in error:
        detail = f"a cell has more than {MAX_CELL_CHARACTERS} characters; is a quote never closed?"
        return Unreadable(first_line, "unclosed_quote", detail)
    detail = 'a quote ends before its cell does; inside quotes, a quote is written as ""'
    return Unreadable(last_line, "malformed_quote", detail)
