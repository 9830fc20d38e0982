"""
The rooms' Redis is killed, replaced, promoted and moved, and every listener still hears the truth.

Each test has two workers that publish and one that only listens. Their witnesses fail on any hole,
any double, and any offset that names two events; what differs is what happens to Redis meanwhile.
"""

import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from functools import partial
from itertools import islice

import pytest
from redis.crc import key_slot

from rooms.brokers.redis import RedisBroker, open_redis_broker
from rooms.brokers.servers import Servers
from rooms.brokers.topology import read_topology
from tests.redis_servers import RedisCluster, RedisServer, WatchedRedis
from tests.waiting import until, until_it_holds
from tests.witness import Witness, becomes, publish


class Worker:
    """A broker, and what it heard of each room."""

    def __init__(self, broker: RedisBroker, heard: dict[str, Witness]) -> None:
        self.broker = broker
        self.heard = heard


@asynccontextmanager
async def three_workers(url: str, *rooms: str) -> AsyncIterator[list[Worker]]:
    """Open the rooms on three workers, and publish ten events in each."""
    async with AsyncExitStack() as stack:
        brokers = [await stack.enter_async_context(open_redis_broker(url)) for _ in range(3)]
        workers = [Worker(broker, {room: Witness() for room in rooms}) for broker in brokers]
        for worker in workers:
            for room, witness in worker.heard.items():
                await worker.broker.open(room, witness)
        for room in rooms:
            await all_hear(workers, room, *range(10))
        yield workers


async def all_hear(workers: list[Worker], room: str, *numbers: int) -> None:
    """Publish on the first two workers in turn; return when each has heard the last."""
    *_, last = [await publish(workers[n % 2].broker, room, n) for n in numbers]
    for worker in workers:
        await worker.heard[room].reaches(last)


async def follows(worker: Worker, numbers: Iterator[int], left: str) -> bool:
    """Publish once more, and say whether the worker hears another epoch than the one it left."""
    await publish(worker.broker, "tea", next(numbers))
    return worker.heard["tea"].position.epoch != left


async def all_become(workers: list[Worker], *, ready: bool) -> None:
    for worker in workers:
        await becomes(worker.broker, ready=ready)


def agree(workers: list[Worker], room: str, *, resets: int) -> None:
    """Check that all stand at the same place, and that an offset was the same event to each."""
    witnesses = [worker.heard[room] for worker in workers]
    told = [item for witness in witnesses for item in witness.told.items()]
    assert len({witness.position for witness in witnesses}) == 1
    assert len(dict(told)) == len(set(told))
    assert [witness.resets for witness in witnesses] == [resets] * 3


@pytest.mark.parametrize("comes_back", ["with its file", "empty"])
async def test_a_killed_redis_begins_a_new_epoch_whatever_it_remembers(
    redis7: RedisServer, comes_back: str
) -> None:
    async with three_workers(redis7.url, "tea") as workers:
        before = workers[0].heard["tea"].position
        redis7.kill()
        await all_become(workers, ready=False)
        if comes_back == "empty":
            redis7.forget()
        redis7.start()
        await all_become(workers, ready=True)
        await all_hear(workers, "tea", *range(10, 20))

    after = workers[0].heard["tea"].position
    agree(workers, "tea", resets=2)
    assert after.epoch != before.epoch
    assert (before.offset, after.offset) == (10, 10)
    # The reset says that nothing of the old log is left; what follows it is heard as it comes.
    assert workers[0].heard["tea"].heard == list(range(20))


async def test_a_promoted_replica_goes_on_in_a_new_epoch_and_other_shards_do_not_notice(
    redis_cluster: RedisCluster,
) -> None:
    hit, spared = redis_cluster.room_on(0), redis_cluster.room_on(1)
    redis_cluster.empty()
    first = redis_cluster.masters[0]
    victim, heir = (
        (first, redis_cluster.replica)
        if first.ask("ROLE")[0] == "master"
        else (redis_cluster.replica, first)
    )
    async with three_workers(redis_cluster.url, hit, spared) as workers:
        before = workers[0].heard[hit].position
        victim.kill()
        try:
            await all_become(workers, ready=False)
            await all_hear(workers, spared, *range(10, 20))
            await all_hear(workers, hit, *range(10, 20))
            await all_become(workers, ready=True)
            await all_hear(workers, spared, *range(20, 30))
        finally:
            victim.start()
            await until(redis_cluster.whole)
        await all_hear(workers, hit, *range(20, 30))

    agree(workers, hit, resets=2)
    agree(workers, spared, resets=1)
    assert workers[0].heard[hit].position.epoch != before.epoch
    assert workers[1].heard[spared].heard == list(range(30))
    assert heir.ask("ROLE")[0] == "master"


async def test_a_room_whose_slot_moves_is_followed_there_and_back(
    redis_cluster: RedisCluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nobody asks by the clock: who listens is told by its server, who publishes is sent on.
    monkeypatch.setattr("rooms.brokers.redis.SURVEY_S", 60)
    room, stays = redis_cluster.room_on(1), redis_cluster.room_on(2)
    redis_cluster.empty()
    here, there = redis_cluster.masters[1], redis_cluster.masters[2]
    slot, channel = key_slot(room.encode()), f"room:{{{room}}}"
    numbers = itertools.count(10)

    async with (
        three_workers(redis_cluster.url, room, stays) as workers,
        aclosing(Servers(read_topology(redis_cluster.url))) as outdated,
    ):
        before = workers[0].heard[room].position
        for source, target in ((here, there), (there, here)):
            await outdated.survey()
            ids = {server: server.ask("CLUSTER", "MYID") for server in (source, target)}
            target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[source])
            source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[target])
            await all_hear(workers, room, *islice(numbers, 5))
            keys = source.ask("CLUSTER", "GETKEYSINSLOT", slot, 100)
            source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
            # The keys are there, the slot is still here: whoever publishes is sent on with ASK.
            asked = await publish(workers[0].broker, room, next(numbers))
            assert asked.epoch != workers[0].heard[room].position.epoch
            for server in (target, source):
                server.ask("CLUSTER", "SETSLOT", slot, "NODE", ids[target])
            await outdated.run("deliver", [f"{channel}:head"], [channel, "n moved\n"])
            assert outdated.home(channel) == f"127.0.0.1:{target.port}"
            await all_hear(workers, room, *islice(numbers, 10))
        await all_become(workers, ready=True)
        await all_hear(workers, stays, *range(10, 20))

    agree(workers, room, resets=3)
    agree(workers, stays, resets=1)
    assert workers[0].heard[room].position.epoch != before.epoch


@pytest.mark.parametrize("old_master", ["killed", "goes on as if it were the master"])
async def test_a_sentinels_failover_is_followed(
    watched_redis: WatchedRedis, old_master: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.brokers.redis.SURVEY_S", 0.5)
    old = watched_redis.master
    numbers = itertools.count(10)
    async with three_workers(watched_redis.url, "tea") as workers:
        before = workers[0].heard["tea"].position
        if old_master == "killed":
            old.kill()
            await all_become(workers, ready=False)
        else:
            watched_redis.sentinel.ask("SENTINEL", "FAILOVER", "liveshop")
        await until(lambda: watched_redis.master is not old)
        # What is told to the old master from now on is lost with it, as what it had not passed on.
        for worker in workers:
            await until_it_holds(partial(follows, worker, numbers, before.epoch))
        await all_become(workers, ready=True)
        await all_hear(workers, "tea", *islice(numbers, 10))
        if old_master == "killed":
            old.start()

    agree(workers, "tea", resets=2)
    assert workers[0].heard["tea"].position.epoch != before.epoch
