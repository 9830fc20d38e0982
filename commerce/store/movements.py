"""
Movements of stock in PostgreSQL, and the counters that are their sums.

Invariant: ``variants.available``, ``offers.allocated`` and ``offers.taken`` change only when
movements are inserted, in the same statement: a trigger counts, and others refuse whatever else
would. Orders and offers insert theirs with their own transitions; this is for people and files.
"""

from collections.abc import Sequence

from msgspec import Struct

from commerce.errors import InvalidValue, NotEnoughStock, NotFound
from commerce.ids import AccountId, OfferId, VariantId
from commerce.messages import LowStock
from commerce.movements import Adjustment, Movement
from commerce.store.pool import Connection, Pool, transaction
from commerce.store.queries import load

_sql = load("movements")


class Balance(Struct, frozen=True):
    """Where the units of one item of an offer are, by its movements; in units of the variant."""

    variant: str
    sku: str
    count: int
    offered: int
    held: int
    sold: int


class MiscountedVariant(Struct, frozen=True):
    """A variant that counts other units than its movements brought."""

    id: VariantId
    sku: str
    available: int
    moved: int


class MiscountedOffer(Struct, frozen=True):
    """An offer that counts otherwise than its movements; ``live``: units in its live orders."""

    id: OfferId
    allocated: int
    taken: int
    moved_allocated: int
    moved_taken: int
    live: int

    @property
    def mendable(self) -> bool:
        """Whether the orders bear the movements out; otherwise a person has to look."""
        return self.live == self.moved_taken <= self.moved_allocated


async def adjust(
    connection: Connection, variant: VariantId, change: Adjustment, *, by: AccountId
) -> int:
    """
    Correct what is in the warehouse, and return how many units that is now.

    Raises:
        NotFound: there is no such variant.
        NotEnoughStock: more units are to leave than no offer has taken.
        InvalidValue: nothing is to change.

    """
    if change.change == 0:
        raise InvalidValue("$.change", "a change of nothing changes nothing")
    async with connection.transaction():
        moved = await connection.fetchval(
            _sql.adjust, variant, change.change, change.why, by, change.note
        )
        row = await connection.fetchrow(_sql.available, variant)
        if row is None:
            raise NotFound("variant", variant)
        if not moved:
            raise NotEnoughStock(row["sku"], wanted=-change.change, available=row["available"])
        available: int = row["available"]
    return available


async def take_stock(
    connection: Connection, units: dict[str, int], *, by: AccountId | None
) -> None:
    """
    Move what makes the warehouse hold ``units`` of each SKU, as a file says; idempotent.

    The variants must exist, and their rows be locked: see `lock`. Units that open offers took out
    to sell are among those that the file counts, and are not put on sale twice.
    """
    await connection.execute(_sql.take_stock, list(units), list(units.values()), by)


async def lock(connection: Connection, skus: Sequence[str]) -> None:
    """Keep others from moving units of variants until the transaction ends."""
    await connection.execute(_sql.lock_variants, skus)


async def of_variant(
    connection: Connection, variant: VariantId, *, before: int | None = None, limit: int = 50
) -> list[Movement]:
    """
    Return movements of a variant, newest first.

    Raises:
        NotFound: there is no such variant.

    """
    rows = await connection.fetch(_sql.of_variant, variant, before, limit)
    if not rows and await connection.fetchrow(_sql.available, variant) is None:
        raise NotFound("variant", variant)
    return [Movement(**row) for row in rows]


async def of_offer(
    connection: Connection, offer: OfferId, *, before: int | None = None, limit: int = 50
) -> list[Movement]:
    """Return movements of an offer's units, newest first; none for one that never opened."""
    return [Movement(**row) for row in await connection.fetch(_sql.of_offer, offer, before, limit)]


async def balance(connection: Connection, offer: OfferId) -> list[Balance]:
    """Say where the units of each item of an offer are by the movements, in the items' order."""
    return [Balance(**row) for row in await connection.fetch(_sql.balance_of_offer, offer)]


async def low_stock(connection: Connection, variant: VariantId) -> LowStock | None:
    """Say how much of a variant is left to sell; None if nobody wants to be told of it now."""
    row = await connection.fetchrow(_sql.low_stock, variant)
    return LowStock(**row) if row is not None else None


# -- Counted again ------------------------------------------------------------------------------


async def miscounted(
    connection: Connection,
) -> tuple[list[MiscountedVariant], list[MiscountedOffer]]:
    """Find counters that are not the sum of their movements; reads every movement there is."""
    variants = await connection.fetch(_sql.miscounted_variants)
    offers = {
        row["id"]: MiscountedOffer(**row) for row in await connection.fetch(_sql.miscounted_offers)
    }
    return [MiscountedVariant(**row) for row in variants], list(offers.values())


async def mend(
    pool: Pool, variants: Sequence[MiscountedVariant], offers: Sequence[MiscountedOffer]
) -> None:
    """Set counters to the sum of their movements, as these are now; idempotent."""
    for offer in offers:
        async with transaction(pool) as connection:
            await connection.execute(_sql.may_mend)
            await connection.execute(_sql.lock_offer, offer.id)
            await connection.execute(_sql.mend_offer, offer.id)
    for variant in variants:
        async with transaction(pool) as connection:
            await connection.execute(_sql.may_mend)
            await connection.execute(_sql.lock_variant, variant.id)
            await connection.execute(_sql.mend_variant, variant.id)
