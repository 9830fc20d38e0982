"""
The sweeper: whatever is due, and whatever someone left half done.

Each step is idempotent and finds its work in PostgreSQL, so a process that dies between any two of
them leaves nothing that the next sweep, of any process, does not finish:

1. orders whose hold is over lapse, and their units go back;
2. orders that hold nothing end when others have paid for what was left;
3. gate and buyers are told what became of orders, if they have not heard;
4. offers whose time is over close, in PostgreSQL and then at the gate;
5. open offers that the gate does not know are loaded.
"""

import time
from typing import Final, NoReturn

import structlog
from msgspec import Struct

from commerce.announce import Announce
from commerce.offers.outcomes import Unavailable
from commerce.offers.stock import Gate
from commerce.offers.telling import tell
from commerce.rounds import rounds
from commerce.store import offers, orders, races
from commerce.store.pool import Pool, acquire

log = structlog.get_logger()

EVERY_S: Final = 0.5
"""A lapsed hold is back on sale within this time."""

CHUNK: Final = 500
"""Orders changed in a transaction: it locks their offers for some 20 ms."""


class Swept(Struct, frozen=True):
    """What a sweep did."""

    lapsed: int
    told: int
    closed: int
    loaded: int
    beaten: int = 0


class Sweeper:
    """Sweeps one shop; several processes may."""

    def __init__(self, pool: Pool, gate: Gate, announce: Announce) -> None:
        self._pool = pool
        self._gate = gate
        self._announce = announce

    async def run(self) -> NoReturn:
        """Sweep every half second, through outages, until cancelled."""

        async def sweep_now() -> None:
            await self.sweep(time.time_ns() // 1_000_000)

        await rounds("sweeper", sweep_now, every_s=EVERY_S)

    async def sweep(self, now: int) -> Swept:
        """Do everything that is due at ``now`` (Unix ms). Idempotent, and safe to cancel."""
        return Swept(
            lapsed=await self._lapse(now),
            beaten=await self._end_races(),
            told=await self._tell(),
            closed=await self._close(now),
            loaded=await self._load(),
        )

    async def _lapse(self, now: int) -> int:
        lapsed = 0
        while True:
            async with acquire(self._pool) as connection:
                moved = await orders.lapse_due(connection, now, CHUNK)
            lapsed += len(moved)
            if len(moved) < CHUNK:
                return lapsed

    async def _end_races(self) -> int:
        beaten = 0
        while True:
            async with acquire(self._pool) as connection:
                lost = await races.lose_beaten(connection, CHUNK)
            beaten += len(lost)
            if len(lost) < CHUNK:
                return beaten

    async def _tell(self) -> int:
        told = 0
        while True:
            async with acquire(self._pool) as connection:
                moved = await orders.untold(connection, CHUNK)
            heard = await tell(self._pool, self._gate, self._announce, moved)
            if not heard:
                return told
            told += len(moved)
            if len(moved) < CHUNK:
                return told

    async def _close(self, now: int) -> int:
        closed = 0
        async with acquire(self._pool) as connection:
            # Those that someone began to close are among them: their gate may not have heard.
            due = await offers.due_to_close(connection, now, CHUNK)
            for offer in due:
                await offers.start_closing(connection, offer)
        for offer in due:
            closed += await self._gate.close(offer) == "ok"
        return closed

    async def _load(self) -> int:
        loaded = 0
        async with acquire(self._pool) as connection:
            terms = {terms.offer: terms for terms in await offers.open_offers(connection)}
        levels = await self._gate.levels(list(terms))
        if isinstance(levels, Unavailable):
            return 0
        for offer in terms.keys() - levels.keys():
            match await self._gate.load(terms[offer]):
                case "ok":
                    loaded += 1
                case "lost":
                    await self._gate.fence_off(f"it lost the offer {offer}")
                    return loaded
                case "already" | Unavailable():
                    pass
        return loaded
