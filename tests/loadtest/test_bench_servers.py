"""The servers that the rooms are measured with and beside, each a process."""

import os

import pytest

from loadtest.bench.figures.orders import orders
from loadtest.bench.figures.sale import sale
from loadtest.bench.figures.searching import searching
from loadtest.bench.figures.storm import storm
from loadtest.bench.peers import nchan
from loadtest.bench.process import CORES, CROWD_CORE, SERVER_CORE, cpu_s, on_core, rss_bytes
from loadtest.bench.publisher import LINE_BYTES, Task, chat_line, notice
from loadtest.bench.scale import Scale
from loadtest.bench.servers import BARE_ROOM, Publisher, bare_rooms, open_server, peer
from loadtest.bench.shop import open_shop
from loadtest.spectator import Door, Spectator
from loadtest.swarm import open_swarm
from tests.waiting import PATIENCE_S

VIEWERS = 5
TASK = Task(messages=20, rate=40.0, control_every=10)


async def publish_to(server: Publisher, room: str | None) -> int:
    """Let a server publish, and return how many messages the viewers got."""
    async with open_swarm(Door("127.0.0.1", server.port, room=room)) as swarm:
        swarm.admit(Spectator() for _ in range(VIEWERS))
        await swarm.until_live(VIEWERS, PATIENCE_S)
        before = cpu_s(server.pid)
        await server.publish(TASK)

        def received() -> int:
            # A room that is late puts several messages, each with its stamp, in a frame.
            return sum(len(heard.stamps) * len(heard.times) for heard in swarm.stamped)

        await swarm.until(lambda: received() >= VIEWERS * TASK.messages, PATIENCE_S)
        assert cpu_s(server.pid) > before
        assert rss_bytes(server.pid) > 1_000_000
        assert swarm.broken() == []
        return received()


@pytest.mark.parametrize("module", ["floor", "broadcast", "asgi"])
async def test_a_peer_sends_everyone_every_message(module: str) -> None:
    async with open_server(module, peer(module)) as server:
        assert await publish_to(server, None) == VIEWERS * TASK.messages


@pytest.mark.skipif(not nchan.installed(), reason="nginx with nchan is not installed")
async def test_nchan_sends_everyone_every_message() -> None:
    async with nchan.open_nchan() as server:
        assert await publish_to(server, None) == VIEWERS * TASK.messages


async def test_the_bare_rooms_send_everyone_every_message() -> None:
    async with open_server("rooms", bare_rooms()) as server:
        assert await publish_to(server, BARE_ROOM) == VIEWERS * TASK.messages


async def test_a_storm_a_sale_and_its_orders_are_whole_in_the_real_shop() -> None:
    small = Scale(runs=1, share=0.04, seconds=0.5)
    async with open_shop() as shop:
        figures = [
            figure for measure in (storm, sale, orders) for figure in await measure(small, shop)
        ]

    units = ["ms"] * 4 + ["attempts/s"] * 2 + ["ms"] * 3 + ["orders/s"]
    assert [figure.unit for figure in figures] == units
    assert [figure.broken for figure in figures] == [()] * len(units)
    assert all(figure.ours.median > 0 for figure in figures)


async def test_a_catalogue_is_searched_once_a_run_and_beside_it_the_unsearched_page() -> None:
    [figure] = await searching(Scale(runs=2, share=0.01, seconds=0.5))

    assert figure.title == "product search among 1,000 SKUs: p95"
    assert [len(each.values) for each in (figure.ours, *figure.beside)] == [2, 2]
    assert min(*figure.ours.values, *figure.beside[0].values) > 0


def test_what_is_published_is_as_long_as_it_should_be() -> None:
    now = 81_234_567_890_123

    assert len(chat_line(12, now)) == LINE_BYTES
    assert len(notice(12, now)) == LINE_BYTES - len(b'"offset":99,')


@pytest.mark.skipif(len(CORES) < 2, reason="there is one core")
def test_a_server_has_a_core_to_itself_whoever_starts_it() -> None:
    with on_core(CROWD_CORE):
        with on_core(SERVER_CORE):
            assert os.sched_getaffinity(0) == {SERVER_CORE}
        assert os.sched_getaffinity(0) == {CROWD_CORE}
    assert os.sched_getaffinity(0) == CORES
