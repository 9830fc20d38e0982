"""What the server tells those who watch it: the page, the dashboards and the truth agree."""

import asyncio
import importlib.util
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from tests.deploy.evening import PROCESSES, Evening, evening
from tests.deploy.prometheus import promtool, scraping

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
DASHBOARDS: Final = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
DATA_S: Final = 40.0
"""Until a crowd of forty has bought, paid and chatted: some ten seconds."""

ROW: Final = re.compile(r"^\| `(\w+)` \| (\w+) \| ([\w, ]+) \|", re.MULTILINE)
TYPE: Final = re.compile(r"^# TYPE (\w+) (\w+)$", re.MULTILINE)


@pytest.fixture(scope="module")
async def show() -> AsyncIterator[Evening]:
    async with evening(viewers=40) as show:
        yield show


async def test_the_page_names_every_metric_its_type_and_its_processes(show: Evening) -> None:
    exported: dict[tuple[str, str], list[str]] = {}
    for process in PROCESSES:
        for name, kind in TYPE.findall(await show.text(process)):
            exported.setdefault((name, kind), []).append(process)
    page = {
        (name, kind): processes.split(", ")
        for name, kind, processes in ROW.findall((DEPLOY / "METRICS.md").read_text())
    }

    assert page == exported
    assert len(page) > 50


@pytest.mark.parametrize("process", PROCESSES)
async def test_what_a_process_tells_is_well_formed(
    show: Evening, process: str, tmp_path: Path
) -> None:
    file = tmp_path / "metrics"
    file.write_text(await show.text(process))
    promtool("--version")  # skips, or fails, where there is none
    checking = await asyncio.create_subprocess_shell(
        f"promtool check metrics < {file}",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await checking.communicate()

    assert (checking.returncode, said) == (0, b"")


@pytest.mark.parametrize("process", PROCESSES)
async def test_every_process_answers_probes(show: Evening, process: str) -> None:
    async with httpx.AsyncClient(base_url=f"http://{show.targets[process]}") as client:
        alive = await client.get("/healthz")
        ready = await client.get("/readyz")

    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()["checks"]["postgres"]) == (200, "ok")


def test_the_dashboards_are_what_their_source_says() -> None:
    spec = importlib.util.spec_from_file_location("build", DEPLOY / "grafana" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)

    assert {file.name: file.read_text() for file in DASHBOARDS} == build.texts()


async def test_every_panel_shows_something_and_no_alert_fires_on_a_good_evening(
    show: Evening, tmp_path: Path
) -> None:
    empty = {
        (file.stem, panel["title"], target["expr"])
        for file in DASHBOARDS
        for panel in json.loads(file.read_text())["panels"]
        for target in panel["targets"]
    }
    asked = len(empty)
    jobs = {f"liveshop-{name}": [target] for name, target in show.targets.items()}
    async with scraping(tmp_path, jobs, DEPLOY / "prometheus" / "alerts.yml") as prometheus:
        deadline = asyncio.get_running_loop().time() + DATA_S
        while empty:
            for panel in sorted(empty):
                expression = panel[2].replace("$__rate_interval", "5s")
                samples = await prometheus.query(expression)
                if any(sample["value"][1] != "NaN" for sample in samples):
                    empty.remove(panel)
            assert asyncio.get_running_loop().time() < deadline, f"still empty: {empty}"
        states = await prometheus.alerts()

    assert asked >= 60
    assert [name for name, state in states.items() if state == "firing"] == []
