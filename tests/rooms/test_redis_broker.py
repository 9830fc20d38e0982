"""What only a broker over a network can suffer: cut connections, lost data, dead workers."""

import asyncio

import pytest
import redis.asyncio

from rooms.brokers import BrokerUnavailable, Crowd, Past
from rooms.brokers.redis import open_redis_broker
from tests.contracts.test_broker import RecordingListener


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

        assert await cut_subscriptions(redis_url) == 2
        for n in range(2, 12):
            await other.publish("tea", b'{"n":%d}' % n)
        heard = await listener.until(12)

    assert heard[1:] == [("control", {"offset": n, "n": n}) for n in range(1, 12)]


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
        assert (await listener.until(2))[1:] == [("control", {"offset": 1, "n": 1})]


async def test_a_worker_that_died_is_not_counted_for_long(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.brokers.redis.SILENT_WORKER_S", -1)
    async with open_redis_broker(redis_url) as broker:
        await broker.count("tea", "dead", 1000, 3)

        assert await broker.count("tea", "alive", 1, 0) == Crowd(0, 3)


async def test_a_redis_that_is_not_there_is_said_so() -> None:
    async with open_redis_broker("unix:///nonexistent/redis.sock") as broker:
        assert not broker.ready
        with pytest.raises(BrokerUnavailable):
            await broker.publish("tea", b'{"n":1}')
