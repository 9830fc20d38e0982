"""Locust as load testers run it: real programs against a real server."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from live.embedded import Services
from tests.live.server import Live, open_live
from tests.live.shops import Visitor
from tests.loadtest.liar import Edit, open_liar

ROOT = Path(__file__).parents[2]
MOST_S = 60
EVENT = b'{"offset":'


class Run(Struct):
    """How a run ended."""

    status: int
    log: str
    stats: dict[str, Any]

    def count(self, kind: str, name: str) -> int:
        """Return how often something was recorded."""
        return int(self.stats.get(f"{kind} {name}", {}).get("num_requests", 0))


async def locust(port: int, folder: Path, token: str | None, *arguments: str) -> Run:
    """Run Locust to its end."""
    os.makedirs(folder, exist_ok=True)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LIVESHOP_")}
    account = {"LIVESHOP_HOST_TOKEN": token} if token else {}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "locust", "-f", str(ROOT / "loadtest" / "locustfile.py")),
        *("--headless", "--host", f"http://127.0.0.1:{port}", "--data-dir", str(folder)),
        *("--json-file", str(folder / "stats"), *arguments),
        cwd=ROOT,
        env={**clean, **account, "PYTHONPATH": f"{ROOT}:{ROOT / 'clients' / 'python'}"},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(MOST_S):
        said, _ = await process.communicate()
    assert process.returncode is not None
    kept = folder / "stats.json"
    stats = json.loads(kept.read_text()) if kept.exists() else []
    named = {f"{each['method']} {each['name']}": each for each in stats}
    return Run(process.returncode, said.decode(), named)


@pytest.fixture
async def live(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Live]:
    services = Services(database_url=database_url, redis_url=redis_url)
    async with open_live(services, tmp_path) as running:
        yield running


async def new_show(live: Live, host: Visitor) -> str:
    """Begin a show with something for sale."""
    show: str = (await live.selling(host))["show"]
    return show


async def test_everybody_does_their_part_and_what_must_hold_holds(
    live: Live, tmp_path: Path
) -> None:
    mei = await live.member("host")
    report = tmp_path / "report.html"

    # Runs side by side, to save time: each has a show of its own.
    sale, storm, slow = await asyncio.gather(
        locust(
            live.port,
            tmp_path / "sale",
            mei.token,
            *("--show", await new_show(live, mei), "--shape", "flash-sale", "--pace", "0.1"),
            *("--users", "25", "--units", "3", "--html", str(report)),
        ),
        locust(
            live.port,
            tmp_path / "storm",
            mei.token,
            *("--show", await new_show(live, mei), "--shape", "reconnect-storm", "--pace", "0.1"),
            *("--users", "12", "--processes", "2"),
        ),
        locust(
            live.port,
            tmp_path / "slow",
            mei.token,
            *("--show", await new_show(live, mei), "--shape", "slow-readers", "--pace", "0.1"),
            *("--users", "10"),
        ),
    )

    for run in (sale, storm, slow):
        assert run.status == 0, run.log
        assert "All that must hold, holds." in run.log
        assert run.count("invariant", "the shop's books add up") == 1
        assert sum(each["num_failures"] for each in run.stats.values()) == 0
    assert sale.count("room", "joined") == 25
    assert sale.count("POST", "/api/auth/guest") == 24
    # Three units, whoever was first; everybody else was told no.
    sold = sale.count("shop", "reserve → reserved") + sale.count("shop", "bot: reserve → reserved")
    assert sold == 3
    assert sale.count("shop", "reserve → refused: sold_out") > 0
    assert sale.count("shop", "bot: reserve → refused: not_open") > 0
    assert sale.count("shop", "reserved → placed") == sale.count("shop", "reserve → reserved")
    assert sale.count("room", "say → ok") > 0
    assert sale.count("room", "chat line, at everyone's") > sale.count("room", "say → ok")
    assert sale.count("room", "stock, from a press to others") > 0
    assert "chat line, at everyone" in report.read_text()
    assert '"SlowPhone": 2' in slow.log
    assert slow.count("room", "joined") == 10
    # Two processes, two cuts: everybody who was there then came back.
    assert storm.count("room", "joined") == 12
    assert 12 <= storm.count("room", "back to live") <= 24


def drop_an_event() -> Edit:
    """Make one control event unreadable: to one viewer it never came."""
    left = [1]

    def edit(data: bytes) -> bytes:
        if left[0] and EVENT in data and b'"type":"joined"' not in data:
            left[0] -= 1
            return data.replace(EVENT, b'{"0ffset":', 1)
        return data

    return edit


def swallow_events(data: bytes) -> bytes:
    """Let no control event through: the viewer stays where the greeting put them."""
    return data if b'"type":"joined"' in data else data.replace(EVENT, b'{"0ffset":')


def falsify_books(data: bytes) -> bytes:
    """Let the shop say that its ledger does not add up; its tills keep to the truth."""
    if b'"allocated"' not in data:
        return data
    return data.replace(b'"adds_up":true', b'"adds_up":null')


async def test_a_broken_promise_is_named_and_fails_the_run(live: Live, tmp_path: Path) -> None:
    mei = await live.member("host")

    async def lied_to(name: str, edit: Edit, *arguments: str) -> Run:
        short = ("--users", "4", "--spawn-rate", "4", "--run-time", "3s", "--pace", "0.1")
        show = await new_show(live, mei)
        async with open_liar(live.port, edit) as liar:
            return await locust(
                liar.port,
                tmp_path / name,
                mei.token,
                *("--show", show, "--settle", "1", *short, *arguments),
            )

    runs = dict(
        zip(
            (
                "1 × control events were never seen",
                "viewers were silently left behind",
                "the shop says that its ledger does not add up",
            ),
            await asyncio.gather(
                lied_to("hole", drop_an_event(), "--processes", "2"),
                lied_to("behind", swallow_events),
                lied_to("books", falsify_books),
            ),
            strict=True,
        )
    )

    for promise, run in runs.items():
        broken = [line for line in run.log.splitlines() if "BROKEN:" in line]
        assert run.status == 1, run.log
        assert len(broken) >= 1
        assert all(promise in line for line in broken), broken
        assert run.stats["invariant what must hold"]["num_failures"] == len(broken)


async def test_without_a_host_people_watch_and_the_books_stay_closed(
    live: Live, tmp_path: Path
) -> None:
    await new_show(live, await live.member("host"))

    run = await locust(
        live.port, tmp_path, None, *("--users", "2", "--spawn-rate", "2", "--run-time", "2s")
    )

    assert run.status == 0, run.log
    assert "nobody hosts this run" in run.log
    assert run.count("room", "joined") == 2
    assert run.count("invariant", "the shop's books add up") == 0


async def test_who_is_turned_away_at_the_door_is_told_what_to_set(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    services = Services(database_url=database_url, redis_url=redis_url)
    bounds = {"TRUSTED_PROXIES": "10.0.0.1", "CONNECTIONS_PER_ADDRESS": "2"}
    async with open_live(services, tmp_path, **bounds) as live:
        await new_show(live, await live.member("host"))

        run = await locust(
            live.port,
            tmp_path,
            None,
            *("--users", "3", "--spawn-rate", "3", "--run-time", "2s", "--settle", "1"),
        )

    # People who cannot come in are failures, but no promise was broken.
    assert run.status == 1, run.log
    assert "BROKEN:" not in run.log
    assert "Too many connections from this address." in run.log
    assert run.log.count("LIVESHOP_CONNECTIONS_PER_ADDRESS") == 1
    assert run.count("room", "joined") == 2


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("http://shop.example", "shop.example is not this machine."),
        ("ftp://127.0.0.1", "is no address of a shop"),
    ],
)
async def test_a_stranger_is_refused_before_anything_is_sent(
    tmp_path: Path, host: str, sentence: str
) -> None:
    run = await locust(1, tmp_path, "t", "--host", host)

    assert run.status == 2
    assert sentence in run.log
    assert run.stats == {}


async def test_a_shop_that_is_not_there_is_said_and_ends_the_run(tmp_path: Path) -> None:
    run = await locust(1, tmp_path, "t", "--users", "2")

    assert run.status == 2
    assert "nobody answers at http://127.0.0.1:1" in run.log
    assert "Traceback" not in run.log
