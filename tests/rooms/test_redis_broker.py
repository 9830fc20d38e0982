"""What only a broker over a network can suffer: cut connections, lost data, dead workers."""

import asyncio

import pytest
import redis.asyncio

from rooms.brokers import RESUMED, BrokerUnavailable, Crowd, Past
from rooms.brokers.redis import open_redis_broker
from tests.contracts.test_broker import RecordingListener
from tests.redis_servers import RedisCluster


async def cut_subscriptions(url: str) -> int:
    async with redis.asyncio.Redis.from_url(url) as admin:
        return int(await admin.client_kill_filter(_type="pubsub", skipme=True))


async def test_what_a_cut_subscription_missed_is_filled_in_before_anything_newer(
    redis_url: str,
) -> None:
    listener = RecordingListener()
    async with open_redis_broker(redis_url) as broker, open_redis_broker(redis_url) as other:
        await broker.open("tea", listener)
        await other.publish("tea", b'{"n":1}')
        await listener.until(2)

        assert await cut_subscriptions(redis_url) == 1
        for n in range(2, 12):
            await other.publish("tea", b'{"n":%d}' % n)
        heard = await listener.until(13)

    # Signals may have been lost in between, and the worker is told so.
    assert heard.count(("signal", RESUMED)) == 1
    events = [what for what in heard[1:] if what != ("signal", RESUMED)]
    assert events == [("control", {"offset": n, "n": n}) for n in range(1, 12)]


async def test_a_redis_that_lost_everything_begins_a_new_epoch(redis_url: str) -> None:
    listener = RecordingListener()
    async with open_redis_broker(redis_url) as broker:
        await broker.open("tea", listener)
        first = await broker.publish("tea", b'{"n":1}')
        async with redis.asyncio.Redis.from_url(redis_url) as admin:
            await admin.flushall()
        second = await broker.publish("tea", b'{"n":2}')
        heard = await listener.until(3)

    assert second.epoch != first.epoch
    assert heard[1:] == [
        ("control", {"offset": 1, "n": 1}),
        Past(second, [b'{"offset":1,"n":2}'], []),
    ]


async def test_a_redis_that_may_have_lost_its_newest_events_begins_a_new_epoch(
    redis_url: str,
) -> None:
    listener = RecordingListener()
    async with (
        open_redis_broker(redis_url) as broker,
        redis.asyncio.Redis.from_url(redis_url) as admin,
    ):
        await broker.open("tea", listener)
        first = [await broker.publish("tea", b'{"n":%d}' % n) for n in range(1, 4)][-1]
        await listener.until(4)

        # As after a restart from a file that lacks the last two: another server, an older offset.
        await admin.hset("room:{tea}:head", mapping={"server": "0a0b", "offset": 1})
        await cut_subscriptions(redis_url)
        second = await broker.publish("tea", b'{"n":4}')
        heard = await listener.until(5)

    assert (first.offset, second.offset) == (3, 1)
    assert second.epoch != first.epoch
    assert heard[4] == Past(second, [b'{"offset":1,"n":4}'], [])


async def test_a_room_that_is_opened_while_the_subscription_is_made_is_heard(
    redis_url: str,
) -> None:
    async with open_redis_broker(redis_url) as broker:
        rooms = {f"room-{n}": RecordingListener() for n in range(20)}
        await asyncio.gather(*(broker.open(name, heard) for name, heard in rooms.items()))
        for name in rooms:
            await broker.publish(name, b'{"n":1}')
        for listener in rooms.values():
            await listener.until(2)

        assert broker.ready


async def test_a_worker_is_not_ready_until_it_hears_again(redis_url: str) -> None:
    listener = RecordingListener()
    async with (
        open_redis_broker(redis_url) as broker,
        redis.asyncio.Redis.from_url(redis_url) as admin,
        asyncio.timeout(5),
    ):
        await broker.open("tea", listener)
        assert broker.ready

        await cut_subscriptions(redis_url)
        while broker.ready:
            await admin.ping()
        while not broker.ready:
            await admin.ping()

        await broker.publish("tea", b'{"n":1}')
        assert (await listener.until(3))[1:] == [
            ("signal", RESUMED),
            ("control", {"offset": 1, "n": 1}),
        ]


async def test_a_worker_that_died_is_not_counted_for_long(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.brokers.redis.SILENT_WORKER_S", -1)
    async with open_redis_broker(redis_url) as broker:
        await broker.count("tea", "dead", 1000, 3)

        assert await broker.count("tea", "alive", 1, 0) == Crowd(0, 3)


@pytest.mark.parametrize(
    "url",
    [
        "unix:///nonexistent/redis.sock",
        "redis+cluster://127.0.0.1:1",
        "redis+sentinel://127.0.0.1:1/shop",
    ],
)
async def test_a_redis_that_is_not_there_is_said_so(url: str) -> None:
    async with open_redis_broker(url) as broker:
        assert not broker.ready
        with pytest.raises(BrokerUnavailable):
            await broker.publish("tea", b'{"n":1}')


async def test_a_node_of_a_cluster_that_is_taken_for_a_server_is_said_so(
    redis_cluster: RedisCluster,
) -> None:
    room, node = redis_cluster.room_on(1), redis_cluster.masters[2]
    async with open_redis_broker(node.url) as broker:
        with pytest.raises(BrokerUnavailable, match=r"its URL begins with redis\+cluster://"):
            await broker.publish(room, b'{"n":1}')
