"""
The deliverer: events reach merchants' programs, at least once.

A delivery is taken by moving it to its next try, sent, and noted when it has arrived. So a process
that dies in between leaves it due, and another one tries again under the same ``webhook-id``, by
which the receiver knows it. Requests are signed as the Standard Webhooks specification has it.
Invariant: at most `LANES` times `BATCH` requests are under way, and at most one lane waits for one
webhook, so a program that is slow delays nobody else's.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, NoReturn

import httpx
import msgspec
import structlog

from commerce.feed import event_id
from commerce.ids import WebhookId
from commerce.payments.signature import sign
from commerce.rounds import OUTAGE
from commerce.store import feed, webhooks
from commerce.store.pool import Pool, acquire
from commerce.store.webhooks import Taken
from commerce.webhooks.target import Targets, transport_for

log = structlog.get_logger()

DELAYS_S: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""After each try, as Standard Webhooks recommends; with the first one that is three days in all."""

TRIES: Final = len(DELAYS_S) + 1

PAUSE_AFTER_S: Final = 3 * 86_400
"""A program that nothing reached for so long is not coming back by itself."""

ANSWER_S: Final = 10.0
"""For name, connection, TLS and answer; a receiver should answer first and work afterwards."""

LANES: Final = 8
"""Webhooks delivered to at a time."""

BATCH: Final = 5
"""Deliveries under way at a time at one webhook: more would look like an attack."""

LOOK_S: Final = 0.5
"""Between two looks of an idle lane."""

ERROR_CHARACTERS: Final = 300
"""Of an error, as much as is kept."""

GONE: Final = 410
"""The receiver wants nothing more (Standard Webhooks)."""


def now_ms() -> int:
    """Return this machine's time, in Unix ms."""
    return time.time_ns() // 1_000_000


class Deliverer:
    """Delivers for one shop; several processes may. Made by `open_deliverer`."""

    def __init__(
        self, pool: Pool, client: httpx.AsyncClient, clock: Callable[[], int] = now_ms
    ) -> None:
        self._pool = pool
        self._client = client
        self._clock = clock
        self._busy: set[WebhookId] = set()
        self._taking = asyncio.Lock()

    async def run(self) -> None:
        """Deliver as things fall due, through outages, until cancelled."""
        async with asyncio.TaskGroup() as lanes:
            for _ in range(LANES):
                lanes.create_task(self._lane())

    async def _lane(self) -> NoReturn:
        while True:
            try:
                taken = await self.deliver_some()
            except OUTAGE as error:
                log.warning("round_failed", work="deliverer", error=str(error) or repr(error))
                taken = 0
            if not taken:
                await asyncio.sleep(LOOK_S)

    async def deliver_some(self) -> int:
        """Try some of what is due at one webhook that no lane delivers to; return how many."""
        async with self._taking, acquire(self._pool) as connection:
            taken = await webhooks.take(
                connection, self._clock(), busy=self._busy, limit=BATCH, delays_s=DELAYS_S
            )
            if not taken:
                return 0
            webhook = taken[0].webhook
            self._busy.add(webhook)
        try:
            bodies = await self._bodies([delivery.event for delivery in taken])
            async with asyncio.TaskGroup() as requests:
                for delivery in taken:
                    # An event that was purged meanwhile took its delivery with it.
                    if (body := bodies.get(event_id(delivery.event))) is not None:
                        requests.create_task(self._deliver(delivery, body))
        finally:
            self._busy.discard(webhook)
        return len(taken)

    async def _bodies(self, events: list[int]) -> dict[str, bytes]:
        async with acquire(self._pool) as connection:
            told = await feed.told(connection, await feed.of_ids(connection, events))
        return {event.id: msgspec.json.encode(event) for event in told}

    async def _deliver(self, delivery: Taken, body: bytes) -> None:
        status, error = await self._send(delivery, body)
        try:
            async with acquire(self._pool) as connection:
                if not error and status is not None:
                    await webhooks.arrived(connection, delivery, status)
                    return
                paused = await webhooks.failed(
                    connection,
                    delivery,
                    status,
                    error[:ERROR_CHARACTERS],
                    tries=TRIES,
                    pause_after_s=0 if status == GONE else PAUSE_AFTER_S,
                )
        except OUTAGE as outage:
            # It is due again, as any delivery may come twice.
            log.warning("delivery_not_noted", error=str(outage) or repr(outage))
            return
        log.info("delivery_failed", webhook=delivery.webhook, of=delivery.event, error=error)
        if paused:
            log.warning("webhook_paused", webhook=delivery.webhook, url=delivery.url)

    async def _send(self, delivery: Taken, body: bytes) -> tuple[int | None, str]:
        """Return the status, if there was one, and what went wrong, if something did."""
        id = event_id(delivery.event)
        headers = {
            "content-type": "application/json",
            "user-agent": "liveshop",
            **sign(delivery.secret, id, self._clock() // 1000, body),
        }
        try:
            async with asyncio.timeout(ANSWER_S):
                request = self._client.build_request(
                    "POST", delivery.url, content=body, headers=headers
                )
                # The body of the answer is not read: it may be endless.
                answer = await self._client.send(request, stream=True)
                await answer.aclose()
        except TimeoutError:
            return None, f"no answer in {ANSWER_S:.0f} s"
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            return None, str(error) or type(error).__name__
        if answer.is_success:
            return answer.status_code, ""
        return answer.status_code, f"answered {answer.status_code}"


@asynccontextmanager
async def open_deliverer(
    pool: Pool, targets: Targets, clock: Callable[[], int] = now_ms
) -> AsyncIterator[Deliverer]:
    """Make a deliverer that goes to ``targets``, for as long as the block lasts."""
    async with httpx.AsyncClient(
        transport=transport_for(targets), timeout=ANSWER_S, trust_env=False
    ) as client:
        yield Deliverer(pool, client, clock)
