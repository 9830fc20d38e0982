"""What the repository promises about itself."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from live.config import SETTINGS

ROOT = Path(__file__).parents[1]
LONGEST = 600
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for line in listed.splitlines() if (path := ROOT / line).is_file()]


def test_no_module_is_over_600_lines() -> None:
    # What is generated is nobody's to read through.
    generated = ":!clients/protocol/*.ts"
    modules = tracked("*.py", "*.ts", "*.tsx", "*.css", "*.lua", "*.sql", generated)
    long = [path.name for path in modules if len(path.read_text().splitlines()) > LONGEST]

    assert len(modules) > 100
    assert long == []


def test_every_dependency_has_a_reason() -> None:
    declared = PROJECT["project"]["dependencies"] + [
        name for group in PROJECT["dependency-groups"].values() for name in group
    ]
    reasons = (ROOT / "DECISIONS.md").read_text()
    names = [re.split(r"[\[<>=,]", line)[0] for line in declared]

    assert [name for name in names if f"`{name}`" not in reasons] == []


def test_every_setting_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()

    assert [each.variable for each in SETTINGS if f"`{each.variable}`" not in readme] == []


def test_locks_name_no_registry() -> None:
    locks = tracked("*.lock", "*package-lock.json")

    assert len(locks) == 7
    for lock in locks:
        assert re.findall(r"https?://[^\s\"]*\.(?:whl|tgz|tar\.gz)", lock.read_text()) == []


SHARED = ("line",)
"""What other scripts run behind: it has no keys of its own."""


@pytest.mark.parametrize(
    "script",
    [script for script in tracked("*.lua") if script.stem not in SHARED],
    ids=lambda path: path.stem,
)
def test_the_header_of_a_script_is_its_signature(script: Path) -> None:
    text = script.read_text()
    header = "".join(line for line in text.splitlines(keepends=True) if line.startswith("--"))
    keys = [int(number) for number in re.findall(r"KEYS\[(\d+)\]", header)]
    bound = re.search(r"^local ([\w, ]+) =\s+(?:unpack\(KEYS\)|KEYS\[1\])", text, re.MULTILINE)
    listed = re.search(r"^local ([\w, ]+) = KEYS\[1\]((?:, KEYS\[\d+\])*)$", text, re.MULTILINE)

    assert keys == list(range(1, len(keys) + 1))
    assert "ARGV[1]" in header
    assert "Returns" in header
    names = listed or bound
    assert names is not None
    assert len(names[1].split(",")) == len(keys)


def test_the_documents_are_there_and_the_changelog_begins_with_what_is_coming() -> None:
    for name in ("README", "ARCHITECTURE", "DECISIONS", "CONTRIBUTING", "CHANGELOG"):
        assert (ROOT / f"{name}.md").stat().st_size > 500
    assert "## Unreleased" in (ROOT / "CHANGELOG.md").read_text()
    assert "Apache License" in (ROOT / "LICENSE").read_text()
