"""A shop that sells for real: PostgreSQL, Redis, the gate, the writer, the checkout."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import redis.asyncio as redis
from msgspec import Struct, structs

from commerce.checkout import Checkout
from commerce.ids import AccountId, OfferId, OrderId, ShowId
from commerce.messages import (
    Admitted,
    Entered,
    OfferPolicy,
    OrderView,
    Queue,
    Released,
    Reserved,
    Unwaited,
)
from commerce.offers.admission import Admission, Seal
from commerce.offers.doorman import Doorman
from commerce.offers.epoch import Epochs, open_epochs
from commerce.offers.fence import Fence, Standing
from commerce.offers.outcomes import Attempt, Held, Outcome, QueuePlace, Unavailable
from commerce.offers.stock import Gate, open_gate
from commerce.offers.sweeper import Sweeper
from commerce.payments.refunder import Refunder
from commerce.payments.sandbox import Sandbox, now_ms
from commerce.store import accounts, offers, orders, queues
from commerce.store.offers import GateTerms
from commerce.store.pool import Pool, acquire, open_pool
from commerce.writer import Writer, open_writer
from tests.commerce.stage import add_live_show, add_variant

SECRET = b"the sandbox's secret"

SEAL = Seal(b"the key of admissions")

BEFORE = 1_000_000_000_000
"""Long ago: an offer that opened then is open."""

DEADLINE_S = 10.0


class Heard:
    """An Announce that remembers everything; ``deaf``, it says that nobody was reached."""

    def __init__(self) -> None:
        self.placed_orders: list[OrderView] = []
        self.paid_orders: list[OrderView] = []
        self.refunded_orders: list[OrderView] = []
        self.releases: list[tuple[Released, ShowId, AccountId]] = []
        self.stocks: list[tuple[ShowId, OfferId, int, int]] = []
        self.turns: list[tuple[Reserved, AccountId]] = []
        self.departures: list[tuple[Unwaited, AccountId]] = []
        self.places: list[tuple[Entered, AccountId]] = []
        self.admissions: list[tuple[Admitted, AccountId]] = []
        self.queues: list[Queue] = []
        self.deaf = False
        self._news = asyncio.Event()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for news after which ``condition`` holds."""
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    def reserved(self, reserved: Reserved, show: ShowId, buyer: AccountId) -> None:
        self.turns.append((reserved, buyer))
        self._news.set()

    def unwaited(self, unwaited: Unwaited, show: ShowId, buyer: AccountId) -> None:
        self.departures.append((unwaited, buyer))
        self._news.set()

    def entered(self, entered: Entered, show: ShowId, buyer: AccountId) -> None:
        self.places.append((entered, buyer))
        self._news.set()

    def admitted(self, admitted: Admitted, show: ShowId, buyer: AccountId) -> None:
        self.admissions.append((admitted, buyer))
        self._news.set()

    def queue(self, queue: Queue, show: ShowId) -> None:
        self.queues.append(queue)
        self._news.set()

    def placed(self, order: OrderView) -> None:
        self.placed_orders.append(order)
        self._news.set()

    def paid(self, order: OrderView) -> None:
        self.paid_orders.append(order)
        self._news.set()

    def refunded(self, order: OrderView) -> None:
        self.refunded_orders.append(order)
        self._news.set()

    def released(self, released: Released, show: ShowId, buyer: AccountId) -> None:
        self.releases.append((released, show, buyer))
        self._news.set()

    def stock(self, show: ShowId, offer: OfferId, left: int, version: int) -> None:
        self.stocks.append((show, offer, left, version))
        self._news.set()

    def mark(self) -> int:
        return 0

    async def delivered(self, since: int) -> bool:
        return not self.deaf


class Shop(Struct):
    """Everything, open."""

    pool: Pool
    fence: Fence
    gate: Gate
    epochs: Epochs
    writer: Writer
    sweeper: Sweeper
    sandbox: Sandbox
    refunder: Refunder
    checkout: Checkout
    heard: Heard
    show: ShowId
    doorman: Doorman

    async def add_offer(
        self,
        *,
        quantity: int = 20,
        limit: int = 1,
        hold_s: int = 300,
        stock: int = 100,
        policy: OfferPolicy = "hold",
    ) -> OfferId:
        """An offer that is open, in the ledger and at the gate."""
        async with acquire(self.pool) as connection:
            count = await connection.fetchval("SELECT count(*) FROM products")
            variant = await add_variant(connection, f"MUG-{count}", available=stock)
            new = offers.NewOffer(
                variant=variant,
                quantity=quantity,
                limit_per_buyer=limit,
                hold_s=hold_s,
                policy=policy,
            )
            offer = OfferId((await offers.create(connection, self.show, new)).id)
            await offers.open_(connection, offer, now=BEFORE)
            assert await self.gate.load(await offers.gate_terms(connection, offer)) == "ok"
        return offer

    async def add_queue(self, *, quantity: int = 5, limit: int = 1, hold_s: int = 300) -> OfferId:
        """An offer with a queue that opens in an hour, unless `begin` lets it begin."""
        async with acquire(self.pool) as connection:
            count = await connection.fetchval("SELECT count(*) FROM products")
            variant = await add_variant(connection, f"MUG-{count}")
            new = offers.NewOffer(
                variant=variant,
                quantity=quantity,
                limit_per_buyer=limit,
                hold_s=hold_s,
                entry="queue",
            )
            offer = OfferId((await offers.create(connection, self.show, new)).id)
            await offers.open_(connection, offer, countdown_s=3600)
        return offer

    async def begin(self, offer: OfferId) -> None:
        """Let the moment come at which an offer opens."""
        async with acquire(self.pool) as connection:
            await connection.execute(
                "UPDATE offers SET opens_at = moment($2) WHERE id = $1", offer, BEFORE
            )
            assert await self.gate.load(await offers.gate_terms(connection, offer)) == "ok"

    async def enter(self, offer: OfferId, *buyers: AccountId) -> list[QueuePlace]:
        async with acquire(self.pool) as connection:
            places = await queues.enter(connection, offer, buyers)
        return [places[buyer] for buyer in buyers]

    async def add_buyer(self, name: str = "Bo") -> AccountId:
        async with acquire(self.pool) as connection:
            return (await accounts.create_guest(connection, name)).id

    async def reserve(
        self,
        offer: OfferId,
        buyer: AccountId,
        id: str = "1",
        quantity: int = 1,
        admission: Admission | None = None,
    ) -> Outcome:
        return await reserve(self.gate, offer, buyer, id, quantity, admission)

    async def hold(self, offer: OfferId, buyer: AccountId, quantity: int = 1) -> Held:
        held = await self.reserve(offer, buyer, "1", quantity)
        assert isinstance(held, Held)
        return held

    async def place(self, offer: OfferId, buyer: AccountId, quantity: int = 1) -> OrderView:
        """An order that awaits payment."""
        held = await self.hold(offer, buyer, quantity)
        await self.write_orders()
        return next(
            order for order in reversed(self.heard.placed_orders) if order.hold == held.hold
        )

    async def write_orders(self) -> None:
        """Write all of the stream to PostgreSQL."""
        async with acquire(self.pool) as connection:
            while entries := await self.writer.read():
                await self.writer.write(connection, entries)

    async def renew(self) -> None:
        async with acquire(self.pool) as connection:
            await self.writer.renew(connection)

    async def order(self, id: str) -> OrderView:
        async with acquire(self.pool) as connection:
            return await orders.get(connection, OrderId(id))

    async def overdue(self, id: str) -> None:
        """Let an order's time be over."""
        await self.pool.execute(
            "UPDATE orders SET pay_by = moment(0), hold_expires_at = moment(0) WHERE id = $1", id
        )

    async def units(self, offer: OfferId) -> tuple[int, int, int, int]:
        """What the gate has: allocated, available, held, sold."""
        levels = await self.gate.levels([offer])
        assert isinstance(levels, dict)
        level = levels[offer]
        assert level.adds_up
        return level.allocated, level.available, level.held, level.sold

    async def ledger(self, offer: OfferId) -> tuple[str, int, int, int]:
        """What PostgreSQL has: state, allocated, held, sold."""
        async with acquire(self.pool) as connection:
            counts = await orders.counts(connection, offer)
        assert counts.taken == counts.held + counts.sold
        return counts.state, counts.allocated, counts.held, counts.sold

    async def warehouse(self, offer: OfferId) -> int:
        units: int = await self.pool.fetchval(
            "SELECT available FROM variants JOIN offers ON variants.id = variant_id "
            "WHERE offers.id = $1",
            offer,
        )
        return units

    async def payments(self) -> list[str]:
        rows = await self.pool.fetch("SELECT status FROM payments ORDER BY id")
        return [row["status"] for row in rows]

    async def waiting(self) -> int:
        """How many entries the order stream holds."""
        length: int = await self.gate.client.xlen(self.gate.keys.orders)
        return length


@asynccontextmanager
async def open_shop(
    database_url: str, redis_url: str, *, clock: Callable[[], int] = now_ms
) -> AsyncIterator[Shop]:
    """A live show in an empty shop whose gate is open; nothing runs by itself."""
    async with AsyncExitStack() as stack:
        heard, fence = Heard(), Fence()
        pool = await stack.enter_async_context(open_pool(database_url, size=6))
        gate = await stack.enter_async_context(open_gate(redis_url, fence))
        epochs = await stack.enter_async_context(open_epochs(redis_url))
        writer = await stack.enter_async_context(open_writer(redis_url, pool, gate, epochs, heard))
        sandbox = Sandbox(
            pool,
            secret=SECRET,
            public_url="https://shop.example",
            webhook_url="https://shop.example/hook",
            clock=clock,
        )
        gateways = {"sandbox": sandbox}
        async with acquire(pool) as connection:
            show = await add_live_show(connection)
            await writer.make_sure(connection)
        yield Shop(
            pool=pool,
            fence=fence,
            gate=gate,
            epochs=epochs,
            writer=writer,
            sweeper=Sweeper(pool, gate, heard),
            sandbox=sandbox,
            refunder=Refunder(pool, gateways),
            checkout=Checkout(
                pool,
                gate,
                heard,
                gateways=gateways,
                return_url=lambda order: f"https://shop.example/live/{order.show}",
            ),
            heard=heard,
            show=show,
            doorman=Doorman(pool, gate, SEAL, heard),
        )


# -- The gate alone -----------------------------------------------------------------------------


@asynccontextmanager
async def open_bare_gate(redis_url: str) -> AsyncIterator[Gate]:
    """A gate in epoch 1 that knows no offer."""
    fence = Fence()
    async with redis.Redis.from_url(redis_url, decode_responses=True) as client:
        fence.open(Standing(epoch=1, run_id=(await client.info("server"))["run_id"]))
    async with open_gate(redis_url, fence) as gate:
        await gate.client.set(gate.keys.epoch, 1)
        yield gate


TERMS = GateTerms(
    offer=OfferId("ofr_1"),
    show=ShowId("tonight"),
    allocated=5,
    taken=0,
    limit=2,
    hold_s=60,
    opens_at=BEFORE,
    closes_at=None,
    price_minor=1990,
    currency="USD",
)


def terms(**changes: object) -> GateTerms:
    return structs.replace(TERMS, **changes)


async def reserve(
    gate: Gate,
    offer: OfferId,
    buyer: AccountId,
    id: str = "1",
    quantity: int = 1,
    admission: Admission | None = None,
) -> Outcome:
    """One attempt, in a call of its own."""
    attempt = Attempt(offer, buyer, id, quantity, admission=admission)
    sold = await gate.reserve(offer, [attempt])
    return sold if isinstance(sold, Unavailable) else sold.outcomes[0]
