"""
The shop's front: shows with what lies in their windows, in the order in which people want them.
"""

from typing import Final

import asyncpg
from msgspec import Struct

from commerce.messages import ShowView
from commerce.store.pool import Connection
from commerce.store.queries import load

PLACES: Final = 50
"""Of each kind: live, coming, ended. Nobody scrolls past so many."""

PICTURES: Final = 3
"""One big and two small ones make a shop window."""

LATE_S: Final = 24 * 3600
"""A show that is a day late is not coming; its host still sees it in the console."""

_sql = load("directory")


class Window(Struct, frozen=True):
    """A show, and the pictures of what it sells: what is on screen first."""

    show: ShowView
    pictures: list[str]


async def windows(connection: Connection) -> list[Window]:
    """Return live shows, the newest first; then coming ones, the soonest first; then ended ones."""
    rows = await connection.fetch(_sql.windows, PLACES, PICTURES, LATE_S)
    return [_window(row) for row in rows]


def _window(row: asyncpg.Record) -> Window:
    values = dict(row)
    pictures: list[str] = values.pop("pictures")
    return Window(ShowView(**values), pictures)
