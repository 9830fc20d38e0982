"""
A real Prometheus of the machine's own, which scrapes what a test runs, and its promtool.

``LIVESHOP_TEST_PROMETHEUS`` may name the executable, or say ``required``: then a missing one fails
the tests instead of skipping them. ``promtool`` is looked for beside it.
"""

import asyncio
import json
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.debian import found_or_installed
from tests.demo import free_port

SETTING: Final = "LIVESHOP_TEST_PROMETHEUS"
START_S: Final = 20.0


def executable() -> str:
    """Return the path of prometheus; where there is none, the test is skipped or fails."""
    found = found_or_installed(SETTING, "prometheus", lambda: shutil.which("prometheus"))
    if found is not None:
        return found
    sentence = f"no prometheus on this machine; install one, or name it in {SETTING}"
    if os.environ.get(SETTING) == "required":
        pytest.fail(sentence)
    pytest.skip(sentence)


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run promtool."""
    beside = Path(executable()).with_name("promtool")
    return subprocess.run([beside, *arguments], capture_output=True, text=True, check=False)


class Prometheus:
    """One that scrapes; made by `scraping`."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def query(self, expression: str) -> list[dict[str, Any]]:
        """Return the samples of an instant query."""
        answer = (await self._client.get("/api/v1/query", params={"query": expression})).json()
        assert answer["status"] == "success", f"{expression}: {answer}"
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    async def alerts(self) -> dict[str, str]:
        """Return the state of each rule by its name: ``inactive``, ``pending`` or ``firing``."""
        groups = (await self._client.get("/api/v1/rules")).json()["data"]["groups"]
        return {rule["name"]: rule["state"] for group in groups for rule in group["rules"]}


@asynccontextmanager
async def scraping(
    folder: Path, jobs: Mapping[str, list[str]], rules: Path
) -> AsyncIterator[Prometheus]:
    """Scrape the targets of each job twice a second for as long as the block lasts."""
    config = folder / "prometheus.json"
    scrapes = [
        {"job_name": job, "static_configs": [{"targets": targets}]} for job, targets in jobs.items()
    ]
    times = {"scrape_interval": "500ms", "scrape_timeout": "500ms", "evaluation_interval": "500ms"}
    # YAML is a superset of JSON.
    config.write_text(
        json.dumps({"global": times, "rule_files": [str(rules)], "scrape_configs": scrapes})
    )
    address = f"127.0.0.1:{free_port()}"
    with (folder / "prometheus.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            executable(),
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'tsdb'}",
            f"--web.listen-address={address}",
            stdout=log,
            stderr=log,
        )
    try:
        async with httpx.AsyncClient(base_url=f"http://{address}", timeout=START_S) as client:
            async with asyncio.timeout(START_S):
                while not await _ready(client):
                    pass
            yield Prometheus(client)
    finally:
        process.terminate()
        await process.wait()


async def _ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/-/ready")).status_code == 200
    except httpx.TransportError:
        return False
