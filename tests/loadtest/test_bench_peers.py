"""Peers and growth: small, so that what they say is right and not how much."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from loadtest.bench import growth, plots
from loadtest.bench.growth import ALONG_VIEWERS, MEASURES, draw
from loadtest.bench.peers import node
from loadtest.bench.publisher import Task
from loadtest.bench.report import Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.shop import open_shop
from loadtest.bench.usual_way import usual_way
from loadtest.spectator import Door, Spectator
from loadtest.swarm import open_swarm
from tests.waiting import PATIENCE_S

VIEWERS = 5
TASK = Task(messages=20, rate=200.0)
SMALL = Scale(runs=1, share=0.0, seconds=0.5)


@pytest.mark.skipif(not node.ready(), reason="`make bench` has not installed ws and Socket.IO")
@pytest.mark.parametrize(
    ("name", "door"),
    [
        (node.WS, {}),
        (node.SOCKET_IO, {"path": node.SOCKET_IO_PATH, "hello": node.SOCKET_IO_HELLO}),
    ],
)
async def test_a_server_on_node_sends_everyone_every_message(
    name: str, door: dict[str, str]
) -> None:
    async with (
        node.open_node(name, await node.installed()) as server,
        open_swarm(Door("127.0.0.1", server.port, **door)) as swarm,
    ):
        swarm.admit(Spectator() for _ in range(VIEWERS))
        await swarm.until_live(VIEWERS, PATIENCE_S)
        await server.publish(TASK)
        await swarm.until(lambda: swarm.lines >= VIEWERS * TASK.messages, PATIENCE_S)

        assert swarm.lines == VIEWERS * TASK.messages
        # Stamped with the clock of this machine: the time each took is known.
        assert sum(len(each.times) for each in swarm.stamped) == VIEWERS * TASK.messages
        assert all(0 < time - each.stamps[0] < 5e9 for each in swarm.stamped for time in each.times)
        assert swarm.broken() == []


async def test_both_shops_sell_every_unit_once_and_growth_reaches_everyone() -> None:
    async with open_shop() as shop:
        sale = await usual_way(SMALL, shop)
        growth_figures = [
            *growth.point_figures(
                SMALL, "viewers 20", [await growth.measured(SMALL, shop, 20, rate=10.0)]
            )
        ]

    assert [figure.unit for figure in sale] == ["a second", "ms", "ms", "s", "µs"]
    assert [figure.broken for figure in (*sale, *growth_figures)] == [()] * 8
    assert all(figure.ours.median > 0 for figure in (*sale, *growth_figures))
    assert all(figure.beside[0].median > 0 for figure in sale)


def test_a_picture_is_the_same_for_the_same_figures_and_readable_as_text(tmp_path: Path) -> None:
    figure = Figure(
        "flash sale: answer, p50", "ms", Series("liveshop", (2.0,)), (Series("usual", (4.0,)),)
    )
    one, other = tmp_path / "one.svg", tmp_path / "other.svg"
    plots.bars([figure], one)
    plots.bars([figure], other)

    assert one.read_bytes() == other.read_bytes()
    texts = [each.text for each in ElementTree.parse(one).iter() if each.tag.endswith("}text")]
    assert {"liveshop", "usual", "2", "4"} <= set(texts)
    assert "flash sale: answer, p50, ms (less is better)" in texts


def test_growth_is_drawn_along_the_sizes_of_the_titles(tmp_path: Path) -> None:
    figures = [
        Figure(f"{ALONG_VIEWERS} {size:,}: {measure}", unit, Series("liveshop", (value,)))
        for size, value in ((1_000, 5.0), (15_000, 60.0))
        for measure, unit, _ in MEASURES
    ]
    draw(figures, tmp_path)

    texts = {
        each.text
        for each in ElementTree.parse(tmp_path / "growth.svg").iter()
        if each.tag.endswith("}text")
    }
    assert {"lines delivered a second", "a line, milliseconds", "p50 of a line"} <= texts
    assert {"4,000", "8,000", "12,000"} <= texts
    draw([], tmp_path / "nothing")
    assert not (tmp_path / "nothing").exists()
