"""
The shop's news on its way to the rooms: commerce says what happened, the broker knows who listens.

News of a show leaves in the order in which it was told, and what waits meanwhile leaves together: a
call for each order took more of the order writer's process than writing it. What cannot be
delivered is dropped, logged and counted, so that whoever waits for it in `delivered` knows and
tells it again.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog
from msgspec import Struct

from commerce.ids import AccountId, OfferId, ShowId
from commerce.messages import (
    Admitted,
    Entered,
    LowStock,
    OrderView,
    Paid,
    Placed,
    Queue,
    Refunded,
    Released,
    Reserved,
    ShipmentChanged,
    ShipmentView,
    Stock,
    StockLow,
    Tally,
    Unwaited,
)
from live.telemetry import Metrics
from live.ticker import Tick, Ticker
from live.wire import encode
from rooms.brokers import Broker, BrokerUnavailable, Whisper

LANES: Final = 8
"""Deliveries under way at once: a show does not wait for another one."""

LANE_LIMIT: Final = 40_000
"""News that may wait in a lane: a second or two of it. More means that Redis is away."""

TOGETHER: Final = 128
"""News in a call: it holds Redis for half a millisecond."""

log = structlog.get_logger()


class _News(Struct, frozen=True):
    show: str
    whisper: Whisper


class Announcer:
    """A `commerce.announce.Announce` over a broker; made by `open_announcer`."""

    def __init__(self, broker: Broker, metrics: Metrics) -> None:
        self._broker = broker
        self._metrics = metrics
        self._ticker = Ticker()
        self._ticked = asyncio.Event()
        self._queues: dict[str, tuple[Queue, ShowId]] = {}
        self._lanes = [
            asyncio.Queue[_News | asyncio.Future[None]](LANE_LIMIT) for _ in range(LANES)
        ]
        self._dropped = 0

    def reserved(self, reserved: Reserved, show: ShowId, buyer: AccountId) -> None:
        """Tell a buyer who waited that it is their turn."""
        self._whisper(show, buyer, encode(reserved))

    def unwaited(self, unwaited: Unwaited, show: ShowId, buyer: AccountId) -> None:
        """Tell a buyer that they do not wait any more."""
        self._whisper(show, buyer, encode(unwaited))

    def entered(self, entered: Entered, show: ShowId, buyer: AccountId) -> None:
        """Tell a buyer where they stand in a queue."""
        self._whisper(show, buyer, encode(entered))

    def admitted(self, admitted: Admitted, show: ShowId, buyer: AccountId) -> None:
        """Tell a buyer that it is their turn to buy."""
        self._whisper(show, buyer, encode(admitted))

    def queue(self, queue: Queue, show: ShowId) -> None:
        """Tell everyone in the show how a queue moves, soon."""
        self._queues[queue.offer] = queue, show
        self._ticked.set()

    def placed(self, order: OrderView) -> None:
        """Tell the buyer that the order is committed."""
        self._metrics.orders.labels("placed").inc()
        self._whisper(order.show, order.buyer, encode(Placed(order=order)))

    def paid(self, order: OrderView) -> None:
        """Tell the buyer that the money arrived."""
        self._metrics.orders.labels("paid").inc()
        self._whisper(order.show, order.buyer, encode(Paid(order=order)))

    def refunded(self, order: OrderView) -> None:
        """Tell the buyer that money goes back, and that the units stay."""
        self._whisper(order.show, order.buyer, encode(Refunded(order=order)))

    def released(self, released: Released, show: ShowId, buyer: AccountId) -> None:
        """Tell the buyer that units went back."""
        self._metrics.orders.labels(released.reason).inc()
        self._whisper(show, buyer, encode(released))

    def shipment(self, show: ShowId, shipment: ShipmentView) -> None:
        """Tell the buyer, in one of the shows they bought in, how their parcel is now."""
        self._whisper(show, shipment.buyer, encode(ShipmentChanged(shipment=shipment)))

    def stock(self, show: ShowId, offer: OfferId, left: int, version: int) -> None:
        """Tell everyone in the show how many units nobody holds, soon."""
        self._ticker.note(Tick(show, offer, left, version))
        self._ticked.set()

    def tally(self, show: ShowId, host: AccountId, tally: Tally) -> None:
        """Tell the host what the show has sold so far."""
        self._whisper(show, host, encode(tally))

    def stock_low(self, show: ShowId, host: AccountId, low: LowStock) -> None:
        """Tell the host that few units of a variant are left."""
        self._whisper(show, host, encode(StockLow(stock=low)))

    @property
    def waiting(self) -> int:
        """How many whispers wait in the fullest lane."""
        return max(lane.qsize() for lane in self._lanes)

    def mark(self) -> int:
        """Return how many whispers were dropped so far."""
        return self._dropped

    async def delivered(self, since: int) -> bool:
        """Wait until every whisper told before has left; False if one was dropped since."""
        marks = [asyncio.get_running_loop().create_future() for _ in self._lanes]
        for lane, mark in zip(self._lanes, marks, strict=True):
            await lane.put(mark)
        await asyncio.gather(*marks)
        return self._dropped == since

    def _whisper(self, show: str, user: str, message: bytes) -> None:
        try:
            self._lanes[hash(show) % LANES].put_nowait(_News(show, Whisper(user, message)))
        except asyncio.QueueFull:
            self._dropped += 1
            log.warning("news_dropped", show=show, user=user)

    async def deliver(self, lane: int) -> None:
        """Deliver the news of one lane, what waits together, until cancelled."""
        queue = self._lanes[lane]
        while True:
            news: dict[str, list[Whisper]] = {}
            # Whoever waits in `delivered` came behind the news before; one at a time is enough.
            told: asyncio.Future[None] | None = None
            for _ in range(max(1, min(queue.qsize(), TOGETHER))):
                match await queue.get():
                    case _News(show, whisper):
                        news.setdefault(show, []).append(whisper)
                    case mark:
                        told = mark
                        break
            for show, whispers in news.items():
                await self._deliver(show, whispers)
            if told is not None and not told.done():  # whoever waited may have been cancelled
                told.set_result(None)

    async def _deliver(self, show: str, whispers: Sequence[Whisper]) -> None:
        try:
            await self._broker.whisper(show, *whispers)
        except BrokerUnavailable as error:
            self._dropped += len(whispers)
            log.warning("news_not_delivered", show=show, news=len(whispers), error=str(error))

    async def tick(self) -> None:
        """Tell the rooms what is left, at the ticker's pace, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            for tick in self._ticker.due(loop.time()):
                await self._publish(tick)
            while self._queues:
                queue, show = self._queues.pop(next(iter(self._queues)))
                await self._set(show, f"queue:{queue.offer}", encode(queue))
            self._ticked.clear()
            try:
                async with asyncio.timeout(self._ticker.wait_s(loop.time())):
                    await self._ticked.wait()
            except TimeoutError:
                continue

    async def _publish(self, tick: Tick) -> None:
        stock = Stock(offer=tick.offer, left=tick.left, version=tick.version)
        await self._set(tick.show, f"stock:{tick.offer}", encode(stock))

    async def _set(self, show: str, key: str, value: bytes) -> None:
        try:
            await self._broker.set(show, key, value)
        except BrokerUnavailable as error:
            log.warning("value_not_told", show=show, key=key, error=str(error))


@asynccontextmanager
async def open_announcer(broker: Broker, metrics: Metrics) -> AsyncIterator[Announcer]:
    """Deliver news for as long as the block lasts."""
    announcer = Announcer(broker, metrics)
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(announcer.deliver(lane)) for lane in range(LANES)]
        running.append(tasks.create_task(announcer.tick()))
        try:
            yield announcer
        finally:
            for task in running:
                task.cancel()
