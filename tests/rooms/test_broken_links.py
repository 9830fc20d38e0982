"""What a broker makes of a network that cuts, stalls and heals, on a Redis with sharded pub/sub."""

import asyncio
import itertools
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from rooms.brokers.redis import open_redis_broker
from rooms.history import Position
from tests.proxy import Proxy, open_proxy
from tests.redis_servers import RedisServer, running_server
from tests.waiting import until_it_holds
from tests.witness import Witness, becomes, publish


@pytest.fixture(scope="module")
def server(redis_program: str) -> Iterator[RedisServer]:
    with running_server() as server:
        yield server


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Probe and retry as fast as a test wants it."""
    monkeypatch.setattr("rooms.brokers.subscription.PROBE_S", 0.1)
    monkeypatch.setattr("rooms.brokers.subscription.ANSWER_S", 0.1)
    monkeypatch.setattr("rooms.brokers.subscription.RETRY_S", 0.005)
    monkeypatch.setattr("rooms.brokers.redis.SURVEY_AGAIN_S", 0.005)


def through(proxy: Proxy) -> str:
    return f"redis://127.0.0.1:{proxy.port}"


async def test_a_cut_in_the_middle_of_publishing_costs_a_listener_nothing(
    server: RedisServer,
) -> None:
    near, far = Witness(), Witness()
    async with (
        open_proxy(server.port) as proxy,
        open_redis_broker(server.url) as healthy,
        open_redis_broker(through(proxy)) as cut,
    ):
        await healthy.open("cut", near)
        await cut.open("cut", far)
        last = await publish(healthy, "cut", 0)
        for n in range(1, 100):
            if n == 30:
                proxy.cut()
                await becomes(cut, ready=False)
                assert healthy.ready
            if n == 60:
                proxy.heal()
            last = await publish(healthy, "cut", n)
        await becomes(cut, ready=True)
        await far.reaches(last)

    assert near.heard == far.heard == list(range(100))
    assert near.resets == far.resets == 1
    assert near.told == far.told


async def test_a_connection_that_is_half_open_is_found_by_the_probe(
    server: RedisServer, hasty: None
) -> None:
    witness = Witness()
    async with (
        open_proxy(server.port) as proxy,
        open_redis_broker(server.url) as healthy,
        open_redis_broker(through(proxy)) as deaf,
    ):
        await deaf.open("half", witness)
        assert deaf.deaf_since is None
        before = asyncio.get_running_loop().time()

        proxy.stall()
        await becomes(deaf, ready=False)
        assert deaf.deaf_since is not None
        noticed_s = deaf.deaf_since - before
        last = [await publish(healthy, "half", n) for n in range(5)][-1]
        assert witness.heard == []
        proxy.heal()
        await witness.reaches(last)
        await becomes(deaf, ready=True)

    # Silence must last for one probe, two at most, before it is asked about.
    assert 0.1 < noticed_s < 1
    assert witness.heard == [0, 1, 2, 3, 4]
    assert witness.resets == 1


async def test_a_connection_that_is_only_quiet_is_kept(server: RedisServer, hasty: None) -> None:
    witness = Witness()
    async with (
        open_proxy(server.port) as proxy,
        open_redis_broker(server.url) as healthy,
        open_redis_broker(through(proxy)) as quiet,
    ):
        await quiet.open("quiet", witness)
        connections = proxy.connections
        with server.client() as client:
            asked = client.info("commandstats")["cmdstat_ping"]["calls"]

            async def asked_often() -> bool:
                assert quiet.ready
                calls: int = client.info("commandstats")["cmdstat_ping"]["calls"]
                return bool(calls >= asked + 4)

            await until_it_holds(asked_often)
        await witness.reaches(await publish(healthy, "quiet", 1))

    assert proxy.connections == connections
    assert witness.resets == 1


async def test_a_worker_that_cannot_catch_up_is_not_ready_though_it_is_connected(
    server: RedisServer, hasty: None
) -> None:
    witness = Witness()
    async with open_proxy(server.port) as proxy, open_redis_broker(through(proxy)) as broker:
        await broker.open("ill", witness)
        await witness.reaches(await publish(broker, "ill", 1))
        with server.client() as client:
            # A log that cannot be read.
            client.rename("room:{ill}:log", "kept:{ill}")
            client.set("room:{ill}:log", "")
            proxy.cut()
            await becomes(broker, ready=False)
            proxy.heal()
            connections = proxy.connections
            while proxy.connections < connections + 5:
                await asyncio.sleep(0)
                assert not broker.ready
            client.rename("kept:{ill}", "room:{ill}:log")
        await becomes(broker, ready=True)
        await witness.reaches(await publish(broker, "ill", 2))

    assert witness.heard == [1, 2]
    assert witness.resets == 1


def append_in_silence(server: RedisServer, room: str, offset: int) -> None:
    """Put an event into the log, as it should be, that nobody delivers."""
    with server.client() as client:
        client.hincrby(f"room:{{{room}}}:head", "offset", 1)
        event = f'{{"offset":{offset},"n":{offset}}}'
        client.xadd(f"room:{{{room}}}:log", {"e": event}, id=f"{offset}-0")


async def test_what_is_missing_before_an_event_is_read_first(server: RedisServer) -> None:
    witness = Witness()
    async with open_redis_broker(server.url) as broker:
        await broker.open("gap", witness)
        await publish(broker, "gap", 1)
        append_in_silence(server, "gap", 2)
        append_in_silence(server, "gap", 3)
        await witness.reaches(await publish(broker, "gap", 4))

    assert witness.heard == [1, 2, 3, 4]
    assert witness.resets == 1


async def test_what_was_lost_without_a_word_is_noticed_by_those_who_count(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.brokers.redis.BEHIND_S", 0.05)
    witness = Witness()
    async with open_redis_broker(server.url) as broker, asyncio.timeout(5):
        await broker.open("lost", witness)
        await witness.reaches(await publish(broker, "lost", 1))

        append_in_silence(server, "lost", 2)
        while witness.heard == [1]:
            await broker.count("lost", "w1", 1, 0)
        await witness.reaches(await publish(broker, "lost", 3))

    assert witness.heard == [1, 2, 3]
    assert witness.resets == 1


async def test_a_room_that_keeps_up_is_never_taken_for_one_that_is_behind(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.brokers.redis.BEHIND_S", 0.0)
    witness = Witness()
    async with open_proxy(server.port) as proxy, open_redis_broker(through(proxy)) as broker:
        await broker.open("busy", witness)
        connections = proxy.connections
        for n in range(100):
            last = await publish(broker, "busy", n)
            await witness.reaches(last)
            await broker.count("busy", "w1", 1, 0)

    assert witness.heard == list(range(100))
    assert proxy.connections == connections


Step = tuple[str, int]
STEPS = st.one_of(
    st.tuples(st.just("cut_after"), st.integers(1, 400)),
    st.tuples(st.just("publish"), st.integers(1, 20)),
    st.tuples(st.sampled_from(["cut", "stall", "heal"]), st.just(0)),
)


async def play(server: RedisServer, steps: list[Step]) -> tuple[Witness, int]:
    """Publish all the while beside a network that does what ``steps`` say, and heals in the end."""
    witness, published, over = Witness(), itertools.count(), asyncio.Event()

    async def speak() -> Position:
        while True:
            position = await publish(healthy, "random", next(published))
            if over.is_set():
                return position

    async with (
        open_proxy(server.port) as proxy,
        open_redis_broker(server.url) as healthy,
        open_redis_broker(through(proxy)) as tried,
        asyncio.TaskGroup() as tasks,
    ):
        await tried.open("random", witness)
        speaking = tasks.create_task(speak())
        for step, number in steps:
            match step:
                case "cut_after":
                    proxy.cut_after(number)
                case "cut":
                    proxy.cut()
                case "stall":
                    proxy.stall()
                case "heal":
                    proxy.heal()
                case _:
                    for n in range(number):
                        await publish(healthy, "random", -n)
        proxy.heal()
        await becomes(tried, ready=True)
        over.set()
        await witness.reaches(await speaking)
    return witness, next(published)


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEPS, min_size=1, max_size=8))
def test_no_sequence_of_cuts_makes_a_hole_or_a_double(
    server: RedisServer, hasty: None, steps: list[Step]
) -> None:
    with server.client() as client:
        client.flushall()

    witness, published = asyncio.run(play(server, steps))

    assert [n for n in witness.heard if n > 0] == list(range(1, published))
    assert witness.resets == 1
