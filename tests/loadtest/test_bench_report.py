"""Figures from given numbers."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from loadtest.bench.machine import Machine
from loadtest.bench.report import Aim, Figure, Report, Series
from loadtest.bench.suite import conclude

MACHINE = Machine(
    cpu="Abacus 9",
    cores=2,
    kernel="6.1",
    python="3.11.7",
    commit="abc",
    date="2026-01-02",
    load=0.25,
    run="3 runs at full size",
)
FLOOR = Series("floor", (4.0, 5.0, 6.0))


def figure(*values: float, aim: Aim | None = None, **more: object) -> Figure:
    return Figure(
        title="CPU of a delivery",
        unit="µs",
        ours=Series("liveshop", values),
        beside=(FLOOR,),
        aim=aim,
        **more,  # type: ignore[arg-type]
    )


def test_the_median_counts_and_the_spread_is_told() -> None:
    assert Series("x", (9.0, 1.0, 2.0)).median == 2.0
    assert str(Series("x", (9.0, 1.25, 2.0))) == "2 (1.25–9)"
    assert str(Series("x", (12345.6,))) == "12,346"


@pytest.mark.parametrize(
    ("value", "aim", "verdict", "target"),
    [
        (5.75, Aim(1.15, of="floor"), "reached", "≤ 5.75 (1.15 × floor)"),
        (6.9, Aim(1.15, of="floor"), "missed by 20%", "≤ 5.75 (1.15 × floor)"),
        (20.0, Aim(25.0), "reached", "≤ 25"),
        (30.0, Aim(25.0), "missed by 20%", "≤ 25"),
        (5000.0, Aim(4000.0, at_least=True), "reached", "≥ 4,000"),
        (3000.0, Aim(4000.0, at_least=True), "missed by 25%", "≥ 4,000"),
        (1.0, None, "—", ""),
        (1.0, Aim(2.0, of="a peer that is not installed"), "not at full size", ""),
    ],
)
def test_an_aim_is_reached_or_missed_by_so_much(
    value: float, aim: Aim | None, verdict: str, target: str
) -> None:
    found = figure(value, aim=aim)

    assert (found.verdict, found.target) == (verdict, target)


def test_a_quick_run_has_no_verdict() -> None:
    assert figure(99.0, aim=Aim(1.0), full=False).verdict == "not at full size"


def test_a_report_is_kept_for_people_and_for_programs(tmp_path: Path) -> None:
    whole = figure(5.0, 6.0, 7.0, aim=Aim(1.15, of="floor"), notes=("crowd 40% of its core",))
    report = Report("What the rooms cost", MACHINE, (whole,), left_out=("nginx + nchan",))

    assert conclude(report, tmp_path, "rooms", Console(quiet=True)) == 0
    page = (tmp_path / "rooms.md").read_text()
    kept = json.loads((tmp_path / "rooms.json").read_text())

    aim = "≤ 5.75 (1.15 × floor)"
    row = f"| CPU of a delivery | µs | 6 (5–7) | {aim} | missed by 4% | floor 5 (4–6) |"
    assert row in page.splitlines()
    assert "- CPU of a delivery: crowd 40% of its core" in page
    assert "- left out: nginx + nchan" in page
    assert "do not quote this" not in page
    assert "2 cores (Abacus 9), Linux 6.1, Python 3.11.7" in page
    assert kept["machine"]["commit"] == "abc"
    assert kept["figures"][0]["median"] == 6.0
    assert kept["figures"][0]["limit"] == pytest.approx(5.75)
    assert kept["figures"][0]["reached"] is False


def test_a_hole_fails_the_run(tmp_path: Path) -> None:
    hole = figure(1.0, aim=Aim(2.0), broken=("1 control events were never seen",))
    report = Report("What the rooms cost", MACHINE, (hole,))

    assert conclude(report, tmp_path, "rooms", Console(quiet=True)) == 1
    assert hole.verdict == "BROKEN"
    assert (
        "- CPU of a delivery: 1 control events were never seen"
        in (tmp_path / "rooms.md").read_text()
    )


def test_a_figure_that_could_not_be_measured_fails_the_run(tmp_path: Path) -> None:
    report = Report(
        "What the rooms cost", MACHINE, (), failed=("storm could not be measured: no server",)
    )

    assert conclude(report, tmp_path, "rooms", Console(quiet=True)) == 1
    assert "- storm could not be measured: no server" in (tmp_path / "rooms.md").read_text()


def test_a_busy_machine_is_told() -> None:
    assert MACHINE.sentences()[0] == "Measured 2026-01-02 at commit `abc`, 3 runs at full size."
    assert "do not quote this" in replace(MACHINE, load=2.0).sentences()[0]
