"""``@liveshop/client`` as it would be published: packed, installed elsewhere, checked and run."""

import asyncio
import json
import os
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from clients.build import CLIENTS, install, npm
from rooms.brokers.memory import MemoryBroker
from tests.clients.teahouse import House, Teahouse, running

PROGRAM: Final = Path(__file__).with_name("program.ts")
DEADLINE_S: Final = 60

CONSUMER: Final = {
    "compilerOptions": {
        "target": "ES2022",
        "module": "NodeNext",
        "lib": ["ES2023", "DOM"],
        "types": ["node"],
        "typeRoots": [str(CLIENTS / "node_modules" / "@types")],
        "strict": True,
        "exactOptionalPropertyTypes": True,
        "outDir": "out",
    },
    "files": ["program.ts"],
}
"""Another project's settings: Node's own resolution, and declarations are checked, too."""


async def ran(*command: str, folder: Path) -> str:
    """Return what a command printed; it must succeed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, "npm_config_offline": "true", "npm_config_update_notifier": "false"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(DEADLINE_S):
            printed, complained = await process.communicate()
    except BaseException:
        process.kill()
        raise
    assert process.returncode == 0, (printed + complained).decode()
    return printed.decode()


@pytest.fixture(scope="module")
async def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    command = npm()
    install(command)
    pack = (*command, "pack", "--silent", "--pack-destination", str(folder))
    await ran(*pack, folder=CLIENTS / "js")
    [tarball] = folder.glob("*.tgz")
    return tarball


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with running(MemoryBroker(), Teahouse()) as house:
        yield house


async def test_only_what_a_consumer_needs_is_in_it(packed: Path) -> None:
    with tarfile.open(packed) as tarball:
        names = {name.removeprefix("package/") for name in tarball.getnames()}
        described = tarball.extractfile("package/package.json")
        assert described is not None
        manifest = json.load(described)

    modules = {name for name in names if name.endswith(".js")}
    entries = ("index", "video", "replay", "element", "embed")
    assert {f"dist/{entry}.js" for entry in entries} <= modules
    # A bundler that drops what nobody names would drop the element.
    assert "./dist/element.js" in manifest["sideEffects"]
    assert all(name.startswith("dist/") for name in modules)
    rest = names - modules - {"package.json", "README.md"}
    assert rest
    assert {name for name in rest if not name.endswith(".d.ts")} == set()
    assert "dependencies" not in manifest
    for paths in manifest["exports"].values():
        published = [paths] if isinstance(paths, str) else [paths["types"], paths["default"]]
        assert {path.removeprefix("./") for path in published} <= names


async def test_a_program_of_another_project_is_checked_and_runs(
    packed: Path, house: House, tmp_path: Path
) -> None:
    (tmp_path / "package.json").write_text('{"private": true, "type": "module"}')
    (tmp_path / "tsconfig.json").write_text(json.dumps(CONSUMER))
    (tmp_path / "program.ts").write_bytes(PROGRAM.read_bytes())

    install_it = ("install", "--silent", "--no-audit", "--no-fund", str(packed))
    await ran(*npm(), *install_it, folder=tmp_path)
    tsc = CLIENTS / "node_modules" / ".bin" / "tsc"
    await ran(str(tsc), "-p", ".", folder=tmp_path)
    printed = await ran(
        # Node 20 has the class behind a flag, which newer ones still accept.
        *("node", "--experimental-websocket", "out/program.js"),
        *(f"{house.url.replace('http', 'ws')}/ws", "tea-time", "ofr_01h8xg9f6g7h8j9k"),
        folder=tmp_path,
    )

    said: dict[str, Any] = json.loads(printed)
    assert said == {
        "said": "hello from Node",
        "by": "ann",
        "refused": "unauthorised",
        "bought": 1,
        "late": "sold_out",
        "way": "hls",
        "chapters": 0,
        "wrong": "number",
    }
