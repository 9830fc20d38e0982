"""
Finding and mending drift between the movements of stock, the ledger's counters and the gate.

The movements are right, and the counters are mended; then the ledger is right, and the gate is what
is mended. The two are read one after the other while units
move, so everything is read twice, and only what is off both times is drift.
"""

import asyncio
import time
from typing import Final

import structlog
from msgspec import Struct

from commerce.announce import Announce
from commerce.drift import Drift
from commerce.ids import HoldId, OfferId
from commerce.offers.epoch import ANSWER_S, LOOK_AGAIN_S, Epochs, try_open
from commerce.offers.outcomes import Unavailable
from commerce.offers.stock import Gate
from commerce.offers.telling import tell
from commerce.offers.waitlist import Waitlist
from commerce.orders import LIVE
from commerce.store import movements, offers, orders, payments, waitlist
from commerce.store.pool import Pool, acquire
from commerce.writer import Writer

log = structlog.get_logger()

READINGS: Final = 2
"""A hold that is on its way looks wrong once, not twice."""

LATE_S: Final = 5
"""What the order writer and the sweeper do within half a second is late after this."""

REBUILD_S: Final = 15.0
"""How long the active order writer may take to rebuild the gate."""

CHUNK: Final = 1_000
"""Untold orders looked at."""


class Off(Struct, frozen=True):
    """How the gate of one open offer differs from the ledger."""

    offer: OfferId
    forgotten: bool = False
    units: str = ""
    leaked: frozenset[HoldId] = frozenset()
    missing: frozenset[HoldId] = frozenset()
    astray: frozenset[HoldId] = frozenset()

    def both(self, other: "Off") -> "Off":
        """Keep what both readings found."""
        return Off(
            offer=self.offer,
            forgotten=self.forgotten and other.forgotten,
            units=other.units if self.units else "",
            leaked=self.leaked & other.leaked,
            missing=self.missing & other.missing,
            astray=self.astray & other.astray,
        )


class Reconciler:
    """Compares the ledger with the gate, and mends the gate."""

    def __init__(
        self, pool: Pool, gate: Gate, seen: Epochs, writer: Writer, announce: Announce
    ) -> None:
        self._pool = pool
        self._gate = gate
        self._line = Waitlist(gate)
        self._seen = seen
        self._writer = writer
        self._announce = announce

    async def reconcile(self, *, mend: bool = False) -> list[Drift]:
        """
        List what does not fit; with ``mend``, put right what can be. Safe while the shop sells.

        Raises:
            redis.RedisError: Redis does not answer.
            StoreUnavailable: PostgreSQL does not.

        """
        found = await self._backlog(mend=mend) + await self._stock(mend=mend)
        rebuild = ""
        if not await try_open(self._pool, self._seen, self._gate.fence):
            rebuild = "the gate is fenced: no epoch is in force"
            found.append(Drift("gate_fenced", rebuild, mended=mend))
        else:
            for off in await self._compare():
                found += [Drift(code, detail, mended=mend) for code, detail in _sentences(off)]
                if off.forgotten or off.units or off.missing or off.astray:
                    rebuild = f"the gate of {off.offer} is wrong"
                elif mend and off.leaked:
                    await self._gate.release(off.offer, sorted(off.leaked))
        if mend and rebuild:
            await self._rebuild(rebuild)
        return found + await self._books()

    async def _backlog(self, *, mend: bool) -> list[Drift]:
        """What should have been done by now."""
        found = []
        keys = self._gate.keys
        async with (
            asyncio.timeout(ANSWER_S),
            self._seen.client.pipeline(transaction=False) as pipeline,
        ):
            pipeline.xrange(keys.orders, count=1)
            pipeline.xlen(keys.orders)
            pipeline.xlen(keys.parked)
            oldest, waiting, parked = await pipeline.execute()
        if oldest:
            late_s = int(time.time() - int(oldest[0][0].split("-")[0]) / 1000)
            if late_s > LATE_S:
                detail = (
                    f"the order writer is {late_s} s behind, with {waiting} entries in the "
                    "stream; is `liveshop work` running?"
                )
                found.append(Drift("orders_late", detail))
        if parked:
            detail = f"{parked} entries could not become orders; they are parked in {keys.parked}"
            found.append(Drift("entries_parked", detail))
        async with acquire(self._pool) as connection:
            untold = await orders.untold(connection, CHUNK, for_s=LATE_S)
        if untold:
            told = mend and await tell(self._pool, self._gate, self._announce, untold)
            detail = f"the gate has not heard what became of {len(untold)} orders"
            found.append(Drift("gate_not_told", detail, mended=told))
        return found

    async def _stock(self, *, mend: bool) -> list[Drift]:
        """Counters that are not the sum of their movements."""
        async with acquire(self._pool) as connection:
            variants, miscounted = await movements.miscounted(connection)
        if mend:
            mendable = [offer for offer in miscounted if offer.mendable]
            await movements.mend(self._pool, variants, mendable)
        return [
            Drift(
                "stock_miscounted",
                f"the variant {variant.sku} counts {variant.available} units available, "
                f"its movements {variant.moved}",
                mended=mend,
            )
            for variant in variants
        ] + [
            Drift(
                "stock_miscounted",
                f"the offer {offer.id} counts {offer.allocated} units allocated and {offer.taken} "
                f"taken, its movements {offer.moved_allocated} and {offer.moved_taken}, and its "
                f"orders hold {offer.live}",
                mended=mend and offer.mendable,
            )
            for offer in miscounted
        ]

    async def _books(self) -> list[Drift]:
        """What does not fit within PostgreSQL; only a person can tell why."""
        async with acquire(self._pool) as connection:
            miscounted = await orders.miscounted(connection)
            mismatched = await payments.mismatched(connection)
        return [
            Drift(
                "offer_miscounted",
                f"the offer {offer.id} counts {offer.taken} units taken, its orders {offer.live}",
            )
            for offer in miscounted
        ] + [Drift("money_mismatched", str(order)) for order in mismatched]

    async def _compare(self) -> list[Off]:
        first = {off.offer: off for off in await self._read()}
        for _ in range(READINGS - 1):
            again = {off.offer: off for off in await self._read()}
            first = {
                offer: off.both(again[offer]) for offer, off in first.items() if offer in again
            }
        return list(first.values())

    async def _read(self) -> list[Off]:
        async with acquire(self._pool) as connection:
            ids = [terms.offer for terms in await offers.open_offers(connection)]
        return [off for offer in ids if (off := await self._read_offer(offer)) is not None]

    async def _read_offer(self, offer: OfferId) -> Off | None:
        """Read the gate, then the stream, then the ledger: a hold moves in this direction."""
        levels = await self._gate.levels([offer])
        if isinstance(levels, Unavailable):
            return None
        if offer not in levels:
            return Off(offer=offer, forgotten=True)
        holds = await self._gate.holds(offer)
        line = await self._line.holds(offer)
        on_the_way = await self._gate.on_the_way()
        async with acquire(self._pool) as connection:
            known = await orders.known_holds(connection, offer, list(holds))
            counts = await orders.counts(connection, offer)
            written = await waitlist.holds(connection, offer)
        if counts.state != "open":
            return None
        level = levels[offer]
        live = {hold: order for hold, order in known.items() if order.status in LIVE}
        units = await self._gate.miscounted(offer)
        if not level.adds_up or level.allocated != counts.allocated:
            units = (
                f"{level.available} available + {level.held} held + {level.sold} sold at the gate "
                f"do not make {counts.allocated} allocated"
            )
        return Off(
            offer=offer,
            units=units,
            leaked=frozenset(
                hold
                for hold in holds
                if hold not in live
                and hold not in on_the_way
                and (hold not in known or known[hold].told)
            ),
            missing=frozenset(
                hold
                for hold, order in live.items()
                if order.told and holds.get(hold) != (order.status == "paid")
            ),
            astray=frozenset((line ^ written) - on_the_way),
        )

    async def _rebuild(self, reason: str) -> None:
        """Have the gate rebuilt: here, or by the process that writes the orders."""
        if self._gate.fence.standing is not None:
            await self._gate.fence_off(reason)
        async with asyncio.timeout(REBUILD_S):
            while True:
                if await self._writer.rebuild():
                    return
                if await try_open(self._pool, self._seen, self._gate.fence):
                    return
                await asyncio.sleep(LOOK_AGAIN_S)


def _sentences(off: Off) -> list[tuple[str, str]]:
    found = []
    if off.forgotten:
        found.append(("gate_forgot", f"the gate does not know the open offer {off.offer}"))
    if off.units:
        found.append(("gate_miscounted", f"offer {off.offer}: {off.units}"))
    if off.leaked:
        detail = f"offer {off.offer}: {len(off.leaked)} holds at the gate have no order"
        found.append(("holds_leaked", detail))
    if off.missing:
        detail = f"offer {off.offer}: {len(off.missing)} live orders are not held at the gate"
        found.append(("holds_missing", detail))
    if off.astray:
        detail = (
            f"offer {off.offer}: the line at the gate and in the ledger differ by {len(off.astray)}"
        )
        found.append(("line_differs", detail))
    return found
