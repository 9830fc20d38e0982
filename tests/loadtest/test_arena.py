"""The swarm as a program."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from live.embedded import Services
from loadtest.arena import Order, Outcome, first_live_show, main, table, watch
from tests.live.server import Live, open_live


@pytest.fixture
async def live(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Live]:
    services = Services(database_url=database_url, redis_url=redis_url)
    async with open_live(services, tmp_path) as running:
        yield running


def printed(order: Order, outcome: Outcome) -> str:
    console = Console(file=io.StringIO(), width=120)
    console.print(table(order, outcome))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_a_crowd_comes_talks_and_says_what_it_saw_and_what_it_used(live: Live) -> None:
    show = (await live.selling(await live.member("host")))["show"]
    url = f"http://127.0.0.1:{live.port}"
    order = Order(url, show, viewers=60, seconds=1.0, lines=10.0, deflate=False)

    outcome = await watch(order, Console(file=io.StringIO()))

    assert await asyncio.to_thread(first_live_show, url) == show
    assert (outcome.live, outcome.broken, outcome.trouble) == (60, (), "")
    # Every one of ten lines reached every one of sixty viewers.
    assert outcome.lines + outcome.skipped == 600
    assert 0 < outcome.p50_ms <= outcome.p99_ms <= outcome.last_p99_ms
    assert 0 < outcome.watching < 1
    shown = printed(order, outcome)
    assert "60 of 60" in shown
    assert "the generator's share of its core, watching" in shown


def test_a_generator_that_is_full_is_not_taken_for_the_server() -> None:
    calm = Outcome(
        live=1,
        entered_s=1.0,
        joined_p50_ms=1.0,
        joined_p99_ms=1.0,
        watched_s=1.0,
        frames=1,
        lines=0,
        skipped=0,
        p50_ms=0.0,
        p99_ms=0.0,
        last_p99_ms=0.0,
        entering=0.8,
        watching=0.3,
        broken=(),
        trouble="",
    )

    assert not calm.limited
    assert replace(calm, watching=0.81).limited
    assert replace(calm, entering=0.81).limited


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--url", "http://shop.example"], "it drives this machine only"),
        (["--viewers", "20000"], "a whole number from 1 to 18,000"),
    ],
)
def test_what_it_cannot_do_it_says(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(arguments)

    assert left.value.code == 2
    assert sentence in capsys.readouterr().err


def test_a_shop_that_is_away_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--url", "http://127.0.0.1:1"]) == 2
    assert "nobody answers at http://127.0.0.1:1" in capsys.readouterr().err
