"""What the doctor says of the servers that hold the rooms."""

import pytest

from live.config import read
from live.doctor import collect
from live.embedded import Services
from live.finding import Finding
from tests.redis_servers import RedisCluster, RedisServer, WatchedRedis


async def rooms(services: Services, rooms_redis_url: str = "") -> list[Finding]:
    config = read({"LIVESHOP_ROOMS_REDIS_URL": rooms_redis_url})
    found = await collect(config, services, {})
    return [finding for finding in found if finding.subject == "Rooms"]


async def test_rooms_with_the_gate_are_looked_at_there(services: Services) -> None:
    [finding] = await rooms(services)

    assert finding.verdict == "ok"
    assert finding.detail.startswith(services.redis_url.removeprefix("unix://") + ": 6.2.")
    assert finding.detail.endswith(", plain pub/sub")


async def test_every_server_of_a_cluster_is_looked_at(
    services: Services, redis_cluster: RedisCluster
) -> None:
    found = await rooms(services, redis_cluster.url)

    assert [finding.verdict for finding in found] == ["ok"] * 3
    assert all("sharded pub/sub" in finding.detail for finding in found)
    assert len({finding.detail for finding in found}) == 3


async def test_what_a_server_of_the_rooms_should_do_better_is_said(
    services: Services, redis7: RedisServer
) -> None:
    with redis7.client() as client:
        client.config_set("appendonly", "no")
        client.config_set("maxmemory-policy", "allkeys-lru")
    [finding] = await rooms(services, redis7.url)

    assert finding.verdict == "warn"
    assert finding.detail.endswith(
        "sharded pub/sub; set appendonly yes, or a restart forgets what was said last; "
        "set maxmemory-policy noeviction; allkeys-lru forgets what rooms said"
    )


async def test_the_master_that_sentinels_name_is_looked_at(
    services: Services, watched_redis: WatchedRedis
) -> None:
    [finding] = await rooms(services, watched_redis.url)

    assert finding.verdict == "ok"
    assert finding.detail.startswith(f"127.0.0.1:{watched_redis.master.port}: ")


@pytest.mark.parametrize(
    ("url", "detail"),
    [
        ("redis://127.0.0.1:1", "127.0.0.1:1: "),
        ("redis+cluster://127.0.0.1:1", "no node of the Redis Cluster answers; check LIVESHOP_"),
        ("redis+sentinel://127.0.0.1:1/shop", "no sentinel knows the master of shop; check"),
    ],
)
async def test_rooms_that_cannot_be_reached_are_a_failure(
    services: Services, url: str, detail: str
) -> None:
    [finding] = await rooms(services, url)

    assert finding.verdict == "fail"
    assert finding.detail.startswith(detail)


async def test_slots_that_nobody_holds_are_a_failure(
    services: Services, redis_cluster: RedisCluster
) -> None:
    node = redis_cluster.masters[2]
    node.ask("CLUSTER", "DELSLOTS", 16000)
    try:
        # Asked alone, this node knows it at once; the others have yet to hear.
        found = await rooms(services, f"redis+cluster://127.0.0.1:{node.port}")
    finally:
        node.ask("CLUSTER", "ADDSLOTS", 16000)

    assert found[0] == Finding(
        "fail", "Rooms", "nobody holds 1 of 16384 hash slots; check CLUSTER INFO"
    )
