import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from live import supervisor
from live.supervisor import Child, kept_running
from tests.waiting import until

# Writes its number to a file, then waits for SIGTERM.
OBEDIENT = """
import os, signal, sys
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
signal.pause()
"""

# Writes its number, and ends when its standard input closes.
ORPHAN = """
import os, sys
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
os.read(0, 1)
open(sys.argv[1], "a").write("left alone\\n")
"""

STUBBORN = """
import os, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "a").write(f"{os.getpid()}\\n")
while True:
    signal.pause()
"""


def child(script: str, file: Path, name: str = "child") -> Child:
    return Child(name=name, command=(sys.executable, "-c", script, str(file)))


def pids(file: Path) -> list[int]:
    lines = file.read_text().splitlines() if file.exists() else []
    return [int(line) for line in lines if line.isdecimal()]


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_child_that_is_killed_runs_again(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    async with kept_running([child(OBEDIENT, file)]):
        await until(lambda: len(pids(file)) == 1)
        os.kill(pids(file)[0], signal.SIGKILL)
        await until(lambda: len(pids(file)) == 2)
        second = pids(file)[1]
        assert runs(second)

    assert not runs(second)
    assert len(pids(file)) == 2


async def test_the_last_child_is_stopped_first(tmp_path: Path) -> None:
    script = """
import os, signal, sys
file = open(sys.argv[1], "a", buffering=1)
def leave(*_):
    file.write(f"{sys.argv[2]} left\\n")
    sys.exit()
signal.signal(signal.SIGTERM, leave)
file.write(f"{sys.argv[2]} came\\n")
signal.pause()
"""
    file = tmp_path / "log"
    children = [
        Child(name=name, command=(sys.executable, "-c", script, str(file), name))
        for name in ("first", "second")
    ]
    async with kept_running(children):
        await until(lambda: file.exists() and file.read_text().count("came") == 2)

    assert file.read_text().splitlines()[2:] == ["second left", "first left"]


async def test_a_child_that_does_not_listen_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "STOP_S", 0.2)
    file = tmp_path / "pids"
    async with kept_running([child(STUBBORN, file)]):
        await until(lambda: len(pids(file)) == 1)

    assert not runs(pids(file)[0])


async def test_a_child_notices_that_its_supervisor_was_killed(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    parent = tmp_path / "parent.py"
    parent.write_text(
        "import asyncio, sys\n"
        "from live.supervisor import Child, kept_running\n"
        f"command = (sys.executable, '-c', {ORPHAN!r}, {str(file)!r})\n"
        "async def run():\n"
        "    async with kept_running([Child(name='orphan', command=command)]):\n"
        "        await asyncio.Event().wait()\n"
        "asyncio.run(run())\n"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(parent), env={**os.environ, "PYTHONPATH": os.getcwd()}
    )
    await until(lambda: len(pids(file)) == 1)
    process.kill()
    await process.wait()

    await until(lambda: "left alone" in file.read_text())


async def test_a_command_that_does_not_exist_is_tried_again_without_harm(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    missing = Child(name="missing", command=(str(tmp_path / "nothing"),))
    async with kept_running([missing, child(OBEDIENT, file)]):
        await until(lambda: len(pids(file)) == 1)


async def test_what_a_child_says_is_kept_in_its_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "child.log"
    speaking = Child(
        name="speaking",
        command=(sys.executable, "-c", "import signal; print('hello', flush=True); signal.pause()"),
        log=log,
    )
    async with kept_running([speaking]):
        await until(lambda: log.exists() and log.read_text().endswith("\n"))

    assert log.read_text() == "hello\n"


RENEWABLE = """
import os, signal, sys
mine = open(sys.argv[1], "a", buffering=1)
mine.write(f"{os.getpid()}\\n")
if os.path.exists(sys.argv[1] + ".broken"):
    sys.exit(1)
os.write(int(os.environ["LIVESHOP_READY_FD"]), b"1")
signal.pause()
"""


async def test_a_renewed_child_serves_before_the_old_one_stops(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    renewable = Child(
        name="web", command=(sys.executable, "-c", RENEWABLE, str(file)), tells_ready=True
    )
    async with kept_running([renewable, child(OBEDIENT, tmp_path / "other")]) as kept:
        await until(lambda: len(pids(file)) == 1 and len(pids(tmp_path / "other")) == 1)
        await kept.renew()
        old, new = pids(file)
        assert not runs(old)
        assert runs(new)
        # What does not say when it is ready is left alone.
        assert len(pids(tmp_path / "other")) == 1

    assert not runs(new)


async def test_a_child_that_cannot_be_renewed_stays(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    renewable = Child(
        name="web", command=(sys.executable, "-c", RENEWABLE, str(file)), tells_ready=True
    )
    async with kept_running([renewable]) as kept:
        await until(lambda: len(pids(file)) == 1)
        await asyncio.to_thread(Path(f"{file}.broken").touch)
        await kept.renew()
        old, new = pids(file)

        assert runs(old)
        assert not runs(new)
