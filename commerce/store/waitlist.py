"""
The line before a sold-out offer, as the ledger knows it: written from the order stream.

The gate decides who is next; this is what it is rebuilt from, and what a viewer who returns finds.
Invariant: a buyer has one place in an offer, and it ends in the transaction that writes the order
of its turn.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Final, Literal

from msgspec import Struct

from commerce.ids import AccountId, HoldId, OfferId, ShowId
from commerce.messages import PlaceInLine
from commerce.store.pool import Connection
from commerce.store.queries import load

CHUNK: Final = 5_000
"""Places read at a time when a gate is rebuilt: half a megabyte."""

_sql = load("waitlist")


class Waiter(Struct, frozen=True):
    """A place on its way from the gate to the ledger; ``hold`` is what its turn will be called."""

    show: ShowId
    offer: OfferId
    hold: HoldId
    buyer: AccountId
    quantity: int
    since_us: int


class Leaver(Struct, frozen=True):
    """A place that ended without a turn, on its way likewise."""

    show: ShowId
    offer: OfferId
    hold: HoldId
    buyer: AccountId
    reason: Literal["left", "limit_reached"]


class InLine(Struct, frozen=True):
    """A place as the gate is told of it."""

    buyer: AccountId
    quantity: int
    hold: HoldId
    since_us: int


async def join(connection: Connection, waiters: Sequence[Waiter]) -> None:
    """Write down who came, in any order. Idempotent; whoever cannot exist is left out."""
    await connection.execute(
        _sql.join,
        [waiter.hold for waiter in waiters],
        [waiter.offer for waiter in waiters],
        [waiter.buyer for waiter in waiters],
        [waiter.quantity for waiter in waiters],
        [waiter.since_us for waiter in waiters],
    )


async def leave(connection: Connection, holds: Sequence[HoldId]) -> None:
    """End the places whose turns would be called so. Idempotent."""
    await connection.execute(_sql.leave, holds)


async def end_line(connection: Connection, offer: OfferId) -> None:
    """End all places of an offer. Idempotent."""
    await connection.execute(_sql.end_line, offer)


async def line(connection: Connection, offer: OfferId) -> AsyncIterator[list[InLine]]:
    """Read the line of an offer in its order, `CHUNK` places at a time."""
    after = 0
    while rows := await connection.fetch(_sql.line, offer, after, CHUNK):
        after = rows[-1]["since_us"]
        yield [InLine(**row) for row in rows]


async def holds(connection: Connection, offer: OfferId) -> set[HoldId]:
    """Return what the turns of those in line will be called."""
    return {row["hold"] for row in await connection.fetch(_sql.holds, offer)}


async def places(
    connection: Connection, wanted: Sequence[tuple[AccountId, ShowId]]
) -> dict[tuple[AccountId, ShowId], list[PlaceInLine]]:
    """Show where each buyer waits in a show; those who wait nowhere are left out."""
    buyers, of_shows = [buyer for buyer, _ in wanted], [show for _, show in wanted]
    found: dict[tuple[AccountId, ShowId], list[PlaceInLine]] = {}
    for row in await connection.fetch(_sql.places, buyers, of_shows):
        place = PlaceInLine(offer=row["offer"], place=row["place"], quantity=row["quantity"])
        found.setdefault((row["buyer"], row["show"]), []).append(place)
    return found
