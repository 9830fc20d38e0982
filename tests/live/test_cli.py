"""The command as people type it: a process of its own, its exit code and what it says."""

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import jwt
import pytest

from live.embedded import Services
from live.sample import CATALOGUE

PATIENCE_S = 30.0


def environ(services: Services | None = None, **settings: str) -> dict[str, str]:
    given = {**os.environ, "PYTHONPATH": os.getcwd()}
    if services is not None:
        given["LIVESHOP_DATABASE_URL"] = services.database_url
        given["LIVESHOP_REDIS_URL"] = services.redis_url
    return {**given, **{f"LIVESHOP_{name}": value for name, value in settings.items()}}


async def liveshop(*arguments: str, env: dict[str, str]) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "live.cli", *arguments), env=env, stdout=PIPE, stderr=PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE_S):
            out, err = await process.communicate()
    except BaseException:
        process.kill()
        raise
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@asynccontextmanager
async def serving(
    services: Services, folder: Path, *arguments: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """Run ``liveshop serve`` until the block ends; give its process and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = (sys.executable, "-m", "live.cli", "serve", "--port", str(port), *arguments)
    process = await asyncio.create_subprocess_exec(
        *command, env=environ(services, DATA_DIR=str(folder)), stdin=PIPE, stderr=PIPE
    )
    try:
        async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient() as client:
            while not await answers(client, port):
                pass
        yield process, port
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def answers(client: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.parametrize("command", ["demo", "serve"])
async def test_a_port_in_use_is_told_before_anything_starts(tmp_path: Path, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        folder = tmp_path / "data"

        code, out, err = await liveshop(
            command, "--port", str(port), "--data-dir", str(folder), env=environ()
        )

    assert (code, out) == (1, "")
    assert err == (
        f"liveshop: port {port} on 127.0.0.1 is in use; stop what listens there, or choose "
        f"another with --port {port + 1}\n"
    )
    assert not folder.exists()


async def test_a_missing_setting_is_told_in_a_sentence() -> None:
    env = environ(DATABASE_URL="postgresql://127.0.0.1/shop")

    code, _, err = await liveshop("work", env=env)

    assert code == 1
    assert err.startswith("liveshop: LIVESHOP_REDIS_URL is missing while LIVESHOP_DATABASE_URL is")
    assert err.count("\n") == 1


async def test_a_broken_data_directory_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    code, _, err = await liveshop("migrate", "--data-dir", str(tmp_path / "file"), env=environ())

    assert code == 1
    assert err.startswith("liveshop: the data directory ")
    assert err.count("\n") == 1


async def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "data" / "postgres").mkdir(parents=True)
    (tmp_path / "data" / "postgres" / "thesis.txt").write_text("precious")

    code, _, err = await liveshop("migrate", "--data-dir", str(tmp_path / "data"), env=environ())

    assert code == 1
    assert "holds no PostgreSQL data" in err
    assert [path.name for path in (tmp_path / "data" / "postgres").iterdir()] == ["thesis.txt"]


async def test_a_database_that_is_away_is_told_without_its_password(services: Services) -> None:
    env = environ(services) | {"LIVESHOP_DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/shop"}

    code, _, err = await liveshop("migrate", env=env)

    assert code == 1
    assert err.startswith("liveshop: PostgreSQL at 127.0.0.1:1/shop cannot be used: ")
    assert "hunter2" not in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [("dance",), (), ("token",), ("demo", "--viewers", "many")])
async def test_wrong_usage_is_code_2(arguments: tuple[str, ...]) -> None:
    code, _, err = await liveshop(*arguments, env=environ())

    assert code == 2
    assert "usage: liveshop" in err
    assert "Traceback" not in err


async def test_a_wrong_setting_on_the_command_line_is_told_like_one_in_the_environment() -> None:
    code, _, err = await liveshop("serve", "--port", "eighty", env=environ())

    assert code == 1
    assert err.startswith("liveshop: LIVESHOP_PORT is 'eighty', which is not a whole number")


async def test_a_database_without_a_schema_is_told_with_what_to_do(
    services: Services, tmp_path: Path
) -> None:
    connection = await asyncpg.connect(services.database_url)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    env = environ(services, DATA_DIR=str(tmp_path))

    refused = await liveshop("work", env=env)
    doctor = await liveshop("doctor", env=env)
    migrated = await liveshop("migrate", env=env)
    again = await liveshop("migrate", env=env)

    assert refused[0] == 1
    assert refused[2].startswith("liveshop: the database is not up to date (")
    assert refused[2].endswith("run liveshop migrate\n")
    assert doctor[0] == 1
    applied = "0001_foundation.sql\n0002_moderation.sql\n0003_video.sql\n"
    assert migrated[:2] == (0, applied)
    assert again[:2] == (0, "the schema is up to date\n")


async def test_a_token_is_printed_alone_and_a_new_accounts_password_beside_it(
    services: Services, tmp_path: Path
) -> None:
    env = environ(services, DATA_DIR=str(tmp_path))
    arguments = ("token", "--user", "Mei", "--role", "host", "--email", "mei@example.com")

    code, out, err = await liveshop(*arguments, env=env)
    again, second, quiet = await liveshop(*arguments, env=env)
    other, _, refusal = await liveshop(*arguments[:3], "--email", "mei@example.com", env=env)

    assert (code, again) == (0, 0)
    claims = jwt.decode(out.strip(), options={"verify_signature": False})
    assert (claims["name"], claims["role"]) == ("Mei", "host")
    assert err.startswith("a new account: sign in as mei@example.com with ")
    assert jwt.decode(second.strip(), options={"verify_signature": False})["sub"] == claims["sub"]
    assert quiet == ""
    assert (other, refusal) == (1, "liveshop: mei@example.com is a host, not a viewer\n")


async def test_products_are_imported_and_refused_lines_are_shown(
    services: Services, tmp_path: Path
) -> None:
    env = environ(services, DATA_DIR=str(tmp_path))
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(CATALOGUE.read_bytes())
    bad.write_text("Handle,Title,Variant Price\npot,Teapot,forty\n")

    imported = await liveshop("import-products", str(good), env=env)
    refused = await liveshop("import-products", str(bad), env=env)
    missing = await liveshop("import-products", str(tmp_path / "none.csv"), env=env)

    assert imported[0] == 0
    assert "62 products created, 0 updated" in imported[1]
    assert refused[0] == 1
    assert "Variant Price" in refused[1]
    assert "nothing was imported" in refused[1]
    assert (missing[0], missing[2].count("\n")) == (1, 1)


async def test_a_sound_shop_passes_the_doctor_and_the_reconciliation(
    services: Services, tmp_path: Path
) -> None:
    env = environ(services, DATA_DIR=str(tmp_path))
    async with serving(services, tmp_path):
        doctor = await liveshop("doctor", env={**env, "LIVESHOP_PROT": "80"})
        fenced = await liveshop("reconcile", env=env)
        mended = await liveshop("reconcile", "--mend", env=env)
        agreed = await liveshop("reconcile", env=env)

    assert doctor[0] == 0, doctor
    assert "LIVESHOP_PROT is no setting of liveshop" in doctor[1]
    assert "fail" not in doctor[1]
    assert (fenced[0], mended[0]) == (1, 0), (fenced, mended)
    assert agreed[:2] == (0, "the gate and the ledger agree\n")


async def test_told_to_stop_the_server_sends_its_viewers_away_and_ends_with_0(
    services: Services, tmp_path: Path
) -> None:
    async with serving(services, tmp_path) as (process, _port):
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE_S):
            code = await process.wait()

    assert code == 0


async def test_several_web_processes_share_one_port_and_leave_none_behind(
    services: Services, tmp_path: Path
) -> None:
    async with serving(services, tmp_path, "--workers", "2") as (process, port):
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE_S):
            code = await process.wait()
        with socket.socket() as free:
            free.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            free.bind(("127.0.0.1", port))

    assert code == 0


async def test_a_redis_that_is_away_is_told_in_a_sentence(
    services: Services, tmp_path: Path
) -> None:
    env = environ(services, DATA_DIR=str(tmp_path)) | {"LIVESHOP_REDIS_URL": "redis://127.0.0.1:1"}

    code, _, err = await liveshop("reconcile", env=env)

    assert code == 1
    assert err.splitlines()[-1].startswith("liveshop: ")
    assert "127.0.0.1:1" in err
    assert "Traceback" not in err
