"""The crowd as a program: started, told to stop, left alone."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from loadtest.crowd import main
from tests.clients.fake_room import fake_room

ROOT = Path(__file__).parents[2]
DEADLINE_S = 20


@asynccontextmanager
async def program(
    *arguments: str, stdin: int = asyncio.subprocess.DEVNULL, **environment: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "loadtest.crowd", "--viewers", "3", *arguments),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "clients" / "python"), **environment},
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        # Only reading to the end closes the pipes.
        await process.communicate()


async def status(process: asyncio.subprocess.Process) -> dict[str, Any]:
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        read: dict[str, Any] = json.loads(await process.stdout.readline())
    return read


async def ended(process: asyncio.subprocess.Process) -> tuple[int, bytes]:
    async with asyncio.timeout(DEADLINE_S):
        _, complaints = await process.communicate()
    assert process.returncode is not None
    return process.returncode, complaints


@pytest.fixture
def nowhere() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_at_once_and_cleanly(nowhere: str, number: signal.Signals) -> None:
    async with program("--url", nowhere) as process:
        await status(process)

        process.send_signal(number)

        assert await ended(process) == (0, b"")


async def test_the_end_of_its_parent_ends_it(nowhere: str) -> None:
    async with program("--url", nowhere, stdin=asyncio.subprocess.PIPE) as process:
        await status(process)
        assert process.stdin is not None

        process.stdin.close()

        assert await ended(process) == (0, b"")


async def test_a_pipe_named_by_the_supervisor_ends_it(nowhere: str) -> None:
    read, write = os.pipe()
    os.set_inheritable(read, True)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "loadtest.crowd", "--viewers", "1", "--url", nowhere),
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "clients" / "python"),
            "LIVESHOP_PARENT_FD": str(read),
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        pass_fds=[read],
    )
    os.close(read)
    await status(process)

    os.close(write)

    assert await ended(process) == (0, b"")


async def test_it_ends_when_its_time_is_over(nowhere: str) -> None:
    async with program("--url", nowhere, "--duration", "0.2") as process:
        assert await ended(process) == (0, b"")


async def test_a_shop_that_is_away_is_counted_and_waited_for(nowhere: str) -> None:
    async with program("--url", nowhere) as process:
        read = await status(process)
        while "unreachable" not in read["errors"]:
            read = await status(process)

        assert read["joined"] == 0
        assert process.returncode is None


async def test_a_host_without_a_password_is_a_mistake_in_the_command(
    nowhere: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LIVESHOP_HOST_PASSWORD", raising=False)

    with pytest.raises(SystemExit) as left:
        main(["--url", nowhere, "--host-email", "mei@shop.example"])

    assert left.value.code == 2
    assert "LIVESHOP_HOST_PASSWORD is not set" in capsys.readouterr().err


async def test_people_who_cannot_get_in_as_guests_do_not_end_it() -> None:
    async with fake_room() as (_, url), program("--url", url) as process:
        read = await status(process)
        while not read["errors"]:
            read = await status(process)

        assert process.returncode is None
