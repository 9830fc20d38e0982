"""
The doorman of the queues: draws them when their sales open, and admits people in the drawn order.

As many are admitted as there are units that nobody holds and that no other turn is for; so who may
buy one each, and was admitted, finds one. When a turn ends unused, or units come back, the next in
the queue have theirs. Invariants: nobody has a turn before all places ahead had theirs; what is
said of turns is in PostgreSQL first, and is told until it has left. Any number of doormen may work.
"""

import time
from typing import Final, NoReturn

import structlog

from commerce.announce import Announce
from commerce.ids import OfferId
from commerce.messages import Admitted, Entered, Queue
from commerce.offers.admission import Admission, Seal
from commerce.offers.outcomes import Unavailable
from commerce.offers.stock import Gate
from commerce.rounds import rounds
from commerce.store import queues
from commerce.store.pool import Pool, acquire, transaction
from commerce.store.queues import QueueState

log = structlog.get_logger()

LOOK_S: Final = 0.25
"""A sale that opens is drawn within this time, and a unit that comes back goes on."""

TELL: Final = 2_000
"""Entrants told at a time: a twentieth of the news that may wait."""

TELL_AGAIN_S: Final = 5.0
"""How often a queue is told that did not move: the rooms may have lost it."""


class Doorman:
    """The doorman of this process."""

    def __init__(self, pool: Pool, gate: Gate, seal: Seal, announce: Announce) -> None:
        self._pool = pool
        self._gate = gate
        self._seal = seal
        self._announce = announce
        self._said: dict[OfferId, tuple[Queue, float]] = {}

    async def run(self) -> NoReturn:
        """Serve every queue, through outages, until cancelled."""
        await rounds("doorman", self.serve, every_s=LOOK_S)

    async def serve(self) -> None:
        """Draw and admit wherever it is time to, and tell those whom it concerns."""
        async with acquire(self._pool) as connection:
            running = await queues.running(connection)
        for queue in running:
            moved = await self._admit(queue.offer) if _is_due(queue) else None
            self._say(moved or queue)
        self._said = {queue.offer: self._said[queue.offer] for queue in running}
        while await self._tell():
            pass

    async def _admit(self, offer: OfferId) -> QueueState | None:
        """Draw a queue and admit whom there are units for; None if another doorman is at it."""
        async with transaction(self._pool) as connection:
            queue = await queues.take(connection, offer)
            if queue is None or not _is_due(queue):
                return None
            queue = await queues.draw(connection, queue)
            # Turns are counted before units: one that buys in between counts twice, never not at
            # all, and the next look puts that right.
            turns = await queues.outstanding(connection, offer)
            levels = await self._gate.levels([offer])
            if isinstance(levels, Unavailable) or offer not in levels:
                return queue
            if (free := levels[offer].available - turns) > 0:
                await queues.admit(connection, offer, free)
            return await queues.state(connection, offer)

    def _say(self, queue: QueueState) -> None:
        said, now = Queue(queue.offer, queue.entrants, queue.called), time.monotonic()
        before = self._said.get(queue.offer)
        if before is None or before[0] != said or now - before[1] >= TELL_AGAIN_S:
            self._announce.queue(said, queue.show)
            self._said[queue.offer] = said, now

    async def _tell(self) -> bool:
        """Tell some of those who do not know where they stand; say whether there may be more."""
        async with acquire(self._pool) as connection:
            waiting = await queues.untold(connection, TELL)
        mark = self._announce.mark()
        for each in waiting:
            if each.admitted and each.until is not None:
                token = self._seal.sign(
                    Admission(turn=each.turn, until=each.until), each.offer, each.account
                )
                turn = Admitted(offer=each.offer, admission=token, until=each.until)
                self._announce.admitted(turn, each.show, each.account)
            else:
                place = Entered(offer=each.offer, place=each.place)
                self._announce.entered(place, each.show, each.account)
        if not waiting:
            return False
        if not await self._announce.delivered(mark):
            log.warning("entrants_not_told", entrants=len(waiting))
            return False
        async with acquire(self._pool) as connection:
            await queues.told(connection, waiting)
        return len(waiting) == TELL


def _is_due(queue: QueueState) -> bool:
    """Whether there is something to draw, or someone to admit."""
    if queue.state != "open" or queue.over or not queue.begun:
        return False
    return not queue.drawn or queue.called < queue.last
